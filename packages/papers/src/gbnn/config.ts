/** Settings of a fit, and what is refused before it begins. */
import { UsageError } from "../contract/errors.ts";
import type { LineSearch } from "./losses.ts";

export const activations = ["logistic", "tanh", "relu"] as const;
export type Activation = (typeof activations)[number];

export const solvers = ["lbfgs", "adam", "sgd"] as const;
export type Solver = (typeof solvers)[number];

/** Defaults are those of the official code; names in its notation stand in brackets. */
export interface GbnnConfig {
  /** Hidden units of the whole network: 200. */
  readonly totalUnits?: number;
  /** Hidden units of one part [J]: 1. */
  readonly unitsPerStep?: number;
  /** Shrinkage of every part [eta]: 1. */
  readonly learningRate?: number;
  /** Share of the examples that a part is fitted to, drawn anew for each: 0.5. */
  readonly subsample?: number;
  /** At most so many examples for one part, whatever the share: no limit. */
  readonly maxRows?: number;
  readonly activation?: Activation;
  /** What fits a part: L-BFGS on all of its examples, or Adam or SGD on batches of 200. */
  readonly solver?: Solver;
  /** Iterations of L-BFGS, epochs of Adam and SGD: 200. */
  readonly maxIter?: number;
  /** L-BFGS also stops where no entry of the gradient is larger: 0, never. */
  readonly tol?: number;
  /** Weight of the squared weights in eq. 12 [alpha]: 1e-4. */
  readonly weightDecay?: number;
  readonly lineSearch?: LineSearch;
  /** The only source of randomness: the same seed gives the same model to the bit. */
  readonly seed: number;
}

export type GbnnSettings = Required<GbnnConfig> & { readonly parts: number };

const defaults = {
  totalUnits: 200,
  unitsPerStep: 1,
  learningRate: 1,
  subsample: 0.5,
  maxRows: Number.POSITIVE_INFINITY,
  activation: "logistic",
  solver: "lbfgs",
  maxIter: 200,
  tol: 0,
  weightDecay: 1e-4,
  lineSearch: "diagonalNewton",
} as const;

/**
 * Every setting said, and the number of parts T = floor(totalUnits / J).
 *
 * @throws UsageError for a value that makes no sense
 */
export function completeConfig(config: GbnnConfig): GbnnSettings {
  const given = Object.entries(config).filter(([, value]) => value !== undefined);
  const settings = { ...defaults, ...(Object.fromEntries(given) as unknown as GbnnConfig) };
  const { totalUnits, unitsPerStep, learningRate, subsample, maxRows } = settings;
  const refuse = (problem: string): never => {
    throw new UsageError(problem);
  };
  for (const name of ["totalUnits", "unitsPerStep", "maxIter"] as const) {
    if (!Number.isInteger(settings[name]) || settings[name] < 1)
      refuse(`${name} must be a whole number from 1, got ${settings[name]}`);
  }
  if (totalUnits < unitsPerStep)
    refuse(`totalUnits must be >= unitsPerStep, got ${totalUnits} and ${unitsPerStep}`);
  if (!(learningRate > 0 && Number.isFinite(learningRate)))
    refuse(`learningRate must be positive, got ${learningRate}`);
  if (!(subsample > 0 && subsample <= 1)) refuse(`subsample must lie in (0, 1], got ${subsample}`);
  if (!(maxRows >= 2)) refuse(`maxRows must be at least 2, got ${maxRows}`);
  for (const name of ["tol", "weightDecay"] as const) {
    if (!(settings[name] >= 0)) refuse(`${name} must not be negative, got ${settings[name]}`);
  }
  return { ...settings, parts: Math.floor(totalUnits / unitsPerStep) };
}

/**
 * How many of N examples one part is fitted to.
 *
 * @throws UsageError when the share leaves fewer than two
 */
export function rowsPerPart({ subsample, maxRows }: GbnnSettings, rows: number): number {
  const share = subsample < 1 ? Math.floor(subsample * rows) : rows;
  if (share < 2)
    throw new UsageError(
      `subsample ${subsample} of ${rows} rows leaves ${share}; a part needs at least 2`,
    );
  return Math.min(share, Math.floor(maxRows));
}
