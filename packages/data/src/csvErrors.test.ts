import { gzipSync } from "fflate";
import { expect, describe as group, test } from "vitest";
import { type CsvOptions, parseCsv } from "./csv.ts";
import type { ByteSource } from "./textStream.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function* dripping(content: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < content.length; start += 10)
    yield content.subarray(start, start + 10);
}

const parse = (source: ByteSource, options: CsvOptions = {}) =>
  parseCsv(source, { name: "houses.csv", ...options });

async function complaint(source: ByteSource, options: CsvOptions = {}): Promise<string> {
  const error: unknown = await parse(source, options).then(
    () => "no error",
    (thrown: unknown) => thrown,
  );
  return String(error).replace("DataError: ", "");
}

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
      "no delimiter",
      "a\n1\n",
      { delimiter: "" },
      'houses.csv: "" cannot separate cells; give a character such as "," or "\\t"',
    ],
    [
      "no quotation mark",
      "a\n1\n",
      { quote: "''" },
      `houses.csv: "''" cannot be a quotation mark; give one character, or null`,
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
    expect(await complaint(dripping(text), { keep: 100 })).toBe(
      `houses.csv, row 52, column "id": here is a text, where all values above are numbers, and the stream cannot be read again; declare the column in types, or give a function that opens the stream`,
    );
  });
});
