import { parquetWriteBuffer } from "hyparquet-writer";
import { expect, describe as group, test } from "vitest";
import { parseParquet } from "./parquet.ts";
import { type Column, column, textAt } from "./table.ts";

/** Files as PyArrow 26.0.1 writes them; the first with Zstandard and pages of version 2. */
const files = {
  kinds:
    "UEFSMRUEFRAVIkwVBBUAEgAAKLUv/SAIQQAAAADAPwAAAMAVBhUKFQpcFQYVAhUGFRAVBBUAEhwAAAADBQEDAhUEFSAVMkwVBBUAEgAAKLUv/SAQgQAAAQAAAAAAAAACAAAAAAAAABUGFQoVClwVBhUCFQYVEBUEFQASHAAAAAMDAQMCFQQVIBUyTBUEFQASAAAotS/9IBCBAAABAAAAAAAgAPn/////////FQYVChUKXBUGFQIVBhUQFQQVABIcAAAAAwUBAwIVBBUYFSpMFQYVABIAACi1L/0gDGEAAP////8AAAAAAQAAABUGFQwVDFwVBhUAFQYVEBUEFQASHAAAAAYBAgMkABUEFQgVGkwVBBUAEgAAKLUv/SAEIQAAADgAPBUGFQoVClwVBhUCFQYVEBUEFQASHAAAAAMFAQMCFQQVEBUiTBUEFQASAAAotS/9IAhBAAAAAAAe///7LhUGFQoVClwVBhUCFQYVEBUEFQASHAAAAAMDAQMCFQQVNBU4TBUEFQASAAAotS/9IBqdAABYAAADAARi1TyKusACAEDgDWABFQYVChUKXBUGFQIVBhUQFQQVABIcAAAAAwMBAwIVBhUQFRBcFQYVAhUGFQYVBBUAEhwAAAADBQIAAAADARUEFRQVJkwVBBUAEgAAKLUv/SAKUQAAAQAAAGIBAAAAYRUGFQoVClwVBhUAFQYVEBUEFQASHAAAAAYBAQMCFQQVHBUuTBUEFQASAAAotS/9IA5xAAADAAAAQW5uAwAAAEJvYhUGFQoVClwVBhUCFQYVEBUEFQASHAAAAAMFAQMCFQQVFBUmTBUEFQASAAAotS/9IApRAAABAAAAeAEAAAB5FQYVChUKXBUGFQAVBhUQFQQVABIcAAAABgEBAwIVBBUQFSJMFQQVABIAACi1L/0gCEEAAEZNAAD/////FQYVChUKXBUGFQIVBhUQFQQVABIcAAAAAwUBAwIVBBUgFTJMFQQVABIAACi1L/0gEIEAAPRXvPSNAQAAGPz///////8VBhUKFQpcFQYVAhUGFRAVBBUAEhwAAAADBQEDAhUEFSAVMkwVBBUAEgAAKLUv/SAQgQAAAQAAAAAAAAD//////////xUGFQoVClwVBhUCFQYVEBUEFQASHAAAAAMFAQMCFQQVIBUyTBUEFQASAAAotS/9IBCBAAABAAAAAAAAABXNhT3+nJcXFQYVChUKXBUGFQIVBhUQFQQVABIcAAAAAwUBAwIVBBUQFSJMFQQVABIAACi1L/0gCEEAAOgDAACA7jYAFQYVChUKXBUGFQIVBhUQFQQVABIcAAAAAwUBAwIVBBUAFRJMFQAVABIAACi1L/0gAAEAABUGFQYVBlwVBhUGFQYVEBUEFQASHAAAAAYAABUEGfwSNQAYBnNjaGVtYRUiABUIJQIYAWYAFQQlAhgBaQAVBCUCGANiaWcAFQIlAhgBdSUaTKwTIBIAAAAVDhUEFQIYBGhhbGZs/AAAABUOFQgVAhgDZGVjJQoVBBUSLFwVBBUSAAAAFQ4VGhUCGAVkZWMzOCUKFQIVPCxcFQIVPAAAABUAJQIYBGJvb2wAFQwlAhgBcyUATBwAAAAVDCUCGARuYW1lJQBMHAAAABUMJQIYBGRpY3QlAEwcAAAAFQIlAhgEZGF0ZSUMTGwAAAAVBCUCGAJtcyUSTIwSHBwAAAAAABUEJQIYAnVzJRRMjBEcLAAAAAAAFQQlAhgCbnNsjBIcPAAAAAAAFQIlAhgEdGltZWx8EhwcAAAAAAAVCiUCGARub25lABYGGRwZ/BEmABwVCBk1AAYQGRgBZhUMFgYWZhZ4JkYmCCksFQQVABUCABUAFRAVAgA8KQYZJgIEAAAAJgAcFQQZNQAGEBkYAWkVDBYGFnYWiAEmzgEmgAEpLBUEFQAVAgAVABUQFQIAPCkGGSYCBAAAACYAHBUEGTUABhAZGANiaWcVDBYGFnYWiAEm1gImiAIpLBUEFQAVAgAVABUQFQIAPCkGGSYCBAAAACYAHBUCGTUABhAZGAF1FQwWBhZwFoIBJtYDJpADKSwVBBUAFQIAFQAVEBUCADwpBhkmAAYAAAAmABwVDhk1AAYQGRgEaGFsZhUMFgYWXhZwJsgEJpIEKSwVBBUAFQIAFQAVEBUCADwpBhkmAgQAAAAmABwVDhk1AAYQGRgDZGVjFQwWBhZmFngmwAUmggUpLBUEFQAVAgAVABUQFQIAPCkGGSYCBAAAACYAHBUOGTUABhAZGAVkZWMzOBUMFgYWigEWjgEmzgYm+gUpLBUEFQAVAgAVABUQFQIAPCkGGSYCBAAAACYAHBUAGRUGGRgEYm9vbBUMFgYWQBZAJogHSRwVABUGFQIAPCkGGSYCBAAAACYAHBUMGTUABhAZGAFzFQwWBhZqFnwmiggmyAcpLBUEFQAVAgAVABUQFQIAPBYGGQYZJgAGAAAAJgAcFQwZNQAGEBkYBG5hbWUVDBYGFnIWhAEmjgkmxAgpLBUEFQAVAgAVABUQFQIAPBYMGQYZJgIEAAAAJgAcFQwZNQAGEBkYBGRpY3QVDBYGFmoWfCaKCibICSksFQQVABUCABUAFRAVAgA8FgYZBhkmAAYAAAAmABwVAhk1AAYQGRgEZGF0ZRUMFgYWZhZ4JoILJsQKKSwVBBUAFQIAFQAVEBUCADwpBhkmAgQAAAAmABwVBBk1AAYQGRgCbXMVDBYGFnYWiAEmigwmvAspLBUEFQAVAgAVABUQFQIAPCkGGSYCBAAAACYAHBUEGTUABhAZGAJ1cxUMFgYWdhaIASaSDSbEDCksFQQVABUCABUAFRAVAgA8KQYZJgIEAAAAJgAcFQQZNQAGEBkYAm5zFQwWBhZ2FogBJpoOJswNKSwVBBUAFQIAFQAVEBUCADwpBhkmAgQAAAAmABwVAhk1AAYQGRgEdGltZRUMFgYWZhZ4JpIPJtQOKSwVBBUAFQIAFQAVEBUCADwpBhkmAgQAAAAmABwVChk1AAYQGRgEbm9uZRUMFgYWUhZkJvoPJswPKSwVBBUAFQIAFQAVEBUCADwpBhkmBgAAAAAWlg4WBiYIFqgQACggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lvbiAyNi4wLjEZ/BEcAAAcAAAcAAAcAAAcAAAcAAAcAAAcAAAcAAAcAAAcAAAcAAAcAAAcAAAcAAAcAAAcAAAASwUAAFBBUjE=",
  nested:
    "UEFSMRUEFSAVIEwVBBUAEgAAAQAAAAAAAAACAAAAAAAAABUAFRIVEiwVBBUQFQYVBhwAAAACAAAABAEBAwIVBBUwFTBMFQYVABIAAAEAAAAAAAAAAgAAAAAAAAADAAAAAAAAABUAFSAVICwVBhUQFQYVBhwAAAACAAAAAwQCAAAABgMCAyQAFQQVIBUgTBUEFQASAAABAAAAAAAAAAIAAAAAAAAAFQAVEhUSLBUEFRAVBhUGHAAAAAIAAAAEAgEDAhUEGXw1ABgGc2NoZW1hFQYAFQQlAhgBYQA1AhgBbBUCFQZMPAAAADUEGARsaXN0FQIAFQQlAhgHZWxlbWVudAA1AhgBchUCABUEJQIYAXgAFgQZHBk8JgAcFQQZNQAGEBkYAWEVABYEFnQWdCZEJggpLBUEFQAVAgAVABUQFQIAPCkGGSYABAAAACYAHBUEGTUABhAZOAFsBGxpc3QHZWxlbWVudBUAFgYWkgEWkgEmyAEmfCksFQQVABUCABUAFRAVAgA8KSYEAhlGAAAABgAAACYAHBUEGTUABhAZKAFyAXgVABYEFnQWdCbKAiaOAiksFQQVABUCABUAFRAVAgA8KQYZNgAABAAAABb6AhYEJggW+gIAKCBwYXJxdWV0LWNwcC1hcnJvdyB2ZXJzaW9uIDI2LjAuMRk8HAAAHAAAHAAAAEQBAABQQVIx",
  bytes:
    "UEFSMRUEFQQVBEwVAhUAEgAA//4VABUSFRIsFQIVEBUGFQYcAAAAAgAAAAIBAQIAFQQZLDUAGAZzY2hlbWEVAgAVDhUEFQIYAWIAFgIZHBkcJgAcFQ4ZNQAGEBkYAWIVABYCFlgWWCYoJggpLBUEFQAVAgAVABUQFQIAPCkGGSYAAgAAABZYFgImCBZYACggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lvbiAyNi4wLjEZHBwAAACGAAAAUEFSMQ==",
};

const file = (name: keyof typeof files) =>
  Uint8Array.from(atob(files[name]), (character) => character.charCodeAt(0));

const written = (
  columnData: Parameters<typeof parquetWriteBuffer>[0]["columnData"],
  rowGroupSize = 1000,
) => new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize }));

const gap = Number.NaN;

test("a column of every kind, with a gap", async () => {
  const numeric = (name: string, ...values: number[]): Column => ({
    name,
    kind: "numeric",
    values: Float64Array.from(values),
  });
  const text = (name: string, ...values: (string | null)[]): Column => ({
    name,
    kind: "text",
    values,
  });
  const categorical = (name: string, categories: string[], ...codes: number[]): Column => ({
    name,
    kind: "categorical",
    codes: Int32Array.from(codes),
    categories,
  });
  const table = await parseParquet(file("kinds"), "houses.parquet");
  expect(table).toEqual({
    name: "houses.parquet",
    rows: 3,
    columns: [
      numeric("f", 1.5, gap, -2),
      numeric("i", 1, 2, gap),
      text("big", "9007199254740993", null, "-7"), // 2^53 + 1 is no float64
      numeric("u", 4294967295, 0, 1),
      numeric("half", 0.5, gap, 1),
      numeric("dec", 0.3, -12.34, gap),
      numeric("dec38", 0.3, 123456789012345.6, gap),
      categorical("bool", ["false", "true"], 1, -1, 0),
      categorical("s", ["a", "b"], 1, 0, 1),
      text("name", "Ann", null, "Bob"),
      categorical("dict", ["x", "y"], 0, 1, 0),
      text("date", "2024-02-29", null, "1969-12-31"),
      text("ms", "2024-02-29T12:00:00.5Z", null, "1969-12-31T23:59:59Z"),
      text("us", "1970-01-01T00:00:00.000001Z", null, "1969-12-31T23:59:59.999999Z"),
      text("ns", "1970-01-01T00:00:00.000000001Z", null, "2023-11-14T22:13:20.123456789Z"),
      numeric("time", 1000, gap, 3600000),
      numeric("none", gap, gap, gap),
    ],
  });
});

test("rows of many groups stay in order, in the columns asked for", async () => {
  const n = 2500;
  const x = Float64Array.from({ length: n }, (_, i) => Math.sin(i));
  const s = Array.from({ length: n }, (_, i) => (i % 7 === 0 ? null : `v${i % 40}`));
  const bytes = written(
    [
      { name: "x", data: x, type: "DOUBLE" },
      { name: "skipped", data: new Int32Array(n), type: "INT32" },
      { name: "s", data: s, type: "STRING" },
    ],
    300,
  );
  const table = await parseParquet(bytes, "x.parquet", { columns: ["s", "x"] });
  expect(table.columns.map(({ name }) => name)).toEqual(["s", "x"]);
  expect(column(table, "x")).toMatchObject({ values: x });
  const read = column(table, "s");
  expect(read.kind).toBe("categorical");
  expect(s.map((_, row) => textAt(read, row))).toEqual(s);
});

test("a file may be a part of a larger buffer, such as those Node reads files into", async () => {
  const padded = Buffer.concat([Buffer.alloc(5), file("kinds")]).subarray(5);
  expect(await parseParquet(padded, "a")).toEqual(await parseParquet(file("kinds"), "a"));
});

group("errors", () => {
  const good = file("kinds");
  const damaged = (at: number) => {
    const bytes = file("kinds");
    bytes.fill(0xff, at, at + 20);
    return bytes;
  };
  test.each<[string, Uint8Array, string[] | undefined, string]>([
    [
      "another format",
      new TextEncoder().encode("a,b\n1,2\n"),
      undefined,
      'x.parquet: this is no Parquet file: it does not begin with "PAR1" but with "a,b "',
    ],
    [
      "empty",
      new Uint8Array(0),
      undefined,
      'x.parquet: this is no Parquet file: it does not begin with "PAR1" but with ""',
    ],
    [
      "cut short",
      good.subarray(0, 1000),
      undefined,
      'x.parquet: the Parquet file is cut short: its 1,000 bytes do not end with "PAR1"; fetch it again',
    ],
    [
      "encrypted",
      new TextEncoder().encode("PARE....PARE"),
      undefined,
      "x.parquet: the Parquet file is encrypted",
    ],
    [
      "damaged end",
      damaged(good.length - 400),
      undefined,
      "x.parquet: the end of the Parquet file is damaged (",
    ],
    ["damaged values", damaged(30), undefined, "x.parquet: the Parquet data are damaged ("],
    [
      "lists",
      file("nested"),
      undefined,
      'x.parquet, column "l": this column holds lists or records, which have no place in a table; read the others with { columns: ["a", "r"] }',
    ],
    [
      "bytes",
      file("bytes"),
      undefined,
      'x.parquet, column "b": this column holds bytes; leave it out of { columns: [...] }',
    ],
    [
      "unknown column",
      file("nested"),
      ["A1"],
      'x.parquet: there is no column "A1"; did you mean "a"?',
    ],
  ])("%s", async (_, bytes, columns, message) => {
    const reading = parseParquet(bytes, "x.parquet", columns === undefined ? {} : { columns });
    await expect(reading).rejects.toThrow(message);
  });

  test("columns beside lists are read", async () => {
    const table = await parseParquet(file("nested"), "x.parquet", { columns: ["a"] });
    expect(table.columns).toEqual([{ name: "a", kind: "numeric", values: Float64Array.of(1, 2) }]);
  });
});
