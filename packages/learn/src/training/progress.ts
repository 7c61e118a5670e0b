/** What a run has come to: all that a checkpoint holds. */

import { treeFlatten } from "@etude/tensor";
import { fail } from "../errors.ts";
import { type Batches, batchesPerEpoch } from "./batches.ts";
import { decodeState, encodeState } from "./state.ts";

/** Numbers by name. */
export type Metrics = Readonly<Record<string, number>>;

/** The best evaluation so far. */
export interface Best<S> {
  readonly step: number;
  /** The metric watched. */
  readonly value: number;
  readonly metrics: Metrics;
  readonly state: S;
}

export interface Progress<S> {
  /** Steps done. */
  readonly step: number;
  readonly state: S;
  /** Exponential moving average of the loss, before the correction for its start at zero. */
  readonly average: { readonly sum: number; readonly weight: number };
  /** The last losses, oldest first. */
  readonly losses: readonly number[];
  readonly best: Best<S> | null;
  /** Evaluations since the best one. */
  readonly strikes: number;
  /** Early stopping has ended the run. */
  readonly stopped: boolean;
}

export const beginning = <S>(state: S): Progress<S> => ({
  step: 0,
  state,
  average: { sum: 0, weight: 0 },
  losses: [],
  best: null,
  strikes: 0,
  stopped: false,
});

/** What decides which data a step sees: a checkpoint fits only a run that agrees. */
interface Course {
  readonly seed: number;
  readonly examples: number;
  readonly batchSize: number;
  readonly batches: number;
  readonly inOrder: boolean;
}

const courseOf = (seed: number, data: Batches<unknown>): Course => ({
  seed,
  examples: data.examples,
  batchSize: data.batchSize,
  batches: batchesPerEpoch(data),
  inOrder: data.inOrder ?? false,
});

interface Saved<S> {
  readonly kind: "training";
  readonly course: Course;
  readonly progress: Progress<S>;
}

export function encodeProgress<S>(
  progress: Progress<S>,
  seed: number,
  data: Batches<unknown>,
): Uint8Array {
  const saved: Saved<S> = { kind: "training", course: courseOf(seed, data), progress };
  return encodeState(saved);
}

/**
 * @param state what the run would start from: the checkpoint's must have the same structure and shapes
 * @throws {LearnError} if the checkpoint is of another run, naming what differs
 */
export function decodeProgress<S>(
  bytes: Uint8Array,
  state: S,
  seed: number,
  data: Batches<unknown>,
): Progress<S> {
  const saved = decodeState(bytes) as Partial<Saved<S>>;
  if (saved?.kind !== "training" || saved.progress === undefined || saved.course === undefined)
    fail("train: the checkpoint holds something else than a training run");
  const course = courseOf(seed, data);
  for (const name of Object.keys(course) as (keyof Course)[]) {
    if (saved.course[name] === course[name]) continue;
    fail(
      `train: the checkpoint is of a run with ${name} ${saved.course[name]}, this one has ${course[name]}; ` +
        "going on would not be the same run. Use another checkpoint, or the settings of that run",
    );
  }
  const [found, wanted] = [signature(saved.progress.state), signature(state)];
  const wrong =
    wanted.find((entry) => !found.includes(entry)) ??
    found.find((entry) => !wanted.includes(entry));
  if (wrong !== undefined) {
    fail(
      `train: the checkpoint holds another model or optimiser: ${wrong} is only in ${wanted.includes(wrong) ? "the state of this run" : "the checkpoint"}`,
    );
  }
  return saved.progress;
}

/** Every leaf's place, dtype and shape. */
function signature(tree: unknown): string[] {
  const [leaves, { paths }] = treeFlatten(tree);
  return leaves.map((leaf, i) =>
    typeof leaf === "number"
      ? `${paths[i]}: number`
      : `${paths[i]}: ${leaf.dtype}[${leaf.shape.join(", ")}]`,
  );
}
