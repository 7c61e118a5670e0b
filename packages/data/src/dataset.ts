/** What training takes: examples along the first axis, and what is to be predicted for each. */
import { NDArray } from "@etude/tensor";
import { gatherRows } from "./batches.ts";
import { count, quote, refuse } from "./errors.ts";

export interface ArrayDataset {
  /** What messages call it. */
  readonly name: string;
  /** [n, ...]; images are [n, channels, height, width] with values from 0 to 1. */
  readonly inputs: NDArray;
  /** int32 [n], the classes by number; or float32 [n] or [n, k]. */
  readonly targets: NDArray;
  /** What the class numbers mean. */
  readonly classes?: readonly string[];
  /** What the last axis of the inputs means. */
  readonly inputNames?: readonly string[];
}

/**
 * A data set whose parts fit together.
 *
 * @throws DataError when inputs and targets differ in length, the targets have another type or shape
 * than stated, a class number has no class, or there are not as many names as inputs
 */
export function arrayDataset(parts: ArrayDataset): ArrayDataset {
  const { name, inputs, targets, classes, inputNames } = parts;
  const place = { file: name };
  const shown = `${targets.dtype} [${targets.shape.join(", ")}]`;
  if (inputs.rank === 0) refuse("the inputs have no axis of examples", place);
  if (targets.rank === 0 || inputs.shape[0] !== targets.shape[0])
    refuse(`${count(inputs.shape[0])} inputs, but targets are ${shown}`, place);
  const asClasses = targets.dtype === "int32" && targets.rank === 1;
  const asValues = targets.dtype === "float32" && targets.rank <= 2;
  if (!asClasses && !asValues)
    refuse(`targets are int32 [n], float32 [n] or float32 [n, k]; these are ${shown}`, place);
  if (asClasses) {
    const limit = classes?.length ?? Infinity;
    const wrong = targets.data.findIndex((label) => label < 0 || label >= limit);
    if (wrong >= 0)
      refuse(
        `example ${count(wrong)} has class ${targets.data[wrong]}, but classes are 0 to ${limit - 1}`,
        place,
      );
  }
  if (inputNames !== undefined && inputNames.length !== inputs.shape[inputs.rank - 1])
    refuse(
      `${inputNames.length} input names for ${inputs.shape[inputs.rank - 1]} inputs: ${inputNames.slice(0, 3).map(quote).join(", ")} ...`,
      place,
    );
  return parts;
}

/** The examples at these positions, in this order; a position may occur more than once. */
export const subset = (dataset: ArrayDataset, indices: ArrayLike<number>): ArrayDataset => ({
  ...dataset,
  inputs: gatherRows(dataset.inputs, indices),
  targets: gatherRows(dataset.targets, indices),
});

/** The first examples, or all if there are fewer. */
export function take(dataset: ArrayDataset, examples: number): ArrayDataset {
  if (!Number.isInteger(examples) || examples < 0)
    refuse(`cannot take ${examples} examples: give a whole number`, { file: dataset.name });
  return {
    ...dataset,
    inputs: firstRows(dataset.inputs, examples),
    targets: firstRows(dataset.targets, examples),
  };
}

/** A view: no values are copied. */
function firstRows(array: NDArray, wanted: number): NDArray {
  const [length, ...rest] = array.shape;
  const kept = Math.min(wanted, length);
  const size = rest.reduce((product, n) => product * n, kept);
  return new NDArray(array.data.subarray(0, size), [kept, ...rest], array.dtype);
}
