/** Rows of a table as examples, and classifiers as files that take raw columns. */
import { encode, encodeTarget, fitEncoder, fitTarget, selectRows, type Table } from "@etude/data";
import { array } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import { exportColumns } from "../../tabular/columns.ts";
import { labelledRows } from "../../tabular/target.ts";
import type { Examples } from "../examples.ts";
import { divide, type Material, outputNames, outputsOf } from "./material.ts";
import type { UseOptions } from "./options.ts";

/**
 * Numbers are standardised and categories become one input each, by what the training part says. Only
 * numbers can be perturbed.
 *
 * @throws UsageError without a target, for one that holds amounts, and where no column holds numbers;
 * DataError for what is wrong in the table
 */
export function tableMaterial(
  data: Table,
  test: Table | undefined,
  options: UseOptions,
  seed: number,
): Material {
  const { exclude } = options;
  const { table, target: name, withoutTarget } = labelledRows(data, options.target);
  // Three, so that each part has one.
  const target = fitTarget(table, name, undefined, { smallestClass: 3 });
  if (target.task === "regression")
    throw new UsageError(
      `--target ${name}: the column of ${data.name} holds amounts, and these losses are for classes`,
    );
  const labels = encodeTarget(target, table);
  const division = divide(labels, options, test === undefined, seed);
  const encoder = fitEncoder(selectRows(table, division.fit), { target: name, exclude });
  const numbers = encoder.numeric.length;
  if (numbers === 0)
    throw new UsageError(
      `${data.name}: no column holds numbers, so there is nothing an attacker could change a little`,
    );
  const examples = (rows: Table): Examples => ({
    inputs: encode(encoder, rows).inputs,
    labels: encodeTarget(target, rows),
  });
  const held = test ?? selectRows(table, division.held);
  const width = encoder.inputNames.length;
  return {
    classes: target.classes,
    shape: [width],
    fit: examples(selectRows(table, division.fit)),
    validation: examples(selectRows(table, division.validation)),
    held: examples(held),
    heldPlaces: Array.from({ length: held.rows }, (_, i) => held.lines?.[i] ?? i + 1),
    ball: {
      norm: options.norm,
      radius: options.radius ?? 0.1,
      ...(numbers < width && {
        movable: array(Float32Array.from({ length: width }, (_, i) => Number(i < numbers))),
      }),
    },
    unit: "the standard deviation of a column",
    notes: [
      ...(withoutTarget > 0
        ? [`${withoutTarget} rows without a value of ${name} were left out.`]
        : []),
      ...encoder.warnings.map((warning) => `Note: ${warning}.`),
      ...(numbers < width ? ["Categories and marks of missing values cannot be perturbed."] : []),
    ],
    export: (scores, metadata) =>
      exportColumns(encoder, (x) => outputsOf(scores(x)), { outputNames, metadata }),
  };
}
