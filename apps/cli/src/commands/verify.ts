/** `etude verify`: the experiment of a paper, here and now. */
import path from "node:path";
import type { Availability } from "@etude/data";
import type {
  Paper,
  RunEnvironment,
  Seeding,
  VerifyPlan,
  VerifyReport,
  VerifyRequest,
} from "@etude/papers";
import { formatExpected } from "@etude/papers/report/numbers";
import type { Device } from "@etude/tensor";
import { choosePaper } from "../choosePaper.ts";
import { command, type Given } from "../command.ts";
import { chooseDevice, deviceFlags } from "../device.ts";
import { type ExitStatus, exit } from "../exit.ts";
import { Interrupted } from "../interrupt.ts";
import { type PresetName, presetNames } from "../presets.ts";
import { type Progress, type ProgressStyle, showProgress } from "../progress.ts";
import type { RecordedPlan, RunDirectory, RunPlace } from "../runDirectory.ts";
import { parseSeeds } from "../seeds.ts";
import type { Session } from "../session.ts";
import { shareOut } from "../shares.ts";
import { shellLine } from "../shellLine.ts";
import { version } from "../version.ts";

const flags = {
  preset: {
    type: "text",
    choices: presetNames,
    describe: "How much to run",
    otherwise: "quick",
  },
  seeds: { type: "text", describe: "0..4, 0,1,2 or 5", otherwise: "those of the preset" },
  set: {
    type: "texts",
    describe: "Change an option of the preset: --set units=50; once for each option",
  },
  ...deviceFlags,
  threads: {
    ...deviceFlags.threads,
    otherwise: "the cores, shared among the seeds of --parallel",
  },
  parallel: {
    type: "number",
    describe: "Seeds at a time, each in a process of its own",
    otherwise: "all, as far as cores and memory go",
  },
  out: { type: "text", describe: "Folder of the run", otherwise: "out/<paper>-<preset>" },
  resume: { type: "switch", describe: "Go on with the run in that folder, if there is one" },
  fresh: { type: "switch", describe: "Give up the run in that folder and start again" },
  json: { type: "switch", describe: "The report as JSON, alone on the standard output" },
  events: {
    type: "switch",
    describe: "Progress as one JSON document a line on the standard error",
  },
  quiet: { type: "switch", describe: "No progress and no figures" },
} as const;

export default command({
  name: "verify",
  describe: "Measure the claims of a paper: run its experiment and give verdicts",
  words: [
    {
      name: "paper",
      describe: "the name of a paper",
      required: true,
      completes: "runnable papers",
    },
  ],
  flags,
  examples: [
    ["verify gbnn --preset smoke", "only whether everything works, in seconds"],
    ["verify gbnn", "decides the claims, in minutes"],
    ["verify gbnn --seeds 0..9 --out out/ten", "more seeds, for narrower intervals"],
    ["verify gbnn --resume", "goes on where a stopped run was"],
    ["verify gbnn --parallel 1", "one seed after the other, each with all cores"],
  ],
  notes:
    "Exit status 1 means that a claim does not hold. A run can be stopped at any time, also by force, and resumed; its report is the same to the bit.",
  adviceOn: (word) =>
    /^[\w-]+=/.test(word) ? `each option needs its own flag: --set ${word}` : undefined,
  async run(given, session) {
    const papers = await session.papers();
    const paper = await choosePaper(papers, given.words[0]);
    const request = await interpret(paper, given, { session, shared: papers.shared });
    return verifyPaper(paper, request, given, session);
  },
});

type VerifyGiven = Given<typeof flags>;

interface Request {
  readonly request: VerifyRequest;
  readonly plan: VerifyPlan;
  readonly recorded: RecordedPlan;
  readonly place: Required<RunPlace>;
}

/** What was asked for, checked before anything is touched. */
async function interpret(
  paper: Paper,
  { flags }: VerifyGiven,
  { session, shared }: { readonly session: Session; readonly shared: boolean },
): Promise<Request> {
  const [{ planVerify, optionsAsJson, UsageError }, { optionSchemas }, { parseSettings }] =
    await Promise.all([
      import("@etude/papers"),
      import("../optionValues.ts"),
      import("../settings.ts"),
    ]);
  const { experiment, card } = paper;
  if (flags.resume && flags.fresh) throw new UsageError("--resume and --fresh exclude each other");
  const preset: PresetName = flags.preset ?? "quick";
  const request: VerifyRequest = {
    preset,
    ...(flags.seeds === undefined ? {} : { seeds: parseSeeds(flags.seeds) }),
    set: parseSettings(flags.set, optionSchemas(experiment.options)),
  };
  const plan = planVerify(experiment, request);
  const { minutes, gigabytes } = experiment.presets[preset];
  const device = await chooseDevice(flags);
  const folder = flags.out ?? path.join("out", `${card.slug}-${preset}`);
  const place = { folder: path.resolve(session.terminal.folder, folder), said: folder };
  const { planIn } = await import("../runDirectory.ts");
  const shares = await shareOut({
    ...flags,
    seeds: plan.seeds.length,
    minutes,
    gigabytes,
    device,
    shared,
    before: flags.resume ? await planIn(place) : undefined,
  });
  return {
    request,
    plan,
    place,
    recorded: {
      paper: card.slug,
      preset,
      seeds: [...plan.seeds],
      options: optionsAsJson(plan.options),
      etude: version,
      device,
      ...shares,
    },
  };
}

async function verifyPaper(
  paper: Paper,
  { request, plan, recorded, place }: Request,
  given: VerifyGiven,
  session: Session,
): Promise<ExitStatus> {
  const { flags } = given;
  const { terminal, signal } = session;
  const [{ openRunDirectory }, { toFetch }] = await Promise.all([
    import("../runDirectory.ts"),
    import("../dataAccess.ts"),
  ]);
  const absent = await toFetch(paper.experiment.data(plan.options));
  const whenUnfinished = flags.resume ? "resume" : flags.fresh ? "fresh" : "ask";
  const directory = await openRunDirectory(place, recorded, whenUnfinished);
  const say = flags.quiet || flags.events ? () => {} : terminal.err;
  say(announcement(paper, plan, recorded, directory));
  const progress = await showProgress(terminal, styleOf(given, session));
  const release = session.onSecondInterrupt(() => {
    progress.stop();
    directory.release();
  });
  try {
    await bringData(absent, progress, signal);
    const environment = await environmentOf(recorded);
    const seeding = await seedingOf(paper, request, recorded, { directory, signal });
    const around = { directory, progress, signal, environment, seeding };
    const report = await measure(paper, plan, around);
    progress.stop();
    await keep(report, directory);
    const { showReport } = await import("../showReport.ts");
    if (flags.json) terminal.out(JSON.stringify(report));
    else terminal.out(showReport(report, terminal, { figures: !flags.quiet }));
    say(`\nreport: ${path.join(place.said, "report.html")} and report.json`);
    return report.claims.some(({ verdict }) => verdict === "does not hold here")
      ? exit.claimFailed
      : exit.done;
  } catch (error) {
    progress.stop();
    if (signal.aborted) throw new Interrupted(`interrupted; to go on: ${resumeLine(given)}`);
    if (!(error instanceof Error && error.name === "ProcessError")) throw error;
    const { UsageError } = await import("@etude/papers/errors");
    throw new UsageError(
      `${error.message}; if memory was short, compute fewer seeds at a time with --parallel; to go on: ${resumeLine(given)}`,
    );
  } finally {
    release();
    directory.release();
  }
}

function announcement(
  { card, experiment }: Paper,
  { preset, changed, seeds }: VerifyPlan,
  { parallel }: RecordedPlan,
  { stepsDone }: RunDirectory,
): string {
  const { minutes } = experiment.presets[preset];
  const kind = changed
    ? `${preset} preset with changes`
    : `${preset} preset, ${formatExpected(minutes)} on two cores`;
  const resumed = stepsDone === 0 ? "" : `; ${stepsDone} steps are kept from before`;
  const together = parallel === 1 ? "" : `, ${parallel} at a time`;
  return `verify ${card.slug}: ${kind}, seeds ${seeds.join(",")}${together}${resumed}`;
}

const styleOf = ({ flags }: VerifyGiven, { terminal }: Session): ProgressStyle =>
  flags.events ? "events" : flags.quiet ? "none" : terminal.live ? "bar" : "lines";

/** Says what is to be fetched and how much, and fetches it. */
async function bringData(
  absent: readonly Availability[],
  { show }: Progress,
  signal: AbortSignal,
): Promise<void> {
  if (absent.length === 0) return;
  const { fetchNotice, fetchSets } = await import("../dataAccess.ts");
  show({ type: "log", message: `data: ${fetchNotice(absent)}` });
  await fetchSets(absent, show, signal);
}

async function environmentOf({ device, threads, parallel }: RecordedPlan): Promise<RunEnvironment> {
  const { runEnvironment } = await import("@etude/papers/environment");
  return runEnvironment(device, threads ?? undefined, parallel);
}

/** How several seeds at a time are computed; undefined for one after the other, in this process. */
async function seedingOf(
  { card }: Paper,
  request: VerifyRequest,
  { device, threads, parallel }: RecordedPlan,
  { directory: { store }, signal }: Pick<Circumstances, "directory" | "signal">,
): Promise<Seeding | undefined> {
  if (parallel === 1) return undefined;
  const { seedProcess } = await import("@etude/papers/process");
  const work = {
    paper: card.slug,
    request,
    device: device as Device,
    ...(threads !== null && { threads }),
    atOnce: parallel,
  };
  return {
    atOnce: parallel,
    run: (seed, over) =>
      seedProcess({ ...work, seed }, { store, signal: AbortSignal.any([signal, over]) }),
  };
}

interface Circumstances {
  readonly directory: RunDirectory;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly environment: RunEnvironment;
  readonly seeding: Seeding | undefined;
}

async function measure(
  paper: Paper,
  plan: VerifyPlan,
  { directory, progress, signal, environment, seeding }: Circumstances,
): Promise<VerifyReport> {
  const [{ verify }, { dataLoader }, { watch }] = await Promise.all([
    import("@etude/papers"),
    import("@etude/data"),
    import("../watch.ts"),
  ]);
  const data = dataLoader({ signal });
  const surroundings = { data, store: directory.store, signal, environment };
  const running = verify(paper, plan, surroundings, seeding);
  return watch(running, progress.show);
}

/** The report is there when `run.json` says finished; until then the run can be resumed. */
async function keep(report: VerifyReport, directory: RunDirectory): Promise<void> {
  const { reportHtml } = await import("@etude/papers/report");
  await directory.write("report.json", `${JSON.stringify(report, null, 2)}\n`);
  await directory.write("report.html", await reportHtml(report));
  await directory.finish();
}

/** The same command line, with `--resume`. */
function resumeLine({ typed }: VerifyGiven): string {
  const words = typed.filter((word) => word !== "--resume" && word !== "--fresh");
  return shellLine(["etude", "verify", ...words, "--resume"]);
}
