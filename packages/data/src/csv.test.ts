import fc from "fast-check";
import { gzipSync } from "fflate";
import { expect, describe as group, test } from "vitest";
import { type CsvOptions, parseCsv } from "./csv.ts";
import { numberIn } from "./csvCells.ts";
import { csvRows } from "./csvRows.ts";
import { column, csvCell, type Table, textAt, toCsv } from "./table.ts";
import type { ByteSource } from "./textStream.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A stream that gives a few bytes at a time, and only once. */
async function* dripping(content: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < content.length; start += size)
    yield content.subarray(start, start + size);
}

const cellsOf = (table: Table) =>
  Array.from({ length: table.rows }, (_, row) =>
    table.columns.map((current) => textAt(current, row)),
  );

const parse = (source: ByteSource, options: CsvOptions = {}) =>
  parseCsv(source, { name: "houses.csv", ...options });

group("cells", () => {
  const alphabet = ["a", "é", "日", "😀", " ", ",", ";", '"', "\n", "\r\n", "\r", "\t", "7", "."];
  const cell = fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength: 6 });
  const grid = fc.integer({ min: 1, max: 4 }).chain((width) =>
    fc.array(fc.array(cell, { minLength: width, maxLength: width }), {
      minLength: 1,
      maxLength: 6,
    }),
  );
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

  test("any cells, quoted, come back as they were, in pieces of any size, gzipped or not", async () => {
    const asText = (width: number): CsvOptions => ({
      missing: [],
      types: Object.fromEntries(Array.from({ length: width }, (_, j) => [`c${j}`, "text"])),
    });
    await fc.assert(
      fc.asyncProperty(
        grid,
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        async (rows, size, newline, zip) => {
          const header = rows[0].map((_, j) => quoted(`c${j}`)).join(",");
          const text = [header, ...rows.map((row) => row.map(quoted).join(","))].join(newline);
          const content = zip ? gzipSync(bytes(text)) : bytes(text);
          const table = await parse(dripping(content, size), asText(rows[0].length));
          const expected = rows.map((row) => row.map((text) => (text.trim() === "" ? null : text)));
          expect(cellsOf(table)).toEqual(expected);
        },
      ),
      { numRuns: 80, seed: 1 },
    );
  });

  test("the rows do not depend on where a text is cut into pieces", async () => {
    const unquoted = cell.map((text) => text.replaceAll(/["\r\n,]/g, "x"));
    const written = fc.oneof(cell.map(quoted), unquoted);
    const line = fc.array(written, { minLength: 2, maxLength: 3 }).map((cells) => cells.join(","));
    const gather = async (pieces: AsyncIterable<string>, newline: "\n" | "\r\n") => {
      const dialect = { delimiter: ",", newline, quote: '"' };
      const [rows, lines]: [string[][], number[]] = [[], []];
      for await (const piece of csvRows(pieces, () => dialect, {})) {
        rows.push(...piece.rows.map((row) => [...row]));
        lines.push(...Array.from(piece.lines));
      }
      return { rows, lines };
    };
    async function* cut(text: string, size: number) {
      for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 8 }),
        fc.constantFrom<("\n" | "\r\n")[]>("\n", "\r\n"),
        fc.integer({ min: 1, max: 9 }),
        async (lines, newline, size) => {
          const text = lines.join(newline);
          expect(await gather(cut(text, size), newline)).toEqual(
            await gather(cut(text, text.length + 1), newline),
          );
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });

  test("toCsv quotes what has to be quoted, so a table comes back from its own text", async () => {
    await fc.assert(
      fc.asyncProperty(grid, async (rows) => {
        const columns = rows[0].map((_, j) => ({
          name: `c, ${j}`,
          kind: "text" as const,
          values: rows.map((row) => (row[j].trim() === "" ? null : row[j])),
        }));
        const table = { name: "houses.csv", rows: rows.length, columns };
        const types = Object.fromEntries(columns.map(({ name }) => [name, "text" as const]));
        const again = await parse(toCsv(table), { types, delimiter: "," });
        expect(cellsOf(again)).toEqual(cellsOf(table));
      }),
      { numRuns: 80, seed: 1 },
    );
  });

  test("a cell is written without quotes where that is enough", () => {
    expect(["ab", "a b", "1.5", "it's", ""].map(csvCell)).toEqual(["ab", "a b", "1.5", "it's", ""]);
    expect(["a,b", 'a"b', "a\nb", " a"].map(csvCell)).toEqual([
      '"a,b"',
      '"a""b"',
      '"a\nb"',
      '" a"',
    ]);
  });
});

group("numbers", () => {
  test("are the nearest float64, as Number reads them, however they are written", () => {
    const digits = fc.string({
      unit: fc.constantFrom(..."0123456789"),
      minLength: 1,
      maxLength: 18,
    });
    const written = fc
      .tuple(fc.constantFrom("", "-", "+"), digits, fc.constantFrom("", "."), digits)
      .map(([sign, whole, point, rest]) => sign + whole + point + (point === "" ? "" : rest));
    fc.assert(
      fc.property(fc.oneof(written, fc.double({ noNaN: true }).map(String)), (text) => {
        expect(Object.is(numberIn(text), Number(text))).toBe(true);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  test("what a program could read as a number, but a person would not, is a text", () => {
    expect([".5", "5.", " 7 ", "1e3", "-inf", "0"].map(numberIn)).toEqual([
      0.5,
      5,
      7,
      1000,
      -Infinity,
      0,
    ]);
    const texts = [
      "",
      " ",
      ".",
      "-",
      "0x1F",
      " 0b11",
      "0o17",
      "1,5",
      "1 000",
      "5%",
      "1_000",
      "--1",
    ];
    expect(texts.map(numberIn)).toEqual(texts.map(() => Number.NaN));
  });
});

group("kinds", () => {
  const kindsOf = async (text: string, options: CsvOptions = {}) =>
    (await parse(text, options)).columns.map(({ kind }) => kind);

  test("numbers with gaps, categories, names and dates are told apart", async () => {
    const table = await parse(
      "n,c,name,date,none\n1.5,red,Ann,2024-01-01,\n?,blue,Bob,2024-01-01,NA\nNA,red,Cid,2024-01-03,\n-2e3,,Dee,,null\n",
    );
    expect(table.columns).toEqual([
      { name: "n", kind: "numeric", values: Float64Array.of(1.5, Number.NaN, Number.NaN, -2000) },
      {
        name: "c",
        kind: "categorical",
        codes: Int32Array.of(1, 0, 1, -1),
        categories: ["blue", "red"],
      },
      { name: "name", kind: "text", values: ["Ann", "Bob", "Cid", "Dee"] },
      { name: "date", kind: "text", values: ["2024-01-01", "2024-01-01", "2024-01-03", null] },
      { name: "none", kind: "numeric", values: new Float64Array(4).fill(Number.NaN) },
    ]);
  });

  test("21 different values are categories from 210 rows on", async () => {
    const rows = (n: number) =>
      `c\n${Array.from({ length: n }, (_, i) => `v${i % 21}`).join("\n")}`;
    expect(await kindsOf(rows(209))).toEqual(["text"]);
    expect(await kindsOf(rows(210))).toEqual(["categorical"]);
  });

  test("more than a thousand categories are text, unless they are declared", async () => {
    const text = `c\n${Array.from({ length: 22022 }, (_, i) => `v${i % 1001}`).join("\n")}`;
    expect(await kindsOf(text)).toEqual(["text"]);
    const declared = column(await parse(text, { types: { c: "categorical" } }), "c");
    expect(declared.kind === "categorical" && declared.categories.length).toBe(1001);
    expect(textAt(declared, 1500)).toBe("v499");
  });

  test("a text after a thousand numbers makes the column one of texts, as they were written", async () => {
    const text = `id,x\n${"007,1\n".repeat(1000)}A17,2\n`;
    const table = await parse(dripping(bytes(text), 100));
    expect(table.columns.map(({ kind }) => kind)).toEqual(["categorical", "numeric"]);
    expect([0, 1000].map((row) => textAt(table.columns[0], row))).toEqual(["007", "A17"]);
  });

  test("declared kinds win over inferred ones, and categories that are numbers are sorted by size", async () => {
    const table = await parse("zip,n\n10,1\n9,2\n10,3\n", {
      types: { zip: "categorical", n: "text" },
    });
    expect(table.columns).toEqual([
      { name: "zip", kind: "categorical", codes: Int32Array.of(1, 0, 1), categories: ["9", "10"] },
      { name: "n", kind: "text", values: ["1", "2", "3"] },
    ]);
  });

  test("marks of missing values may be numbers", async () => {
    const { columns } = await parse("a\n-999\n1\nNA\n", { missing: ["-999"] });
    expect(columns[0]).toMatchObject({ kind: "text", values: [null, "1", "NA"] });
  });
});

group("files as they come", () => {
  const expected = [
    ["1", "x"],
    ["2", "y"],
  ];
  const read = async (source: ByteSource, options: CsvOptions = {}) => {
    const table = await parse(source, options);
    expect(table.columns.map(({ name }) => name)).toEqual(["a", "b"]);
    return cellsOf(table);
  };

  test("line ends, blank lines, a byte order mark, other delimiters and encodings are recognised", async () => {
    for (const text of [
      "a,b\r\n1,x\r\n2,y\r\n",
      "a,b\r\n1,x\n2,y\r\n", // mended
      "a,b\r1,x\r2,y",
      "\n\na,b\n\n1,x\n   \n2,y\n\n",
      "\uFEFFa,b\n1,x\n2,y",
      '"a" ,b\n"1",x\n"2" ,y',
      "a;b\n1;x\n2;y\n",
      "a\tb\n1\tx\n2\ty\n",
      "a|b\n1|x\n2|y\n",
    ]) {
      expect(await read(text)).toEqual(expected);
      expect(await read(bytes(text))).toEqual(expected);
    }
    const units = Uint16Array.from("\uFEFFa,b\n1,x\n2,y", (unit) => unit.charCodeAt(0));
    const wide = new Uint8Array(units.buffer);
    expect(await read(wide)).toEqual(expected);
    const latin = Uint8Array.of(0x61, 0x0a, 0xe9, 0x0a, 0xe9);
    expect(cellsOf(await parse(latin, { encoding: "windows-1252" }))).toEqual([["é"], ["é"]]);
  });

  test("streams of the web are read like others", async () => {
    const stream = new Blob([gzipSync(bytes("a,b\n1,x\n2,y\n"))]).stream();
    expect(await read(stream)).toEqual(expected);
  });

  test("columns without a name are numbered, with a header and without", async () => {
    const names = async (text: string, options: CsvOptions = {}) =>
      (await parse(text, options)).columns.map(({ name }) => name);
    expect(await names(",x\n1,2\n")).toEqual(["column1", "x"]);
    expect(await names("3,4\n1,2\n", { header: false })).toEqual(["column1", "column2"]);
    expect((await parse("3,4\n1,2\n", { header: false })).rows).toBe(2);
  });

  test("in tab-separated text a quotation mark is ordinary, unless the header is quoted", async () => {
    const review = 'text\tlabel\n"good" he said\t1\n"so so\t0\n';
    expect(cellsOf(await parse(review))).toEqual([
      ['"good" he said', "1"],
      ['"so so', "0"],
    ]);
    expect(cellsOf(await parse('"text"\t"label"\n"a\tb"\t1\n'))).toEqual([["a\tb", "1"]]);
    expect(cellsOf(await parse('a,b\n"x,1\n', { quote: null }))).toEqual([['"x', "1"]]);
    expect(cellsOf(await parse("a,b\n'x,y',1\n", { quote: "'" }))).toEqual([["x,y", "1"]]);
  });

  test("a row is known by the line it begins on, also below cells of several lines", async () => {
    const text = 'a,b\n"1\n2\n3",x\n\n"4",y\n5,z\n';
    expect((await parse(text)).lines).toEqual(Int32Array.of(2, 6, 7));
    expect((await parse(text.replaceAll("\n", "\r\n"))).lines).toEqual(Int32Array.of(2, 6, 7));
  });
});
