/** The best heavy ball for a known range of curvature. */
import { UsageError } from "../contract/errors.ts";

export interface Coefficients {
  readonly learningRate: number;
  readonly momentum: number;
}

/**
 * The coefficients of v <- beta v - eta g, w <- w + v that shrink the error fastest on a quadratic
 * whose curvature is between `least` (l) and `greatest` (L): by sqrt(beta) a step, with
 *
 *     eta = (2 / (sqrt L + sqrt l))^2,  beta = ((sqrt L - sqrt l) / (sqrt L + sqrt l))^2
 *
 * Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
 *
 * @throws UsageError unless 0 < l <= L
 * @example polyak(9, 4) // { learningRate: 0.16, momentum: 0.04 }
 */
export function polyak(greatest: number, least: number): Coefficients {
  if (!(least > 0 && least <= greatest && Number.isFinite(greatest))) {
    throw new UsageError(
      `polyak: curvature from ${least} to ${greatest}; it must be positive and in this order`,
    );
  }
  const [large, small] = [Math.sqrt(greatest), Math.sqrt(least)];
  return {
    learningRate: (2 / (large + small)) ** 2,
    momentum: ((large - small) / (large + small)) ** 2,
  };
}
