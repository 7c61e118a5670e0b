/** What an agent acts in: a Markov decision process as pure functions of a state. */
import type { random } from "@etude/tensor";

/** Numbers of a choice, or vectors between bounds. */
export type ActionSpace =
  | { readonly kind: "discrete"; readonly count: number }
  | {
      readonly kind: "continuous";
      readonly low: readonly number[];
      readonly high: readonly number[];
    };

/** An action as a list: its number alone, or one entry a dimension. */
export type Action = readonly number[];

export interface Step<S> {
  readonly state: S;
  readonly reward: number;
  /** The task itself has ended: nothing is to be gained from `state` on. Time limits are not in it. */
  readonly terminal: boolean;
}

/**
 * States are plain values and no method changes one, so an episode can be repeated, branched and
 * compared. All chance comes from the generator that is handed in.
 */
export interface Environment<S> {
  readonly name: string;
  /** Names of the entries of an observation. */
  readonly observations: readonly string[];
  readonly actions: ActionSpace;
  /** Steps after which an episode is cut. */
  readonly limit: number;
  /** A state to begin an episode in. */
  reset(draws: random.Generator): S;
  /** What an agent sees of a state. */
  observe(state: S): readonly number[];
  /** One step. Continuous actions beyond their bounds are clipped to them. */
  step(state: S, action: Action, draws: random.Generator): Step<S>;
}

/** The same environment, except that with this probability a step takes an action drawn uniformly instead. */
export function slipping<S>(environment: Environment<S>, probability: number): Environment<S> {
  return {
    ...environment,
    name: `${environment.name}, slips ${probability}`,
    step: (state, action, draws) => {
      const slips = draws.uniform() < probability;
      return environment.step(state, slips ? anyAction(environment.actions, draws) : action, draws);
    },
  };
}

/** An action drawn uniformly. */
export const anyAction = (space: ActionSpace, draws: random.Generator): number[] =>
  space.kind === "discrete"
    ? [draws.integer(space.count)]
    : space.low.map((low, i) => draws.uniform(low, space.high[i]));

/** `value`, moved to the nearest number of [low, high]. */
export const clipped = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), high);
