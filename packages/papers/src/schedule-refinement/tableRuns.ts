/** The experiments on tables: standard schedules on stationary problems, and a phase of noise. */
import { array, type random } from "@etude/tensor";
import type { RefineOptions } from "./refine.ts";
import { type Batches, type Method, normOf, type Runner } from "./softmaxRegression.ts";
import { cosine, flat, inverse, inverseSqrt, linearDecay } from "./standardSchedules.ts";
import { bestOf, byName, type Losses, ratesOf, refinedFrom, type Shape } from "./sweep.ts";
import type { Examples } from "./tables.ts";

/** Rows a batch has, outside of the noisy phase. */
export const batchSize = 16;
export const quietBatchSize = 32;

export const standardNames = ["flat", "1/t", "1/sqrt t", "cosine", "linear"] as const;
export type StandardName = (typeof standardNames)[number];

const standard = (steps: number): readonly Float64Array[] => [
  flat(steps),
  inverse(steps),
  inverseSqrt(steps),
  cosine(steps),
  linearDecay(steps),
];

export interface TableRun {
  readonly losses: Losses;
  /** Absent where there was no schedule to be had. */
  readonly refined?: Shape;
}

/**
 * Whole epochs in random order, batches of 16; the rows that make no full batch are left out.
 *
 * @param draw forked for every epoch
 */
export function shuffled(rows: number, epochs: number, draw: random.Generator): Batches {
  const perEpoch = Math.max(Math.floor(rows / batchSize), 1);
  const steps = perEpoch * epochs;
  const order = new Int32Array(steps * batchSize);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const once = draw
      .fork(epoch)
      .permutation(rows)
      .subarray(0, perEpoch * batchSize);
    order.set(once, epoch * perEpoch * batchSize);
  }
  const shape = [steps, batchSize];
  return {
    rows: array(order, { shape }),
    weights: array(new Float32Array(order.length).fill(1 / batchSize), { shape }),
  };
}

export const phases = ["first 30 %", "middle third", "last 30 %"] as const;
export type Phase = (typeof phases)[number];

const limits: Readonly<Record<Phase, readonly [from: number, to: number]>> = {
  "first 30 %": [0, 0.3],
  "middle third": [1 / 3, 2 / 3],
  "last 30 %": [0.7, 1],
};

/** Rows drawn with replacement: 32 a step, of which in the noisy phase only the first counts. */
export function noisy(rows: number, steps: number, phase: Phase, draw: random.Generator): Batches {
  const size = quietBatchSize;
  const [from, to] = limits[phase];
  const weights = new Float32Array(steps * size).fill(1 / size);
  for (let t = Math.round(from * steps); t < Math.round(to * steps); t++) {
    weights.fill(0, t * size, (t + 1) * size);
    weights[t * size] = 1;
  }
  const order = Int32Array.from({ length: steps * size }, () => draw.integer(rows));
  const shape = [steps, size];
  return { rows: array(order, { shape }), weights: array(weights, { shape }) };
}

/** How the norms of a record are refined, by what results call it. */
export type Refinements = Readonly<Record<string, Omit<RefineOptions, "norm">>>;

export interface TableBatches {
  /** What all schedules are swept on. */
  readonly swept: Batches;
  /** Further ones, on which linear decay is swept too: its best peak is that of the mean. */
  readonly tuning: readonly Batches[];
  /** What norms are recorded on. */
  readonly recorded: Batches;
}

/**
 * All schedules at all peaks, then the refinements: norms are recorded in one run of linear decay, at
 * its best peak but on other batches, and the schedules made of them are swept on the first batches
 * again.
 */
export async function sweepTable(
  run: Runner,
  examples: Examples,
  { swept, tuning, recorded }: TableBatches,
  options: {
    readonly method: Method;
    readonly peaks: readonly number[];
    readonly names: readonly StandardName[];
    /** The shape of the first is kept. */
    readonly refinements: Refinements;
  },
): Promise<TableRun> {
  const { method, peaks, names, refinements } = options;
  const [steps] = swept.rows.shape;
  const linear = linearDecay(steps);
  const all = standard(steps);
  const chosen = names.map((name) => all[standardNames.indexOf(name)]);
  const sweep = async (
    batches: Batches,
    schedules: readonly Float64Array[],
    names: readonly string[],
  ) => byName((await run(examples, batches, ratesOf(schedules, peaks))).losses, names);

  const known = await sweep(swept, chosen, names);
  const trials = [known.linear];
  for (const batches of tuning) trials.push((await sweep(batches, [linear], ["linear"])).linear);
  const sums = peaks.map((_, i) => trials.reduce((sum, losses) => sum + losses[i], 0));
  const rates = ratesOf([linear], [peaks[bestOf(sums)]]);
  const { norms } = await run(examples, recorded, rates);

  const made = Object.entries(refinements).map(([name, how]) => {
    return { name, refined: refinedFrom(norms.data, { norm: normOf[method], ...how }) };
  });
  const missing: Losses = Object.fromEntries(
    made.map(({ name }) => [name, peaks.map(() => Number.NaN)]),
  );
  const there = made.flatMap(({ name, refined }) => (refined ? [{ name, ...refined }] : []));
  const again =
    there.length === 0
      ? {}
      : await sweep(
          swept,
          there.map(({ schedule }) => schedule),
          there.map(({ name }) => name),
        );
  const shape = made[0]?.refined?.shape;
  return {
    losses: { ...known, ...missing, ...again },
    ...(shape === undefined ? {} : { refined: shape }),
  };
}
