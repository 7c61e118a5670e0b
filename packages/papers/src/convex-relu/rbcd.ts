/**
 * ADMM for any convex loss: the u-update by randomised block coordinate descent (algorithm 3.2,
 * eq. 13). It is inexact, so the dual step is shorter than in standard ADMM.
 */
import { array, jit, type NDArray, random, scan, type Tensor, where } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { type AdmmState, asRecords, coneMultipliers, measure, splitUpdate } from "./admm.ts";
import { type LossName, losses } from "./losses.ts";
import { type Patterns, requireWhole } from "./patterns.ts";
import {
  type ConvexSolution,
  convexProgram,
  outputsOf,
  type Program,
  type ProgramRecord,
  parted,
  requirePositive,
  runOutputs,
} from "./program.ts";

export interface RbcdOptions {
  readonly beta: number;
  readonly rho: number;
  /** gamma / rho: 0.2. */
  readonly gammaRatio?: number;
  readonly loss: LossName;
  /** Patterns whose pair of blocks moves at once: 3. */
  readonly blockSize?: number;
  /** First trial of a step length: 1e-3. It adapts. */
  readonly baseStep?: number;
  /** A u-update ends when a block update lowers its objective by less on average: 4e-6 n. */
  readonly threshold?: number;
  /** Factor of the threshold from one ADMM iteration to the next: 1. */
  readonly thresholdDecay?: number;
  /** ADMM iterations: 30. */
  readonly iterations?: number;
  /** Most block updates in one u-update: 40 for each pattern. */
  readonly mostUpdates?: number;
  /** What is computed in: float64. float32 is nearly twice as fast and enough for most uses. */
  readonly dtype?: "float32" | "float64";
  readonly seed: number;
}

/** Step lengths tried: base, base / 2.5, ... */
const [trials, shrink] = [16, 2.5];
/** Armijo's condition: the part of the linear decrease that a step must keep. */
const sufficient = 1e-4;
/** What the first trial is multiplied with after a step that was accepted at once, and after another. */
const [growth, retreat] = [1.05, 1 / 1.5];

/** Block updates over which a mean decrease says something. */
const leastPerCall = 25;

interface Walk<T> {
  /** [2P, d] */
  readonly u: T;
  /** F u, [n] */
  readonly outputs: T;
  readonly baseStep: T;
}

/**
 * One update of the blocks u_i and z_i of some patterns, eq. 13: a step along the negative gradient of
 *
 *     l(F u, y) + rho / 2 |u - v + lambda|^2 + rho / 2 |G u - s + nu|^2
 *
 * in these blocks. Along a line the quadratic terms are known and the loss depends on the outputs only,
 * so all trial lengths are judged at once and the longest sufficient one is taken.
 *
 * @param places int32: rows of the chosen blocks
 */
export function blockUpdate(
  { X, y, masks, signs }: Program<Tensor>,
  { u, outputs, baseStep }: Walk<Tensor>,
  { v, s, lambda, nu }: Omit<AdmmState<Tensor>, "u">,
  places: Tensor,
  rho: Tensor,
  loss: LossName,
): { walk: Walk<Tensor>; decrease: Tensor } {
  const { value, slope } = losses[loss];
  const [D, sign] = [masks.gather(places), signs.gather(places)];
  const sides = D.mul(2).sub(1);
  const chosen = u.gather(places);
  const apart = chosen.sub(v.gather(places)).add(lambda.gather(places));
  const slack = chosen
    .matmul(X.transpose())
    .mul(sides)
    .sub(s.gather(places))
    .add(nu.gather(places));
  // F_i^T l'(yhat) + rho G_i^T (...), in one product with X.
  const pulled = D.mul(slope(outputs, y)).mul(sign).add(slack.mul(sides).mul(rho)).matmul(X);
  const gradient = pulled.add(apart.mul(rho));

  const image = gradient.matmul(X.transpose());
  const turn = sign.transpose().matmul(image.mul(D)).squeeze(0);
  const sideImage = image.mul(sides);
  const square = gradient.mul(gradient).sum();
  const linear = apart.mul(gradient).sum().add(slack.mul(sideImage).sum()).mul(rho);
  const curvature = square.add(sideImage.mul(sideImage).sum()).mul(rho);

  const lengths = baseStep.mul(ladder(u.dtype));
  const moved = outputs.sub(lengths.expandDims(1).mul(turn));
  const fits = value(moved, y).sum(-1).sub(value(outputs, y).sum());
  const change = fits.sub(lengths.mul(linear)).add(lengths.mul(lengths).mul(curvature).mul(0.5));
  const accepted = change.lessEqual(lengths.mul(square).mul(-sufficient)).astype("int32");
  const first = accepted.argmax();
  const any = accepted.max().greater(0);
  const length = where(any, lengths.gather(first), 0);
  const atOnce = any.and(first.equal(0));
  return {
    walk: {
      u: u.scatterAdd(places, gradient.mul(length.neg())),
      outputs: outputs.sub(turn.mul(length)),
      baseStep: baseStep.mul(where(atOnce, growth, retreat).astype(u.dtype)),
    },
    decrease: where(any, change.gather(first).neg(), 0),
  };
}

const ladder = (dtype: Tensor["dtype"]): NDArray =>
  array(
    Float64Array.from({ length: trials }, (_, j) => shrink ** -j),
    { dtype },
  );

const updates = jit(
  (
    program: Program<Tensor>,
    walk: Walk<Tensor>,
    fixed: Omit<AdmmState<Tensor>, "u">,
    places: Tensor,
    rho: Tensor,
    loss: LossName,
  ) => {
    // Rounding would add up in the outputs: they are computed anew where a call begins.
    const start = { ...walk, outputs: outputsOf(program, walk.u) };
    const [last, decreases] = scan(
      (walk: Walk<Tensor>, chosen: Tensor) => {
        const { walk: next, decrease } = blockUpdate(program, walk, fixed, chosen, rho, loss);
        return [next, decrease];
      },
      start,
      places,
    );
    return { walk: last, decrease: decreases.mean() };
  },
);

type Settings = Parameters<typeof splitUpdate>[3];

const closing = jit(
  (
    program: Program<Tensor>,
    u: Tensor,
    old: Omit<AdmmState<Tensor>, "u">,
    settings: Settings,
    loss: LossName,
  ) => {
    const next = splitUpdate(program, u, old, settings);
    return [next, measure(program, next, old, settings, loss)] as const;
  },
);

/**
 * The convex program (3) for any of the losses, by ADMM with randomised block coordinate descent.
 * An update of the blocks costs three products with X, of 2 `blockSize` rows: nothing is factorised.
 *
 * @param X [n, d]
 * @param y [n]: numbers (squared), 0 and 1 (logistic), -1 and 1 (hinge)
 */
export async function convexReluAdmmRbcd(
  X: NDArray,
  y: NDArray,
  patterns: Patterns,
  options: RbcdOptions,
): Promise<ConvexSolution> {
  const { beta, rho, loss, seed } = options;
  const { gammaRatio = 0.2, baseStep = 1e-3, iterations = 30, thresholdDecay = 1 } = options;
  const { blockSize = Math.min(3, patterns.count), dtype = "float64" } = options;
  const { threshold = 4e-6 * X.shape[0], mostUpdates = 40 * patterns.count } = options;
  for (const [name, value] of Object.entries({
    beta,
    rho,
    gammaRatio,
    baseStep,
    threshold,
    thresholdDecay,
  }))
    requirePositive(name, value);
  requireWhole("iterations", iterations, 1);
  requireWhole("blockSize", blockSize, 1);
  requireWhole("mostUpdates", mostUpdates, 1);
  if (blockSize > patterns.count)
    throw new UsageError(`blockSize ${blockSize} is more than the ${patterns.count} patterns`);
  const wide = convexProgram(X, y, patterns, loss);
  const program: Program<NDArray> = {
    X: wide.X.astype(dtype),
    y: wide.y.astype(dtype),
    masks: wide.masks.astype(dtype),
    signs: wide.signs.astype(dtype),
  };
  const number = (value: number): NDArray => array([value], { dtype, shape: [] });
  const settings = { beta: number(beta), rho: number(rho), dualStep: number(gammaRatio) };
  const [blocks, n] = program.masks.shape;
  const empty = (columns: number): NDArray =>
    array(new Float64Array(blocks * columns), { shape: [blocks, columns], dtype });
  const d = program.X.shape[1];
  let state: AdmmState<NDArray> = {
    u: empty(d),
    v: empty(d),
    s: empty(n),
    lambda: empty(d),
    nu: empty(n),
  };
  let walk: Walk<NDArray> = {
    u: state.u,
    outputs: array(new Float64Array(n), { dtype }),
    baseStep: number(baseStep),
  };
  const generator = random.generator(seed);
  // One call goes once through as many patterns as there are, or oftener if they are few.
  const perCall = Math.max(leastPerCall, Math.ceil(patterns.count / blockSize));
  const history: ProgramRecord[] = [];
  for (let iteration = 0; iteration < iterations; iteration++) {
    const { u: _, ...fixed } = state;
    const enough = threshold * thresholdDecay ** iteration;
    for (let done = 0; done < mostUpdates; done += perCall) {
      const places = choose(generator, patterns.count, blockSize, perCall);
      const result = await updates(program, walk, fixed, places, settings.rho, loss);
      walk = result.walk;
      if (result.decrease.item() < enough) break;
    }
    const [next, seen] = await closing(program, walk.u, fixed, settings, loss);
    state = next;
    history.push(...asRecords(asVectors(seen), iteration, 1));
  }
  const { objective, violation } = history[history.length - 1];
  const answer = { ...parted(state.v.astype("float64")), objective, violation, history };
  const splitOutputs = (await runOutputs(program, state.u)).astype("float64");
  return { ...answer, multipliers: coneMultipliers(state, rho), splitOutputs };
}

/** Rows of both blocks of `size` different patterns, for each of `times` updates: int32 [times, 2 size]. */
function choose(generator: random.Generator, count: number, size: number, times: number): NDArray {
  const places = Array.from({ length: times }, () => {
    const picked = Array.from(generator.sample(count, size));
    return [...picked, ...picked.map((i) => count + i)];
  });
  return array(places, { dtype: "int32" });
}

const asVectors = <K extends string>(seen: Record<K, NDArray>): Record<K, NDArray> => {
  const entries = Object.entries<NDArray>(seen).map(([name, value]) => [name, value.reshape([1])]);
  return Object.fromEntries(entries) as Record<K, NDArray>;
};
