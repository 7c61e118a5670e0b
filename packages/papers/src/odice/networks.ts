/** The value network with its heads, and the policies: Gaussian for vectors, softmax for a choice. */
import { type DenseParams, dense, layerNorm } from "@etude/learn";
import {
  lift,
  random,
  stack,
  stopGradient,
  type Tensor,
  type TensorLike,
  type TensorTree,
  takeAlongAxis,
  zeros,
} from "@etude/tensor";

/** Hidden layers, each with normalisation if the network has it, and a linear one. */
export interface StackParams {
  readonly hidden: readonly {
    readonly dense: DenseParams;
    readonly norm?: { readonly scale: Tensor; readonly bias: Tensor };
  }[];
  readonly last: DenseParams;
}

/**
 * Weights and biases uniform within 1 / sqrt(inputs), as PyTorch starts its linear layers. All of them
 * are parts of one draw: to compile a draw takes longer than all else here.
 */
function initStack(key: TensorLike, sizes: readonly number[], withNorm: boolean): StackParams {
  const counts = sizes.slice(1).map((outputs, i) => (sizes[i] + 1) * outputs);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const draw = random.uniform(key, [total], { low: -1, high: 1 });
  let from = 0;
  const take = (shape: readonly number[], inputs: number): Tensor => {
    const count = shape.reduce((product, length) => product * length, 1);
    from += count;
    const part = draw.slice([from - count, from]).reshape(shape);
    return part.mul(1 / Math.sqrt(inputs));
  };
  const layers = sizes.slice(1).map((outputs, i): DenseParams => {
    const inputs = sizes[i];
    return { weight: take([inputs, outputs], inputs), bias: take([outputs], inputs) };
  });
  return {
    hidden: layers.slice(0, -1).map((layer, i) => ({
      dense: layer,
      ...(withNorm && { norm: layerNorm.init({ features: sizes[i + 1] }) }),
    })),
    last: layers[layers.length - 1],
  };
}

/** relu after each hidden layer and its normalisation. */
function applyStack({ hidden, last }: StackParams, x: Tensor): Tensor {
  const seen = hidden.reduce((y, layer) => {
    const z = dense(layer.dense, y);
    return (layer.norm === undefined ? z : layerNorm(layer.norm, z)).relu();
  }, x);
  return dense(last, seen);
}

export type ValueParams = readonly StackParams[];

export interface ValueNetworkOptions {
  /** Entries of an observation. */
  readonly inputs: number;
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[];
  /** Layer normalisation after each hidden linear layer. */
  readonly normalise: boolean;
  /** Two networks: online both learn, and the target value is the smaller one. */
  readonly twin: boolean;
}

export interface ValueNetwork {
  init(key: TensorLike): ValueParams;
  /** Observations [n, d] to values [heads, n]. */
  apply(params: ValueParams, observation: Tensor): Tensor;
}

export function valueNetwork({
  inputs,
  hidden,
  normalise,
  twin,
}: ValueNetworkOptions): ValueNetwork {
  const sizes = [inputs, ...hidden, 1];
  return {
    init: (key) => random.split(key, twin ? 2 : 1).map((head) => initStack(head, sizes, normalise)),
    apply: (params, observation) =>
      stack(
        params.map((head) => applyStack(head, observation).reshape([observation.shape[0]])),
        0,
      ),
  };
}

/** V of one number a state: the smaller of the heads, [n]. */
export const stateValue = (
  network: ValueNetwork,
  params: ValueParams,
  observation: Tensor,
): Tensor => network.apply(params, observation).min(0);

/** What a policy chooses among. */
export type PolicyActions =
  | { readonly kind: "discrete"; readonly count: number }
  /** `squash`: the mean goes through tanh, for actions within [-1, 1]. */
  | { readonly kind: "continuous"; readonly size: number; readonly squash: boolean };

export interface PolicyParams {
  readonly mean: StackParams;
  /** [k], of a Gaussian; a softmax has none. */
  readonly logDeviation?: Tensor;
}

export interface PolicyNetworkOptions {
  readonly inputs: number;
  readonly hidden: readonly number[];
  readonly actions: PolicyActions;
}

export interface PolicyNetwork {
  readonly actions: PolicyActions;
  init(key: TensorLike): PolicyParams;
  /** log pi(a|s) [n] of actions float [n, k] or int32 [n]. */
  logProbability(params: PolicyParams, observation: Tensor, action: Tensor): Tensor;
  /**
   * What the policy does: the mean clipped to [-1, 1], float [n, k], or the likeliest action, int32
   * [n].
   */
  act(params: PolicyParams, observation: Tensor): Tensor;
  /** Mean [n, k], or probabilities [n, actions]. */
  outputs(params: PolicyParams, observation: Tensor): Tensor;
}

const lowestLogDeviation = -5;
const highestLogDeviation = 2;

/**
 * A Gaussian with a deviation that does not depend on the state (log within [-5, 2], 0 at first), or a
 * softmax, on hidden relu layers.
 */
export function policyNetwork({ inputs, hidden, actions }: PolicyNetworkOptions): PolicyNetwork {
  const outputs = actions.kind === "discrete" ? actions.count : actions.size;
  const sizes = [inputs, ...hidden, outputs];
  if (actions.kind === "discrete") {
    const logits = ({ mean }: PolicyParams, x: Tensor) => applyStack(mean, x);
    return {
      actions,
      init: (key) => ({ mean: initStack(key, sizes, false) }),
      logProbability: (params, x, action) => {
        const logs = logits(params, x).logSoftmax(-1);
        return takeAlongAxis(logs, action.reshape([x.shape[0], 1])).reshape([x.shape[0]]);
      },
      act: (params, x) => logits(params, x).argmax(-1),
      outputs: (params, x) => logits(params, x).softmax(-1),
    };
  }
  const meanOf = ({ mean }: PolicyParams, x: Tensor): Tensor => {
    const y = applyStack(mean, x);
    return actions.squash ? y.tanh() : y;
  };
  return {
    actions,
    init: (key) => ({
      mean: initStack(key, sizes, false),
      logDeviation: lift(zeros([outputs])),
    }),
    logProbability: (params, x, action) => {
      const logDeviation = logDeviationOf(params);
      const z = action.sub(meanOf(params, x)).mul(logDeviation.neg().exp());
      const log2pi = Math.log(2 * Math.PI);
      return z.mul(z).add(log2pi).mul(-0.5).sub(logDeviation).sum(-1);
    },
    act: (params, x) => meanOf(params, x).maximum(-1).minimum(1),
    outputs: meanOf,
  };
}

/** log sigma [k] within its bounds. */
function logDeviationOf({ logDeviation }: PolicyParams): Tensor {
  if (logDeviation === undefined) throw new Error("a Gaussian policy has a deviation");
  return logDeviation.maximum(lowestLogDeviation).minimum(highestLogDeviation);
}

/** Parameters as optimisers take them. */
export const asTree = (params: ValueParams | PolicyParams): TensorTree =>
  params as unknown as TensorTree;

/** The policy's loss: minus the mean of weight times log-likelihood, weights [heads, n] (eq. 11). */
export const policyLoss = (
  policy: PolicyNetwork,
  params: PolicyParams,
  observation: Tensor,
  action: Tensor,
  weights: Tensor,
): Tensor =>
  policy
    .logProbability(params, observation, action)
    .mul(stopGradient(weights).mean(0))
    .mean()
    .neg();
