/** `etude use`: the method of a paper on the user's own data. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Paper, UseOutcome, UserInput } from "@etude/papers";
import { UsageError } from "@etude/papers/errors";
import { choosePaper } from "../choosePaper.ts";
import { type Command, command, type Flags, type Given } from "../command.ts";
import { chooseDevice, deviceFlags } from "../device.ts";
import { type ExitStatus, exit } from "../exit.ts";
import { Interrupted } from "../interrupt.ts";
import { makeFolder } from "../makeFolder.ts";
import { showProgress } from "../progress.ts";
import type { Session } from "../session.ts";

const shared = {
  seed: { type: "number", describe: "Where all chance comes from", otherwise: "0" },
  ...deviceFlags,
  out: { type: "text", describe: "Folder for files and report", otherwise: "out/<paper>-use" },
  json: { type: "switch", describe: "The report as JSON, alone on the standard output" },
  events: {
    type: "switch",
    describe: "Progress as one JSON document a line on the standard error",
  },
  quiet: { type: "switch", describe: "No progress and no figures" },
} as const;

type Shared = Given<typeof shared>;

const general = command({
  name: "use",
  describe: "Apply the method of a paper to your own data",
  words: [
    {
      name: "paper",
      describe: "the name of a paper; --help after it shows its own flags",
      required: true,
      completes: "runnable papers",
    },
  ],
  flags: shared,
  examples: [["use gbnn --help", "what this paper takes and gives"]],
  notes: "Each paper has flags of its own for its inputs and options: etude use <paper> --help.",
  run: async () => {
    throw new UsageError("name the paper first: etude use <paper> ...");
  },
});

const useCommand: Command = {
  ...general,
  async resolve(args, session) {
    const [slug, ...rest] = args;
    if (slug === undefined || slug.startsWith("-")) return undefined;
    const paper = await choosePaper(await session.papers(), slug);
    return { command: await commandOf(paper), args: rest };
  },
};
export default useCommand;

/** The command as it is for one paper. */
async function commandOf(paper: Paper): Promise<Command> {
  const { paperFlags } = await import("../optionFlags.ts");
  const { card, use } = paper;
  const flags: Flags = { ...paperFlags(paper), ...shared };
  return {
    ...general,
    name: `use ${card.slug}`,
    describe: `${card.title}\n\n${use.description.replace(/\.$/, "")}`,
    words: [],
    flags,
    examples: use.examples.map((line) => [`use ${card.slug} ${line}`, ""]),
    notes: `More: etude read ${card.slug}`,
    adviceOn: (word) => {
      const [first] = Object.keys(use.inputs);
      return first === undefined ? undefined : `did you mean --${first} ${word}?`;
    },
    run: (given, session) => usePaper(paper, given as unknown as Shared, session),
  };
}

async function usePaper(paper: Paper, given: Shared, session: Session): Promise<ExitStatus> {
  const { flags } = given;
  const { terminal, signal } = session;
  const { paperOptions } = await import("../optionFlags.ts");
  const options = paperOptions(paper.use, flags);
  const seed = flags.seed ?? 0;
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) {
    throw new UsageError(`--seed ${seed}: expected a whole number from 0 to 4294967295`);
  }
  const device = await chooseDevice(flags);
  const folder = flags.out ?? path.join("out", `${paper.card.slug}-use`);
  const place = path.resolve(terminal.folder, folder);
  await checkFolder(place, folder);
  const inputs = await readInputs(paper.use, flags, terminal.folder);
  const style = flags.events ? "events" : flags.quiet ? "none" : terminal.live ? "bar" : "lines";
  const progress = await showProgress(terminal, style);
  const release = session.onSecondInterrupt(() => progress.stop());
  try {
    const [{ memoryStore, use }, { watch }, { runEnvironment }, { dataLoader }] = await Promise.all(
      [
        import("@etude/papers"),
        import("../watch.ts"),
        import("@etude/papers/environment"),
        import("@etude/data"),
      ],
    );
    const running = use(
      paper,
      { seed, options, inputs },
      {
        data: dataLoader({ signal }),
        store: memoryStore(),
        signal,
        environment: runEnvironment(device, flags.threads),
      },
    );
    const outcome = await watch(running, progress.show);
    progress.stop();
    await writeOutcome(outcome, place);
    const { showReport } = await import("../showReport.ts");
    const { report } = outcome;
    if (flags.json) terminal.out(JSON.stringify(report));
    else terminal.out(showReport(report, terminal, { figures: !flags.quiet }));
    if (!flags.quiet && !flags.events) terminal.err(`\n${writtenIn(outcome, folder)}`);
    return exit.done;
  } catch (error) {
    progress.stop();
    if (signal.aborted) throw new Interrupted("interrupted; nothing was written");
    throw asInputError(error);
  } finally {
    release();
  }
}

/** The engine refuses what does not fit, such as a model of other shapes: here it is the user's. */
function asInputError(error: unknown): unknown {
  if (!(error instanceof Error) || !["TensorError", "LearnError"].includes(error.name))
    return error;
  return new UsageError(`the method cannot be applied to this: ${error.message.split("\n")[0]}`);
}

async function readInputs(
  { inputs }: Paper["use"],
  flags: Readonly<Record<string, unknown>>,
  folder: string,
): Promise<Record<string, UserInput>> {
  const missing = Object.entries(inputs).find(([name, slot]) => slot.required && !flags[name]);
  if (missing !== undefined) {
    throw new UsageError(`--${missing[0]} is missing: ${missing[1].describe}`);
  }
  const { readInput } = await import("../inputs.ts");
  const read: Record<string, UserInput> = {};
  for (const [name, slot] of Object.entries(inputs)) {
    const file = flags[name];
    if (typeof file === "string") read[name] = await readInput(name, file, slot, folder);
  }
  return read;
}

/** Files of an earlier use may be replaced, others not. */
async function checkFolder(place: string, said: string): Promise<void> {
  const names = await readdir(place).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === "ENOENT") return [];
    if (error.code === "ENOTDIR") throw new UsageError(`--out ${said}: it is a file, not a folder`);
    throw error;
  });
  if (names.length > 0 && !names.includes("report.json")) {
    throw new UsageError(
      `--out ${said}: the folder holds other files (${names[0]}) and no report; give a new or an empty folder`,
    );
  }
  if (names.includes("run.json")) {
    throw new UsageError(`--out ${said}: the folder is that of etude verify; give another`);
  }
  await makeFolder(place);
}

async function writeOutcome({ report, files }: UseOutcome, place: string): Promise<void> {
  const [{ writeAtomic }, { reportHtml }] = await Promise.all([
    import("../atomicFile.ts"),
    import("@etude/papers/report"),
  ]);
  for (const { name, bytes } of files) await writeAtomic(path.join(place, name), bytes);
  await writeAtomic(path.join(place, "report.html"), await reportHtml(report));
  await writeAtomic(path.join(place, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
}

const writtenIn = ({ files }: UseOutcome, folder: string): string =>
  [...files, { name: "report.html", describe: "the report" }]
    .map(({ name, describe }) => `${path.join(folder, name)}: ${describe}`)
    .join("\n");
