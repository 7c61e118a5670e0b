/** The command line that makes a report again. */
import type { Report } from "../contract/report.ts";

/**
 * The command after which this report, but for times and machine, is made again. Options are named
 * where they may differ from those that the command takes by itself.
 *
 * @example
 * commandLine(report) // "etude verify data-diet --preset quick"
 */
export function commandLine(report: Report): string {
  const words = ["etude", report.kind, report.paper];
  if (report.kind === "verify") {
    words.push("--preset", report.preset);
    if (report.changed) {
      words.push("--seeds", report.seeds.join(","));
      for (const [name, value] of Object.entries(report.options))
        words.push("--set", `${name}=${typed(value)}`);
    }
  } else {
    for (const { name, file } of report.inputs) words.push(`--${name}`, file);
    for (const [name, value] of Object.entries(report.options))
      words.push(`--${kebabCase(name)}`, typed(value));
    words.push("--seed", `${report.seed}`);
  }
  return words.map(quoted).join(" ");
}

/** "hiddenUnits" is `--hidden-units` on the command line. */
const kebabCase = (name: string): string =>
  name.replace(/(?<=[a-z0-9])([A-Z])/g, (_, letter: string) => `-${letter.toLowerCase()}`);

/** A value as the command reads it: lists with commas, none for null. */
function typed(value: unknown): string {
  if (value === null) return "none";
  if (typeof value === "string") return value;
  const simple = Array.isArray(value) && value.every((each) => typeof each !== "object");
  return simple ? value.map(typed).join(",") : JSON.stringify(value);
}

/** A word as a POSIX shell reads it back. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
