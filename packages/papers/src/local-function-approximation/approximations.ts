/** The framework's route for many points at once. */
import { lift, type MapLeaves, random, type Tensor, vmap } from "@etude/tensor";
import {
  type Approximation,
  type ApproximationOptions,
  localFunctionApproximation,
} from "./localFunctionApproximation.ts";
import type { Neighbourhood } from "./neighbourhoods.ts";
import type { ScalarFunction } from "./scalarFunction.ts";

/**
 * {@link localFunctionApproximation} of every row: weights [m, d], and the others [m]. Every point has
 * draws of its own; the order of minibatches is the same for all.
 *
 * @param x [m, inputs]
 */
export function approximations(
  f: ScalarFunction,
  x: Tensor,
  neighbourhood: Neighbourhood,
  options: ApproximationOptions,
): MapLeaves<Approximation, Tensor> {
  const [drawKey, shuffleKey] = random.split(lift(options.key));
  return vmap((x0: Tensor, key: Tensor) =>
    localFunctionApproximation(f, x0, neighbourhood, { shuffleKey, ...options, key }),
  )(x, random.splitKeys(drawKey, x.shape[0]));
}
