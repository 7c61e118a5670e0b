/**
 * Linear mode connectivity on groups of examples (section 5 of the paper; the barrier is that of
 * Frankle et al. 2020, "Linear mode connectivity and the lottery ticket hypothesis",
 * arXiv:1912.05671). The official code does not contain it; this is made from the definition.
 */
import { softmaxCrossEntropy } from "@etude/learn";
import {
  array,
  jit,
  type MapLeaves,
  type NDArray,
  type Tensor,
  treeFlatten,
  treeMap,
} from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import type { Apply } from "./gradientNorms.ts";
import { labelsFrom, rowsOf } from "./rows.ts";

/** Per example, at every point of the path from one network to the other. */
export interface PathMeasurements {
  /** Shares of the second network, from 0 to 1. */
  readonly alphas: readonly number[];
  /** 1 where the prediction is wrong: [point][example]. */
  readonly errors: readonly Float64Array[];
  /** Cross entropy: [point][example]. */
  readonly losses: readonly Float64Array[];
}

export interface PathOptions<P, S> {
  /** Evenly spaced, both ends among them: 30 by default. */
  readonly points?: number;
  /** Examples evaluated at once. */
  readonly batchSize?: number;
  /**
   * State of a network on the path. Running statistics of batch normalisation are neither of the two
   * ends nor between them: measured anew, or the barrier is an artefact.
   */
  readonly refresh?: (params: MapLeaves<P, NDArray>) => Promise<MapLeaves<S, NDArray>>;
}

/**
 * A function that measures networks along straight lines between two, (1 - a) w_a + a w_b, compiled
 * once.
 */
export function compilePath<P, S = Record<string, never>>(apply: Apply<P, S>) {
  const mixed = jit((wa: unknown, wb: unknown, alpha: Tensor) =>
    treeMap(
      ((a: Tensor, b: Tensor) => a.add(b.sub(a).mul(alpha.astype(a.dtype)))) as never,
      wa as never,
      wb as never,
    ),
  );
  const measure = jit((params: P, x: Tensor, labels: Tensor, state: S) => {
    const logits = apply(params, x, state);
    return {
      error: logits.argmax(-1).notEqual(labels).astype("float32"),
      loss: softmaxCrossEntropy(logits, labels),
    };
  });
  return async (
    wa: MapLeaves<P, NDArray>,
    wb: MapLeaves<P, NDArray>,
    x: NDArray,
    labels: ArrayLike<number>,
    { points = 30, batchSize = 1000, refresh }: PathOptions<P, S> = {},
  ): Promise<PathMeasurements> => {
    checkEnds(wa, wb);
    const alphas = evenly(points);
    const [errors, losses]: Float64Array[][] = [[], []];
    for (const alpha of alphas) {
      const share = array(new Float64Array([alpha]), { shape: [], dtype: "float64" });
      const params = (await mixed(wa as never, wb as never, share)) as MapLeaves<P, NDArray>;
      const state = refresh === undefined ? {} : await refresh(params);
      const [error, loss] = [0, 1].map(() => new Float64Array(x.shape[0]));
      for (let from = 0; from < x.shape[0]; from += batchSize) {
        const inputs = rowsOf(x, from, batchSize);
        const targets = labelsFrom(labels, from, batchSize);
        const seen = await measure(params as never, inputs, targets, state as never);
        error.set(seen.error.data, from);
        loss.set(seen.loss.data, from);
      }
      errors.push(error);
      losses.push(loss);
    }
    return { alphas, errors, losses };
  };
}

/** Evenly spaced numbers from 0 to 1, both included. */
export function evenly(points: number): number[] {
  if (!(Number.isInteger(points) && points >= 2))
    throw new UsageError(`a path needs a whole number of points from 2, got ${points}`);
  return Array.from({ length: points }, (_, i) => i / (points - 1));
}

function checkEnds(wa: unknown, wb: unknown): void {
  const [[first, a], [second, b]] = [treeFlatten(wa), treeFlatten(wb)];
  if (a.key !== b.key)
    throw new UsageError(
      `the ends of the path have different parameters: ${a.paths.join(", ")} and ${b.paths.join(", ")}`,
    );
  const shapeOf = (leaf: unknown) => (leaf as NDArray).shape.join(", ");
  const odd = first.findIndex((leaf, i) => shapeOf(leaf) !== shapeOf(second[i]));
  if (odd >= 0)
    throw new UsageError(
      `the ends of the path differ in the shape of ${a.paths[odd]}: [${shapeOf(first[odd])}] and [${shapeOf(second[odd])}]`,
    );
}

/**
 * The barrier (eq. 5): how much worse than the mean of both ends the worst point of the path is.
 *
 *     sup_a L((1 - a) w_a + a w_b) - (L(w_a) + L(w_b)) / 2
 *
 * Never negative, as the ends are points of the path; at most half the difference of the ends where
 * the loss is convex along it.
 *
 * @param curve error or loss at points from one end to the other
 */
export function barrierOf(curve: ArrayLike<number>): number {
  if (curve.length < 2)
    throw new UsageError(`a barrier needs a curve of 2 points or more, got ${curve.length}`);
  return Math.max(...Array.from(curve)) - (curve[0] + curve[curve.length - 1]) / 2;
}

/** The mean over some examples at every point of a path. */
export const curveOver = (
  measured: readonly Float64Array[],
  examples: ArrayLike<number>,
): number[] =>
  measured.map(
    (values) =>
      Array.from(examples).reduce((sum, example) => sum + values[example], 0) / examples.length,
  );

/**
 * The barrier between two networks on some examples: see {@link barrierOf}. For several groups of
 * examples measure the path once, with {@link compilePath}.
 *
 * @param options `metric`: the share of errors (default) or the mean loss
 *
 * @example
 * const { barrier } = await errorBarrier(net, first, second, images, labels);
 */
export async function errorBarrier<P, S = Record<string, never>>(
  apply: Apply<P, S>,
  wa: MapLeaves<P, NDArray>,
  wb: MapLeaves<P, NDArray>,
  x: NDArray,
  labels: ArrayLike<number>,
  { metric = "error", ...options }: PathOptions<P, S> & { readonly metric?: "error" | "loss" } = {},
): Promise<{ barrier: number; curve: number[] }> {
  const { errors, losses } = await compilePath(apply)(wa, wb, x, labels, options);
  const everything = Int32Array.from({ length: x.shape[0] }, (_, i) => i);
  const curve = curveOver(metric === "error" ? errors : losses, everything);
  return { barrier: barrierOf(curve), curve };
}
