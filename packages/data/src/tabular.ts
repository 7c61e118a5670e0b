/**
 * From a table to numbers. All that is learnt from data - means, spreads, categories - is learnt from
 * the training part only, and is plain data: it can be stored as JSON beside a model.
 */
import { count, quote, refuse } from "./errors.ts";
import { orderOfCategories } from "./kinds.ts";
import {
  type CategoricalColumn,
  type Column,
  type ColumnKind,
  column,
  placeOf,
  type Table,
  textAt,
} from "./table.ts";

/** A column of numbers: (x - mean) / scale. */
export interface NumericEncoding {
  readonly name: string;
  readonly mean: number;
  /** Standard deviation (with divisor n); 1 for a column of one value. */
  readonly scale: number;
  /** What stands in for a missing value: the mean of the training part. */
  readonly fill: number;
  /** Whether a further input says where values are missing: 1 there, else 0. */
  readonly indicator: boolean;
}

/** A column of categories: an input for each, 1 for the category of the row, else 0. */
export interface CategoricalEncoding {
  readonly name: string;
  /** Those of the training part, sorted. Others give zeros throughout. */
  readonly categories: readonly string[];
  /** Whether missing values have an input of their own, as they have if the training part had any. */
  readonly missing: boolean;
}

/** How a table becomes an array [n, d]. */
export interface TabularEncoder {
  readonly numeric: readonly NumericEncoding[];
  readonly categorical: readonly CategoricalEncoding[];
  /** What each of the d inputs means: "age", "age is missing", "color = red", "color is missing". */
  readonly inputNames: readonly string[];
  /** Which columns were left out, and why. */
  readonly warnings: readonly string[];
}

export interface EncoderOptions {
  /** The column to be predicted; it is not encoded. */
  readonly target?: string;
  /** Further columns to leave out. */
  readonly exclude?: readonly string[];
  /** Inputs that say where numbers are missing, for columns of the training part with missing values. */
  readonly missingIndicators?: boolean;
  /** A column with more categories is left out, since each takes an input; 100 where it is not given. */
  readonly mostCategories?: number;
  /** Whether columns that cannot be encoded are an error instead of a warning. */
  readonly strict?: boolean;
}

/**
 * Learn from the training part how to encode tables like it.
 *
 * Numbers are standardised, missing ones replaced by the mean; categories become one input each. Left
 * out, with a warning, are columns of text, those with very many categories, and those without a value.
 *
 * @throws DataError when a named column does not exist, a number is infinite or beyond float32, no
 * column is left, or, with `strict`, a column has to be left out
 * @example
 * const encoder = fitEncoder(selectRows(houses, train), { target: "price", exclude: ["id"] });
 * const { inputs } = encode(encoder, selectRows(houses, test));
 */
export function fitEncoder(table: Table, options: EncoderOptions = {}): TabularEncoder {
  const { target, exclude = [], missingIndicators = true, mostCategories = 100 } = options;
  const left = new Set([...(target === undefined ? [] : [target]), ...exclude]);
  for (const name of left) column(table, name);
  const place = { file: table.name };
  if (table.rows === 0) refuse("there is no row to learn from", place);

  const numeric: NumericEncoding[] = [];
  const categorical: CategoricalEncoding[] = [];
  const warnings: string[] = [];
  for (const current of table.columns.filter(({ name }) => !left.has(name))) {
    const reason = reasonToLeaveOut(current, mostCategories);
    if (reason !== undefined) {
      if (options.strict)
        refuse(`${reason}; name it in exclude`, { ...place, column: current.name });
      warnings.push(`column ${quote(current.name)} is left out: ${reason}`);
    } else if (current.kind === "numeric") {
      numeric.push(fitNumeric(table, current.name, current.values, missingIndicators));
    } else if (current.kind === "categorical") categorical.push(fitCategorical(current));
  }
  if (numeric.length + categorical.length === 0)
    refuse(["no column is left to learn from", ...warnings].join("; "), place);
  return { numeric, categorical, inputNames: inputNames(numeric, categorical), warnings };
}

/**
 * The kinds of the columns an encoder takes, to read further tables with: a column of few rows may
 * look like another kind there.
 *
 * @example await readTable("new.csv", { types: columnTypes(encoder) });
 */
export const columnTypes = (encoder: TabularEncoder): Record<string, ColumnKind> =>
  Object.fromEntries([
    ...encoder.numeric.map(({ name }) => [name, "numeric" as const]),
    ...encoder.categorical.map(({ name }) => [name, "categorical" as const]),
  ]);

function reasonToLeaveOut(column: Column, mostCategories: number): string | undefined {
  if (column.kind === "text") {
    const distinct = new Set(column.values.filter((value) => value !== null)).size;
    return `it holds text, ${count(distinct)} different ones in ${count(column.values.length)} rows`;
  }
  if (column.kind === "numeric")
    return column.values.every(Number.isNaN) ? "it has no value" : undefined;
  const present = presentCategories(column).length;
  if (present === 0) return "it has no value";
  if (present <= mostCategories) return undefined;
  return `it has ${count(present)} categories, more than ${count(mostCategories)} (mostCategories)`;
}

function presentCategories({ codes, categories }: CategoricalColumn): string[] {
  const seen = new Uint8Array(categories.length);
  for (const code of codes) if (code >= 0) seen[code] = 1;
  return categories.filter((_, code) => seen[code] === 1);
}

function fitNumeric(
  table: Table,
  name: string,
  values: Float64Array,
  missingIndicators: boolean,
): NumericEncoding {
  values.forEach((value, row) => {
    checkFinite(value, table, row, name);
  });
  const present = values.filter((value) => !Number.isNaN(value));
  const { mean, scale } = meanAndScale(present);
  const indicator = missingIndicators && present.length < values.length;
  return { name, mean, scale, fill: mean, indicator };
}

/** Mean and standard deviation (divisor n), in two passes; a single value has scale 1. */
export function meanAndScale(values: Float64Array): { mean: number; scale: number } {
  let [sum, low, high] = [0, Infinity, -Infinity];
  for (const value of values) {
    sum += value;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  // Rounding would leave a tiny deviation of equal values, and make noise of the size of 1 of it.
  if (low === high) return { mean: low, scale: 1 };
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const scale = Math.sqrt(squares / values.length);
  return { mean, scale: Math.fround(scale) > 0 ? scale : 1 };
}

/** Infinities, and what float32 would make one, are no amounts to compute with. */
export function checkFinite(value: number, table: Table, row: number, column: string): void {
  if (Number.isNaN(value) || Number.isFinite(Math.fround(value))) return;
  const what = Number.isFinite(value)
    ? `${value} is too large for float32`
    : "the value is infinite";
  refuse(`${what}; correct it, or leave the cell empty`, placeOf(table, row, column));
}

function fitCategorical(column: CategoricalColumn): CategoricalEncoding {
  const { name, codes } = column;
  return {
    name,
    categories: orderOfCategories(presentCategories(column)),
    missing: codes.includes(-1),
  };
}

function inputNames(
  numeric: readonly NumericEncoding[],
  categorical: readonly CategoricalEncoding[],
): string[] {
  return [
    ...numeric.map(({ name }) => name),
    ...numeric.filter(({ indicator }) => indicator).map(({ name }) => `${name} is missing`),
    ...categorical.flatMap(({ name, categories, missing }) => [
      ...categories.map((category) => `${name} = ${category}`),
      ...(missing ? [`${name} is missing`] : []),
    ]),
  ];
}

/** The texts of a column by row, whatever its kind; null where missing. */
export const textsOf = (column: Column, rows: number): (string | null)[] =>
  Array.from({ length: rows }, (_, row) => textAt(column, row));
