/** What a worker and the process that computes a job say to each other; structured clones, not JSON. */
import type { RunEvent } from "@etude/papers";
import type { Setting, Sweep } from "./sweep.ts";

/** All that a job depends on. */
export interface Work {
  readonly sweep: Omit<Sweep, "settings">;
  readonly setting: Setting;
  readonly seed: number;
  readonly threads: number;
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
  | { readonly type: "failed"; readonly error: string; readonly machine: boolean };
