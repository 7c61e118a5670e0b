/** A table as training and test examples. */
import {
  encode,
  encodeTarget,
  fitEncoder,
  fitTarget,
  kFold,
  type Split,
  selectRows,
  stratifiedKFold,
  type Table,
  trainTestSplit,
} from "@etude/data";
import type { Examples } from "../crossValidation.ts";
import type { Task } from "../losses.ts";
import type { Options } from "./options.ts";

export interface Prepared {
  readonly task: Task;
  readonly train: Examples;
  readonly test: Examples;
}

/** The folds of a table are the same for all seeds: seed s is fold s. */
const foldSeed = 0;

/**
 * Numbers, and the target of a regression, are standardised with what the training part says;
 * categories become one input each. All in float64.
 */
export function prepare(table: Table, options: Options, seed: number): Prepared {
  const target = table.columns[table.columns.length - 1].name;
  const { task } = fitTarget(table, target);
  const { train, test } = divide(table, target, task, options, seed);
  const seen = selectRows(table, train);
  const inputs = fitEncoder(seen, { target });
  const outputs = fitTarget(seen, target, task);
  const examples = (rows: Table): Examples => ({
    x: encode(inputs, rows).inputs.astype("float64"),
    y: encodeTarget(outputs, rows).astype("float64"),
  });
  return { task, train: examples(seen), test: examples(selectRows(table, test)) };
}

function divide(
  table: Table,
  target: string,
  task: Task,
  { outerFolds, testFraction }: Options,
  seed: number,
): Split {
  const labels = task === "regression" ? table.rows : encodeTarget(fitTarget(table, target), table);
  if (outerFolds === 0) return trainTestSplit(labels, { testFraction, seed });
  const folds =
    typeof labels === "number"
      ? kFold(labels, outerFolds, foldSeed)
      : stratifiedKFold(labels, outerFolds, foldSeed);
  return folds[seed % outerFolds];
}
