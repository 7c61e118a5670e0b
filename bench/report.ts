/** The table, a row at a time while the benchmark runs, and its footnotes. */
import type { Measured, Outcome } from "./contest.ts";
import type { Entry } from "./participant.ts";
import type { Workload } from "./workload.ts";

export interface Row {
  readonly workload: Workload;
  /** Etude first; undefined for a peer that is absent. */
  readonly outcomes: readonly (Outcome | undefined)[];
}

const first = 24;
const width = 19;

export interface Report {
  header(): string;
  row(row: Row): string;
  /** The table of compile times, and all footnotes. */
  footer(rows: readonly Row[]): string;
}

export function report(columns: readonly Entry[]): Report {
  const notes: string[] = [];
  const note = (text: string): string => {
    if (!notes.includes(text)) notes.push(text);
    return `[${notes.indexOf(text) + 1}]`;
  };

  const cell = (row: Row, column: number): string => {
    const outcome = row.outcomes[column];
    const about = `${columns[column].title}, ${row.workload.title}`;
    if (outcome === undefined) return "absent";
    if (outcome.kind === "unable") return `n/a ${note(`${about}: ${outcome.reason}`)}`;
    const time = milliseconds(outcome.milliseconds);
    if (outcome.differs !== undefined)
      return `loss differs ${note(`${about}: ${outcome.differs} (${time})`)}`;
    const base = row.outcomes[0];
    if (column === 0 || base?.kind !== "measured") return time;
    return `${time} ${ratio(outcome, base)}`;
  };

  const line = (label: string, cells: readonly string[]): string =>
    label.padEnd(first) + cells.map((text) => text.padStart(width)).join("");

  const compileCell = (outcome: Outcome | undefined, base: Outcome | undefined): string => {
    if (outcome?.kind !== "measured" || outcome.compile === undefined) return "-";
    const time = milliseconds(outcome.compile);
    if (outcome === base || base?.kind !== "measured" || base.compile === undefined) return time;
    return `${time} ${times(outcome.compile / base.compile)}`;
  };

  const titles = columns.map(({ title, remark }) =>
    remark === undefined ? title : `${title} ${note(`${title}: ${remark}`)}`,
  );

  return {
    header: () => line("a step", titles),
    row: (row) =>
      line(
        row.workload.title,
        columns.map((_, column) => cell(row, column)),
      ),
    footer: (rows) => {
      const compiled = rows.map(({ workload, outcomes }) =>
        line(
          workload.title,
          outcomes.map((outcome) => compileCell(outcome, outcomes[0])),
        ),
      );
      const footnotes = notes.map((text, i) => `[${i + 1}] ${text}`);
      return [
        "",
        line(
          "to compile",
          columns.map(({ title }) => title),
        ),
        ...compiled,
        "",
        "Behind each time: how many times Etude's it is. Above 1 Etude is faster.",
        ...footnotes,
      ].join("\n");
    },
  };
}

export const ratio = (outcome: Measured, base: Measured): string =>
  times(outcome.milliseconds / base.milliseconds);

const times = (x: number): string => `${digits(x)}x`.padStart(6);

const milliseconds = (x: number): string => `${digits(x)} ms`;

/** Three significant digits, without an exponent. */
const digits = (x: number): string =>
  x >= 100 ? x.toFixed(0) : x.toFixed(Math.max(0, 2 - Math.floor(Math.log10(Math.max(x, 1e-3)))));
