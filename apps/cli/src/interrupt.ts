/** Ctrl-C: the first asks a run to stop where it can be resumed, the second ends the process. */
import { exit } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

/** Why a run was stopped; its message says how to go on. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Says that the command stops by itself when `signal` is aborted, and what to do if it must end at once. */
  onSecond(act: () => void): () => void;
  /** Leaves the signals to the system again. */
  stop(): void;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export function listenForInterrupts(terminal: Terminal): Interrupts {
  const controller = new AbortController();
  const acts = new Set<() => void>();
  const listener = () => {
    if (!controller.signal.aborted && acts.size > 0) {
      terminal.err("etude: stopping after the present piece of work; Ctrl-C again stops at once");
      controller.abort(new Interrupted("interrupted"));
      return;
    }
    for (const act of acts) act();
    process.exit(exit.interrupted);
  };
  for (const signal of signals) process.on(signal, listener);
  return {
    signal: controller.signal,
    onSecond: (act) => {
      acts.add(act);
      return () => acts.delete(act);
    },
    stop: () => {
      for (const signal of signals) process.off(signal, listener);
    },
  };
}
