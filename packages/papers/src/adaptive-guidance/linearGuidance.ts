/** LinearAG: the unconditional prediction of a step as a combination of predictions already made. */
import type { NDArray } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import type { ConditionArrays, Predict, Sampler } from "../diffusion/index.ts";
import { fingerprintOf } from "./batches.ts";
import { guidedSample, type Histories } from "./guidedSample.ts";
import { leadingRegressions, type Ridge, triangularFactor } from "./leastSquares.ts";
import { fullGuidance, type LinearCoefficients } from "./policy.ts";

export interface FittedCoefficients extends LinearCoefficients {
  /** Share of the unconditional prediction that the estimate explains, by step. */
  readonly r2: readonly number[];
  readonly trajectories: number;
  readonly ridge: Ridge;
}

export interface LinearFitOptions {
  /** An entry a trajectory; the paper takes 200. */
  readonly conditions: ConditionArrays;
  readonly negative?: ConditionArrays | null;
  readonly strength: number;
  readonly steps: number;
  readonly ridge?: Ridge;
  readonly intercept?: boolean;
  readonly initial?: NDArray;
  readonly key?: NDArray;
  readonly shape?: readonly number[];
  readonly dtype?: "float32" | "float64";
  readonly batchSize?: number;
}

/**
 * Fits the coefficients of LinearAG on trajectories under full guidance: for every step one least-squares
 * problem over all entries of all trajectories, in float64.
 *
 * The histories of late steps are nearly parallel and a plain fit may use large coefficients that cancel;
 * `ridge: { relative: 1e-4 }` keeps them small where sampling with them drifts away.
 */
export async function fitLinearGuidance(
  predict: Predict,
  sampler: Sampler,
  options: LinearFitOptions,
): Promise<FittedCoefficients> {
  const { conditions, negative = null, strength, steps } = options;
  const run = await guidedSample(predict, sampler, {
    ...options,
    condition: conditions,
    policy: fullGuidance(steps),
    keepHistories: true,
  });
  if (run.histories === undefined) throw new UsageError("the trajectories have no histories");
  const fitted = await fitHistories(run.histories, options);
  return {
    steps,
    sampler: sampler.name,
    strength,
    negative: fingerprintOf(negative),
    ...fitted,
    trajectories: run.samples.shape[0],
    ridge: options.ridge ?? 0,
  };
}

/** The regressions alone: each step's unconditional predictions on all predictions before them. */
export async function fitHistories(
  { conditional, unconditional }: Histories,
  { ridge = 0, intercept = false }: { readonly ridge?: Ridge; readonly intercept?: boolean } = {},
): Promise<Pick<FittedCoefficients, "intercept" | "conditional" | "unconditional" | "r2">> {
  const steps = conditional.length;
  const constant = intercept ? [new Float64Array(conditional[0].size).fill(1)] : [];
  const first = constant.length;
  const columns = [...constant, ...conditional.flatMap((c, k) => [c.data, unconditional[k].data])];
  const factor = await triangularFactor(columns);
  const targets = conditional.map((_, k) => first + 2 * k + 1);
  const fits = await leadingRegressions(factor, targets, { ridge, intercept });
  return {
    intercept: fits.map(({ coefficients }) => (intercept ? coefficients[0] : 0)),
    conditional: fits.map(({ coefficients }, k) =>
      Array.from({ length: k + 1 }, (_, i) => coefficients[first + 2 * i]),
    ),
    unconditional: fits.map(({ coefficients }, k) =>
      Array.from({ length: k }, (_, i) => coefficients[first + 2 * i + 1]),
    ),
    r2: Array.from({ length: steps }, (_, k) =>
      fits[k].total > 0 ? 1 - fits[k].residual / fits[k].total : 1,
    ),
  };
}
