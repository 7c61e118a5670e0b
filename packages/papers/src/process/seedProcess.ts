/** A seed that is computed in a process of its own, for whoever watches it as if it were computed here. */
import { EventEmitter, on } from "node:events";
import type { RunEvent, Running } from "../contract/events.ts";
import type { StepStore } from "../run/steps.ts";
import type { SeedOutcome } from "../run/verify.ts";
import { compute } from "./compute.ts";
import { decodeOutcome } from "./outcome.ts";
import type { Failure, Work } from "./protocol.ts";

/** A process that ended without an answer: the system was short of memory, or somebody ended it. */
export class ProcessError extends Error {
  override name = "ProcessError";
}

/**
 * The events of a seed and its outcome. Figures and pictures on the way stay where they are made.
 *
 * @param signal ends the process at once; finished steps are in the store
 * @throws what the experiment throws, by its name and message, and ProcessError
 */
export async function* seedProcess(
  work: Work,
  { store, signal }: { readonly store: StepStore; readonly signal: AbortSignal },
): Running<SeedOutcome> {
  signal.throwIfAborted();
  const told = new EventEmitter<{ event: [RunEvent]; end: [] }>();
  const unwatched = new AbortController();
  const ended = compute(work, {
    store,
    signal: AbortSignal.any([signal, unwatched.signal]),
    show: (event) => told.emit("event", event),
  }).finally(() => told.emit("end"));
  // It is awaited when all events are told.
  ended.catch(() => {});
  try {
    for await (const [event] of on(told, "event", { close: ["end"] })) yield event as RunEvent;
    const ending = await ended;
    switch (ending.kind) {
      case "done":
        return decodeOutcome(ending.outcome).outcome;
      case "stopped":
        throw signal.reason;
      default:
        throw errorOf(work.seed, ending.failure);
    }
  } finally {
    unwatched.abort();
  }
}

function errorOf(seed: number, { name, message, stack }: Failure): Error {
  if (stack === undefined) return new ProcessError(`seed ${seed}: ${message}`);
  const error = new Error(message);
  error.name = name;
  error.stack = stack;
  return error;
}
