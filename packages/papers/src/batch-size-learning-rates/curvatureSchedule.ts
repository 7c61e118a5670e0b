/**
 * Learning rate and momentum from the curvature that batches of the training size have, measured while
 * training: a few Lanczos steps before every epoch, and Polyak's coefficients for the range of
 * curvature they find.
 *
 * The largest of several batches counts, and of the last refreshes: one batch with a small top
 * eigenvalue would give a huge step, after which the run diverges. Negative curvature has no place in
 * Polyak's formula; its magnitude tells how large noise is, and positive curvature below it is noise
 * too.
 */
import {
  type ArrayTree,
  grad,
  jit,
  type random,
  type Tensor,
  type TensorTree,
} from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import {
  type Curvature,
  type Examples,
  examplesAt,
  flatten,
  hessianVectorProduct,
  type Loss,
  rowsOf,
} from "./curvature.ts";
import { lanczos } from "./lanczos.ts";
import { type Coefficients, polyak } from "./polyak.ts";
import { dot } from "./product.ts";

export interface CurvatureScheduleOptions {
  /** Of training: the curvature that matters is that of such batches. */
  readonly batchSize: number;
  /** Epochs from one refresh to the next (1). */
  readonly interval?: number;
  /** Lanczos steps for each batch (10). */
  readonly lanczosSteps?: number;
  /** Batches for each refresh (3). */
  readonly reps?: number;
  /** Refreshes whose largest curvature counts, this one included (3). */
  readonly memory?: number;
  /** Factor of the learning rate (0.5). */
  readonly safety?: number;
  /**
   * - heavy-ball: rate and momentum from the ends of the spectrum;
   * - rayleigh: g.g / g.H g, the step to the minimum along a batch's gradient g, without momentum; where
   *   g.H g is not positive the rate stays as it was.
   */
  readonly mode?: "heavy-ball" | "rayleigh";
  /** For rayleigh: the rate of the first epoch, and until a batch has curvature along its gradient. */
  readonly warmStart?: number;
  /** Half the rate in the first epoch, while the curvature still grows quickly (false). */
  readonly cautiousStart?: boolean;
}

/** What a refresh saw and decided. */
export interface Refresh extends Coefficients {
  /** The largest curvature, L, and the least that counts, l; for rayleigh g.H g / g.g of the steepest batch and 0. */
  readonly greatest: number;
  readonly least: number;
  /** The magnitude of the most negative curvature: the level of the noise. */
  readonly floor: number;
  /** Hessian-vector products it took. */
  readonly products: number;
}

export interface ScheduleState {
  /** Epochs begun. */
  readonly epoch: number;
  /** The largest curvature of the refreshes that still count. */
  readonly recent: readonly number[];
  readonly latest: Refresh | null;
}

export interface CurvatureSchedule {
  readonly start: ScheduleState;
  /** To be called before every epoch; most calls outside `interval` only count. */
  next(
    state: ScheduleState,
    params: ArrayTree,
    examples: Examples,
    generator: random.Generator,
  ): Promise<{ readonly state: ScheduleState; readonly coefficients: Refresh }>;
}

const largestMomentum = 0.99;
/** Curvature below this share of the largest is none. */
const negligible = 1e-3;

/**
 * @param loss mean over the batch, weight decay included
 * @example
 * const schedule = curvatureSchedule(loss, { batchSize: 128 });
 * let state = schedule.start;
 * for (let epoch = 0; epoch < epochs; epoch++) {
 *   const next = await schedule.next(state, moving.params, examples, generator.fork(epoch));
 *   moving = await ball.advance(moving, examples, order(epoch), 128, next.coefficients);
 *   state = next.state;
 * }
 */
export function curvatureSchedule(
  loss: Loss,
  options: CurvatureScheduleOptions,
): CurvatureSchedule {
  const { batchSize, interval = 1, reps = 3, memory = 3, safety = 0.5 } = options;
  const { mode = "heavy-ball", warmStart, cautiousStart = false } = options;
  for (const [name, value] of Object.entries({ batchSize, interval, reps, memory })) {
    if (!Number.isInteger(value) || value < 1)
      throw new UsageError(`curvatureSchedule: ${name} is ${value}; give a whole number from 1`);
  }
  if (!(safety > 0)) throw new UsageError(`curvatureSchedule: safety is ${safety}, not positive`);
  const hessian = hessianVectorProduct(loss);
  const gradient = jit((params: TensorTree, x: Tensor, y: Tensor) =>
    flatten(grad(loss)(params, x, y) as TensorTree),
  );

  const measure = async (
    state: ScheduleState,
    params: ArrayTree,
    batches: readonly Examples[],
    generator: random.Generator,
  ): Promise<Measured> => {
    if (mode === "heavy-ball") {
      const { lanczosSteps: steps = 10 } = options;
      const spectra = await batchSpectra(hessian, params, batches, steps, generator);
      return heavyBallRefresh(spectra, state, { memory, safety });
    }
    const found = await rayleighQuotients(hessian, gradient, params, batches);
    return rayleighRefresh(found, state, { safety, warmStart });
  };

  return {
    start: { epoch: 0, recent: [], latest: null },
    next: async (state, params, examples, generator) => {
      const { epoch, latest } = state;
      const due = latest === null || epoch % interval === 0;
      if (!due) return { state: { ...state, epoch: epoch + 1 }, coefficients: latest };
      const rows = rowsOf(examples);
      const batches = Array.from({ length: reps }, (_, rep) =>
        examplesAt(examples, generator.fork(rep).sample(rows, Math.min(batchSize, rows))),
      );
      const { ownGreatest, ...refresh } = await measure(
        state,
        params,
        batches,
        generator.fork(reps),
      );
      const coefficients =
        cautiousStart && epoch === 0
          ? { ...refresh, learningRate: refresh.learningRate / 2 }
          : refresh;
      const recent = [...state.recent, ownGreatest].slice(-memory);
      return { state: { epoch: epoch + 1, recent, latest: refresh }, coefficients };
    },
  };
}

/** A refresh, with the largest curvature of its own batches alone. */
type Measured = Refresh & { readonly ownGreatest: number };

/** Ritz values, ascending, of each batch's Hessian. */
async function batchSpectra(
  hessian: Curvature,
  params: ArrayTree,
  batches: readonly Examples[],
  steps: number,
  generator: random.Generator,
): Promise<Float64Array[]> {
  const spectra: Float64Array[] = [];
  for (const [rep, batch] of batches.entries()) {
    const product = hessian.of(params, batch);
    spectra.push((await lanczos(product, { steps, generator: generator.fork(rep) })).ritzValues);
  }
  return spectra;
}

function heavyBallRefresh(
  spectra: readonly Float64Array[],
  { recent, latest }: ScheduleState,
  { memory, safety }: { memory: number; safety: number },
): Measured {
  // A Ritz value for each product.
  const products = spectra.reduce((sum, values) => sum + values.length, 0);
  const range = curvatureRange(spectra, memory > 1 ? recent.slice(1 - memory) : []);
  const { greatest, least, floor, ownGreatest } = range;
  if (!(greatest > 0)) {
    // No batch curves upwards: nothing can be said, so nothing is changed.
    if (latest === null)
      throw new UsageError("curvatureSchedule: no batch has positive curvature at the start");
    return { ...latest, floor, products, ownGreatest };
  }
  const { learningRate, momentum } = polyak(greatest, least);
  return {
    greatest,
    least,
    floor,
    ownGreatest,
    learningRate: safety * learningRate,
    momentum: Math.min(momentum, largestMomentum),
    products,
  };
}

/**
 * The range of curvature to use, from the Ritz values of several batches (ascending) and the largest
 * curvature of earlier refreshes.
 */
export function curvatureRange(
  spectra: readonly ArrayLike<number>[],
  earlier: readonly number[],
): { greatest: number; least: number; floor: number; ownGreatest: number } {
  const ownGreatest = Math.max(...spectra.map((values) => values[values.length - 1]));
  const greatest = Math.max(ownGreatest, ...earlier);
  const floor = Math.max(...spectra.map((values) => Math.max(-values[0], 0)));
  const limit = Math.max(floor, negligible * greatest);
  const smallest = spectra.flatMap((values) => {
    const found = Array.from(values).find((value) => value > limit);
    return found === undefined ? [] : [found];
  });
  // Where no curvature is above the noise, the noise's own level; polyak needs l <= L and l > 0.
  const least = smallest.length > 0 ? median(smallest) : limit;
  return { greatest, least: Math.min(least, greatest), floor, ownGreatest };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** g.H g / g.g for each batch. */
async function rayleighQuotients(
  hessian: Curvature,
  gradient: (
    params: ArrayTree,
    x: Examples["inputs"],
    y: Examples["targets"],
  ) => Promise<{ data: ArrayLike<number> }>,
  params: ArrayTree,
  batches: readonly Examples[],
): Promise<number[]> {
  const quotients: number[] = [];
  for (const batch of batches) {
    const g = Float64Array.from((await gradient(params, batch.inputs, batch.targets)).data);
    const square = dot(g, g);
    const curved = await hessian.of(params, batch).apply(g);
    quotients.push(square > 0 ? dot(g, curved) / square : 0);
  }
  return quotients;
}

function rayleighRefresh(
  quotients: readonly number[],
  { latest }: ScheduleState,
  { safety, warmStart }: { safety: number; warmStart: number | undefined },
): Measured {
  const greatest = Math.max(...quotients);
  const floor = Math.max(0, ...quotients.map((quotient) => -quotient));
  const seen = { greatest, least: 0, floor, momentum: 0, products: quotients.length };
  const first = latest === null && warmStart !== undefined;
  if (greatest > 0 && !first) {
    return { ...seen, ownGreatest: greatest, learningRate: safety / greatest };
  }
  const learningRate = latest?.learningRate ?? warmStart;
  if (learningRate === undefined) {
    throw new UsageError(
      "curvatureSchedule: no batch has positive curvature along its gradient at the start; give a warmStart",
    );
  }
  return { ...seen, ownGreatest: greatest, learningRate };
}
