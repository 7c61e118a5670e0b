/** Update rules as functions from state and gradient to the next state. */
import { array, type NDArray, type Tensor, zeros } from "@etude/tensor";
import type { Arrays, State, Tensors } from "./workload.ts";

export interface Optimiser {
  readonly settings: Readonly<Record<string, number>>;
  /** What it keeps beside the parameters. */
  init(parameters: Arrays): State<NDArray>;
  update(state: State<Tensor>, gradient: Tensors): State<Tensor>;
}

const mapValues = <T, R>(
  record: Readonly<Record<string, T>>,
  f: (value: T, name: string) => R,
): Record<string, R> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value, name)]));

const zerosLike = (parameters: Arrays): Arrays =>
  mapValues(parameters, ({ shape }) => zeros(shape));

/** Gradient descent: p - lr g. */
export const descent = (learningRate: number): Optimiser => ({
  settings: { learningRate },
  init: () => ({}),
  update: ({ parameters }, gradient) => ({
    parameters: mapValues(parameters, (p, name) => p.sub(gradient[name].mul(learningRate))),
  }),
});

/** Heavy ball: v <- m v + g, p <- p - lr v. */
export const momentum = (learningRate: number, factor = 0.9): Optimiser => ({
  settings: { learningRate, momentum: factor },
  init: (parameters) => ({ velocity: zerosLike(parameters) }),
  update: (state, gradient) => {
    const velocity = mapValues(state.velocity, (v, name) => v.mul(factor).add(gradient[name]));
    const parameters = mapValues(state.parameters, (p, name) =>
      p.sub(velocity[name].mul(learningRate)),
    );
    return { parameters, velocity };
  },
});

/** Adam (Kingma and Ba, 2015, algorithm 1). The powers of both decays are carried as scalars. */
export function adam(learningRate: number, epsilon = 1e-8): Optimiser {
  const [firstDecay, secondDecay] = [0.9, 0.999];
  return {
    settings: { learningRate, firstDecay, secondDecay, epsilon },
    init: (parameters) => ({
      first: zerosLike(parameters),
      second: zerosLike(parameters),
      power: { first: array(1), second: array(1) },
    }),
    update: (state, gradient) => {
      const first = mapValues(state.first, (m, name) =>
        m.mul(firstDecay).add(gradient[name].mul(1 - firstDecay)),
      );
      const second = mapValues(state.second, (v, name) =>
        v.mul(secondDecay).add(gradient[name].mul(gradient[name]).mul(1 - secondDecay)),
      );
      const power = {
        first: state.power.first.mul(firstDecay),
        second: state.power.second.mul(secondDecay),
      };
      // Both bias corrections as scalars: lr / (1 - b1^t), and 1 / sqrt(1 - b2^t) on the root.
      const rate = power.first.neg().add(1).reciprocal().mul(learningRate);
      const scale = power.second.neg().add(1).rsqrt();
      const parameters = mapValues(state.parameters, (p, name) =>
        p.sub(first[name].mul(rate).div(second[name].sqrt().mul(scale).add(epsilon))),
      );
      return { parameters, first, second, power };
    },
  };
}
