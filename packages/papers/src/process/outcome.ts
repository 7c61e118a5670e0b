/** What a seed gave, as bytes that can be sent and kept: JSON has no NaN, so it is the state of a run. */
import { decodeState, encodeState } from "@etude/learn";
import type { RunEnvironment } from "../contract/report.ts";
import type { SeedOutcome } from "../run/verify.ts";

export interface MeasuredSeed {
  readonly outcome: SeedOutcome;
  readonly environment: RunEnvironment;
}

export const encodeOutcome = (outcome: MeasuredSeed): Uint8Array => encodeState(outcome);

export const decodeOutcome = (bytes: Uint8Array): MeasuredSeed =>
  decodeState(bytes) as MeasuredSeed;
