/** A worker: takes jobs as long as there are any, several at a time, and can be killed at any moment. */
import { hostname } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import type { Store } from "@etude/store";
import { claim } from "./claim.ts";
import { persist } from "./persist.ts";
import type { Queue } from "./queue.ts";
import { giveBackAll } from "./recover.ts";
import { concludeFinished } from "./reports.ts";
import { anyOpen } from "./status.ts";
import { type Became, nameOf, perform } from "./work.ts";

export interface WorkerOptions {
  /** Jobs at a time. */
  readonly concurrency: number;
  /** Threads of each. */
  readonly threads: number;
  /** Ends the worker when nothing is left to do, instead of waiting for more. */
  readonly untilIdle?: boolean;
  /** Aborted to stop: running jobs are given back, with their finished steps. */
  readonly signal: AbortSignal;
  readonly say: (message: string) => void;
}

/** Milliseconds between two looks into an empty queue. */
const idle = 1000;
/** Of this machine, one after the other: then it is of no use. */
const troublesAllowed = 3;

/**
 * Works until the signal, or until nothing is left.
 *
 * @returns how many jobs it finished
 * @throws Error when this machine cannot compute: its disk is full, it cannot get the data
 */
export async function work(
  store: Store,
  queue: Queue,
  { concurrency, threads, untilIdle = false, signal: asked, say }: WorkerOptions,
): Promise<number> {
  // A lane that cannot go on ends all: their jobs are given back.
  const halt = new AbortController();
  const signal = AbortSignal.any([asked, halt.signal]);
  const worker = `${hostname()} ${process.pid}`;
  const troubled = () => say("the database is away; waiting");
  const safely = <T>(act: () => Promise<T>) => persist(act, { signal, troubled });
  // An embedded database has one process at a time: whoever had a job before is dead.
  if (store.kind === "embedded") await giveBackAll(store, queue);
  let finished = 0;
  let troubles = 0;
  let busy = 0;

  async function one(): Promise<"worked" | "nothing"> {
    const message = await safely(() => queue.take());
    if (message === undefined) return "nothing";
    const taken = await safely(() => claim(store, queue, message, worker));
    if (taken === undefined) return "worked";
    say(`${nameOf(taken)}: attempt ${taken.attempt}`);
    const became = await perform(taken, { store, queue, threads, signal, say });
    say(`${nameOf(taken)}: ${words[became]}`);
    if (became === "done") {
      finished += 1;
      await safely(() => concludeFinished(store, say, taken.sweep.id));
    }
    troubles = became === "machine" ? troubles + 1 : 0;
    if (troubles >= troublesAllowed)
      throw new Error("this machine cannot compute the jobs: see above; others may");
    return "worked";
  }

  async function lane(): Promise<void> {
    while (!signal.aborted) {
      busy += 1;
      const did = await one().finally(() => {
        busy -= 1;
      });
      if (did === "worked") continue;
      if (untilIdle && busy === 0 && !(await safely(() => anyOpen(store)))) return;
      await wait(idle * (0.5 + Math.random()), undefined, { signal });
    }
  }

  await safely(() => concludeFinished(store, say));
  const lanes = Array.from({ length: concurrency }, () =>
    lane().catch((error: unknown) => {
      if (signal.aborted) return;
      halt.abort();
      throw error;
    }),
  );
  for (const ended of await Promise.allSettled(lanes))
    if (ended.status === "rejected") throw ended.reason;
  return finished;
}

const words: Readonly<Record<Became, string>> = {
  done: "done",
  again: "will be tried again",
  dead: "failed too often; it is dead until somebody retries it",
  released: "given back",
  lost: "done by another worker, or cancelled",
  machine: "given to another machine",
};
