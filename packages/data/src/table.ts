/** Tables: named columns of equal length, each of one kind. */
import { count, type Place, quote, refuse } from "./errors.ts";
import { suggestNames } from "./names.ts";

export type ColumnKind = "numeric" | "categorical" | "text";

export interface NumericColumn {
  readonly name: string;
  readonly kind: "numeric";
  /** NaN where the value is missing. */
  readonly values: Float64Array;
}

export interface CategoricalColumn {
  readonly name: string;
  readonly kind: "categorical";
  /** Positions in `categories`; -1 where the value is missing. */
  readonly codes: Int32Array;
  readonly categories: readonly string[];
}

export interface TextColumn {
  readonly name: string;
  readonly kind: "text";
  /** null where the value is missing. */
  readonly values: readonly (string | null)[];
}

export type Column = NumericColumn | CategoricalColumn | TextColumn;

export interface Table {
  /** What messages call it: usually the name of the file. */
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly Column[];
  /** The line of the file each row begins on, where the table came from lines; kept by {@link selectRows}. */
  readonly lines?: Int32Array;
}

/**
 * A table from columns.
 *
 * @throws DataError when the lengths of the columns differ, or two have one name
 */
export function table(name: string, columns: readonly Column[], lines?: Int32Array): Table {
  const rows = columns.length === 0 ? 0 : lengthOf(columns[0]);
  const seen = new Set<string>();
  for (const column of columns) {
    const place = { file: name, column: column.name };
    if (lengthOf(column) !== rows)
      refuse(`${lengthOf(column)} values where the first column has ${rows}`, place);
    if (seen.has(column.name)) refuse("two columns have this name", place);
    seen.add(column.name);
  }
  return { name, rows, columns, ...(lines === undefined ? {} : { lines }) };
}

/**
 * The column of a name.
 *
 * @throws DataError with the nearest names when there is none
 */
export function column(table: Table, name: string): Column {
  const found = table.columns.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  const names = table.columns.map((candidate) => candidate.name);
  return refuse(`there is no column ${quote(name)}; ${suggestNames(name, names)}`, {
    file: table.name,
  });
}

/** Only these columns, in this order. */
export const pickColumns = (table: Table, names: readonly string[]): Table => ({
  ...table,
  columns: names.map((name) => column(table, name)),
});

/** All columns but these. */
export function dropColumns(table: Table, names: readonly string[]): Table {
  for (const name of names) column(table, name);
  return { ...table, columns: table.columns.filter(({ name }) => !names.includes(name)) };
}

/**
 * The rows at these positions, in this order; a position may occur more than once. Categories stay
 * as they are, also those that no row has any more.
 */
export function selectRows(table: Table, indices: ArrayLike<number>): Table {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i];
    if (!(Number.isInteger(index) && index >= 0 && index < table.rows))
      refuse(`there is no row ${index}: the table has ${count(table.rows)} rows, from 0`, {
        file: table.name,
      });
  }
  const pick = <T extends Float64Array | Int32Array>(values: T, into: T): T => {
    for (let i = 0; i < indices.length; i++) into[i] = values[indices[i]];
    return into;
  };
  const columns = table.columns.map((column): Column => {
    if (column.kind === "numeric")
      return { ...column, values: pick(column.values, new Float64Array(indices.length)) };
    if (column.kind === "categorical")
      return { ...column, codes: pick(column.codes, new Int32Array(indices.length)) };
    return { ...column, values: Array.from(indices, (index) => column.values[index]) };
  });
  return {
    name: table.name,
    rows: indices.length,
    columns,
    ...(table.lines && { lines: pick(table.lines, new Int32Array(indices.length)) }),
  };
}

/** The positions of the rows in which a column has a value. */
export function rowsWithValue(table: Table, name: string): Int32Array {
  const found = column(table, name);
  const rows = Int32Array.from({ length: table.rows }, (_, row) => row);
  return rows.filter((row) => textAt(found, row) !== null);
}

/** Where a row is found, for messages: its line in the file, else its place in the table, from 1. */
export const placeOf = (table: Table, row: number, column?: string): Place => ({
  file: table.name,
  row: table.lines?.[row] ?? row + 1,
  ...(column !== undefined && { column }),
});

export const lengthOf = (column: Column): number =>
  column.kind === "categorical" ? column.codes.length : column.values.length;

/** One value as text, whatever the kind of the column; null where it is missing. */
export function textAt(column: Column, row: number): string | null {
  if (column.kind === "numeric") {
    const value = column.values[row];
    return Number.isNaN(value) ? null : String(value);
  }
  if (column.kind === "text") return column.values[row];
  const code = column.codes[row];
  return code < 0 ? null : column.categories[code];
}

/** A column in one line. */
export interface ColumnSummary {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly missing: number;
  /** Different values, not counting missing ones. */
  readonly distinct: number;
  /** Of numeric columns with at least one value. */
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
}

/** What each column holds. */
export const describe = (table: Table): ColumnSummary[] => table.columns.map(summarise);

function summarise(column: Column): ColumnSummary {
  const { name, kind } = column;
  if (kind === "categorical") {
    const present = column.codes.filter((code) => code >= 0);
    const missing = column.codes.length - present.length;
    return { name, kind, missing, distinct: new Set(present).size };
  }
  if (kind === "text") {
    const present = column.values.filter((value) => value !== null);
    const missing = column.values.length - present.length;
    return { name, kind, missing, distinct: new Set(present).size };
  }
  const present = column.values.filter((value) => !Number.isNaN(value));
  const missing = column.values.length - present.length;
  const distinct = new Set(present).size;
  if (present.length === 0) return { name, kind, missing, distinct };
  let [min, max, sum] = [Infinity, -Infinity, 0];
  for (const value of present) {
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
  }
  return { name, kind, missing, distinct, min, max, mean: sum / present.length };
}

/**
 * The table as comma-separated text with a header (RFC 4180, lines end with LF). `parseCsv` reads
 * back the same values, except that texts it takes for missing ("", "NA", ...) come back missing.
 */
export function toCsv(table: Table): string {
  // A line with nothing on it would be skipped when read back.
  const missing = table.columns.length === 1 ? "NA" : "";
  const lines = [table.columns.map(({ name }) => csvCell(name)).join(",")];
  for (let row = 0; row < table.rows; row++) {
    const cells = table.columns.map((column) => csvCell(textAt(column, row) || missing));
    lines.push(cells.join(","));
  }
  return `${lines.join("\n")}\n`;
}

/** Quoted where a reader would otherwise see a delimiter, a line end, a quotation mark or lose spaces. */
export const csvCell = (cell: string): string =>
  /[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
