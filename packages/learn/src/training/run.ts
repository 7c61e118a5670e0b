/** What a training run is given, what it tells, and what it ends with. */
import type { NDArray } from "@etude/tensor";
import type { Batches } from "./batches.ts";
import type { CheckpointStore } from "./checkpoint.ts";
import type { EarlyStopping } from "./earlyStopping.ts";
import type { Best, Metrics } from "./progress.ts";

/**
 * One step: a jitted function. The key (uint32 [2]) is for this step's random numbers, a function of
 * the seed and the number of the step; a step that needs none does not take it.
 */
export type TrainStep<S, B> = (state: S, batch: B, key: NDArray) => Promise<StepResult<S>>;

/** The next state, the loss before the step, and whatever else; scalars among that become metrics. */
export type StepResult<S> = { state: S; loss: NDArray } & { [name: string]: unknown };

export interface TrainOptions<S, B> {
  step: TrainStep<NoInfer<S>, NoInfer<B>>;
  /** Parameters, optimiser state and all else that steps carry on: a tree of arrays. */
  state: S;
  batches: Batches<B>;
  /** How long: so many passes through the data, or so many steps. */
  epochs?: number;
  steps?: number;
  /** Decides the order of the data and the keys of the steps: 0. */
  seed?: number;
  evaluate?: (
    state: S,
    place: { step: number; epoch: number },
  ) => Promise<Readonly<Record<string, number | NDArray>>> | Readonly<Record<string, number>>;
  /** Steps between evaluations: an epoch. There is one at the end in any case. */
  evaluateEvery?: number;
  stopping?: EarlyStopping;
  /**
   * Where to keep checkpoints and how often. A run whose store holds one goes on from there. There is
   * one at the end and at an abort in any case.
   */
  checkpoint?: { store: CheckpointStore; everySteps?: number; everySeconds?: number };
  /** A loss above this counts as divergence, as NaN and infinity always do. */
  maximumLoss?: number;
  /** Steps between looks for NaN and infinity in the state: 100. Checkpoints are always looked at. */
  checkEvery?: number;
  /** Decay of the moving average of the loss: 0.98. */
  smoothing?: number;
  /** Ends the run after the step under way, with a checkpoint. */
  signal?: AbortSignal;
}

export interface Place {
  /** Steps done, from 1 on. */
  readonly step: number;
  /** The epoch of that step, from 0 on. */
  readonly epoch: number;
}

export type TrainEvent<S> =
  | ({ readonly kind: "resumed" } & Place)
  | ({
      readonly kind: "step";
      /** The step's batch in its epoch, from 0 on. */
      readonly batch: number;
      readonly loss: number;
      /** Moving average of the loss, to show. */
      readonly smoothedLoss: number;
      /** Other scalars that the step returned. */
      readonly metrics: Metrics;
      /** All that the step returned. */
      readonly result: StepResult<S>;
    } & Place)
  | ({
      readonly kind: "evaluation";
      readonly metrics: Metrics;
      /** Whether it is the best so far, if early stopping watches. */
      readonly isBest: boolean;
      readonly state: S;
    } & Place)
  | ({ readonly kind: "checkpoint"; readonly bytes: number } & Place);

export interface TrainResult<S> extends Place {
  /** The last state, or the best one if early stopping restores it. */
  readonly state: S;
  /** "finished" all steps, "stopped" early, "aborted" by the signal. */
  readonly reason: "finished" | "stopped" | "aborted";
  readonly smoothedLoss: number;
  /** The best evaluation, if early stopping watches. */
  readonly best: Best<S> | null;
}
