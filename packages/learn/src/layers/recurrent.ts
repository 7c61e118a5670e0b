/** What recurrent nets share, the plain one, and running in both directions. */
import {
  concat,
  lift,
  type MapLeaves,
  random,
  scan,
  type Tensor,
  type TensorLike,
  zeros as zeroArray,
} from "@etude/tensor";
import { fail, showShape } from "../errors.ts";
import { glorotUniform, type Initializer, orthogonal, zeros } from "../initializers.ts";
import { type DenseParams, dense, type WeightOptions } from "./dense.ts";

/** Maps of the input [inputs, gates * hidden] and of the state [hidden, gates * hidden]. */
export interface RecurrentParams {
  input: DenseParams;
  hidden: DenseParams;
}

export interface RecurrentInit extends WeightOptions {
  inputs: number;
  /** The length of the state. */
  hidden: number;
  /** How each gate's square matrix starts; orthogonal by default. */
  recurrentWeight?: Initializer;
}

export interface RecurrentOptions<State> {
  /** The state before the first step; zeros by default. */
  initial?: State;
  /** From the last entry to the first; results stay at the places of their inputs. */
  reverse?: boolean;
}

/** Parameters for `gates` maps side by side; input weights are Glorot-uniform by default. */
export function initRecurrent(
  key: TensorLike,
  options: RecurrentInit,
  gates: number,
  hiddenBias: boolean,
): RecurrentParams {
  const { inputs, hidden, dtype, bias = zeros() } = options;
  const { weight = glorotUniform(), recurrentWeight = orthogonal() } = options;
  const [inputKey, biasKey, hiddenBiasKey, hiddenKey] = random.split(key, 4);
  const fans = { inputs, outputs: hidden };
  const ofInput = weight(inputKey, [inputs, gates * hidden], { dtype, fans });
  const squares = random
    .split(hiddenKey, gates)
    .map((gateKey) => recurrentWeight(gateKey, [hidden, hidden], { dtype }));
  const ofHidden = concat(squares, 1);
  const shape = [gates * hidden];
  return {
    input:
      bias === false
        ? { weight: ofInput }
        : { weight: ofInput, bias: bias(biasKey, shape, { dtype, fans }) },
    hidden:
      bias === false || !hiddenBias
        ? { weight: ofHidden }
        : { weight: ofHidden, bias: bias(hiddenBiasKey, shape, { dtype, fans }) },
  };
}

/** Zeros [batch, hidden] for a batch of sequences. */
export const zeroState = (params: RecurrentParams, x: Tensor): Tensor =>
  lift(zeroArray([x.shape[0], params.hidden.weight.shape[0]], x.dtype));

/**
 * A step over all times of x [batch, time, inputs]. The input's share of all gates is one product
 * before the loop, so that the loop has only the state's.
 *
 * @returns results [batch, time, hidden] and the last state
 */
export function overTime<State>(
  layer: string,
  params: RecurrentParams,
  x: Tensor,
  initial: State,
  step: (state: MapLeaves<State, Tensor>, gates: Tensor) => [MapLeaves<State, Tensor>, Tensor],
  reverse: boolean | undefined,
): [results: Tensor, last: MapLeaves<State, Tensor>] {
  const inputs = params.input.weight.shape[0];
  if (x.rank !== 3 || x.shape[2] !== inputs)
    fail(`${layer}: expected [batch, time, ${inputs}], got ${showShape(x.shape)}`);
  const gates = dense(params.input, x.transpose([1, 0, 2]));
  const [last, results] = scan(step, initial, gates, { reverse });
  return [(results as Tensor).transpose([1, 0, 2]), last];
}

function applyRnn(
  params: RecurrentParams,
  x: Tensor,
  options: RecurrentOptions<Tensor> & { activation?: (x: Tensor) => Tensor } = {},
): [results: Tensor, last: Tensor] {
  const { initial = zeroState(params, x), reverse, activation = (y) => y.tanh() } = options;
  const step = (state: Tensor, input: Tensor): [Tensor, Tensor] => {
    const next = activation(input.add(dense(params.hidden, state)));
    return [next, next];
  };
  return overTime("rnn", params, x, initial, step, reverse);
}

/**
 * The plain recurrent net: h' = tanh(x W + h U + b) (Elman 1990, "Finding structure in time").
 *
 * @param x [batch, time, inputs]
 * @returns `[results, last]`: all states [batch, time, hidden], and the one after the last step
 *   [batch, hidden]
 */
export const rnn = Object.assign(applyRnn, {
  init: (key: TensorLike, options: RecurrentInit): RecurrentParams =>
    initRecurrent(key, options, 1, false),
});

/** A layer that carries a state along a sequence. */
export type Recurrent<Params, State> = (
  params: Params,
  x: Tensor,
  options?: RecurrentOptions<State>,
) => [results: Tensor, last: State];

export interface BothWays<T> {
  forward: T;
  backward: T;
}

function applyBothWays<Params, State>(
  layer: Recurrent<Params, State>,
  params: BothWays<Params>,
  x: Tensor,
  { initial }: { initial?: BothWays<State> } = {},
): [results: Tensor, last: BothWays<State>] {
  const [ahead, forward] = layer(params.forward, x, { initial: initial?.forward });
  const [back, backward] = layer(params.backward, x, {
    initial: initial?.backward,
    reverse: true,
  });
  return [concat([ahead, back], -1), { forward, backward }];
}

/**
 * A recurrent layer run in both directions, each with parameters of its own, results side by side
 * (Schuster and Paliwal 1997, "Bidirectional recurrent neural networks").
 *
 * @returns results [batch, time, 2 hidden], and the last state of each direction; the backward one's
 *   is that after the first entry
 *
 * @example
 * const params = bidirectional.init(gru, key, { inputs: 8, hidden: 16 });
 * const [y, last] = bidirectional(gru, params, x);
 */
export const bidirectional = Object.assign(applyBothWays, {
  init: <Options, Params>(
    layer: { init(key: TensorLike, options: Options): Params },
    key: TensorLike,
    options: Options,
  ): BothWays<Params> => {
    const [forwardKey, backwardKey] = random.split(key);
    return { forward: layer.init(forwardKey, options), backward: layer.init(backwardKey, options) };
  },
});
