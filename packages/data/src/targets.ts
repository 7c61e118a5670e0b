/** What is to be predicted: a column as classes, or as standardised numbers. */
import { NDArray } from "@etude/tensor";
import { count, quote, refuse } from "./errors.ts";
import { orderOfCategories } from "./kinds.ts";
import { suggestNames } from "./names.ts";
import { type Column, column, placeOf, type Table } from "./table.ts";
import { checkFinite, meanAndScale, textsOf } from "./tabular.ts";

export type Task = "regression" | "binary" | "multiclass";

/** How a target column becomes an array; plain data. */
export type TargetEncoder =
  | {
      readonly column: string;
      readonly task: "regression";
      readonly mean: number;
      readonly scale: number;
    }
  | {
      readonly column: string;
      readonly task: "binary" | "multiclass";
      /** Sorted: numbers by size, texts by their characters. */
      readonly classes: readonly string[];
    };

// Whole numbers with more different values than this are amounts, with fewer classes.
const mostNumericClasses = 20;

export interface TargetOptions {
  /** Rows a class must have; 2 where it is not given. */
  readonly smallestClass?: number;
}

/**
 * Learn from the training part what a target column holds.
 *
 * Without `task`, a column of numbers is a regression if a value is not whole or there are more than
 * 20 different ones; what has two different values is binary, anything else multiclass.
 *
 * @throws DataError when there is no such column, a value is missing or infinite, all are equal, the
 * column does not fit the task, or a class has one row only
 */
export function fitTarget(
  table: Table,
  target: string,
  task?: Task,
  { smallestClass = 2 }: TargetOptions = {},
): TargetEncoder {
  const found = column(table, target);
  const place = { file: table.name, column: target };
  if (table.rows === 0) refuse("there is no row to learn from", place);
  checkPresent(table, found);
  const inferred = task ?? inferTask(found);
  if (inferred === "regression") {
    if (found.kind !== "numeric")
      return refuse("a regression predicts numbers, but the column holds texts", place);
    const { mean, scale } = meanAndScale(found.values);
    if (found.values.every((value) => value === found.values[0]))
      refuse(`all values are ${found.values[0]}: there is nothing to predict`, place);
    return { column: target, task: inferred, mean, scale };
  }

  const sizes = new Map<string, { rows: number; last: number }>();
  textsOf(found, table.rows).forEach((label, row) => {
    if (label !== null) sizes.set(label, { rows: (sizes.get(label)?.rows ?? 0) + 1, last: row });
  });
  const classes = orderOfCategories([...sizes.keys()]);
  if (classes.length === 1)
    refuse(`all values are ${quote(classes[0])}: there is nothing to predict`, place);
  if (found.kind === "text" && task === undefined)
    refuse(
      `the column holds ${count(classes.length)} different texts in ${count(table.rows)} rows, which are no classes; choose another target, or give the task`,
      place,
    );
  if (inferred === "binary" && classes.length !== 2)
    refuse(
      `a binary target has two values, this has ${count(classes.length)}: ${classes.slice(0, 5).map(quote).join(", ")}${classes.length > 5 ? ", ..." : ""}`,
      place,
    );
  for (const label of classes) {
    const { rows, last } = sizes.get(label) ?? { rows: 0, last: 0 };
    if (rows >= smallestClass) continue;
    const regression = found.kind === "numeric" ? ', or give the task "regression"' : "";
    refuse(
      `the class ${quote(label)} has ${rows === 1 ? "one row only" : `${rows} rows only`}; add rows, or leave it out${regression}`,
      placeOf(table, last, target),
    );
  }
  return { column: target, task: inferred, classes };
}

function inferTask(column: Column): Task {
  if (column.kind === "numeric") {
    const distinct = new Set(column.values);
    const whole = column.values.every((value) => Number.isInteger(value));
    if (!whole || distinct.size > mostNumericClasses) return "regression";
    return distinct.size > 2 ? "multiclass" : "binary";
  }
  const seen = new Set<number | string | null>(
    column.kind === "text" ? column.values : column.codes,
  );
  return seen.size > 2 ? "multiclass" : "binary";
}

function checkPresent(table: Table, column: Column): void {
  if (column.kind === "numeric") {
    column.values.forEach((value, row) => {
      checkFinite(value, table, row, column.name);
    });
  }
  const row = textsOf(column, table.rows).indexOf(null);
  if (row >= 0)
    refuse(
      "the target is missing; fill it in, or leave such rows out: selectRows(table, rowsWithValue(table, name))",
      placeOf(table, row, column.name),
    );
}

/**
 * The target column of a table: int32 [n] class numbers, or float32 [n] (y - mean) / scale.
 *
 * @throws DataError when there is no such column, a value is missing or infinite, is not a number in
 * a regression, or is a class the training part did not have
 */
export function encodeTarget(encoder: TargetEncoder, table: Table): NDArray {
  const found = column(table, encoder.column);
  checkPresent(table, found);
  if (encoder.task === "regression") {
    if (found.kind !== "numeric")
      return refuse(
        `${quote(textsOf(found, 1)[0] ?? "")} is not a number, as the target was in training`,
        {
          ...placeOf(table, 0, encoder.column),
        },
      );
    const { mean, scale } = encoder;
    const values = Float32Array.from(found.values, (value) => (value - mean) / scale);
    return new NDArray(values, [table.rows], "float32");
  }
  const { classes } = encoder;
  const places = new Map<string | null, number>(classes.map((label, i) => [label, i]));
  const codes = Int32Array.from(textsOf(found, table.rows), (label, row) => {
    const code = places.get(label);
    if (code !== undefined) return code;
    return refuse(
      `the class ${quote(label ?? "")} did not occur in training; ${suggestNames(label ?? "", classes)}`,
      placeOf(table, row, encoder.column),
    );
  });
  return new NDArray(codes, [table.rows], "int32");
}

/** Predictions in the units or names of the column: the inverse of {@link encodeTarget}. */
export function decodeTarget(
  encoder: TargetEncoder,
  predictions: ArrayLike<number>,
): number[] | string[] {
  if (encoder.task === "regression")
    return Array.from(predictions, (value) => value * encoder.scale + encoder.mean);
  const { classes } = encoder;
  return Array.from(predictions, (code) =>
    code in classes
      ? classes[code]
      : refuse(`there is no class ${code}: they are 0 to ${classes.length - 1}`),
  );
}
