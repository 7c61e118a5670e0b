/** Tables from Parquet files. */
import {
  type DecodedArray,
  type FileMetaData,
  parquetMetadata,
  parquetRead,
  parquetSchema,
  type SchemaElement,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { count, quote, reasonOf, refuse } from "./errors.ts";
import { growingNumbers, growingTexts } from "./growing.ts";
import { suggestNames } from "./names.ts";
import { decimalsOf, timeParsers } from "./parquetValues.ts";
import { type Column, type Table, table } from "./table.ts";

export interface ParquetOptions {
  /** Only these columns, in this order; the others are not read. */
  readonly columns?: readonly string[];
}

/**
 * A table from the bytes of a Parquet file, whatever its encodings and compression.
 *
 * - numbers, also half precision and decimals: numeric; a null is NaN
 * - booleans: categories "false" and "true"
 * - strings: categorical or text, by the rule of `parseCsv`
 * - dates and timestamps: text in ISO 8601 (timestamps in UTC, with as many decimals as they need)
 * - whole numbers of 64 bits: numeric if all are below 2^53 in size, else text, digit by digit
 *
 * @throws DataError when the bytes are no Parquet file, are cut short or damaged, or a column holds
 * lists, records or bytes
 */
export async function parseParquet(
  bytes: Uint8Array,
  name: string,
  options: ParquetOptions = {},
): Promise<Table> {
  const metadata = readMetadata(bytes, name);
  const elements = flatColumns(metadata, name, options.columns);
  const chunks = new Map<string, { start: number; data: DecodedArray }[]>();
  for (const element of elements) chunks.set(element.name, []);
  // A copy: the bytes may lie within a larger buffer, and Node's Buffer.slice does not copy.
  const { buffer } = new Uint8Array(bytes);
  try {
    await parquetRead({
      file: buffer,
      metadata,
      columns: elements.map((element) => element.name),
      compressors,
      parsers: timeParsers,
      geoparquet: false,
      onChunk: ({ columnName, columnData, rowStart }) =>
        chunks.get(columnName)?.push({ start: rowStart, data: columnData }),
    });
  } catch (error) {
    refuse(`the Parquet data are damaged (${reasonOf(error)})`, { file: name }, error);
  }
  const rows = Number(metadata.num_rows);
  const columns = elements.map((element) => {
    const parts = (chunks.get(element.name) ?? []).sort((a, b) => a.start - b.start);
    const length = parts.reduce((sum, { data }) => sum + data.length, 0);
    if (length !== rows)
      refuse(`${count(length)} values where the file states ${count(rows)} rows`, {
        file: name,
        column: element.name,
      });
    return columnOf(
      element,
      parts.map(({ data }) => data),
      name,
    );
  });
  return table(name, columns);
}

const magic = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

function readMetadata(bytes: Uint8Array, file: string): FileMetaData {
  const [start, end] = [magic(bytes.subarray(0, 4)), magic(bytes.subarray(-4))];
  if (start === "PARE") refuse("the Parquet file is encrypted", { file });
  if (start !== "PAR1")
    refuse(`this is no Parquet file: it does not begin with "PAR1" but with ${quote(start)}`, {
      file,
    });
  if (bytes.length < 12 || end !== "PAR1")
    refuse(
      `the Parquet file is cut short: its ${count(bytes.length)} bytes do not end with "PAR1"; fetch it again`,
      { file },
    );
  try {
    return parquetMetadata(bytes, { geoparquet: false });
  } catch (error) {
    return refuse(`the end of the Parquet file is damaged (${reasonOf(error)})`, { file }, error);
  }
}

function flatColumns(
  metadata: FileMetaData,
  file: string,
  wanted: readonly string[] | undefined,
): SchemaElement[] {
  const all = parquetSchema(metadata).children;
  const names = all.map(({ element }) => element.name);
  const unknown = wanted?.find((column) => !names.includes(column));
  if (unknown !== undefined)
    refuse(`there is no column ${quote(unknown)}; ${suggestNames(unknown, names)}`, { file });
  return (wanted ?? names).map((column) => {
    const { element, children } = all[names.indexOf(column)];
    const kept = names.filter((other) => other !== column);
    if (children.length > 0 || element.repetition_type === "REPEATED")
      refuse(
        `this column holds lists or records, which have no place in a table; read the others with { columns: [${kept.slice(0, 3).map(quote).join(", ")}${kept.length > 3 ? ", ..." : ""}] }`,
        { file, column },
      );
    return element;
  });
}

function columnOf(element: SchemaElement, parts: readonly DecodedArray[], file: string): Column {
  const { name } = element;
  const first = firstValue(parts);
  if (typeof first === "bigint") return bigintColumn(name, parts);
  if (first === undefined || typeof first === "number") {
    const exact = decimalsOf(element);
    const numbers = growingNumbers();
    for (const part of parts) {
      const room = numbers.room(part.length);
      for (let i = 0; i < part.length; i++) room[i] = part[i] == null ? Number.NaN : exact(part[i]);
    }
    return { name, kind: "numeric", values: numbers.finish() };
  }
  if (typeof first === "boolean") {
    const codes = parts.flatMap((part) => Array.from(part, (v) => (v == null ? -1 : Number(v))));
    return {
      name,
      kind: "categorical",
      codes: Int32Array.from(codes),
      categories: ["false", "true"],
    };
  }
  if (typeof first === "object" && ArrayBuffer.isView(first))
    refuse(`this column holds bytes; leave it out of { columns: [...] }`, { file, column: name });
  const texts = growingTexts();
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) texts.push(part[i] == null ? null : textOf(part[i]));
    texts.settle(false);
  }
  return texts.finish(name);
}

function firstValue(parts: readonly DecodedArray[]): unknown {
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) if (part[i] != null) return part[i];
  }
  return undefined;
}

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);

function bigintColumn(name: string, parts: readonly DecodedArray[]): Column {
  const values = parts.flatMap((part) =>
    Array.from(part as ArrayLike<bigint | null | undefined>, (value) => value ?? null),
  );
  const exact = values.every((value) => value === null || Number.isSafeInteger(Number(value)));
  if (exact)
    return {
      name,
      kind: "numeric",
      values: Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value))),
    };
  return { name, kind: "text", values: values.map((value) => value?.toString() ?? null) };
}
