/**
 * The curvature that Adam's step sees. Adam divides by D = sqrt(v) + epsilon, with v the average of the
 * squares of batch gradients, which in expectation are mean^2 + variance / b for every parameter: from
 * the gradients of single examples D is known at every batch size. The step is stable while the rate is
 * below a multiple of 1 / lambda_max(D^(-1/2) H_B D^(-1/2)). Where gradients are mostly noise D falls as
 * 1 / sqrt b, the curvature of a batch as 1 / b, and the stable rate grows as sqrt b.
 */
import {
  type ArrayTree,
  grad,
  jit,
  NDArray,
  type Tensor,
  type TensorTree,
  vmap,
} from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { type Examples, flatten, type Loss, parameterCount, rowsOf } from "./curvature.ts";

/** Of the gradients of single examples, for every parameter. */
export interface GradientMoments {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** @param loss mean over the batch */
export function compileGradientMoments(
  loss: Loss,
): (params: ArrayTree, examples: Examples) => Promise<GradientMoments> {
  const sums = jit((params: TensorTree, x: Tensor, y: Tensor, rows: Tensor) => {
    const gradients = vmap((row: Tensor) =>
      flatten(grad(loss)(params, x.gather(row), y.gather(row)) as TensorTree),
    )(rows);
    return { sum: gradients.sum(0), squares: gradients.mul(gradients).sum(0) };
  });
  return async (params, examples) => {
    const [rows, size] = [rowsOf(examples), parameterCount(params)];
    if (rows < 2) throw new UsageError("the noise of gradients needs two examples at least");
    const mean = new Float64Array(size);
    const squares = new Float64Array(size);
    // So many at once that their gradients fill about 32 MB.
    const atOnce = Math.max(1, Math.min(rows, Math.floor(4e6 / size)));
    for (let from = 0; from < rows; from += atOnce) {
      const length = Math.min(atOnce, rows - from);
      const chosen = Int32Array.from({ length }, (_, i) => from + i);
      const part = await sums(
        params,
        examples.inputs,
        examples.targets,
        new NDArray(chosen, [length, 1], "int32"),
      );
      for (let i = 0; i < size; i++) {
        mean[i] += part.sum.data[i] / rows;
        squares[i] += part.squares.data[i] / rows;
      }
    }
    const variance = squares.map((square, i) =>
      Math.max(0, ((square - mean[i] ** 2) * rows) / (rows - 1)),
    );
    return { mean, variance };
  };
}

/**
 * Adam's denominator D for batches of an effective size b, once its averages have settled. A parameter
 * whose gradient is always zero is never moved: its entry is infinite.
 */
export function adamDiagonal(
  { mean, variance }: GradientMoments,
  b: number,
  epsilon = 1e-8,
): Float64Array {
  if (!(b > 0)) throw new UsageError(`adamDiagonal: the effective batch size ${b} is not positive`);
  return mean.map((value, i) => {
    const square = value ** 2 + variance[i] / b;
    return square > 0 ? Math.sqrt(square) + epsilon : Number.POSITIVE_INFINITY;
  });
}
