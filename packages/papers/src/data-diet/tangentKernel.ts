/**
 * How fast the tangent kernel of a group of examples turns while a network trains (section 6 of the
 * paper, after Fort et al. 2020, "Deep learning versus kernel learning", arXiv:2010.15110). The
 * official code does not contain it; this is made from the definition.
 */
import {
  jacrev,
  jit,
  type MapLeaves,
  type NDArray,
  type Tensor,
  treeLeaves,
  vmap,
} from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { kernelDistance } from "../kernelDistance.ts";
import type { KernelOf } from "./denseGradients.ts";
import type { Apply } from "./gradientNorms.ts";

/**
 * The empirical tangent kernel of any network, K[(i, k), (j, m)] = grad_w f_k(x_i) . grad_w f_m(x_j).
 * It holds the Jacobian of all logits, N C times the memory of the parameters: for small groups.
 *
 * @returns a function to [N, C, N, C]
 */
export function compileTangentKernel<P>(apply: Apply<P>): KernelOf<P> {
  const kernel = jit((params: P, x: Tensor) => {
    const logits = (candidate: P, one: Tensor): Tensor =>
      apply(candidate, one.expandDims(0), {}).reshape([-1]);
    const jacobian = vmap(jacrev(logits), { inAxes: [null, 0] })(params as never, x);
    const products = treeLeaves(jacobian).map((leaf) => {
      const rows = leaf as Tensor;
      const [examples, classes] = rows.shape;
      const flat = rows.reshape([examples * classes, -1]);
      return flat.matmul(flat.transpose()).reshape([examples, classes, examples, classes]);
    });
    return products.reduce((total, product) => total.add(product));
  });
  return (params, x) => kernel(params as never, x);
}

/** Either all blocks of the kernel or, as is done with large ones, their sum over equal logits [N, N]. */
export type KernelLogits = "blocks" | "trace";

/** K[i, j] = sum_k K[(i, k), (j, k)]: [N, C, N, C] to N x N values. */
export function traceOverLogits({ data, shape: [rows, classes] }: NDArray): Float64Array {
  const traced = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < rows; j++)
      for (let k = 0; k < classes; k++)
        traced[i * rows + j] += data[((i * classes + k) * rows + j) * classes + k];
  return traced;
}

/**
 * The velocity of the kernel, v(t) = {@link kernelDistance}(K_t, K_{t+1}), of groups of examples.
 *
 * @param checkpoints parameters in the order of training, usually an epoch apart
 * @param groups inputs of each group [n, ...]
 * @returns for each group a velocity for every two checkpoints in succession
 */
export async function kernelVelocityByGroup<P>(
  kernelOf: KernelOf<P>,
  checkpoints: readonly MapLeaves<P, NDArray>[],
  groups: readonly NDArray[],
  { logits = "blocks" }: { readonly logits?: KernelLogits } = {},
): Promise<number[][]> {
  if (checkpoints.length < 2)
    throw new UsageError("kernelVelocityByGroup: a velocity needs two checkpoints");
  const velocities: number[][] = [];
  for (const group of groups) {
    const kernels: ArrayLike<number>[] = [];
    for (const params of checkpoints) {
      const kernel = await kernelOf(params, group);
      kernels.push(logits === "trace" ? traceOverLogits(kernel) : kernel.data);
    }
    velocities.push(kernels.slice(1).map((next, t) => kernelDistance(kernels[t], next)));
  }
  return velocities;
}
