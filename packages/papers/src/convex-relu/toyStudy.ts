/** Five points: the certified optimum, and what descent from random weights reaches. */
import { convexReluAdmm } from "./admm.ts";
import { backprop } from "./backprop.ts";
import { dualityGap } from "./certificate.ts";
import { allPatterns2d } from "./patterns.ts";
import { networkObjective } from "./recovery.ts";
import { toy } from "./toy.ts";

export interface ToyOptimum {
  readonly beta: number;
  /** Objective (1) of the recovered network. */
  readonly primal: number;
  readonly dual: number;
  readonly maxCorrelation: number;
  readonly iterations: number;
}

/** Objectives at the end of descents, a number a start. */
export type ToyRuns = Readonly<Record<DescentName, readonly number[]>>;

export const descents = {
  "gradient, 8 units": { rule: "gradient", units: 8, rate: 0.02 },
  "gradient, 50 units": { rule: "gradient", units: 50, rate: 0.01 },
  "Adam, 8 units": { rule: "adam", units: 8, rate: 0.01 },
  "Adam, 50 units": { rule: "adam", units: 50, rate: 0.01 },
} as const;
export type DescentName = keyof typeof descents;
export const descentNames = Object.keys(descents) as DescentName[];

const { X, y } = toy;
const patterns = allPatterns2d(X);

/** The optimum over all ten patterns with its certificate; rho = beta. */
export async function toyOptimum(beta: number): Promise<ToyOptimum> {
  const solution = await convexReluAdmm(X, y, patterns, {
    beta,
    iterations: 20_000,
    tolerance: 1e-10,
    every: 50,
  });
  const { primal, dual, maxCorrelation } = await dualityGap(X, y, solution, beta);
  const iterations = solution.history[solution.history.length - 1].iteration;
  return { beta, primal, dual, maxCorrelation, iterations };
}

/** |(u - v, G u - s)| after each of the iterations, beta = rho = 0.1. */
export async function toyResiduals(iterations: number): Promise<number[]> {
  const options = { beta: 0.1, iterations, every: 1, tolerance: 0 };
  const { history } = await convexReluAdmm(X, y, patterns, options);
  return history.map(({ splitting, slack }) => Math.hypot(splitting, slack));
}

/** Problem (1) by each kind of descent, several starts of each. */
export async function toyDescents(
  beta: number,
  { starts, steps, seed }: { starts: number; steps: number; seed: number },
): Promise<ToyRuns> {
  const ends = async (name: DescentName): Promise<number[]> => {
    const loss = "squared";
    const settings = { ...descents[name], beta, loss, over: "sum", steps, starts, seed } as const;
    const networks = await backprop(X, y, settings);
    return Promise.all(networks.map((network) => networkObjective(X, y, network, beta)));
  };
  return {
    "gradient, 8 units": await ends("gradient, 8 units"),
    "gradient, 50 units": await ends("gradient, 50 units"),
    "Adam, 8 units": await ends("Adam, 8 units"),
    "Adam, 50 units": await ends("Adam, 50 units"),
  };
}
