/** What is measured: a function of arrays, run again and again, its state kept between calls. */
import { type NDArray, type Tensor, valueAndGrad } from "@etude/tensor";
import type { Optimiser } from "./optimisers.ts";

export type Arrays = Readonly<Record<string, NDArray>>;
export type Tensors = Readonly<Record<string, Tensor>>;

/** What a step hands to the next one: named groups of arrays. */
export type State<T> = Readonly<Record<string, Readonly<Record<string, T>>>>;

export interface Workload {
  readonly id: string;
  readonly title: string;
  /** Peers start from these very arrays. */
  readonly parameters: Arrays;
  readonly data: Arrays;
  /** Numbers the peers need beside the arrays: learning rates and the like. */
  readonly settings: Readonly<Record<string, number>>;
  readonly state: State<NDArray>;
  /** Traced once: the next state, and what all participants must agree on. */
  step(state: State<Tensor>, data: Tensors): [State<Tensor>, Tensors];
}

interface Inputs {
  readonly id: string;
  readonly title: string;
  readonly parameters: Arrays;
  readonly data: Arrays;
}

/** Training: a gradient and an update a step; the loss is what must agree. */
export function training(
  inputs: Inputs & {
    readonly optimiser: Optimiser;
    readonly loss: (parameters: Tensors, data: Tensors) => Tensor;
  },
): Workload {
  const { id, title, parameters, data, optimiser } = inputs;
  const differentiated = valueAndGrad(inputs.loss);
  return {
    id,
    title,
    parameters,
    data,
    settings: optimiser.settings,
    state: { parameters, ...optimiser.init(parameters) },
    step: (state, given) => {
      const [loss, gradient] = differentiated(state.parameters, given);
      return [optimiser.update(state, gradient), { loss }];
    },
  };
}

/** One function of the same arrays every time; all that it returns must agree. */
export function computation(
  inputs: Inputs & { readonly compute: (parameters: Tensors, data: Tensors) => Tensors },
): Workload {
  const { id, title, parameters, data, compute } = inputs;
  return {
    id,
    title,
    parameters,
    data,
    settings: {},
    state: { parameters },
    step: (state, given) => [state, compute(state.parameters, given)],
  };
}
