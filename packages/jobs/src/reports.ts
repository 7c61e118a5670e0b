/** When all seeds of a setting are done: one report of them, as `verify` would have made it. */
import { conclude, loadPaper, type RunEnvironment } from "@etude/papers";
import { decodeOutcome } from "@etude/papers/process";
import { jobs, reports, type Store, saveReport, sweeps } from "@etude/store";
import { and, asc, eq, notExists, sql } from "drizzle-orm";
import { planOf, seedsOf, settingsOf } from "./sweep.ts";

/** The identifier of a setting's report. */
export const reportId = (sweep: string, setting: number): string => `${sweep}-${setting}`;

/**
 * Makes the reports that are due. They come from results alone, so it does no harm to make one twice.
 *
 * @param sweep of this one only
 */
export async function concludeFinished(
  store: Store,
  say: (message: string) => void,
  sweep?: string,
): Promise<void> {
  const made = store.db
    .select({ id: reports.id })
    .from(reports)
    .where(eq(reports.id, sql`${jobs.sweep} || '-' || ${jobs.setting}`));
  const due = await store.db
    .select({ sweep: jobs.sweep, setting: jobs.setting })
    .from(jobs)
    .where(and(notExists(made), sweep === undefined ? undefined : eq(jobs.sweep, sweep)))
    .groupBy(jobs.sweep, jobs.setting)
    .having(sql`bool_and(${jobs.state} = 'done')`);
  for (const each of due) say(`report: ${await concludeSetting(store, each)}`);
}

async function concludeSetting(
  store: Store,
  { sweep: id, setting }: { readonly sweep: string; readonly setting: number },
): Promise<string> {
  const [sweep] = await store.db.select().from(sweeps).where(eq(sweeps.id, id));
  const rows = await store.db
    .select({ outcome: jobs.outcome })
    .from(jobs)
    .where(and(eq(jobs.sweep, id), eq(jobs.setting, setting)))
    .orderBy(asc(jobs.seed));
  const outcomes = rows.flatMap(({ outcome }) => (outcome === null ? [] : decodeOutcome(outcome)));
  const { paper, preset } = sweep;
  const seeds = seedsOf(sweep.seeds);
  const plan = await planOf({ paper, preset, seeds }, settingsOf(sweep.settings)[setting]);
  const inOrder = seeds.flatMap((seed) => outcomes.filter((each) => each.outcome.seed === seed));
  const report = conclude(
    await loadPaper(paper),
    plan,
    inOrder.map(({ outcome }) => outcome),
    together(inOrder.map(({ environment }) => environment)),
  );
  return saveReport(store, report, { origin: "native", id: reportId(id, setting) }, new Date());
}

/** Several machines as one line each: what they have in common once; of cores, those of the smallest. */
function together(environments: readonly RunEnvironment[]): RunEnvironment {
  const all = (part: (environment: RunEnvironment) => string, longest: number) =>
    [...new Set(environments.map(part))].join(" / ").slice(0, longest);
  return {
    etude: all(({ etude }) => etude, 100),
    runtime: all(({ runtime }) => runtime, 200),
    platform: all(({ platform }) => platform, 200),
    processor: all(({ processor }) => processor, 200),
    cores: Math.min(...environments.map(({ cores }) => cores)),
    device: all(({ device }) => device, 100),
  };
}
