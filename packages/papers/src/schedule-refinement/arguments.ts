/** What is refused before anything is computed, with the step it is about. */
import { UsageError } from "../contract/errors.ts";

/**
 * Gradient norms as numbers to compute with.
 *
 * @param length how many there must be, where that is known
 * @throws UsageError for fewer than two, a negative one or one that is not finite
 */
export function checkNorms(norms: ArrayLike<number>, length?: number): Float64Array {
  if (length !== undefined && norms.length !== length)
    throw new UsageError(
      `${norms.length} gradient norms for ${length} steps; one a step is needed`,
    );
  if (norms.length < 2)
    throw new UsageError(`${norms.length} gradient norms are no record of a run; give two or more`);
  const values = Float64Array.from(norms);
  values.forEach((norm, t) => {
    if (norm < 0)
      throw new UsageError(`gradient norm ${norm} at step ${t}: a norm is not negative`);
    if (!Number.isFinite(norm))
      throw new UsageError(
        `gradient norm ${norm} at step ${t}: only finite norms can be used here`,
      );
  });
  return values;
}

/** @throws UsageError for a norm of 0, whose weight would be infinite */
export function checkPositive(norms: Float64Array): Float64Array {
  const step = norms.indexOf(0);
  if (step < 0) return norms;
  throw new UsageError(
    `gradient norm 0 at step ${step}: the run interpolates; refinement undefined`,
  );
}

/** @throws UsageError for fewer than two weights, a negative one, or no positive one */
export function checkWeights(weights: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(weights);
  if (values.length < 2)
    throw new UsageError(`${values.length} weights make no schedule; give two or more`);
  const wrong = values.findIndex((weight) => !(weight >= 0 && Number.isFinite(weight)));
  if (wrong >= 0)
    throw new UsageError(`weight ${values[wrong]} at step ${wrong}: a number from 0 is needed`);
  if (!values.some((weight) => weight > 0)) throw new UsageError("all weights are 0");
  return values;
}

export function checkDistance(distance: number): void {
  if (distance > 0 && Number.isFinite(distance)) return;
  throw new UsageError(`the distance to the minimiser must be positive, got ${distance}`);
}

/** @throws UsageError unless it is a whole number of steps from 2 */
export function checkSteps(steps: number): void {
  if (Number.isInteger(steps) && steps >= 2) return;
  throw new UsageError(`${steps} is no number of steps of a schedule; give a whole number from 2`);
}
