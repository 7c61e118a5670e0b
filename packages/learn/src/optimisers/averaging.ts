/** Averages of the parameters over the steps: often better than the last parameters. */
import { lift, Tensor, type TensorTree, treeLeaves } from "@etude/tensor";
import { type Average, averaged, checkDecay, emptyAverage } from "./moments.ts";
import type { InitialState } from "./optimiser.ts";
import { liftLeaves, mapTensors } from "./trees.ts";

/** An average in the making: pure functions, to be used next to an optimiser. */
export interface ParameterAverage {
  init<P>(params: P): InitialState<P, Average>;
  /** The average with the parameters after another step taken in. */
  update<P>(average: Average, params: P): Average;
  /** The averaged parameters, in the tree of `like`; NaN before the first update. */
  value<P>(average: Average, like: P): P;
}

/**
 * Exponential moving average of the parameters.
 *
 *     a <- decay a + (1 - decay) p,    value a / (1 - decay^t)
 *
 * It starts at zero and is corrected for that, so early values are averages too and not a memory of
 * the start. A decay of 1 - 1/n averages over about the last n steps.
 *
 * Polyak, Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992; for networks with
 * decays of 0.999 and more: Tarvainen, Valpola, "Mean teachers are better role models", NeurIPS 2017,
 * arXiv:1703.01780.
 *
 * @example
 * const ema = exponentialMovingAverage(0.999);
 * // inside the step:  average: ema.update(state.average, params)
 * // to evaluate:      jit((state: State) => predict(ema.value(state.average, state.params), ...))
 */
export function exponentialMovingAverage(decay: number): ParameterAverage {
  checkDecay("exponentialMovingAverage", "decay", decay);
  return {
    init: <P>(params: P) => {
      const average = emptyAverage(params as TensorTree);
      const symbolic = treeLeaves(params).some((leaf) => leaf instanceof Tensor);
      return (symbolic ? liftLeaves(average) : average) as InitialState<P, Average>;
    },
    update: (average, params) => averaged(average, params as TensorTree, decay),
    value: <P>(average: Average, like: P) => {
      const factor = lift(average.weight).reciprocal();
      return mapTensors((_, a) => a.mul(factor.astype(a.dtype)), like, average.mean);
    },
  };
}
