/** What a diffusion model is to everything that samples from it. */
import { NDArray, type Tensor, treeMap } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

/**
 * What a sample is to be like: class numbers int32 [B], embeddings [B, ...], or several of these by
 * name (an image and a text), each of which may be left empty.
 */
export type Condition = Tensor | { readonly [part: string]: Tensor | null };

/** The same, outside of graphs. */
export type ConditionArrays = NDArray | { readonly [part: string]: NDArray | null };

/**
 * One evaluation of a network, as a function to trace: noisy samples x [B, ...], their times t [B] in
 * the units of the model and a condition; null is the empty condition. What comes out has the shape
 * of x and is noise, velocity, whatever the model predicts.
 */
export type Predict = (x: Tensor, t: Tensor, condition: Condition | null) => Tensor;

const mapArrays = treeMap as unknown as (f: (leaf: NDArray) => NDArray, tree: unknown) => unknown;
const mapTensors = treeMap as unknown as (f: (leaf: Tensor) => Tensor, tree: unknown) => unknown;

/** The rows of a condition at int32 positions [b]. */
export const conditionRows = <C extends Condition | null>(condition: C, rows: Tensor): C =>
  mapTensors((leaf) => leaf.gather(rows), condition) as C;

/** A condition that every leaf of went through a function. */
export const mapCondition = <C extends ConditionArrays | null>(
  condition: C,
  f: (leaf: NDArray) => NDArray,
): C => mapArrays(f, condition) as C;

/**
 * Refuses a condition whose parts have not one entry a sample.
 *
 * @throws UsageError
 */
export function checkCondition(
  name: string,
  condition: ConditionArrays | null,
  samples: number,
): void {
  mapCondition(condition, (leaf) => {
    if (leaf.rank > 0 && leaf.shape[0] === samples) return leaf;
    throw new UsageError(
      `${name} has shape [${leaf.shape.join(", ")}]; there are ${samples} samples, which need an entry each`,
    );
  });
}

/** The class number of a condition of classes. */
export function classesOf(condition: Condition): Tensor {
  if ("shape" in condition && "dtype" in condition) return condition as Tensor;
  throw new UsageError(
    `the model takes class numbers, not the parts ${Object.keys(condition).join(", ")}`,
  );
}

/** A vector [B] as a factor of x [B, ...]. */
export const perSample = (vector: Tensor, x: Tensor): Tensor =>
  vector.reshape([-1, ...x.shape.slice(1).map(() => 1)]);

/** int32 [count], the numbers 0 ... classes - 1 again and again. */
export const cyclingClasses = (count: number, classes: number): NDArray =>
  new NDArray(
    Int32Array.from({ length: count }, (_, i) => i % classes),
    [count],
    "int32",
  );
