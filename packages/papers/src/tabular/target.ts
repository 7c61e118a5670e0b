/** The column of the user's table that is to be predicted. */
import {
  encodeTarget,
  rowsWithValue,
  selectRows,
  type Table,
  type TargetEncoder,
  textAt,
} from "@etude/data";
import { UsageError } from "../contract/errors.ts";

/** Rows that have a value of the target. */
export interface Labelled {
  readonly table: Table;
  readonly target: string;
  /** Rows left out because theirs is missing. */
  readonly withoutTarget: number;
}

/** @throws UsageError without a target, DataError for one the table does not have */
export function labelledRows(table: Table, target: string | undefined): Labelled {
  if (target === undefined)
    throw new UsageError(
      `--target is missing: name the column of ${table.name} to predict, one of ${table.columns.map(({ name }) => name).join(", ")}`,
    );
  const known = selectRows(table, rowsWithValue(table, target));
  return { table: known, target, withoutTarget: table.rows - known.rows };
}

/** Numbers in the units of the column, or positions of classes. */
export function truthOf(target: TargetEncoder, rows: Table): ArrayLike<number> {
  const encoded = encodeTarget(target, rows).data;
  if (target.task !== "regression") return encoded;
  return Float64Array.from(encoded, (value) => value * target.scale + target.mean);
}

/** The rows whose true value the table holds, if that is of the kind a model predicts. */
export function rowsWithTruth(table: Table, target: TargetEncoder): Int32Array {
  const found = table.columns.find(({ name }) => name === target.column);
  if (found === undefined) return new Int32Array(0);
  const rows = rowsWithValue(table, target.column);
  if (target.task === "regression") return found.kind === "numeric" ? rows : new Int32Array(0);
  const classes = new Set(target.classes);
  return rows.filter((row) => classes.has(textAt(found, row) ?? ""));
}
