/**
 * What experiments share: how parameters start, layers and small nets, losses, metrics and the
 * statistics of repeated runs.
 */
export { LearnError } from "./errors.ts";
export * as initializers from "./initializers.ts";
export * from "./layers/index.ts";
export * from "./losses/index.ts";
export * from "./metrics/index.ts";
export * from "./nets/index.ts";
export * from "./optimisers/index.ts";
export * from "./schedules/index.ts";
export * from "./training/index.ts";
