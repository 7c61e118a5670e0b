/** `etude report`: a finished report, shown again. */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { Report } from "@etude/papers";
import { UsageError } from "@etude/papers/errors";
import { command } from "../command.ts";
import { exit } from "../exit.ts";
import { zodLine } from "../zodLine.ts";

export default command({
  name: "report",
  describe: "Show a finished report again, and rebuild its page",
  words: [
    { name: "place", describe: "the folder of a run, or a report.json in it", required: true },
  ],
  flags: {
    html: { type: "text", describe: "Write the page there", otherwise: "report.html beside it" },
    json: { type: "switch", describe: "The report as JSON; no page is written" },
    record: {
      type: "switch",
      describe: "Keep the verdicts in the paper's folder, for other runs to be held against",
    },
    upload: {
      type: "text",
      describe: "Show it on that site, as a reproduction; ETUDE_TOKEN is the token it gave you",
    },
    quiet: { type: "switch", describe: "No figures" },
  },
  examples: [
    ["report out/gbnn-quick", "verdicts, tables, figures; writes report.html anew"],
    ["report out/gbnn-quick --json", "for other programs"],
    ["report out/gbnn-quick --upload https://papers.example", "among the reproductions there"],
  ],
  notes: "Exit status as of etude verify: 1 when a claim does not hold.",
  async run({ words: [given], flags }, { terminal }) {
    const file = await find(path.resolve(terminal.folder, given), given);
    const report = await readReport(file, given);
    if (flags.json) {
      terminal.out(JSON.stringify(report));
    } else {
      const [{ showReport }, { reportHtml }, { writeAtomic }] = await Promise.all([
        import("../showReport.ts"),
        import("@etude/papers/report"),
        import("../atomicFile.ts"),
      ]);
      terminal.out(showReport(report, terminal, { figures: !flags.quiet }));
      const page = path.resolve(
        terminal.folder,
        flags.html ?? path.join(path.dirname(file), "report.html"),
      );
      await writeAtomic(page, await reportHtml(report));
      terminal.err(`\npage: ${path.relative(terminal.folder, page) || page}`);
    }
    if (flags.record) {
      if (report.kind !== "verify") throw new UsageError("--record: this is not a run of verify");
      const { recordRun } = await import("@etude/papers/recorded");
      terminal.err(`kept: ${path.relative(terminal.folder, await recordRun(report))}`);
    }
    if (flags.upload !== undefined) {
      const { requestSite } = await import("../requestSite.ts");
      const { url } = await requestSite(flags.upload, "/api/v1/reports", report);
      terminal.err(`shown at ${url}`);
    }
    const failed =
      report.kind === "verify" &&
      report.claims.some(({ verdict }) => verdict === "does not hold here");
    return failed ? exit.claimFailed : exit.done;
  },
});

async function find(place: string, given: string): Promise<string> {
  const state = await stat(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw new UsageError(`${given}: there is no such file or folder`);
  });
  if (!state.isDirectory()) return place;
  const file = path.join(place, "report.json");
  const present = await stat(file).then(
    () => true,
    () => false,
  );
  if (present) return file;
  const begun = await stat(path.join(place, "run.json")).then(
    () => true,
    () => false,
  );
  throw new UsageError(
    begun
      ? `${given}: the run there is not finished; etude verify --resume goes on with it`
      : `${given}: there is no report.json in it`,
  );
}

/** @throws UsageError when the file is no report, saying what is wrong where in it */
async function readReport(file: string, given: string): Promise<Report> {
  const text = await readFile(file, "utf8");
  const said =
    path.basename(file) === path.basename(given) ? given : path.join(given, "report.json");
  const { reportSchema } = await import("@etude/papers");
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new UsageError(`${said}: this is not JSON, so no report`);
  }
  const parsed = reportSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new UsageError(`${said}: not a report of Etude: ${zodLine(parsed.error.issues)}`);
}
