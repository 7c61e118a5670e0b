/** One outer step of BO-REP, and of its ablations. */
import { globalNorm, mapTensors } from "@etude/learn";
import type { Tensor } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import { lowerDescent } from "./lowerLevel.ts";
import type { BilevelMethod } from "./method.ts";
import { lowerGradient, lowerHvp, mixedProduct, upperGradients } from "./oracles.ts";
import { addScaled, scaled, subtract } from "./trees.ts";

export interface BoRepStepOptions {
  /** I: outer steps from one update of y to the next. */
  readonly period: number;
  /** N: steps of y in an update. */
  readonly lowerSteps: number;
  /** R of the ball around y that an update stays in; Infinity for none. */
  readonly ballRadius?: number;
  /** The mean of an update's iterates instead of the last. */
  readonly averageLower?: boolean;
  /** z_{k+1} in (6), as both official programs; false: z_k. */
  readonly useNewZ?: boolean;
  /** (8) divides by the norm of m; false leaves the division out. */
  readonly normalise?: boolean;
  readonly name?: string;
}

/** Beside the norm in (8), so that m = 0 moves nothing. */
const tiny = 1e-10;

/** @throws UsageError for a period or a number of steps that is no whole number from 1 */
export function boRepMethod(options: BoRepStepOptions): BilevelMethod {
  const { period, lowerSteps, name = "BO-REP" } = options;
  const { ballRadius, averageLower, useNewZ = true, normalise = true } = options;
  if (!(Number.isInteger(period) && period >= 1))
    throw new UsageError(`boRep: the period I is ${period}; give a whole number from 1`);
  if (!(Number.isInteger(lowerSteps) && lowerSteps >= 1))
    throw new UsageError(`boRep: lowerSteps N is ${lowerSteps}; give a whole number from 1`);
  if (ballRadius !== undefined && !(ballRadius > 0))
    throw new UsageError(`boRep: the ball's radius is ${ballRadius}; it must be positive`);
  return {
    name,
    period,
    lowerSteps,
    updatesLower: (k) => k > 0 && k % period === 0,
    calls: (updates) => ({ upperGrad: 1, lowerGrad: updates ? lowerSteps : 0, hvp: 1, mixed: 1 }),
    step(problem, state, batches, rates, _index, updates) {
      const { x, z, m } = state;
      const { upper, lowerHvp: zeta, lowerMixed, lowerSgd } = batches;
      type Y = typeof z;
      type B = typeof upper;
      const gradient = (at: Y, batch: B): Y => lowerGradient(problem, x, at, batch);
      const ball = { radius: ballRadius, average: averageLower };
      const y = updates
        ? lowerDescent(gradient, state.y, lowerSgd, rates.lower, ball) // (4), (10)
        : state.y;
      const { value, px, py } = upperGradients(problem, x, y, upper);
      const residual = subtract(lowerHvp(problem, x, y, z, zeta), py);
      const nextZ = addScaled(z, rates.linear.neg(), residual); // (5)
      const mixed = mixedProduct(problem, x, y, useNewZ ? nextZ : z, lowerMixed);
      const h = subtract(px, mixed); // (6)
      const nextM = movingAverage(m, h, rates.momentum); // (7)
      const direction = normalise ? unit(nextM) : nextM;
      const nextX = addScaled(x, rates.upper.neg(), direction); // (8)
      return { state: { x: nextX, y, z: nextZ, m: nextM }, value, norm: globalNorm(h) };
    },
  };
}

/** beta m + (1 - beta) h. */
export const movingAverage = <X>(m: X, h: X, beta: Tensor): X =>
  addScaled(scaled(m, beta), beta.neg().add(1), h);

/** m / (|m| + 1e-10), the norm over all leaves. */
function unit<X>(m: X): X {
  const length = globalNorm(m);
  return mapTensors((leaf) => leaf.div(length.add(tiny).astype(leaf.dtype)), m);
}
