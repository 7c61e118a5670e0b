/** Trains a network on samples: chooses what was not given, solves, certifies. */
import { array, type NDArray, random } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { progress, type Running } from "../../contract/events.ts";
import { convexReluAdmm } from "../admm.ts";
import { backprop } from "../backprop.ts";
import {
  type DualityGap,
  dualDirection,
  dualityGap,
  networkGap,
  searchCorrelation,
} from "../certificate.ts";
import type { LossName } from "../losses.ts";
import { joinPatterns, type Patterns, samplePatterns } from "../patterns.ts";
import type { ConvexSolution, ProgramRecord } from "../program.ts";
import { convexReluAdmmRbcd } from "../rbcd.ts";
import { networkObjective, type ReluNetwork, recoverNetwork } from "../recovery.ts";
import { sampledConvexProgram } from "../sampled.ts";
import { fifth, type Samples } from "./division.ts";
import type { UseOptions } from "./options.ts";

export interface Choice {
  readonly beta: number;
  /** Mean loss on the rows that decide. */
  readonly loss: number;
}

export interface Certificate {
  /** Lower bound over the sampled patterns; of the method sampled, over its neurons. */
  readonly dual: number;
  /** Over all networks. */
  readonly all: DualityGap;
  /** A lower bound of M, found by looking: above beta there is a better network. */
  readonly found: number;
}

export interface TrainedNetwork {
  readonly network: ReluNetwork;
  readonly beta: number;
  readonly loss: LossName;
  readonly objective: number;
  /** Of (3), before recovery. */
  readonly convexObjective: number;
  readonly violation: number;
  readonly patterns: number;
  /** Whether fewer patterns exist than were asked for. */
  readonly exhausted: boolean;
  readonly choices: readonly Choice[];
  readonly history: readonly ProgramRecord[];
  readonly certificate?: Certificate;
}

const candidates = [0.01, 0.1, 1, 10, 100];
const trialIterations = 200;
/** Rows that the weight decay is chosen on, at most. */
const trialRows = 1000;
const mostFactorised = 2000;

/**
 * A network without regard to perturbations. One step a candidate, so that a stopped run goes on where
 * it was.
 */
export async function* trainPlain(
  samples: Samples,
  options: UseOptions,
  context: RunContext,
): Running<TrainedNetwork> {
  const { loss } = options;
  const choices: Choice[] = [];
  if (options.beta === undefined) {
    const [some, others] = fifth(samples, context.seed, trialRows);
    for (const [i, beta] of candidates.entries()) {
      yield progress(i, candidates.length + 2, `weight decay ${beta}`);
      choices.push(
        yield* context.step(`beta-${beta}`, async () => {
          const trial = { ...options, iterations: Math.min(trialIterations, options.iterations) };
          const { network } = await solve(some, trial, beta, context.seed);
          const sum = await networkObjective(others.X, others.y, network, 0, loss);
          return { beta, loss: sum / others.y.size };
        }),
      );
    }
  }
  const beta =
    options.beta ?? choices.reduce((best, other) => (other.loss < best.loss ? other : best)).beta;
  yield progress(candidates.length, candidates.length + 2, `training with weight decay ${beta}`);
  return yield* context.step("train", async () => {
    const solved = await solve(samples, options, beta, context.seed);
    const { network, solution, patterns } = solved;
    const objective = await networkObjective(samples.X, samples.y, network, beta, loss);
    return {
      network,
      beta,
      loss,
      objective,
      convexObjective: solution?.objective ?? objective,
      violation: solution?.violation ?? 0,
      patterns: patterns?.count ?? 0,
      exhausted: patterns?.complete === false,
      choices,
      history: solution?.history ?? [],
      ...(options.certify && {
        certificate: await certify(samples, solved, beta, loss),
      }),
    };
  });
}

interface Solved {
  readonly network: ReluNetwork;
  readonly solution?: ConvexSolution;
  readonly patterns?: Patterns;
  /** Of the method sampled: the least its neurons could reach. */
  readonly bound?: number;
}

async function solve(
  { X, y }: Samples,
  options: UseOptions,
  beta: number,
  seed: number,
): Promise<Solved> {
  const { loss, method, iterations } = options;
  const generator = random.generator(seed).fork(1);
  if (method === "sampled") {
    const { neurons } = options;
    const given = { neurons, generator, beta, loss, tolerance: 1e-3, iterations: 10 * iterations };
    const { network, objective, gap } = await sampledConvexProgram(X, y, given);
    return { network, bound: objective - gap };
  }
  let patterns = samplePatterns(X, options.patterns, generator);
  if (options.startFrom === "network") {
    const trained = await adamNetwork({ X, y }, options, beta, seed);
    patterns = joinPatterns(X, liveUnits(trained), patterns);
  }
  const solution =
    loss === "squared"
      ? await solveSquared({ X, y }, patterns, beta, iterations)
      : await convexReluAdmmRbcd(X, y, patterns, {
          beta,
          rho: penalty * beta,
          gammaRatio: 1,
          loss,
          iterations: Math.ceil(iterations / 10),
          seed,
        });
  return { network: recoverNetwork(solution, { merge: true }), solution, patterns };
}

/** First-layer weights [m, d] of the units that weight decay has not put out. */
function liveUnits({ U, a }: ReluNetwork): NDArray {
  const d = U.shape[1];
  const strength = Array.from(
    a.data,
    (weight, j) => Math.abs(weight) * Math.hypot(...U.data.subarray(j * d, (j + 1) * d)),
  );
  const least = 1e-4 * Math.max(...strength);
  const live = Array.from(strength.keys()).filter((j) => strength[j] > least);
  const rows = live.flatMap((j) => Array.from(U.data.subarray(j * d, (j + 1) * d)));
  return array(Float64Array.from(rows), { shape: [live.length, d] });
}

/** Of ADMM, over beta: of 0.1, 0.3 and 1 the one whose gaps were smallest on the tables tried. */
const penalty = 0.3;

async function solveSquared(
  { X, y }: Samples,
  patterns: Patterns,
  beta: number,
  iterations: number,
): Promise<ConvexSolution> {
  // Where n x n is too much to factorise, conjugate gradients need no factor of that size.
  const solver = X.shape[0] <= mostFactorised ? "woodbury" : "cg";
  const rho = penalty * beta;
  return convexReluAdmm(X, y, patterns, { beta, rho, iterations, solver, tolerance: 1e-8 });
}

async function certify(
  { X, y }: Samples,
  { network, solution, patterns, bound }: Solved,
  beta: number,
  loss: LossName,
): Promise<Certificate> {
  const all = await networkGap(X, y, network, beta, loss);
  const nu = await dualDirection(X, y, network, loss);
  const dual =
    solution !== undefined && patterns !== undefined
      ? (await dualityGap(X, y, solution, beta, { loss, patterns })).dual
      : bound;
  return { dual: dual ?? Number.NaN, all, found: await searchCorrelation(X, nu, 1) };
}

/** Back-propagation of the same objective with as many units as the convex program has blocks. */
export async function adamNetwork(
  { X, y }: Samples,
  options: UseOptions,
  beta: number,
  seed: number,
): Promise<ReluNetwork> {
  const [network] = await backprop(X, y, {
    units: options.method === "sampled" ? options.neurons : 2 * options.patterns,
    beta,
    loss: options.loss,
    over: "sum",
    rule: "adam",
    rate: 0.01,
    falling: true,
    steps: 2000,
    seed,
  });
  return network;
}
