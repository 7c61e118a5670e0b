/** Recurrent nets: RNN, GRU and LSTM, as loops over time. */
import { fail } from "../../errors.ts";
import { lift, type Tensor } from "../../graph.ts";
import { add, clip, mul, sub } from "../../ops/arithmetic.ts";
import { iota } from "../../ops/indexing.ts";
import { concat, split, stack } from "../../ops/joining.ts";
import { broadcastTo, reshape, transpose } from "../../ops/layout.ts";
import { less, where } from "../../ops/logic.ts";
import { matmul } from "../../ops/matmul.ts";
import { scan } from "../../ops/scan.ts";
import { sliceAxis } from "../../ops/window.ts";
import { range } from "../../shape.ts";
import type { Call, Operator, Operators } from "../call.ts";
import { recurrentActivations } from "./activation.ts";

type Activation = (x: Tensor) => Tensor;

/** What one direction of a recurrent net knows besides its state; weights are [gates H, ...]. */
interface Cell {
  readonly activations: readonly Activation[];
  /** Gates' pre-activations limited to +-clip, where the node asks for it. */
  readonly limit: Activation;
  readonly recurrence: Tensor;
  readonly hidden: number;
  /** Peephole weights [3 H] of an LSTM. */
  readonly peepholes: Tensor | undefined;
  /** Bias [H] of a GRU's recurrent share in the new state, which belongs inside the reset. */
  readonly resetBias: Tensor | undefined;
  readonly flag: (attribute: string) => boolean;
}

/** The next state from the input's share [B, gates H] of the gates and the state before. */
type Step = (cell: Cell, gates: Tensor, state: State) => State;

/** h [B, H], and for an LSTM c [B, H]. */
type State = readonly Tensor[];

interface Kind {
  readonly defaults: readonly string[];
  readonly states: number;
  readonly step: Step;
  /** Whether the last gate's recurrent bias stays apart from the input's. */
  readonly resets: boolean;
}

const gatesOf = (x: Tensor, count: number): Tensor[] => split(x, count, -1);
const times = (state: Tensor, weights: Tensor): Tensor => matmul(state, transpose(weights));

const stepRnn: Step = ({ activations: [f], limit, recurrence }, gates, [h]) => [
  f(limit(add(gates, times(h, recurrence)))),
];

/** z and r gate the old state and its share in the new one: H' = (1 - z) h + z H. */
const stepGru: Step = (cell, gates, [h]) => {
  const { limit, recurrence, resetBias, hidden, flag } = cell;
  const [f, g] = cell.activations;
  const [fromZR, fromN] = [0, 2].map((first) =>
    sliceAxis(recurrence, 0, first * hidden, (first === 0 ? 2 : 3) * hidden),
  );
  const [xz, xr, xn] = gatesOf(gates, 3);
  const [hz, hr] = gatesOf(times(h, fromZR), 2);
  const [z, r] = [f(limit(add(xz, hz))), f(limit(add(xr, hr)))];
  const biased = (x: Tensor) => (resetBias === undefined ? x : add(x, resetBias));
  const memory = flag("linear_before_reset")
    ? mul(r, biased(times(h, fromN)))
    : biased(times(mul(r, h), fromN));
  const n = g(limit(add(xn, memory)));
  return [add(mul(sub(1, z), n), mul(z, h))];
};

/** Gates in ONNX's order: input, output, forget, cell. */
const stepLstm: Step = (cell, gates, [h, c]) => {
  const { limit, recurrence, peepholes, flag } = cell;
  const [f, g, k] = cell.activations;
  const [xi, xo, xf, xc] = gatesOf(add(gates, times(h, recurrence)), 4);
  const [pi, po, pf] = peepholes === undefined ? [] : gatesOf(peepholes, 3);
  const peep = (x: Tensor, weights: Tensor | undefined, state: Tensor) =>
    weights === undefined ? x : add(x, mul(weights, state));
  const i = f(limit(peep(xi, pi, c)));
  const forget = flag("input_forget") ? sub(1, i) : f(limit(peep(xf, pf, c)));
  const next = add(mul(forget, c), mul(i, g(limit(xc))));
  const o = f(limit(peep(xo, po, next)));
  return [mul(o, k(next)), next];
};

/** Functions by name, `count` of them for each direction. */
function activationsOf(call: Call, defaults: readonly string[], direction: number): Activation[] {
  const names = call.texts("activations");
  const [alphas, betas] = [call.floats("activation_alpha"), call.floats("activation_beta")];
  return defaults.map((name, i) => {
    const place = direction * defaults.length + i;
    const chosen = (names?.[place] ?? name).toLowerCase();
    const f = recurrentActivations[chosen] ?? fail(`the activation "${names?.[place]}" is unknown`);
    return (x) => f(x, alphas?.[place], betas?.[place]);
  });
}

/** Biases [2 gates H] as one for the input's share and one for inside the reset. */
function biasesOf(
  bias: Tensor | undefined,
  { resets }: Kind,
  hidden: number,
): { inputBias?: Tensor; resetBias?: Tensor } {
  if (bias === undefined) return {};
  const [ofInput, ofState] = split(bias, 2, 0);
  if (!resets) return { inputBias: add(ofInput, ofState) };
  const [zr, n] = split(ofState, [2 * hidden, hidden], 0);
  return {
    inputBias: add(ofInput, concat([zr, broadcastTo(lift(0, bias.dtype), [hidden])])),
    resetBias: n,
  };
}

const directions: Readonly<Record<string, readonly boolean[]>> = {
  forward: [false],
  reverse: [true],
  bidirectional: [false, true],
};

/**
 * Inputs: x [T, B, I], weights w [D, gates H, I] and r [D, gates H, H], biases [D, 2 gates H], lengths
 * [B], initial states [D, B, H], peepholes [D, 3 H], for D directions. With `layout` 1 the batch
 * comes first. The input's share of all gates is one product before the loop.
 */
const recurrent = (kind: Kind): Operator => ({
  trace: (call) => {
    const batchFirst = call.integer("layout", 0) === 1;
    const swapLead = (state: Tensor) => (batchFirst ? transpose(state, [1, 0, 2]) : state);
    const x = swapLead(call.input(0));
    const [length, batch] = x.shape;
    const [w, r] = [call.input(1), call.input(2)];
    const hidden = r.shape[2];
    const name = call.text("direction", "forward");
    const reversed = directions[name] ?? fail(`the direction "${name}" is unknown`);
    const bound = call.has("clip") ? call.float("clip") : undefined;

    // Whether a step lies within the member's sequence: beyond it the state stays as it is.
    const lengths = call.inputs[4];
    const within =
      lengths && reshape(less(reshape(iota(length), [length, 1]), lengths), [length, batch, 1]);

    const runs = reversed.map((reverse, d) => {
      const own = (tensor: Tensor): Tensor =>
        reshape(sliceAxis(tensor, 0, d, d + 1), tensor.shape.slice(1));
      const optional = (index: number) => call.inputs[index] && own(call.inputs[index]);
      const initial = range(kind.states).map((i) => {
        const state = call.inputs[5 + i];
        return state ? own(swapLead(state)) : broadcastTo(lift(0, x.dtype), [batch, hidden]);
      });
      const { inputBias, resetBias } = biasesOf(optional(3), kind, hidden);
      const cell: Cell = {
        activations: activationsOf(call, kind.defaults, d),
        limit: (t) => (bound === undefined ? t : clip(t, -bound, bound)),
        recurrence: own(r),
        hidden,
        peepholes: optional(7),
        resetBias,
        flag: (attribute) => call.integer(attribute, 0) !== 0,
      };
      const share = matmul(x, transpose(own(w)));
      const gates = inputBias ? add(share, inputBias) : share;
      return scan(
        (state: Tensor[], now: { gates: Tensor; within?: Tensor }) => {
          const next = kind.step(cell, now.gates, state);
          if (now.within === undefined) return [[...next], next[0]];
          const inside = now.within;
          const kept = next.map((tensor, i) => where(inside, tensor, state[i]));
          return [kept, where(inside, next[0], 0)];
        },
        initial,
        within ? { gates, within } : { gates },
        { reverse },
      );
    });

    const outputs = stack(
      runs.map(([, ys]) => ys),
      1,
    );
    const last = range(kind.states).map((i) => stack(runs.map(([state]) => state[i])));
    const ordered = batchFirst ? transpose(outputs, [2, 0, 1, 3]) : outputs;
    return [ordered, ...last.map(swapLead)];
  },
});

export const recurrence: Operators = {
  RNN: recurrent({ defaults: ["Tanh"], states: 1, step: stepRnn, resets: false }),
  GRU: recurrent({ defaults: ["Sigmoid", "Tanh"], states: 1, step: stepGru, resets: true }),
  LSTM: recurrent({
    defaults: ["Sigmoid", "Tanh", "Tanh"],
    states: 2,
    step: stepLstm,
    resets: false,
  }),
};
