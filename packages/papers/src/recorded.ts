/** The last run of a paper's quick preset that was kept, to hold other runs against. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { UsageError } from "./contract/errors.ts";
import { type VerifyReport, verifyReportSchema } from "./contract/report.ts";
import { runnable } from "./registry.ts";

const fileOf = (slug: string): string => path.join(import.meta.dirname, slug, "recorded.json");

/** Rows of a table that is kept, and how many tables. */
const [mostRows, mostTables] = [40, 6];

/** What is worth keeping of a report: verdicts, small tables, findings, and how long it took. */
export function shortened(report: VerifyReport): VerifyReport {
  const seconds = report.timings.reduce((sum, timing) => sum + timing.seconds, 0);
  return {
    ...report,
    tables: report.tables.filter(({ rows }) => rows.length <= mostRows).slice(0, mostTables),
    figures: [],
    pictures: [],
    results: [],
    timings: [{ step: "all", seconds: Math.round(seconds) }],
  };
}

/** The report that was kept; undefined while there is none. */
export async function recordedRun(slug: string): Promise<VerifyReport | undefined> {
  const text = await readFile(fileOf(slug), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : verifyReportSchema.parse(JSON.parse(text));
}

/**
 * Keeps a report in its paper's folder.
 *
 * @returns the file
 * @throws UsageError for options or a preset that are not the ones to compare with
 */
export async function recordRun(report: VerifyReport): Promise<string> {
  const { paper, preset, changed } = report;
  if (!runnable.includes(paper)) throw new UsageError(`no paper here is called "${paper}"`);
  if (preset !== "quick" || changed)
    throw new UsageError("only runs of the quick preset as it stands are kept to compare with");
  await writeFile(fileOf(paper), `${JSON.stringify(shortened(report))}\n`);
  return fileOf(paper);
}
