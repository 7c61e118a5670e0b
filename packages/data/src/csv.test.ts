import fc from "fast-check";
import { gzipSync } from "fflate";
import { expect, describe as group, test } from "vitest";
import { type CsvOptions, parseCsv } from "./csv.ts";
import { numberIn } from "./csvCells.ts";
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

async function complaint(source: ByteSource, options: CsvOptions = {}): Promise<string> {
  const error: unknown = await parse(source, options).then(
    () => "no error",
    (thrown: unknown) => thrown,
  );
  return String(error).replace("DataError: ", "");
}

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
      { numRuns: 150, seed: 1 },
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
      { numRuns: 150, seed: 1 },
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
      { numRuns: 3000, seed: 1 },
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
  });

  test("a row is known by the line it begins on, also below cells of several lines", async () => {
    const text = 'a,b\n"1\n2\n3",x\n\n"4",y\n5,z\n';
    expect((await parse(text)).lines).toEqual(Int32Array.of(2, 6, 7));
    expect((await parse(text.replaceAll("\n", "\r\n"))).lines).toEqual(Int32Array.of(2, 6, 7));
  });
});

group("errors say where and what to do", () => {
  const long = "1,2\n".repeat(200_000); // several pieces

  test.each<[string, ByteSource, CsvOptions, string]>([
    ["empty", "", {}, "houses.csv: the file is empty"],
    ["blank", "\n \n", {}, "houses.csv: the file is empty"],
    ["header only", "a,b\n", {}, "houses.csv: there is a header, but no row below it"],
    [
      "duplicate names",
      "a,b,a\n1,2,3\n",
      {},
      'houses.csv, row 1: columns 1 and 3 are both called "a"; rename one, or, if this line is no header, read with { header: false }',
    ],
    [
      "ragged",
      'a,b\n1,2\n"x\ny",4\n5\n',
      {},
      "houses.csv, row 5: 1 cell where the header has 2; look for a missing or surplus delimiter, or one inside a cell that should be quoted",
    ],
    [
      "ragged, far down",
      `a,b\n${long}1,2,3\n`,
      {},
      "houses.csv, row 200002: 3 cells where the header has 2",
    ],
    [
      "text among numbers",
      `price,b\n${"1,2\n".repeat(15)}n/a?,2\n`,
      { types: { price: "numeric" } },
      'houses.csv, row 17, column "price": "n/a?" is not a number; correct it, or leave the cell empty if the value is missing; if it is no column of numbers, read it as "categorical" or "text"',
    ],
    [
      "declared column that is not there",
      "price\n1\n",
      { types: { prize: "numeric" } },
      'houses.csv: types names a column "prize" that is not there; did you mean "price"?',
    ],
    [
      "unterminated quote",
      'a,b\n1,"x\n2,y\n',
      {},
      "houses.csv, row 2: a quotation mark that opens a cell here is never closed; close it, or, where quotation marks are ordinary characters, read with { quote: null }",
    ],
    [
      "text after a closing quote",
      'a,b\n1,x\n2,"y"z\n3,w\n',
      {},
      'houses.csv, row 3: more text follows a closing quotation mark; write a quotation mark inside a cell twice (""), or, where quotation marks are ordinary characters, read with { quote: null }',
    ],
    [
      "binary",
      "PK\0\0",
      {},
      "houses.csv: this is not a text file; is it a spreadsheet or an archive?",
    ],
    [
      "latin-1",
      Uint8Array.of(0x61, 0x0a, 0xe9, 0x0a),
      {},
      'houses.csv: the text is not utf-8 (in the 4 bytes after byte 0); save it as UTF-8, or name its encoding, such as { encoding: "windows-1252" }',
    ],
    [
      "unknown encoding",
      bytes("a\n1"),
      { encoding: "utf-9" },
      'houses.csv: "utf-9" is not an encoding',
    ],
    [
      "gzip cut short",
      gzipSync(bytes(long)).subarray(0, 500),
      {},
      "houses.csv: the gzip data are damaged, cut short, or several files joined into one; fetch the file again, or unpack it first",
    ],
  ])("%s", async (_, source, options, message) => {
    expect(await complaint(source, options)).toContain(message);
  });

  test("an error knows its place, and is one line whatever the cell holds", async () => {
    const error: unknown = await parse('price\n"a\n\nb"\n', { types: { price: "numeric" } }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ name: "DataError", file: "houses.csv", row: 2, column: "price" });
    expect(String(error)).toContain('"a b" is not a number');
    expect(String(error)).not.toContain("\n");
  });

  test("a long stream whose numbers end cannot be read again, and the message says how to read it", async () => {
    const text = bytes(`id\n${"1\n".repeat(50)}A17\n`);
    expect(await complaint(dripping(text, 10), { keep: 100 })).toBe(
      `houses.csv, row 52, column "id": here is a text, where all values above are numbers, and the stream cannot be read again; declare the column in types, or give a function that opens the stream`,
    );
  });
});
