/** What the site does by itself, as long as it runs: digests, papers from outside, jobs. */
import { availableParallelism } from "node:os";
import { work } from "@etude/jobs";
import { runDigests } from "@etude/mail";
import { ingestPapers, sourceNames, usualSince } from "./ingest.ts";
import { queueOf } from "./queue.ts";
import { closers } from "./shared.ts";
import type { Site } from "./site.ts";

const minute = 60_000;
/** Mails; most providers take that many. */
const perMinute = 300;

/** Calls a job now and then again so long after each end; a failure is told and tried again. */
function repeat(name: string, every: number, job: () => Promise<void>): void {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const turn = () => {
    running = job()
      .catch((error: unknown) => console.error(`${name}:`, error))
      .finally(() => {
        if (!stopped) timer = setTimeout(turn, every).unref();
      });
  };
  turn();
  closers().add(async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  });
}

/** Computes jobs until the site stops; then they are given back. */
function compute(site: Site): void {
  const { workers } = site.settings;
  const stopping = new AbortController();
  const working = (async () => {
    const queue = await queueOf(site);
    await work(site.store, queue, {
      concurrency: workers,
      threads: Math.max(1, Math.floor(availableParallelism() / workers)),
      signal: stopping.signal,
      say: (message) => console.error(`jobs: ${message}`),
    });
  })().catch((error: unknown) => console.error("jobs:", error));
  closers().add(async () => {
    stopping.abort();
    await working;
  });
}

export function startSchedule(here: Site): void {
  const { store, mail, settings } = here;
  const site = new URL(settings.publicUrl);
  repeat("digests", 5 * minute, async () => {
    const { recovered, delivered } = await runDigests(store, mail, { site, perMinute });
    const uncertain = recovered.uncertain.length + delivered.uncertain.length;
    if (uncertain > 0) console.error(`digests: ${uncertain} may or may not have arrived`);
    if (delivered.trouble !== undefined) console.error(`digests: ${delivered.trouble}`);
  });
  if (settings.ingest)
    repeat("papers", 60 * minute, async () => {
      const request = { sources: sourceNames, since: usualSince(new Date()) };
      for await (const { source, skipped } of ingestPapers(store, request))
        for (const { id, problem } of skipped) console.error(`${source}: ${id}: ${problem}`);
    });
  if (settings.workers > 0) compute(here);
}
