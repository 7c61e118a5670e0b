/** A sweep as pages and the API show it: without the names of machines and their errors. */
import type { SweepDetails, SweepListing } from "@etude/jobs";
import { z } from "zod";

const counts = z.object({
  waiting: z.int(),
  running: z.int(),
  done: z.int(),
  dead: z.int().describe("failed three times"),
  cancelled: z.int(),
});

const sweepSchema = z.object({
  id: z.string(),
  paper: z.string(),
  preset: z.string(),
  settings: z.array(z.string()).describe("what tells each setting from the others"),
  seeds: z.array(z.int()),
  created: z.iso.datetime(),
  counts,
  done: z.number().describe("of all its jobs, from 0 to 1"),
});

export const runSchema = sweepSchema.extend({
  settled: z.boolean().describe("whether nothing will change any more by itself"),
  jobs: z.array(
    z.object({
      setting: z.string(),
      seed: z.int(),
      state: z.enum(["waiting", "running", "done", "dead", "cancelled"]),
      attempts: z.int(),
      done: z.number(),
      doing: z.string().nullable(),
    }),
  ),
  reports: z.array(z.object({ setting: z.string(), url: z.string() })),
});

export type PublicSweep = z.infer<typeof sweepSchema>;
export type PublicRun = z.infer<typeof runSchema>;

export const publicSweep = (sweep: SweepListing): PublicSweep => ({
  id: sweep.id,
  paper: sweep.paper,
  preset: sweep.preset,
  settings: [...sweep.settings],
  seeds: [...sweep.seeds],
  created: sweep.created.toISOString(),
  counts: { ...sweep.counts },
  done: sweep.done,
});

/** @param base what addresses begin with; "" for addresses on this site */
export const publicRun = (details: SweepDetails, base: string): PublicRun => ({
  ...publicSweep(details),
  settled: isSettled(details),
  jobs: details.jobs.map(({ setting, seed, state, attempt, done, label }) => ({
    setting,
    seed,
    state,
    attempts: attempt,
    done: state === "done" ? 1 : done,
    doing: state === "running" ? label : null,
  })),
  reports: details.reports.map(({ setting, id }) => ({ setting, url: `${base}/reports/${id}` })),
});

/** No job is open, and every setting that can have a report has it. */
function isSettled({ counts, settings, jobs, reports }: SweepDetails): boolean {
  if (counts.waiting + counts.running > 0) return false;
  const whole = settings.filter((name) =>
    jobs.every(({ setting, state }) => setting !== name || state === "done"),
  );
  return reports.length === whole.length;
}
