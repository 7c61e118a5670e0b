/** The user's files as a loss: examples, a model, and what its outputs are held against. */
import {
  type ArrayDataset,
  column,
  DataError,
  encode,
  encodeTarget,
  fitEncoder,
  fitTarget,
  placeOf,
  type Table,
} from "@etude/data";
import { sigmoidBinaryCrossEntropy, softmaxCrossEntropy, squaredError } from "@etude/learn";
import { type ArrayTree, array, type NDArray, type Tensor } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import type { UserInput } from "../../contract/use.ts";
import {
  type Examples,
  examplesAt,
  type Loss,
  type LossOnOutputs,
  type Model,
  rowsOf,
} from "../curvature.ts";
import { stream } from "../experiment/data.ts";
import type { UseOptions } from "./options.ts";

/** Examples with what is to be predicted. */
export interface Labelled {
  readonly file: string;
  readonly examples: Examples;
  /** Number of classes; null for numbers. */
  readonly classes: number | null;
  readonly warnings: readonly string[];
}

export interface Problem {
  readonly examples: Examples;
  readonly model: Model;
  readonly loss: Loss;
  readonly lossOnOutputs: LossOnOutputs;
  /** The loss in words. */
  readonly lossName: string;
}

/** A problem whose weights are known. */
export interface Weighted extends Problem {
  readonly params: ArrayTree;
}

/** @param raw numbers as they are, for a model that has its own preparation; standardised otherwise */
export function readExamples(
  input: UserInput,
  options: UseOptions,
  { raw, seed }: { raw: boolean; seed: number },
): Labelled {
  const labelled = labelledOf(input, options, raw);
  const rows = rowsOf(labelled.examples);
  if (rows < 8)
    throw new UsageError(
      `${input.file}: ${rows} examples; curvature and its noise need 8 at least`,
    );
  if (rows <= options.rows) return labelled;
  const chosen = stream(seed, "examples").sample(rows, options.rows);
  return { ...labelled, examples: examplesAt(labelled.examples, chosen) };
}

function labelledOf(input: UserInput, options: UseOptions, raw: boolean): Labelled {
  switch (input.kind) {
    case "table":
      return fromTable(input.table, input.file, options, raw);
    case "images":
      return fromImages(input.dataset, input.file);
    case "arrays":
      return fromArrays(input.arrays, input.file);
    default:
      throw new UsageError(`--data ${input.file}: expected a table, images or arrays`);
  }
}

function fromTable(table: Table, file: string, options: UseOptions, raw: boolean): Labelled {
  const { task, exclude } = options;
  const target = options.target ?? table.columns[table.columns.length - 1]?.name;
  if (target === undefined) throw new UsageError(`${file}: the table has no columns`);
  column(table, target);
  const fitted = fitTarget(table, target, task, { smallestClass: 1 });
  const classes = fitted.task === "regression" ? null : fitted.classes.length;
  const encoder = fitEncoder(table, { target, exclude, missingIndicators: !raw });
  const targets = encodeTarget(fitted, table);
  if (!raw) {
    const { inputs } = encode(encoder, table);
    return { file, examples: { inputs, targets }, classes, warnings: encoder.warnings };
  }
  const other = encoder.categorical[0];
  if (other !== undefined) {
    throw new UsageError(
      `${file}, column "${other.name}": a model takes numbers, but this column holds categories; encode it as the model was trained with, or --exclude it`,
    );
  }
  const names = encoder.numeric.map(({ name }) => name);
  const values = new Float32Array(table.rows * names.length);
  names.forEach((name, j) => {
    const found = column(table, name);
    if (found.kind !== "numeric") return;
    found.values.forEach((value, row) => {
      if (Number.isNaN(value))
        throw new DataError(
          "the value is missing, and a model takes numbers",
          placeOf(table, row, name),
        );
      values[row * names.length + j] = value;
    });
  });
  const inputs = array(values, { shape: [table.rows, names.length] });
  // A model was trained on the numbers themselves.
  const asGiven =
    fitted.task === "regression"
      ? array(Float32Array.from(targets.data, (value) => value * fitted.scale + fitted.mean))
      : targets;
  return { file, examples: { inputs, targets: asGiven }, classes, warnings: encoder.warnings };
}

function fromImages({ inputs, targets, classes }: ArrayDataset, file: string): Labelled {
  if (targets.dtype !== "int32") throw new UsageError(`${file}: the images have no classes`);
  return {
    file,
    examples: { inputs, targets },
    classes: classesIn(targets, classes, file),
    warnings: [],
  };
}

function fromArrays(arrays: Readonly<Record<string, NDArray>>, file: string): Labelled {
  const [inputs, targets] = [arrays.inputs ?? arrays.x, arrays.targets ?? arrays.y];
  if (inputs === undefined || targets === undefined) {
    throw new UsageError(
      `${file}: holds ${Object.keys(arrays).join(", ")}; give "inputs" [n, ...] and "targets" [n] (or x and y) in one .npz`,
    );
  }
  if (targets.rank === 0 || inputs.rank < 2 || inputs.shape[0] !== targets.shape[0]) {
    throw new UsageError(
      `${file}: inputs [${inputs.shape.join(", ")}] and targets [${targets.shape.join(", ")}] do not fit; the first length is the number of examples`,
    );
  }
  const whole = targets.dtype === "int32" || targets.dtype === "uint32";
  if (!whole)
    return {
      file,
      examples: { inputs, targets: targets.astype("float32") },
      classes: null,
      warnings: [],
    };
  const labels = targets.astype("int32");
  return {
    file,
    examples: { inputs, targets: labels },
    classes: classesIn(labels, undefined, file),
    warnings: [],
  };
}

function classesIn(labels: NDArray, names: readonly string[] | undefined, file: string): number {
  let [least, most] = [0, 0];
  for (const label of labels.data) {
    least = Math.min(least, label);
    most = Math.max(most, label);
  }
  if (least < 0)
    throw new UsageError(`${file}: the class ${least} is negative; classes count from 0`);
  return names?.length ?? most + 1;
}

/** The loss of outputs [n, k], [n, 1] or [n] for these targets, in a form that is convex in them. */
export function lossFor(
  classes: number | null,
  outputs: readonly number[],
): { lossOnOutputs: LossOnOutputs; lossName: string } {
  const last = outputs.length > 1 ? outputs[outputs.length - 1] : 1;
  if (classes === null) {
    return {
      lossName: "mean squared error",
      lossOnOutputs: (out, y) => squaredError(out.reshape(y.shape), y.astype(out.dtype)).mean(),
    };
  }
  if (last === 1) {
    if (classes > 2)
      throw new UsageError(
        `the model gives one number an example, but there are ${classes} classes`,
      );
    return {
      lossName: "binary cross entropy",
      lossOnOutputs: (out, y) =>
        sigmoidBinaryCrossEntropy(out.reshape(y.shape), y.astype(out.dtype)).mean(),
    };
  }
  if (last < classes)
    throw new UsageError(
      `the model gives ${last} scores an example, but there are ${classes} classes`,
    );
  return {
    lossName: "cross entropy",
    lossOnOutputs: (out, y) => softmaxCrossEntropy(out, y).mean(),
  };
}

export const lossOf =
  (model: Model, lossOnOutputs: LossOnOutputs): Loss =>
  (params, x: Tensor, y: Tensor) =>
    lossOnOutputs(model(params, x), y);
