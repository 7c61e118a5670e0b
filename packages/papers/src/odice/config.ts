/** Settings of a training: the paper's for reinforcement learning and for imitation, and their checks. */
import { UsageError } from "../contract/errors.ts";
import type { Generator, WeightRule } from "./conjugate.ts";
import type { GradientRule } from "./valueGradient.ts";

export interface OdiceConfig {
  /** How V is updated. */
  readonly rule: GradientRule;
  /** Which divergence. */
  readonly f: Generator;
  /** How residuals weigh logged actions. */
  readonly weights: WeightRule;
  /** Weights are cut off here. */
  readonly maxWeight: number;
  /** In (0, 1): large is optimistic, small stays near the log. */
  readonly lambda: number;
  /** Weight of the backward gradient. */
  readonly eta: number;
  /** Discount gamma. */
  readonly gamma: number;
  readonly steps: number;
  readonly batchSize: number;
  /** Rates of Adam. */
  readonly valueRate: number;
  readonly policyRate: number;
  /** Times the policy's parameters, joins its gradient before Adam. */
  readonly policyDecay: number;
  /** Share of V that enters the target network a step, beta. */
  readonly targetRate: number;
  readonly valueHidden: readonly number[];
  readonly policyHidden: readonly number[];
  /** Layer normalisation in the value network. */
  readonly normalise: boolean;
  /** Two value networks. */
  readonly twin: boolean;
  /** The mean of a Gaussian policy goes through tanh. */
  readonly squash: boolean;
}

/** Offline reinforcement learning, as the official code runs it. */
export const learningDefaults: OdiceConfig = {
  rule: "orthogonal",
  f: "pearson",
  weights: "relu",
  maxWeight: 100,
  lambda: 0.6,
  eta: 1,
  gamma: 0.99,
  steps: 1_000_000,
  batchSize: 256,
  valueRate: 2e-4,
  policyRate: 2e-4,
  policyDecay: 1e-4,
  targetRate: 0.005,
  valueHidden: [256, 256],
  policyHidden: [1024, 1024],
  normalise: true,
  twin: true,
  squash: false,
};

/** Imitation: all rewards are 0, and observations should be standardised. */
export const imitationDefaults: OdiceConfig = {
  ...learningDefaults,
  lambda: 0.4,
  steps: 500_000,
  valueRate: 1e-4,
  policyRate: 1e-4,
  policyDecay: 1e-5,
  normalise: false,
  squash: true,
};

/** @throws UsageError for a setting outside its range, naming it */
export function checkConfig(config: OdiceConfig): void {
  const demand = (fits: boolean, problem: string): void => {
    if (!fits) throw new UsageError(problem);
  };
  const { lambda, eta, gamma, targetRate, maxWeight, policyDecay } = config;
  demand(lambda > 0 && lambda < 1, `lambda must lie between 0 and 1, both excluded, got ${lambda}`);
  demand(eta >= 0 && Number.isFinite(eta), `eta must not be negative, got ${eta}`);
  demand(gamma >= 0 && gamma < 1, `gamma must be at least 0 and below 1, got ${gamma}`);
  demand(targetRate > 0 && targetRate <= 1, `targetRate must be in (0, 1], got ${targetRate}`);
  demand(maxWeight > 0, `maxWeight must be positive, got ${maxWeight}`);
  demand(policyDecay >= 0, `policyDecay must not be negative, got ${policyDecay}`);
  for (const name of ["valueRate", "policyRate"] as const)
    demand(
      config[name] > 0 && config[name] < Number.POSITIVE_INFINITY,
      `${name} must be positive, got ${config[name]}`,
    );
  for (const name of ["steps", "batchSize"] as const)
    demand(
      Number.isInteger(config[name]) && config[name] >= 1,
      `${name} must be a whole number from 1 on, got ${config[name]}`,
    );
}
