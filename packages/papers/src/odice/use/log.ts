/** The user's log as transitions the method can learn from, and the way back to the user's units. */
import { DataError } from "@etude/data";
import { array, type NDArray, zeros } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import { clipped } from "../../environments/index.ts";
import {
  type EpisodeColumns,
  fromEpisodes,
  goalRewards,
  returnScale,
  type Standardisation,
  scaleRewards,
  standardisationOf,
  standardised,
  type Transitions,
} from "../transitions.ts";
import type { LogColumns, NumberColumn } from "./columns.ts";
import type { UseOptions } from "./options.ts";
import { partsOf } from "./parts.ts";

/** What the policy chooses, in the user's words. */
export type LogActions =
  | { readonly kind: "discrete"; readonly column: string; readonly names: readonly string[] }
  | {
      readonly kind: "continuous";
      readonly columns: readonly string[];
      /** What -1 and 1 of the policy stand for. */
      readonly low: readonly number[];
      readonly high: readonly number[];
    };

export interface PreparedLog {
  readonly file: string;
  /** As the method sees them: rewards scaled, states standardised, actions in [-1, 1] or numbers. */
  readonly data: Transitions;
  readonly observations: readonly string[];
  readonly actions: LogActions;
  readonly standardisation: Standardisation;
  readonly rewardScale: number;
  /** The row of the file that each transition is of. */
  readonly rows: readonly number[];
  /** Whether a transition begins an episode, and whether the log goes on from its next state. */
  readonly starts: Uint8Array;
  readonly goesOn: Uint8Array;
  /** Rows left out, as the step was cut and its next state is not recorded. */
  readonly dropped: number;
  /** Sums of the rewards of the logged episodes, in the user's units. */
  readonly returns: readonly number[];
  readonly remarks: readonly string[];
}

/** Most different whole numbers that are still taken for a choice. */
const mostActions = 20;

/** @throws DataError and UsageError for what does not fit, with the row and the column */
export function prepareLog(log: LogColumns, options: UseOptions): PreparedLog {
  const { file } = log;
  const parts = partsOf(log, options);
  const { observations, nextObservations: next, terminal, timeout, episode } = parts;
  const reward = parts.reward ?? { name: "reward", values: new Float64Array(log.rows) };
  const used = [...observations, ...parts.actions, reward, ...(next ?? [])];
  const flags = [terminal, timeout].filter((column) => column !== null);
  for (const column of [...used, ...flags]) checkFinite(log, column);
  for (const column of flags) checkFlag(log, column);
  const { actions, columns: actionColumns } = actionsOf(log, parts.actions, options);

  const blocks = [observations, actionColumns, [reward], next ?? [], terminal, timeout, episode];
  const placed: NumberColumn[] = [];
  const [seen, acted, rewarded, followed, ended, cut, episodes] = blocks.map((block) => {
    const list = listed(block);
    const from = placed.length;
    placed.push(...list);
    return [from, placed.length] as const;
  });
  const width = placed.length;
  const values = new Float64Array(log.rows * width);
  placed.forEach(({ values: column }, j) => {
    for (let i = 0; i < log.rows; i++) values[i * width + j] = column[i];
  });
  const roles: EpisodeColumns = {
    observation: seen,
    action: acted,
    reward: rewarded[0],
    ...(next !== null && { nextObservation: followed }),
    ...(terminal !== null && { terminal: ended[0] }),
    ...(timeout !== null && { timeout: cut[0] }),
    ...(episode !== null && { episode: episodes[0] }),
    discrete: actions.kind === "discrete",
  };
  const read = fromEpisodes(array(values, { shape: [log.rows, width] }), roles, file);
  const { rows, starts } = read;
  const raw = options.goalRewards ? goalRewards(read) : read;
  const rewardScale =
    options.task === "imitate" ? 1 : (options.rewardScale ?? usualScale(raw, options));
  const standardisation = options.standardise ? standardisationOf(raw) : identity(seen[1]);
  const n = rows.length;
  const goesOn = Uint8Array.from({ length: n }, (_, i) => Number(i + 1 < n && starts[i + 1] === 0));
  const seenBy = standardised(raw, standardisation);
  const remarks =
    flags.length === 0 && episode === null
      ? ["No column says where an episode ends, so the whole file counts as one."]
      : [];
  return {
    file,
    data:
      options.task === "imitate"
        ? { ...seenBy, reward: zeros([n]) }
        : scaleRewards(seenBy, rewardScale),
    observations: observations.map(({ name }) => name),
    actions,
    standardisation,
    rewardScale,
    rows: Array.from(rows, (row) => log.rowOf(row)),
    starts,
    goesOn,
    dropped: log.rows - n,
    returns: returnsOf(read.reward, starts),
    remarks,
  };
}

/**
 * The official factor, but at most so large that rewards are 1 on average: where all returns are nearly
 * equal it would make values of thousands, which V takes very long to climb to.
 */
function usualScale(data: Transitions, options: UseOptions): number {
  if (options.goalRewards) return 1;
  const sizes = Array.from(data.reward.data, (reward) => Math.abs(Number(reward)));
  const size = sizes.reduce((sum, value) => sum + value, 0) / sizes.length;
  return size > 0 ? Math.min(returnScale(data), 1 / size) : 1;
}

const listed = (block: NumberColumn | readonly NumberColumn[] | null): readonly NumberColumn[] => {
  if (block === null) return [];
  return "values" in block && "name" in block ? [block] : block;
};

function checkFinite({ file, rowOf }: LogColumns, { name, values }: NumberColumn): void {
  const row = values.findIndex((value) => !Number.isFinite(value));
  if (row < 0) return;
  const problem = Number.isNaN(values[row])
    ? "a number is missing"
    : `${values[row]} is not finite`;
  throw new DataError(problem, { file, row: rowOf(row), column: name });
}

function checkFlag({ file, rowOf }: LogColumns, { name, values }: NumberColumn): void {
  const row = values.findIndex((value) => value !== 0 && value !== 1);
  if (row < 0) return;
  throw new DataError(`${values[row]} is neither 0 nor 1`, { file, row: rowOf(row), column: name });
}

function actionsOf(
  log: LogColumns,
  columns: readonly NumberColumn[],
  { actionKind, scaleActions }: UseOptions,
): { actions: LogActions; columns: NumberColumn[] } {
  const [first] = columns;
  const distinct = [...new Set(first.values)].sort((a, b) => a - b);
  const looksLikeChoice =
    first.categories !== undefined ||
    first.isInteger === true ||
    (distinct.length <= mostActions && distinct.every(Number.isInteger));
  const isChoice =
    actionKind === "discrete" || (actionKind === "auto" && columns.length === 1 && looksLikeChoice);
  if (isChoice) {
    if (columns.length > 1) {
      const given = columns.map(({ name }) => name).join(", ");
      throw new UsageError(`--action-kind discrete: a choice is one column, not ${given}`);
    }
    const names = first.categories ?? distinct.map(String);
    // Numbers that count from 0 already are their own places.
    const counts = first.categories !== undefined || distinct.every((value, i) => value === i);
    const places = new Map(distinct.map((value, i) => [value, i]));
    const values = counts
      ? first.values
      : first.values.map((value) => places.get(value) ?? Number.NaN);
    const actions: LogActions = { kind: "discrete", column: first.name, names };
    return { actions, columns: [{ name: first.name, values }] };
  }
  const text = columns.find(({ categories }) => categories !== undefined);
  if (text !== undefined) {
    throw new DataError("this column holds texts; a continuous action must be numbers", {
      file: log.file,
      column: text.name,
    });
  }
  const bound = (best: (a: number, b: number) => number) =>
    columns.map(({ values }) => values.reduce((a, b) => best(a, b)));
  const [low, high] = scaleActions
    ? [bound(Math.min), bound(Math.max)]
    : [columns.map(() => -1), columns.map(() => 1)];
  const scaled = columns.map(({ name, values }, j) => {
    const [middle, half] = [(low[j] + high[j]) / 2, halfRange(low[j], high[j])];
    const unit = values.map((value) => (value - middle) / half);
    // The ends of the range are -1 and 1 but for a rounding, which must not put them outside.
    return { name, values: scaleActions ? unit.map((u) => clipped(u, -1, 1)) : unit };
  });
  const actions: LogActions = {
    kind: "continuous",
    columns: columns.map(({ name }) => name),
    low,
    high,
  };
  return { actions, columns: scaled };
}

/** Half of a range; 1 where it is a point, so that it can be divided by. */
export const halfRange = (low: number, high: number): number => (high > low ? (high - low) / 2 : 1);

const identity = (d: number): Standardisation => ({
  mean: zeros([d]),
  scale: array(new Float32Array(d).fill(1)),
});

function returnsOf(reward: NDArray, starts: Uint8Array): number[] {
  const returns: number[] = [];
  reward.data.forEach((value: number, i: number) => {
    if (starts[i] === 1) returns.push(0);
    returns[returns.length - 1] += value;
  });
  return returns;
}
