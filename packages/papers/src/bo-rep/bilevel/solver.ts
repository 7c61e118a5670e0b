/** Bilevel methods for programs: a state goes in and comes out, step by step or many steps at once. */
import { array, lift, NDArray, treeFlatten, treeUnflatten } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import {
  maSobaMethod,
  type NeumannOptions,
  sobaMethod,
  stocBioMethod,
  ttsaMethod,
} from "./baselines.ts";
import { type BoRepStepOptions, boRepMethod } from "./boRepStep.ts";
import { compileDescent, type Records, ratesOf } from "./descent.ts";
import { lowerCurvature } from "./linearSystem.ts";
import {
  checkEpochs,
  type EpochSgdOptions,
  epochSgd,
  epochSgdSteps,
  lowerDescent,
} from "./lowerLevel.ts";
import type { BilevelMethod, HostBatches } from "./method.ts";
import { lowerGradient } from "./oracles.ts";
import {
  addCalls,
  type BilevelProblem,
  noCalls,
  type OracleCount,
  sameStructure,
  stackTrees,
} from "./problem.ts";
import { type Arrays, compiled, floatOf } from "./trees.ts";

/** How y_0 is made: plain SGD, or epochs with shrinking step and ball (9). */
export type Refinement =
  | { readonly kind: "sgd"; readonly steps: number; readonly rate?: number }
  | ({ readonly kind: "epoch" } & EpochSgdOptions);

/** Batches that a refinement reads. */
export const refinementSteps = (refine: Refinement): number =>
  refine.kind === "sgd" ? refine.steps : epochSgdSteps(refine);

export interface SolverOptions {
  /** eta (BO-REP: the length of every step of x), alpha of the others. */
  readonly stepSize: number;
  /** gamma, of y. */
  readonly lowerRate: number;
  /** nu, of z or of the Neumann series; stable below 2 / lambda_max of the lower Hessian. */
  readonly linearRate: number;
  /** beta of the moving average of hypergradients (0.9). */
  readonly momentum?: number;
  /** Before the first step; none where it is not given. Plain SGD takes gamma where it has no rate. */
  readonly refine?: Refinement;
  /** Told what is not wrong but probably not meant. */
  readonly warn?: (message: string) => void;
}

export interface BoRepOptions
  extends SolverOptions,
    Omit<BoRepStepOptions, "period" | "lowerSteps"> {
  /** I (2). */
  readonly period?: number;
  /** N (3). */
  readonly lowerSteps?: number;
}

/** Where a run stands. */
export interface SolverState<X, Y> {
  readonly x: Arrays<X>;
  /** y_{k-1} after k steps: the lower variable that step k - 1 used. */
  readonly y: Arrays<Y>;
  readonly z: Arrays<Y>;
  readonly m: Arrays<X>;
  /** Outer steps done. */
  readonly step: number;
  readonly oracleCalls: OracleCount;
}

export interface BilevelSolver<X, Y, B> {
  readonly method: BilevelMethod;
  /**
   * Refines y and checks the lower problem on the first batch.
   *
   * @param batches lower batches: as many as the refinement reads, one at least
   * @throws UsageError when an objective is no scalar, or g does not depend on y
   */
  init(x: Arrays<X>, y: Arrays<Y>, batches: readonly Arrays<B>[]): Promise<SolverState<X, Y>>;
  /** One outer step. @throws UsageError when the hypergradient is not finite, with step and norm */
  step(state: SolverState<X, Y>, batches: HostBatches<B>): Promise<SolverState<X, Y>>;
  /** Many outer steps in few calls; batches by the number of the step, from 0. */
  run(
    state: SolverState<X, Y>,
    steps: number,
    batchesAt: (k: number) => HostBatches<B>,
  ): Promise<{ readonly state: SolverState<X, Y>; readonly records: Records }>;
}

/**
 * BO-REP: bilevel optimisation with refinement of the first y, periodic updates of y, and normalised
 * momentum steps of x.
 *
 * @throws UsageError for rates that are not positive, a momentum outside of [0, 1), a period or a
 * number of steps that is no whole number from 1
 * @example
 * const solver = boRep(problem, { stepSize: 0.01, lowerRate: 0.5, linearRate: 0.5 });
 * let state = await solver.init(x, y, firstBatches);
 * ({ state } = await solver.run(state, 500, batchesAt));
 */
export const boRep = <X, Y, B>(
  problem: BilevelProblem<X, Y, B>,
  { period = 2, lowerSteps = 3, ...options }: BoRepOptions,
): BilevelSolver<X, Y, B> =>
  solver(problem, boRepMethod({ ...options, period, lowerSteps }), options);

export const soba = <X, Y, B>(problem: BilevelProblem<X, Y, B>, options: SolverOptions) =>
  solver(problem, sobaMethod(), options);

export const maSoba = <X, Y, B>(problem: BilevelProblem<X, Y, B>, options: SolverOptions) =>
  solver(problem, maSobaMethod(), options);

export const stocBio = <X, Y, B>(
  problem: BilevelProblem<X, Y, B>,
  options: SolverOptions & NeumannOptions,
) => solver(problem, stocBioMethod(options), options);

export const ttsa = <X, Y, B>(
  problem: BilevelProblem<X, Y, B>,
  options: SolverOptions & Pick<NeumannOptions, "products">,
) => solver(problem, ttsaMethod(options), options);

/** Any method, as a solver. */
export function solver<X, Y, B>(
  problem: BilevelProblem<X, Y, B>,
  method: BilevelMethod,
  options: SolverOptions,
): BilevelSolver<X, Y, B> {
  checkOptions(method.name, options);
  const { stepSize, lowerRate, linearRate, momentum = 0.9, refine, warn } = options;
  const descent = compileDescent(problem, method);
  const refined = compiled(refinement(problem, lowerRate, refine));

  const run: BilevelSolver<X, Y, B>["run"] = async (state, steps, batchesAt) => {
    sameStructure("x and m", state.x, state.m);
    sameStructure("y and z", state.y, state.z);
    const { step: from } = state;
    const rates = { upper: stepSize, lower: lowerRate, linear: linearRate, momentum };
    const { x, y, z, m } = state;
    const { state: next, records } = await descent.advance(
      { x, y, z, m } as Parameters<typeof descent.advance>[0],
      ratesOf(rates, floatOf(x)),
      from,
      steps,
      (k) => checkedBatches(method, k, batchesAt(k)),
    );
    const odd = records.norm.findIndex((value) => !Number.isFinite(value));
    if (odd >= 0)
      throw new UsageError(
        `${method.name}: the hypergradient of step ${from + odd} has norm ${records.norm[odd]}; lower { stepSize }, or { linearRate } if |z| grows`,
      );
    let oracleCalls = state.oracleCalls;
    for (let k = from; k < from + steps; k++)
      oracleCalls = addCalls(oracleCalls, method.calls(method.updatesLower(k)));
    return {
      state: { ...(next as Arrays4<X, Y>), step: from + steps, oracleCalls },
      records,
    };
  };

  return {
    method,
    async init(x, y, batches) {
      const count = refine === undefined ? 0 : refinementSteps(refine);
      if (batches.length < Math.max(count, 1))
        throw new UsageError(
          `${method.name}: the refinement reads ${Math.max(count, 1)} lower batches, got ${batches.length}`,
        );
      await checkCurvature(problem, x, y, batches[0], method.name, linearRate, warn);
      const first =
        count === 0 ? y : await refined(x, y, stackTrees(batches.slice(0, count)) as Arrays<B>);
      const oracleCalls = { ...noCalls, lowerGrad: count };
      return { x, y: first, z: zerosLike(first), m: zerosLike(x), step: 0, oracleCalls };
    },
    step: async (state, batches) => (await run(state, 1, () => batches)).state,
    run,
  };
}

type Arrays4<X, Y> = Pick<SolverState<X, Y>, "x" | "y" | "z" | "m">;

/** y_0 of x_0 (3), as a graph. */
export function refinement<X, Y, B>(
  problem: BilevelProblem<X, Y, B>,
  lowerRate: number,
  refine: Refinement | undefined,
): (x: X, y: Y, batches: B) => Y {
  return (x, y, batches) => {
    const gradient = (at: Y, batch: B): Y => lowerGradient(problem, x, at, batch);
    if (refine === undefined) return y;
    if (refine.kind === "epoch") return epochSgd(gradient, y, batches, refine)[refine.epochs - 1];
    return lowerDescent(gradient, y, batches, lift(refine.rate ?? lowerRate, floatOf(y)));
  };
}

async function checkCurvature<X, Y, B>(
  problem: BilevelProblem<X, Y, B>,
  x: Arrays<X>,
  y: Arrays<Y>,
  batch: Arrays<B>,
  name: string,
  linearRate: number,
  warn: ((message: string) => void) | undefined,
): Promise<void> {
  const largest = await lowerCurvature(problem, x, y, batch);
  if (largest === 0)
    throw new UsageError(
      `${name}: the lower objective does not depend on y, or only linearly: its Hessian in y is zero`,
    );
  if (linearRate * largest >= 2)
    warn?.(
      `linearRate ${linearRate} times the largest lower curvature ${largest.toPrecision(3)} is ${(linearRate * largest).toPrecision(3)}, not below 2: z will diverge.`,
    );
}

function checkedBatches<B>(
  method: BilevelMethod,
  k: number,
  batches: HostBatches<B>,
): HostBatches<B> {
  const needed = method.updatesLower(k) ? method.lowerSteps : 0;
  if (batches.lowerSgd.length >= needed) return batches;
  throw new UsageError(
    `${method.name}: step ${k} updates y with ${needed} batches, lowerSgd has ${batches.lowerSgd.length}`,
  );
}

function checkOptions(name: string, options: SolverOptions): void {
  const { momentum = 0.9, refine } = options;
  for (const rate of ["stepSize", "lowerRate", "linearRate"] as const)
    if (!(options[rate] > 0 && Number.isFinite(options[rate])))
      throw new UsageError(`${name}: ${rate} is ${options[rate]}; it must be positive`);
  if (!(momentum >= 0 && momentum < 1))
    throw new UsageError(`${name}: the momentum ${momentum} is not in [0, 1)`);
  if (refine?.kind === "epoch") checkEpochs(refine);
  if (refine?.kind === "sgd" && !(Number.isInteger(refine.steps) && refine.steps >= 1))
    throw new UsageError(
      `${name}: ${refine.steps} steps of refinement; give a whole number from 1`,
    );
}

function zerosLike<T>(tree: T): T {
  const [leaves, structure] = treeFlatten(tree);
  const zeros = leaves.map((leaf) => {
    if (!(leaf instanceof NDArray)) return array([0]).reshape([]);
    const { data, shape, dtype } = leaf;
    return new NDArray(data.slice().fill(0), shape, dtype);
  });
  return treeUnflatten(structure, zeros) as T;
}
