/** The methods BO-REP is compared with. They know nothing of its period: y moves at every step. */
import { globalNorm } from "@etude/learn";
import type { Tensor } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import { movingAverage } from "./boRepStep.ts";
import { neumann } from "./linearSystem.ts";
import { lowerDescent } from "./lowerLevel.ts";
import type { BilevelMethod, BilevelState, Rates, StepBatches } from "./method.ts";
import { lowerGradient, lowerHvp, mixedProduct, upperGradients } from "./oracles.ts";
import type { BilevelProblem } from "./problem.ts";
import { addScaled, subtract } from "./trees.ts";

const always = () => true;
const singleLoop = { period: 1, lowerSteps: 1, updatesLower: always } as const;

/**
 * SOBA: y, z and x move together, all from the old point.
 *
 *     y <- y - gamma grad_y G,  z <- z - nu (grad2_yy G z - p_y),  x <- x - alpha (p_x - grad2_xy G z)
 *
 * Dagreou, Ablin, Vaiter, Moreau, "A framework for bilevel optimization that enables stochastic and
 * global variance reduction algorithms", NeurIPS 2022.
 */
export const sobaMethod = (): BilevelMethod => togetherMethod("SOBA", false);

/**
 * MA-SOBA: SOBA with x <- x - alpha m, m the moving average of hypergradients.
 *
 * Chen, Xiao, Balasubramanian, "Optimal algorithms for stochastic bilevel optimization under relaxed
 * smoothness conditions", 2023.
 */
export const maSobaMethod = (): BilevelMethod => togetherMethod("MA-SOBA", true);

function togetherMethod(name: string, averages: boolean): BilevelMethod {
  return {
    name,
    ...singleLoop,
    calls: () => ({ upperGrad: 1, lowerGrad: 1, hvp: 1, mixed: 1 }),
    step(problem, { x, y, z, m }, batches, rates) {
      const { value, px, py } = upperGradients(problem, x, y, batches.upper);
      const residual = subtract(lowerHvp(problem, x, y, z, batches.lowerHvp), py);
      const h = subtract(px, mixedProduct(problem, x, y, z, batches.lowerMixed));
      const nextM = averages ? movingAverage(m, h, rates.momentum) : m;
      const state = {
        x: addScaled(x, rates.upper.neg(), averages ? nextM : h),
        y: descended(problem, { x, y, z, m }, batches, rates.lower),
        z: addScaled(z, rates.linear.neg(), residual),
        m: nextM,
      };
      return { state, value, norm: globalNorm(h) };
    },
  };
}

export interface NeumannOptions {
  /** N: steps of y before every step of x. */
  readonly lowerSteps?: number;
  /** Q: products with the Hessian in the series (11). */
  readonly products?: number;
}

/**
 * StocBiO: N steps of y, then x <- x - alpha (p_x - grad2_xy G v) with the Neumann series (11), all its
 * products on one batch.
 *
 * Ji, Yang, Liang, "Bilevel optimization: convergence analysis and enhanced design", ICML 2021.
 */
export function stocBioMethod({
  lowerSteps = 3,
  products = 5,
}: NeumannOptions = {}): BilevelMethod {
  checkNeumann("stocBio", lowerSteps, products);
  return seriesMethod("StocBiO", lowerSteps, products, (rates) => rates);
}

/**
 * TTSA: a step of y and one of x, with rates alpha (k+1)^-3/5 and gamma (k+1)^-2/5. The series is cut
 * off after Q products instead of at random, which has the same mean up to its tail and less noise.
 *
 * Hong, Wai, Wang, Yang, "A two-timescale stochastic algorithm framework for bilevel optimization",
 * SIAM Journal on Optimization 2023.
 */
export function ttsaMethod({ products = 5 }: { readonly products?: number } = {}): BilevelMethod {
  checkNeumann("ttsa", 1, products);
  return seriesMethod("TTSA", 1, products, (rates, index) => {
    const at = index.add(1);
    return {
      ...rates,
      upper: rates.upper.mul(at.pow(-3 / 5).astype(rates.upper.dtype)),
      lower: rates.lower.mul(at.pow(-2 / 5).astype(rates.lower.dtype)),
    };
  });
}

function seriesMethod(
  name: string,
  lowerSteps: number,
  products: number,
  ratesAt: (rates: Rates, index: Tensor) => Rates,
): BilevelMethod {
  return {
    name,
    period: 1,
    lowerSteps,
    updatesLower: always,
    calls: () => ({ upperGrad: 1, lowerGrad: lowerSteps, hvp: products, mixed: 1 }),
    step(problem, state, batches, given, index) {
      const { x, m } = state;
      const rates = ratesAt(given, index);
      const y = descended(problem, state, batches, rates.lower);
      const { value, px, py } = upperGradients(problem, x, y, batches.upper);
      const apply = (v: typeof y) => lowerHvp(problem, x, y, v, batches.lowerHvp);
      const v = neumann(apply, py, rates.linear, products);
      const h = subtract(px, mixedProduct(problem, x, y, v, batches.lowerMixed));
      const next = { x: addScaled(x, rates.upper.neg(), h), y, z: v, m };
      return { state: next, value, norm: globalNorm(h) };
    },
  };
}

const descended = <X, Y, B>(
  problem: BilevelProblem<X, Y, B>,
  { x, y }: BilevelState<X, Y>,
  { lowerSgd }: StepBatches<B>,
  rate: Tensor,
): Y => lowerDescent((at: Y, batch: B) => lowerGradient(problem, x, at, batch), y, lowerSgd, rate);

function checkNeumann(name: string, lowerSteps: number, products: number): void {
  if (!(Number.isInteger(lowerSteps) && lowerSteps >= 1))
    throw new UsageError(`${name}: lowerSteps N is ${lowerSteps}; give a whole number from 1`);
  if (!(Number.isInteger(products) && products >= 0))
    throw new UsageError(`${name}: ${products} products; give a whole number from 0`);
}
