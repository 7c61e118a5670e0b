/** The training loop and its checkpoints. Files are in `fileCheckpoints.ts`, for Node only. */
export { type Batches, minibatches, takeRows } from "./batches.ts";
export { type CheckpointStore, memoryCheckpoints } from "./checkpointStore.ts";
export { DivergenceError, firstNonFinite } from "./divergence.ts";
export { decodeState, encodeState, StateError } from "./encode.ts";
export type { Best } from "./progress.ts";
export {
  type EarlyStopping,
  lastOf,
  type Metrics,
  type StepResult,
  type TrainEvent,
  type TrainOptions,
  type TrainResult,
  type TrainStep,
  train,
} from "./train.ts";
