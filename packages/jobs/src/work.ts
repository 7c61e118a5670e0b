/** One claimed job, from its beginning to what became of it. */
import { setTimeout as wait } from "node:timers/promises";
import { compute, type Failure } from "@etude/papers/process";
import type { Store } from "@etude/store";
import { checkpointStore } from "./checkpoints.ts";
import { beat, type Claim, fail, finish, type Progress, release } from "./claim.ts";
import { persist } from "./persist.ts";
import { type Queue, silence } from "./queue.ts";

export type Became = "done" | "again" | "dead" | "released" | "lost" | "machine";

export interface Place {
  readonly store: Store;
  readonly queue: Queue;
  readonly threads: number;
  /** Aborted when the worker stops: its jobs are given back. */
  readonly signal: AbortSignal;
  readonly say: (message: string) => void;
}

/** Three signs of life may go missing. */
const beatEvery = (silence * 1000) / 4;

export async function perform(claim: Claim, place: Place): Promise<Became> {
  const { store, queue, threads, signal, say } = place;
  const { paper, preset, seeds } = claim.sweep;
  const name = nameOf(claim);
  const lost = new AbortController();
  const over = new AbortController();
  let progress: Progress | undefined;
  const troubled = (error: unknown) =>
    say(`the database is away (${error instanceof Error ? error.message : error}); waiting`);
  const safely = <T>(act: () => Promise<T>) => persist(act, { troubled });

  const heart = (async () => {
    while (!over.signal.aborted) {
      await wait(beatEvery, undefined, { signal: over.signal }).catch(() => {});
      if (over.signal.aborted) return;
      const mine = await safely(() => beat(store, queue, claim, progress));
      if (!mine) lost.abort();
    }
  })().catch(() => lost.abort());

  const kept = checkpointStore(store, claim.job);
  try {
    const ending = await compute(
      { paper, request: { preset, seeds, set: claim.setting.set }, seed: claim.seed, threads },
      {
        store: {
          load: (step) => safely(() => kept.load(step)),
          save: (step, bytes) => safely(() => kept.save(step, bytes)),
        },
        minutes: claim.minutes,
        megabytes: claim.megabytes,
        signal: AbortSignal.any([signal, lost.signal]),
        show: (event) => {
          if (event.type === "progress") progress = event;
          if (event.type === "log") say(`${name}: ${event.message}`);
        },
      },
    );
    over.abort();
    await heart;
    switch (ending.kind) {
      case "done": {
        const first = await safely(() => finish(store, queue, claim, ending.outcome));
        return first ? "done" : "lost";
      }
      case "failed": {
        const error = lineOf(ending.failure);
        say(`${name} failed: ${error}`);
        return (await safely(() => fail(store, queue, claim, error))) ? "again" : "dead";
      }
      case "machine":
        say(`${name} cannot be computed here: ${lineOf(ending.failure)}`);
        await safely(() => release(store, queue, claim));
        return "machine";
      case "stopped":
        if (lost.signal.aborted) return "lost";
        await safely(() => release(store, queue, claim));
        return "released";
    }
  } finally {
    over.abort();
  }
}

export const nameOf = ({ sweep, setting, seed }: Claim): string =>
  [sweep.paper, setting.name, `seed ${seed}`].filter((part) => part !== "").join(", ");

/** The name of an error where it says something. */
const lineOf = ({ name, message }: Failure): string =>
  name === "Error" ? message : `${name}: ${message}`;
