/** What every bilevel method is: a state, rates, and one outer step as a graph. */
import type { Tensor } from "@etude/tensor";
import type { BilevelProblem, OracleCount } from "./problem.ts";
import type { Arrays } from "./trees.ts";

/** Where a method stands; those without momentum leave m as it is. */
export interface BilevelState<X, Y> {
  x: X;
  y: Y;
  /** The estimate of [grad2_yy g]^-1 grad_y f. */
  z: Y;
  /** The moving average of hypergradients. */
  m: X;
}

/** Scalars that may differ from run to run of one compiled step. */
export interface Rates {
  /** eta or alpha, of x. */
  readonly upper: Tensor;
  /** gamma, of y. */
  readonly lower: Tensor;
  /** nu, of z. */
  readonly linear: Tensor;
  /** beta, of m. */
  readonly momentum: Tensor;
}
export type RateNames = { readonly [K in keyof Rates]: number };

/** Batches of one outer step, drawn independently. */
export interface StepBatches<B> {
  /** xi, of f. */
  readonly upper: B;
  /** zeta, of products with the Hessian. */
  readonly lowerHvp: B;
  /** zeta', of the mixed product. */
  readonly lowerMixed: B;
  /** For the steps of y: as many along the leading axis as the method has `lowerSteps`. */
  readonly lowerSgd: B;
}

export interface StepResult<X, Y> {
  readonly state: BilevelState<X, Y>;
  /** f on the upper batch, at the point the step began with. */
  readonly value: Tensor;
  /** The norm of the hypergradient h, over all leaves. */
  readonly norm: Tensor;
}

export interface BilevelMethod {
  readonly name: string;
  /** Outer steps of a cycle: y may change at its first step only. */
  readonly period: number;
  /** Steps of y in an update. */
  readonly lowerSteps: number;
  /** Whether step k, from 0, begins with an update of y. */
  updatesLower(k: number): boolean;
  /** Oracle calls of an outer step. */
  calls(updates: boolean): OracleCount;
  /**
   * One outer step.
   *
   * @param index k as a float scalar
   * @param updates whether y is updated; fixed when the step is compiled
   */
  step<X, Y, B>(
    problem: BilevelProblem<X, Y, B>,
    state: BilevelState<X, Y>,
    batches: StepBatches<B>,
    rates: Rates,
    index: Tensor,
    updates: boolean,
  ): StepResult<X, Y>;
}

/** Batches of one outer step as arrays; `lowerSgd` may be left out of steps that do not update y. */
export interface HostBatches<B> {
  readonly upper: Arrays<B>;
  readonly lowerHvp: Arrays<B>;
  readonly lowerMixed: Arrays<B>;
  readonly lowerSgd: readonly Arrays<B>[];
}
