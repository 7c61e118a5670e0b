/** The training loop and its checkpoints. Files are in `fileCheckpoint.ts`, for Node only. */
export { type Batches, minibatches, takeRows } from "./batches.ts";
export { type CheckpointStore, memoryCheckpoint } from "./checkpoint.ts";
export { DivergenceError, firstNonFinite } from "./divergence.ts";
export type { EarlyStopping } from "./earlyStopping.ts";
export type { Best, Metrics } from "./progress.ts";
export type { StepResult, TrainEvent, TrainOptions, TrainResult, TrainStep } from "./run.ts";
export { decodeState, encodeState } from "./state.ts";
export { lastOf, train } from "./train.ts";
