/** `etude jobs`: how sweeps are getting on, and what to do about them. */
import { setTimeout as wait } from "node:timers/promises";
import type { SweepDetails, SweepListing } from "@etude/jobs";
import { UsageError } from "@etude/papers/errors";
import type { Store } from "@etude/store";
import { command } from "../command.ts";
import { type ExitStatus, exit } from "../exit.ts";
import { listing } from "../listing.ts";
import type { Session } from "../session.ts";
import { storeFlags, withStore } from "../store.ts";
import type { Terminal } from "../terminal.ts";

const actions = ["cancel", "retry", "delete"] as const;

export default command({
  name: "jobs",
  describe: "List, watch, cancel and retry what is in the queue",
  words: [{ name: "sweep", describe: "the beginning of its identifier; all without it" }],
  flags: {
    watch: { type: "switch", describe: "Show it until all its jobs are settled" },
    cancel: { type: "switch", describe: "Take its jobs out of the queue; running ones stop" },
    retry: { type: "switch", describe: "Put its dead and cancelled jobs into the queue again" },
    delete: { type: "switch", describe: "Forget it; its reports stay" },
    report: { type: "text", describe: "Write its reports into this folder" },
    ...storeFlags,
    json: { type: "switch", describe: "As JSON" },
  },
  examples: [
    ["jobs", "all sweeps, the newest first"],
    ["jobs Xk3 --watch", "the jobs of one, as they get on"],
    ["jobs Xk3 --retry", "those that failed three times once more"],
    ["jobs Xk3 --report out/sweep", "a report for each setting, as etude verify writes it"],
  ],
  notes:
    "A job waits, is running, is done, dead (it failed three times: see its error) or cancelled. Exit status of --watch: 1 when jobs are dead.",
  async run({ words: [given], flags }, session) {
    const { terminal } = session;
    const wanted = actions.filter((action) => flags[action]);
    if (wanted.length > 1) throw new UsageError(`--${wanted.join(" and --")} exclude each other`);
    if (given === undefined && (wanted.length > 0 || flags.watch || flags.report !== undefined))
      throw new UsageError("which sweep? etude jobs lists them");
    return withStore(flags, terminal.folder, async (store) => {
      const { findSweep, listSweeps } = await import("@etude/jobs");
      if (given === undefined) {
        const sweeps = await listSweeps(store);
        terminal.out(flags.json ? JSON.stringify(sweeps, null, 2) : showSweeps(sweeps, terminal));
        return exit.done;
      }
      const id = await findSweep(store, given);
      if (wanted[0] !== undefined) {
        terminal.out(await act(wanted[0], store, id));
        return exit.done;
      }
      if (flags.report !== undefined) return writeReports(store, id, flags.report, session);
      return show(store, id, { watch: flags.watch === true, json: flags.json === true }, session);
    });
  },
});

async function act(action: (typeof actions)[number], store: Store, id: string): Promise<string> {
  const { cancelSweep, deleteSweep, openQueue, retrySweep } = await import("@etude/jobs");
  if (action === "cancel") return `${id}: ${countOf(await cancelSweep(store, id))} cancelled`;
  if (action === "delete") {
    await deleteSweep(store, id);
    return `${id}: forgotten`;
  }
  const queue = await openQueue(store, { tend: false });
  try {
    return `${id}: ${countOf(await retrySweep(store, queue, id))} in the queue again`;
  } finally {
    await queue.close();
  }
}

const countOf = (count: number): string => `${count} ${count === 1 ? "job" : "jobs"}`;

function showSweeps(sweeps: readonly SweepListing[], terminal: Terminal): string {
  if (sweeps.length === 0) return "nothing was submitted; see: etude submit --help";
  const rows = sweeps.map(({ id, paper, preset, counts, done, settings, seeds, created }) => [
    id,
    paper,
    preset,
    `${settings.length} x ${seeds.length}`,
    `${Math.floor(100 * done)} %`,
    Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([state, count]) => `${count} ${state}`)
      .join(", "),
    created.toISOString().slice(0, 16).replace("T", " "),
  ]);
  const header = ["sweep", "paper", "preset", "settings x seeds", "", "jobs", "submitted (UTC)"];
  return listing(header, rows, terminal);
}

async function show(
  store: Store,
  id: string,
  { watch, json }: { watch: boolean; json: boolean },
  { terminal, signal }: Session,
): Promise<ExitStatus> {
  const { sweepDetails } = await import("@etude/jobs");
  let before = "";
  for (;;) {
    const details = await sweepDetails(store, id);
    if (details === undefined) throw new UsageError(`${id} is not there any more`);
    const shown = json ? JSON.stringify(details) : showJobs(details, terminal);
    if (shown !== before) terminal.out(shown);
    before = shown;
    const { waiting, running, dead } = details.counts;
    if (!watch || waiting + running === 0) return watch && dead > 0 ? exit.claimFailed : exit.done;
    await wait(1000, undefined, { signal });
  }
}

function showJobs({ id, paper, preset, jobs, reports, done }: SweepDetails, terminal: Terminal) {
  const rows = jobs.map((job) => [
    job.setting || "-",
    String(job.seed),
    job.state,
    job.state === "running" || job.state === "waiting" ? `${Math.floor(100 * job.done)} %` : "",
    String(job.attempt),
    job.error ?? job.label ?? "",
  ]);
  const header = ["setting", "seed", "state", "", "attempts", ""];
  const made = reports.map(({ setting, id: report }) => `report ${report} ${setting}`.trim());
  const head = `${paper}, ${preset}, sweep ${id}: ${Math.floor(100 * done)} %`;
  return [head, listing(header, rows, terminal), ...made].join("\n");
}

async function writeReports(
  store: Store,
  id: string,
  folder: string,
  { terminal }: Session,
): Promise<ExitStatus> {
  const [{ sweepDetails }, { findReport }, { reportHtml }, { writeAtomic }, path, { mkdir }] =
    await Promise.all([
      import("@etude/jobs"),
      import("@etude/store"),
      import("@etude/papers/report"),
      import("../atomicFile.ts"),
      import("node:path"),
      import("node:fs/promises"),
    ]);
  const details = await sweepDetails(store, id);
  const reports = details?.reports ?? [];
  if (reports.length === 0)
    throw new UsageError(`${id}: no setting has all its seeds yet; see: etude jobs ${id}`);
  for (const { id: report, setting } of reports) {
    const found = await findReport(store, report);
    if (found === undefined) continue;
    const place = path.join(folder, report);
    await mkdir(path.resolve(terminal.folder, place), { recursive: true });
    const file = (name: string) => path.resolve(terminal.folder, place, name);
    await writeAtomic(file("report.json"), `${JSON.stringify(found.report, null, 2)}\n`);
    await writeAtomic(file("report.html"), await reportHtml(found.report));
    terminal.out(`${path.join(place, "report.html")}${setting === "" ? "" : `: ${setting}`}`);
  }
  return exit.done;
}
