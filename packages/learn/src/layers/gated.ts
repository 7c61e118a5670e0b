/** Recurrent nets whose gates decide what to keep: GRU and LSTM. */
import { array, type Tensor, type TensorLike } from "@etude/tensor";
import { dense } from "./dense.ts";
import {
  initRecurrent,
  overTime,
  type RecurrentInit,
  type RecurrentOptions,
  type RecurrentParams,
  zeroState,
} from "./recurrent.ts";

function applyGru(
  params: RecurrentParams,
  x: Tensor,
  options: RecurrentOptions<Tensor> = {},
): [results: Tensor, last: Tensor] {
  const { initial = zeroState(params, x), reverse } = options;
  const step = (state: Tensor, input: Tensor): [Tensor, Tensor] => {
    const [xr, xz, xn] = input.split(3, -1);
    const [hr, hz, hn] = dense(params.hidden, state).split(3, -1);
    const reset = xr.add(hr).sigmoid();
    const update = xz.add(hz).sigmoid();
    const candidate = xn.add(reset.mul(hn)).tanh();
    const next = candidate.add(update.mul(state.sub(candidate)));
    return [next, next];
  };
  return overTime("gru", params, x, initial, step, reverse);
}

/**
 * The gated recurrent unit (Cho et al. 2014, "Learning phrase representations using RNN
 * encoder-decoder"), with the reset gate after the product with the state, as PyTorch and cuDNN have
 * it:
 *
 *     r = sigmoid(x W_r + h U_r + b),  z = sigmoid(x W_z + h U_z + b)
 *     n = tanh(x W_n + b + r (h U_n + c)),  h' = (1 - z) n + z h
 *
 * Columns of the weights are in the order r, z, n.
 *
 * @param x [batch, time, inputs]
 * @returns `[results, last]`: all states [batch, time, hidden], and the one after the last step
 *   [batch, hidden]
 */
export const gru = Object.assign(applyGru, {
  init: (key: TensorLike, options: RecurrentInit): RecurrentParams =>
    initRecurrent(key, options, 3, true),
});

/** Both [batch, hidden]. */
export interface LstmState {
  hidden: Tensor;
  cell: Tensor;
}

function applyLstm(
  params: RecurrentParams,
  x: Tensor,
  options: RecurrentOptions<LstmState> = {},
): [results: Tensor, last: LstmState] {
  const zero = zeroState(params, x);
  const { initial = { hidden: zero, cell: zero }, reverse } = options;
  const step = ({ hidden, cell }: LstmState, input: Tensor): [LstmState, Tensor] => {
    const gates = input.add(dense(params.hidden, hidden));
    const [enter, forget, candidate, leave] = gates.split(4, -1);
    const next = forget.sigmoid().mul(cell).add(enter.sigmoid().mul(candidate.tanh()));
    const shown = leave.sigmoid().mul(next.tanh());
    return [{ hidden: shown, cell: next }, shown];
  };
  return overTime("lstm", params, x, initial, step, reverse);
}

export interface LstmInit extends RecurrentInit {
  /**
   * Added to the forget gate's bias, so that memories last from the start; 1 by default (Jozefowicz
   * et al. 2015, "An empirical exploration of recurrent network architectures").
   */
  forgetBias?: number;
}

function initLstm(key: TensorLike, { forgetBias = 1, ...options }: LstmInit): RecurrentParams {
  const params = initRecurrent(key, options, 4, false);
  const { weight, bias } = params.input;
  if (bias === undefined) return params;
  const { hidden } = options;
  const extra = Array.from({ length: 4 * hidden }, (_, i) =>
    Math.floor(i / hidden) === 1 ? forgetBias : 0,
  );
  const shifted = bias.add(array(extra, { dtype: options.dtype }));
  return { input: { weight, bias: shifted }, hidden: params.hidden };
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997; with the forget gate of Gers et al. 2000):
 *
 *     i, f, o = sigmoid(x W + h U + b),  g = tanh(x W_g + h U_g + b_g)
 *     c' = f c + i g,  h' = o tanh(c')
 *
 * Columns of the weights are in the order i, f, g, o.
 *
 * @param x [batch, time, inputs]
 * @returns `[results, last]`: all hidden states [batch, time, hidden], and `{ hidden, cell }` after
 *   the last step
 */
export const lstm = Object.assign(applyLstm, { init: initLstm });
