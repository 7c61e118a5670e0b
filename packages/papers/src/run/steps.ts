/**
 * Runs that can be killed at any moment. A run is a sequence of named steps; what a step gave is
 * stored before the next begins, and a run that starts again takes finished steps from the store. As
 * a step's result depends on options, seed and earlier results only, a resumed run ends with the same
 * bits as an unbroken one.
 */
import type { DataLoader } from "@etude/data";
import { type CheckpointStore, decodeState, encodeState } from "@etude/learn";
import type { RunContext } from "../contract/context.ts";
import type { Running } from "../contract/events.ts";

/** Bytes by name. `save` must be atomic: after a crash a name holds all of its bytes or is absent. */
export interface StepStore {
  load(name: string): Promise<Uint8Array | undefined>;
  save(name: string, bytes: Uint8Array): Promise<void>;
}

/** A store for runs that need not survive the process. */
export function memoryStore(): StepStore {
  const held = new Map<string, Uint8Array>();
  return {
    load: async (name) => held.get(name),
    save: async (name, bytes) => {
      held.set(name, bytes);
    },
  };
}

export interface StepTiming {
  readonly step: string;
  readonly seconds: number;
}

export interface SteppedRun {
  readonly context: RunContext;
  /** Of the steps finished so far, in their order. */
  readonly timings: readonly StepTiming[];
}

interface StoredStep {
  readonly value: unknown;
  readonly seconds: number;
}

/**
 * The context of a run whose steps are kept in `store` under `scope`.
 *
 * @param scope a name that no other run in this store has
 */
export function steppedRun(
  scope: string,
  store: StepStore,
  { seed, data, signal }: { seed: number; data: DataLoader; signal: AbortSignal },
): SteppedRun {
  const timings: StepTiming[] = [];
  const names = new Set<string>();

  async function* step<T>(name: string, work: () => Running<T> | Promise<T>): Running<T> {
    if (names.has(name)) throw new Error(`two steps of one run are named "${name}"`);
    names.add(name);
    signal.throwIfAborted();
    const place = `${scope}/${name}`;
    const bytes = await store.load(place);
    if (bytes !== undefined) {
      const stored = decodeState(bytes) as StoredStep;
      timings.push({ step: name, seconds: stored.seconds });
      return stored.value as T;
    }
    const began = performance.now();
    const running = work();
    const value = isRunning(running) ? yield* running : await running;
    const seconds = (performance.now() - began) / 1000;
    const encoded = encodeState({ value, seconds });
    await store.save(place, encoded);
    timings.push({ step: name, seconds });
    // Given as it would be read back: a fresh and a resumed run see the very same value.
    return (decodeState(encoded) as StoredStep).value as T;
  }

  const context: RunContext = {
    seed,
    data,
    signal,
    step,
    seconds: (name) => {
      const timing = timings.find((timing) => timing.step === name);
      if (timing === undefined) throw new Error(`step "${name}" has not finished`);
      return timing.seconds;
    },
    checkpoints: (name) => checkpointsOf(store, `${scope}/${name}/checkpoint`),
  };
  return { context, timings };
}

const isRunning = <T>(work: Running<T> | Promise<T>): work is Running<T> => "next" in work;

function checkpointsOf(store: StepStore, place: string): CheckpointStore {
  return { load: () => store.load(place), save: (bytes) => store.save(place, bytes) };
}

/** Passes on the events of `running` and stops it between two of them when `signal` is aborted. */
export async function* stoppable<R>(running: Running<R>, signal: AbortSignal): Running<R> {
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = await running.next();
      if (next.done) return next.value;
      yield next.value;
    }
  } finally {
    if (signal.aborted) await running.return(undefined as never);
  }
}
