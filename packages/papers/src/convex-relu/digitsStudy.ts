/** Two digits, squared loss: ADMM over sampled patterns, its certificate, and the other ways to train. */
import { random } from "@etude/tensor";
import { convexReluAdmm } from "./admm.ts";
import { backprop } from "./backprop.ts";
import { dualityGap } from "./certificate.ts";
import { accuracyOf, type TwoClasses, zeroOne } from "./pairs.ts";
import { samplePatterns } from "./patterns.ts";
import { convexReluAdmmRbcd } from "./rbcd.ts";
import { networkObjective, recoverNetwork } from "./recovery.ts";
import { sampledConvexProgram } from "./sampled.ts";

export interface DigitsOptions {
  readonly patterns: number;
  readonly beta: number;
  readonly rho: number;
}

/** ADMM stopped after so many iterations. */
export interface AdmmCheckpoint {
  readonly iteration: number;
  /** (3), of an iterate that may violate constraints. */
  readonly convex: number;
  /** (1), of the recovered network. */
  readonly network: number;
  readonly violation: number;
  readonly accuracy: number;
  readonly units: number;
}

export interface Trained {
  readonly name: string;
  readonly objective: number;
  readonly accuracy: number;
}

/** Purposes of random streams, so that each draws what it draws whatever the others do. */
const purposes = { patterns: 1, neurons: 2 } as const;

const patternsFor = ({ train }: TwoClasses, count: number, seed: number) =>
  samplePatterns(train.X, count, random.generator(seed).fork(purposes.patterns));

/** ADMM from zero to each number of iterations, and the gap at the last. */
export async function admmCheckpoints(
  samples: TwoClasses,
  { patterns: count, beta, rho }: DigitsOptions,
  iterations: readonly number[],
  seed: number,
): Promise<{ checkpoints: AdmmCheckpoint[]; dual: number; globalDual: number }> {
  const { X, y } = samples.train;
  const patterns = patternsFor(samples, count, seed);
  const checkpoints: AdmmCheckpoint[] = [];
  let bounds = { dual: Number.NaN, globalDual: Number.NaN };
  for (const iteration of iterations) {
    const solution = await convexReluAdmm(X, y, patterns, { beta, rho, iterations: iteration });
    const network = recoverNetwork(solution);
    checkpoints.push({
      iteration,
      convex: solution.objective,
      network: await networkObjective(X, y, network, beta),
      violation: solution.violation,
      accuracy: await accuracyOf(network, samples.test),
      units: network.a.size,
    });
    if (iteration !== iterations[iterations.length - 1]) continue;
    const { dual } = await dualityGap(X, y, solution, beta, { patterns, cones: "exact" });
    bounds = { dual, globalDual: (await dualityGap(X, y, solution, beta)).dual };
  }
  return { checkpoints, ...bounds };
}

/** Largest difference between the iterates of the factorisations (11) and (12). */
export async function routeDifference(
  samples: TwoClasses,
  { beta, rho }: DigitsOptions,
  { patterns: count, iterations }: { patterns: number; iterations: number },
  seed: number,
): Promise<number> {
  const { X, y } = samples.train;
  const patterns = patternsFor(samples, count, seed);
  const options = { beta, rho, iterations, tolerance: 0 };
  const direct = await convexReluAdmm(X, y, patterns, { ...options, solver: "cholesky" });
  const woodbury = await convexReluAdmm(X, y, patterns, { ...options, solver: "woodbury" });
  return Math.max(
    ...(["v", "w"] as const).flatMap((part) =>
      Array.from(direct[part].data, (value, i) => Math.abs(value - woodbury[part].data[i])),
    ),
  );
}

/** The sampled convex program, to a relative gap of 2 %. */
export async function sampledStudy(
  { train, test }: TwoClasses,
  beta: number,
  neurons: number,
  seed: number,
): Promise<Trained> {
  const { network, objective } = await sampledConvexProgram(train.X, train.y, {
    neurons,
    generator: random.generator(seed).fork(purposes.neurons),
    beta,
    tolerance: 0.02,
  });
  const accuracy = await accuracyOf(network, test);
  return { name: `sampled convex program, N = ${neurons}`, objective, accuracy };
}

/** Back-propagation of (1) with as many units as there are blocks. */
export async function descentStudy(
  { train, test }: TwoClasses,
  { patterns, beta }: DigitsOptions,
  rule: "gradient" | "adam",
  steps: number,
  seed: number,
): Promise<Trained> {
  const { X, y } = train;
  const [network] = await backprop(X, y, {
    units: 2 * patterns,
    beta,
    loss: "squared",
    over: "sum",
    rule,
    rate: rule === "adam" ? 0.01 : 0.001,
    steps,
    seed,
  });
  return {
    name: rule === "adam" ? "Adam" : "gradient descent",
    objective: await networkObjective(X, y, network, beta),
    accuracy: await accuracyOf(network, test),
  };
}

/** Block coordinate descent with the logistic loss, whose objective is another. */
export async function rbcdStudy(
  samples: TwoClasses,
  { patterns: count, beta, rho }: DigitsOptions,
  iterations: number,
  seed: number,
): Promise<Trained & { readonly convex: number; readonly dual: number }> {
  const { X, y } = zeroOne(samples.train);
  const patterns = patternsFor(samples, count, seed);
  const loss = "logistic";
  const solution = await convexReluAdmmRbcd(X, y, patterns, { beta, rho, loss, iterations, seed });
  const network = recoverNetwork(solution);
  const { dual } = await dualityGap(X, y, solution, beta, { patterns, loss });
  return {
    name: "ADMM-RBCD, logistic loss",
    convex: solution.objective,
    objective: await networkObjective(X, y, network, beta, loss),
    dual,
    accuracy: await accuracyOf(network, samples.test),
  };
}
