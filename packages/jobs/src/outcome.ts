/** What a job measured, as the bytes that are kept: JSON has no NaN, so it is the state of a run. */
import { decodeState, encodeState } from "@etude/learn";
import type { RunEnvironment, SeedOutcome } from "@etude/papers";

export interface JobOutcome {
  readonly outcome: SeedOutcome;
  readonly environment: RunEnvironment;
}

export const encodeOutcome = (outcome: JobOutcome): Uint8Array => encodeState(outcome);

export const decodeOutcome = (bytes: Uint8Array): JobOutcome => decodeState(bytes) as JobOutcome;
