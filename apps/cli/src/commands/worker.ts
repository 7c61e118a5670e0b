/** `etude worker`: computes jobs of the queue until it is stopped. */
import { availableParallelism } from "node:os";
import { UsageError } from "@etude/papers/errors";
import { command } from "../command.ts";
import { exit } from "../exit.ts";
import { storeFlags, withStore } from "../store.ts";

export default command({
  name: "worker",
  describe: "Compute jobs of the queue, on this machine, until it is stopped",
  words: [],
  flags: {
    concurrency: { type: "number", describe: "Jobs at a time", otherwise: "1" },
    threads: {
      type: "number",
      describe: "Threads of a job",
      otherwise: "the cores, shared among the jobs",
    },
    once: { type: "switch", describe: "End when nothing is left to do" },
    ...storeFlags,
  },
  examples: [
    ["worker", "one job at a time, with all cores"],
    ["worker --concurrency 4 --once", "four at a time, until the queue is empty"],
  ],
  notes:
    "Any number of workers on any number of machines may share a queue: set DATABASE_URL. A worker can be killed at any moment; another one goes on from the last finished step of its jobs. Ctrl-C gives jobs back at once. Each job is a process of its own, so that one that crashes harms nobody.",
  async run({ flags }, session) {
    const { terminal } = session;
    const cores = availableParallelism();
    const { concurrency = 1 } = flags;
    const threads = flags.threads ?? Math.max(1, Math.floor(cores / Math.max(1, concurrency)));
    checkCount("concurrency", concurrency, 256);
    checkCount("threads", threads, 1024);
    const settled = session.onSecondInterrupt(() => {});
    const { openQueue, work } = await import("@etude/jobs");
    const done = await withStore(flags, terminal.folder, async (store) => {
      const queue = await openQueue(store, { tend: true });
      try {
        return await work(store, queue, {
          concurrency,
          threads,
          untilIdle: flags.once === true,
          signal: session.signal,
          say: (message) => terminal.err(`${new Date().toISOString().slice(11, 19)} ${message}`),
        });
      } finally {
        await queue.close();
      }
    });
    settled();
    terminal.err(`${done} ${done === 1 ? "job" : "jobs"} done`);
    return exit.done;
  },
});

function checkCount(name: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new UsageError(`--${name} ${value}: expected a whole number from 1 to ${most}`);
}
