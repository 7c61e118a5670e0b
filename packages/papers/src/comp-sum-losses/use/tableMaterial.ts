/** Rows of a table as examples, and classifiers as files that take raw columns. */
import {
  column,
  encode,
  encodeTarget,
  encodeTensor,
  fitEncoder,
  fitTarget,
  rowsWithValue,
  selectRows,
  type Table,
  type TabularEncoder,
} from "@etude/data";
import { array, exportOnnx, stack, type Tensor, zeros } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
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
  const { target: name, exclude } = options;
  if (name === undefined)
    throw new UsageError(
      `--target is missing: name the column of ${data.name} to predict, one of ${data.columns.map((each) => each.name).join(", ")}`,
    );
  column(data, name);
  const table = selectRows(data, rowsWithValue(data, name));
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
  const withoutTarget = data.rows - table.rows;
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
    export: (scores, metadata) => exportRows(encoder, scores, metadata),
  };
}

/**
 * Inputs by the names of the columns, other characters than letters, digits and `_` replaced: numbers
 * as float32 [n], NaN where missing; categories as text [n], empty where missing.
 */
function exportRows(
  encoder: TabularEncoder,
  scores: (x: Tensor) => Tensor,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const { numeric, categorical } = encoder;
  const names = inputNames([...numeric, ...categorical].map(({ name }) => name));
  const classify = (...columns: Tensor[]): Tensor[] => {
    const [numbers, codes] = [columns.slice(0, numeric.length), columns.slice(numeric.length)];
    const encoded = encodeTensor(encoder, {
      numeric: stack(numbers, 1),
      ...(codes.length > 0 && { categorical: stack(codes, 1) }),
    });
    return outputsOf(scores(encoded));
  };
  return exportOnnx(
    classify,
    [...numeric.map(() => zeros([2])), ...categorical.map(() => zeros([2], "int32"))],
    {
      inputNames: names,
      outputNames,
      dynamicBatch: true,
      // The empty text stands for a missing value, whose code is the one after the last category.
      categories: Object.fromEntries(
        categorical.map(({ categories }, i) => [names[numeric.length + i], [...categories, ""]]),
      ),
      metadata,
    },
  );
}

/** Names an ONNX file can carry, each once. */
function inputNames(columns: readonly string[]): string[] {
  const taken = new Set(outputNames);
  return columns.map((column) => {
    const plain = column.replace(/\W/g, "_") || "column";
    let name = plain;
    for (let i = 2; taken.has(name); i++) name = `${plain}_${i}`;
    taken.add(name);
    return name;
  });
}
