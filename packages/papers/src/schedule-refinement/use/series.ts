/** The norms of a log at evenly spaced steps. */
import { DataError } from "@etude/data";
import type { LogColumns } from "./columns.ts";
import type { Log } from "./log.ts";

export interface Series {
  /** In the order of the steps; NaN where one was not recorded or not finite. */
  readonly norms: Float64Array;
  /** Steps from one record to the next. */
  readonly spacing: number;
  /** What was passed over, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * The record of a log. Rows without a norm (evaluations, other metrics) are passed over. With a
 * column of steps they decide: of a step that occurs twice, as after a restart, the later row counts,
 * and a step that is missing in an even sequence counts as not recorded.
 *
 * @throws DataError for a negative norm, a step that is no whole number, fewer than two norms, or
 * steps without an even spacing
 */
export function seriesOf(log: Log, { norm, step }: LogColumns): Series {
  const notes: string[] = [];
  const found = new Map<number, { norm: number; row: number }>();
  let [empty, repeated] = [0, 0];
  for (let row = 0; row < log.rows; row++) {
    const value = log.cell(norm, row);
    if (value === undefined) {
      empty++;
      continue;
    }
    if (value < 0) throw new DataError(`${value}: a norm is not negative`, log.place(row, norm));
    const at = step === undefined ? found.size : stepAt(log, step, row);
    if (found.has(at)) repeated++;
    found.set(at, { norm: value, row });
  }
  if (found.size < 2)
    throw new DataError(
      `${found.size} gradient norms are no record of a run; two or more are needed`,
      {
        file: log.file,
        column: norm,
      },
    );
  if (empty > 0)
    notes.push(`${empty} of ${log.rows} rows have no gradient norm and were passed over.`);
  if (repeated > 0) notes.push(`${repeated} steps occur more than once; the later row counts.`);
  const steps = [...found.keys()].sort((a, b) => a - b);
  const spacing = spacingOf(steps);
  const [first] = steps;
  const count = Math.round((steps[steps.length - 1] - first) / spacing) + 1;
  if (count > 2 * steps.length)
    throw new DataError(
      `of ${count} steps ${spacing} apart only ${steps.length} have a norm; give a log without such gaps`,
      { file: log.file, ...(step !== undefined && { column: step }) },
    );
  const norms = new Float64Array(count).fill(Number.NaN);
  for (const at of steps) {
    const place = (at - first) / spacing;
    const { norm: value, row } = found.get(at) ?? { norm: Number.NaN, row: 0 };
    if (!Number.isInteger(place))
      throw new DataError(
        `step ${at} is not on the grid ${first}, ${first + spacing}, ${first + 2 * spacing} ... of the others; norms must be recorded at evenly spaced steps`,
        log.place(row, step),
      );
    norms[place] = value;
  }
  const missing = count - steps.length;
  if (missing > 0)
    notes.push(`${missing} of ${count} evenly spaced steps are not in the log and were filled in.`);
  return { norms, spacing, notes };
}

function stepAt(log: Log, column: string, row: number): number {
  const at = log.cell(column, row);
  if (at !== undefined && Number.isInteger(at) && at >= 0) return at;
  throw new DataError(
    at === undefined ? "the step is missing" : `${at} is no number of steps`,
    log.place(row, column),
  );
}

/** The most frequent distance between neighbours; of those as frequent the least. */
function spacingOf(steps: readonly number[]): number {
  const counts = new Map<number, number>();
  steps.slice(1).forEach((at, i) => {
    const distance = at - steps[i];
    counts.set(distance, (counts.get(distance) ?? 0) + 1);
  });
  const [[spacing]] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return spacing;
}
