/**
 * ADMM for the convex program with the squared loss (algorithm 3.1, eq. 6-11). The program is split
 * into a quadratic problem in u, a group lasso in v and the sign of slacks s:
 *
 *     min 1/2 |F u - y|^2 + beta sum |v_i| + indicator(s >= 0)   s.t.  u = v,  G u = s         (6)
 *
 * One penalty rho for both constraints, scaled multipliers lambda and nu.
 */
import { array, jit, type NDArray, scan, type Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import {
  type Factors,
  factorise,
  type SolverName,
  solverNames,
  solveUpdate,
} from "./factorisation.ts";
import { type Patterns, requireWhole } from "./patterns.ts";
import {
  blockNorms,
  type ConvexSolution,
  coneSides,
  convexProgram,
  type Program,
  type ProgramRecord,
  parted,
  programValue,
  pullOutputs,
  pullSides,
  requirePositive,
  runOutputs,
  scalar,
  zeros64,
} from "./program.ts";

export interface AdmmOptions {
  /** Weight decay, > 0. */
  readonly beta: number;
  /**
   * Penalty: beta where it is not given. Too small, and the first blocks take long to appear; too
   * large, and all moves slowly.
   */
  readonly rho?: number;
  /** gamma / rho: 1, standard ADMM. */
  readonly dualStep?: number;
  /** At most so many: 1000. */
  readonly iterations?: number;
  /** Stop when |(u - v, G u - s)| and rho |(v - v_old, s - s_old)| are below: 1e-9. */
  readonly tolerance?: number;
  /** Iterations between two records of the history: 10. Stopping is decided there. */
  readonly every?: number;
  readonly solver?: SolverName;
}

export interface AdmmState<T> {
  /** [2P, d] */
  readonly u: T;
  /** [2P, d] */
  readonly v: T;
  /** [2P, n] */
  readonly s: T;
  /** [2P, d] */
  readonly lambda: T;
  /** [2P, n] */
  readonly nu: T;
}

interface Settings<T> {
  readonly beta: T;
  readonly rho: T;
  readonly dualStep: T;
}

/** Eq. 8: (1 - threshold / |v_i|)_+ v_i for every row; rows of zeros stay. */
export function groupSoftThreshold(blocks: Tensor, threshold: Tensor): Tensor {
  const norms = blockNorms(blocks).expandDims(-1);
  // (|v| - t)_+ / max(|v|, t) is the same factor, and has no 0 / 0.
  return blocks.mul(norms.sub(threshold).relu().div(norms.maximum(threshold)));
}

/** One iteration, eq. 7-10; `Fy` is F^T y / rho. */
export function admmIteration(
  program: Program<Tensor>,
  factors: Factors<Tensor>,
  { u: before, v, s, lambda, nu }: AdmmState<Tensor>,
  Fy: Tensor,
  { beta, rho, dualStep }: Settings<Tensor>,
  solver: SolverName,
): AdmmState<Tensor> {
  const right = Fy.add(v)
    .sub(lambda)
    .add(pullSides(program, s.sub(nu)));
  const u = solveUpdate(program, factors, right, rho, before, solver);
  return splitUpdate(program, u, { lambda, nu }, { beta, rho, dualStep });
}

/** What follows the u-update, whatever the loss: eq. 8, 9 and 10. */
export function splitUpdate(
  program: Program<Tensor>,
  u: Tensor,
  { lambda, nu }: Pick<AdmmState<Tensor>, "lambda" | "nu">,
  { beta, rho, dualStep }: Settings<Tensor>,
): AdmmState<Tensor> {
  const Gu = coneSides(program, u);
  const v = groupSoftThreshold(u.add(lambda), beta.div(rho));
  const s = Gu.add(nu).relu();
  return {
    u,
    v,
    s,
    lambda: lambda.add(u.sub(v).mul(dualStep)),
    nu: nu.add(Gu.sub(s).mul(dualStep)),
  };
}

/** What a record holds, in this order: so that a loop stacks them in one array. */
export function measure(
  program: Program<Tensor>,
  state: AdmmState<Tensor>,
  old: Pick<AdmmState<Tensor>, "v" | "s">,
  { beta, rho }: Settings<Tensor>,
  loss: "squared" | "logistic" | "hinge",
): Record<Exclude<keyof ProgramRecord, "iteration">, Tensor> {
  const length = (...parts: Tensor[]): Tensor =>
    parts
      .map((part) => part.mul(part).sum())
      .reduce((a, b) => a.add(b))
      .sqrt();
  return {
    ...programValue(program, state.v, beta, loss),
    splitting: length(state.u.sub(state.v)),
    slack: length(coneSides(program, state.u).sub(state.s)),
    dualResidual: length(state.v.sub(old.v), state.s.sub(old.s)).mul(rho),
  };
}

/** A compiled loop of `records` times `every` iterations. */
const compileLoop = (records: number, every: number, solver: SolverName) =>
  jit(
    (
      program: Program<Tensor>,
      factors: Factors<Tensor>,
      start: AdmmState<Tensor>,
      settings: Settings<Tensor>,
    ) => {
      const Fy = pullOutputs(program, program.y).div(settings.rho);
      const iterate = (state: AdmmState<Tensor>) =>
        admmIteration(program, factors, state, Fy, settings, solver);
      const several = (state: AdmmState<Tensor>): AdmmState<Tensor> =>
        every === 1
          ? state
          : scan((inner) => [iterate(inner), null], state, null, { length: every - 1 })[0];
      return scan(
        (state: AdmmState<Tensor>) => {
          const old = several(state);
          const next = iterate(old);
          return [next, measure(program, next, old, settings, "squared")];
        },
        start,
        null,
        { length: records },
      );
    },
  );

const loops = new Map<string, ReturnType<typeof compileLoop>>();

function loopOf(records: number, every: number, solver: SolverName) {
  const key = `${records} ${every} ${solver}`;
  const known = loops.get(key);
  if (known !== undefined) return known;
  const loop = compileLoop(records, every, solver);
  loops.set(key, loop);
  return loop;
}

/** Records that one compiled call makes. */
const recordsPerCall = 20;

/**
 * The convex program (3) with the squared loss, solved by ADMM. The answer is v of the splitting, which
 * is sparse; after finitely many iterations it may violate constraints slightly (`violation`), so take
 * the objective of the recovered network as the truth.
 *
 * Each iteration costs four products of a [2P, n] matrix with X: O(n d P).
 *
 * @param X [n, d], a column of ones among them for biases
 * @param y [n]
 * @returns v, w [P, d], history, and multipliers for a certificate
 * @throws UsageError for beta or rho <= 0, or a factorisation too large; DataError for X and y
 * @example
 * const patterns = samplePatterns(X, 48, random.generator(1));
 * const solution = await convexReluAdmm(X, y, patterns, { beta: 0.1, rho: 0.1, iterations: 300 });
 * const network = recoverNetwork(solution);
 */
export async function convexReluAdmm(
  X: NDArray,
  y: NDArray,
  patterns: Patterns,
  options: AdmmOptions,
): Promise<ConvexSolution> {
  const { beta, rho = beta, dualStep = 1, iterations = 1000, tolerance = 1e-9 } = options;
  const { every = Math.min(10, iterations), solver = "woodbury" } = options;
  requirePositive("beta", beta);
  requirePositive("rho", rho);
  requirePositive("dualStep", dualStep);
  requireWhole("iterations", iterations, 1);
  requireWhole("every", every, 1);
  if (!(tolerance >= 0)) throw new UsageError(`tolerance must not be negative, got ${tolerance}`);
  if (!solverNames.includes(solver))
    throw new UsageError(`there is no solver "${solver}"; there are ${solverNames.join(", ")}`);
  const program = convexProgram(X, y, patterns, "squared");
  const settings = { beta: scalar(beta), rho: scalar(rho), dualStep: scalar(dualStep) };
  const factors = await factorise(program, settings.rho, solver);
  const [blocks, n] = program.masks.shape;
  const d = program.X.shape[1];
  let state: AdmmState<NDArray> = {
    u: zeros64([blocks, d]),
    v: zeros64([blocks, d]),
    s: zeros64([blocks, n]),
    lambda: zeros64([blocks, d]),
    nu: zeros64([blocks, n]),
  };
  const history: ProgramRecord[] = [];
  let done = 0;
  while (done < iterations) {
    // The last records may be fewer, and the very last may cover fewer iterations.
    const whole = Math.floor((iterations - done) / every);
    const [records, stride] =
      whole > 0 ? [Math.min(recordsPerCall, whole), every] : [1, iterations - done];
    const [next, seen] = await loopOf(records, stride, solver)(program, factors, state, settings);
    state = next;
    history.push(...asRecords(seen, done, stride));
    done += records * stride;
    const { splitting, slack, dualResidual } = history[history.length - 1];
    if (Math.hypot(splitting, slack) <= tolerance && dualResidual <= tolerance) break;
  }
  const { objective, violation } = history[history.length - 1];
  return {
    ...parted(state.v),
    objective,
    violation,
    history,
    multipliers: coneMultipliers(state, rho),
    splitOutputs: await runOutputs(program, state.u),
  };
}

/** Stacked measurements as records. */
export function asRecords(
  seen: Record<Exclude<keyof ProgramRecord, "iteration">, NDArray>,
  done: number,
  stride: number,
): ProgramRecord[] {
  return Array.from(seen.objective.data, (objective, i) => ({
    iteration: done + (i + 1) * stride,
    objective,
    violation: seen.violation.data[i],
    splitting: seen.splitting.data[i],
    slack: seen.slack.data[i],
    dualResidual: seen.dualResidual.data[i],
  }));
}

/** Multipliers of the cone constraints: -rho nu, which is >= 0 where the dual step is 1. */
export function coneMultipliers({ nu }: AdmmState<NDArray>, rho: number): NDArray {
  const values = Float64Array.from(nu.data, (value) => Math.max(0, -rho * value));
  return array(values, { shape: nu.shape });
}
