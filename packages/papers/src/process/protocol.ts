/** What a program and the process that computes a seed for it say to each other; structured clones, not JSON. */
import type { Device } from "@etude/tensor";
import type { RunEvent } from "../contract/events.ts";
import type { VerifyRequest } from "../run/verify.ts";

/** All that a seed depends on. */
export interface Work {
  readonly paper: string;
  readonly request: VerifyRequest;
  readonly seed: number;
  /** The default one of the machine where absent. */
  readonly device?: Device;
  /** As many as cores where absent. */
  readonly threads?: number;
  /** How many such processes run beside each other, for the report. */
  readonly atOnce?: number;
}

/** An error on its way from one process to another. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

export type ToRunner =
  | { readonly type: "work"; readonly work: Work }
  /** Answers a request. */
  | { readonly type: "bytes"; readonly request: number; readonly bytes: Uint8Array | undefined };

export type FromRunner =
  | { readonly type: "load"; readonly request: number; readonly name: string }
  | {
      readonly type: "save";
      readonly request: number;
      readonly name: string;
      readonly bytes: Uint8Array;
    }
  | { readonly type: "event"; readonly event: RunEvent }
  | { readonly type: "memory"; readonly megabytes: number }
  | { readonly type: "done"; readonly outcome: Uint8Array }
  /** @param machine whether another machine may do better */
  | { readonly type: "failed"; readonly failure: Failure; readonly machine: boolean };
