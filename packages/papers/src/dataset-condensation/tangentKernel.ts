/**
 * How fast the features of a network change while it is trained on a set: the velocity of its tangent
 * kernel (Fort et al. 2020, "Deep learning versus kernel learning", arXiv 2010.15110).
 */
import { sgd } from "@etude/learn";
import {
  jacrev,
  jit,
  type MapLeaves,
  NDArray,
  random,
  scan,
  type Tensor,
  type TensorTree,
  treeLeaves,
  vmap,
} from "@etude/tensor";
import { kernelDistance } from "../kernelDistance.ts";
import { keyOf } from "./labelled.ts";
import type { Network } from "./networks.ts";
import { type Learner, trainEpochs } from "./training.ts";

/**
 * The empirical tangent kernel, summed over equal logits:
 *
 *     K_ij = sum_k <d f_k(x_i) / d theta, d f_k(x_j) / d theta>                  (5)
 *
 * It holds the Jacobian of all logits of all examples: for small probes.
 *
 * @param x [N, ...inputs]
 * @returns [N, N]
 */
export function empiricalNtk(
  net: Network,
  theta: TensorTree,
  x: Tensor,
  state: TensorTree = net.initState(),
): Tensor {
  const logits = (params: TensorTree, one: Tensor): Tensor =>
    net.apply(params, state, one.expandDims(0), false)[0].reshape([net.classes]);
  const jacobian = vmap(jacrev(logits), { inAxes: [null, 0] })(theta, x);
  const products = treeLeaves(jacobian).map((leaf) => {
    const rows = (leaf as Tensor).reshape([x.shape[0], -1]);
    return rows.matmul(rows.transpose());
  });
  return products.reduce((sum, product) => sum.add(product));
}

export interface VelocityOptions {
  readonly epochs: number;
  /** 0.01 by default. */
  readonly rate?: number;
  readonly batchSize?: number;
  /** Of the initial weights: equal seeds, equal weights. */
  readonly seed: number;
}

/**
 * v(t) = d(K_t, K_{t+1}), t in epochs (7), of a network that is trained on a set as the evaluation does
 * in its first half.
 *
 * @param probe [N, ...inputs]: what the kernel is taken on, not among the set
 */
export type Velocity = (
  images: NDArray,
  labels: Int32Array,
  probe: NDArray,
  options: Pick<VelocityOptions, "seed">,
) => Promise<{ readonly epoch: number[]; readonly velocity: number[] }>;

/** {@link Velocity} for one network and number of epochs, compiled once. */
export function compileVelocity(
  net: Network,
  { epochs, rate = 0.01, batchSize = 256 }: Omit<VelocityOptions, "seed">,
): Velocity {
  const optimiser = sgd(rate, { momentum: 0.9, weightDecay: 5e-4 });
  const kernels = jit((key: Tensor, images: Tensor, labels: Tensor, probe: Tensor) => {
    const params = net.init(key);
    const start = { params, state: net.initState(), memory: optimiser.init(params) };
    const step = (learner: Learner, epochKey: Tensor): [Learner, Tensor] => {
      const kernel = empiricalNtk(net, learner.params, probe, learner.state);
      const keys = epochKey.expandDims(0);
      return [trainEpochs(net, learner, images, labels, keys, { optimiser, batchSize }), kernel];
    };
    const keys = random.splitKeys(random.foldIn(key, 1), epochs + 1);
    const [, seen] = scan(step, start, keys) as unknown as [Learner, Tensor];
    return seen;
  });
  return async (images, labels, probe, { seed }) => {
    const y = new NDArray(labels, [labels.length], "int32");
    const { data, shape } = await kernels(keyOf(seed, "evaluation", 2), images, y, probe);
    const size = shape[1] * shape[2];
    const at = (t: number) => data.subarray(t * size, (t + 1) * size) as ArrayLike<number>;
    const epoch = Array.from({ length: epochs }, (_, t) => t);
    return { epoch, velocity: epoch.map((t) => kernelDistance(at(t), at(t + 1))) };
  };
}

/** {@link Velocity} at once. */
export const kernelVelocity = (
  net: Network,
  images: NDArray,
  labels: Int32Array,
  probe: NDArray,
  options: VelocityOptions,
): ReturnType<Velocity> => compileVelocity(net, options)(images, labels, probe, options);

/** Kernels of given parameters, compiled once. */
export function compileNtk(net: Network) {
  const kernel = jit((theta: TensorTree, x: Tensor) => empiricalNtk(net, theta, x));
  return (theta: MapLeaves<TensorTree, NDArray>, x: NDArray): Promise<NDArray> => kernel(theta, x);
}
