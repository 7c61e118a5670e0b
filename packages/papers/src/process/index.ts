/** Seeds of an experiment as processes, in Node. */
export { type Conditions, compute, type Ending } from "./compute.ts";
export { decodeOutcome, encodeOutcome, type MeasuredSeed } from "./outcome.ts";
export type { Failure, Work } from "./protocol.ts";
export { ProcessError, seedProcess } from "./seedProcess.ts";
