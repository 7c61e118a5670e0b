/** The logged data: transitions (s, a, r, s', terminal), checked, scaled and standardised. */
import { DataError } from "@etude/data";
import { array, type NDArray } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

/** n transitions. A number is an action of a choice when `action` is int32. */
export interface Transitions {
  /** s, float32 [n, d] */
  readonly observation: NDArray;
  /** a, float32 [n, k], or int32 [n] from 0 up to the number of actions - 1 */
  readonly action: NDArray;
  /** r, float32 [n] */
  readonly reward: NDArray;
  /** s', float32 [n, d] */
  readonly nextObservation: NDArray;
  /** float32 [n]: 1 where the task ended with this step, so that nothing is to be gained from s' on. */
  readonly terminal: NDArray;
  /** float32 [n]: 1 where the record was cut after this step. Never enters the method; s' counts. */
  readonly timeout?: NDArray;
}

export interface TransitionChecks {
  /** What messages call the data. */
  readonly name?: string;
  /** Whether actions must lie within [-1, 1], as those of a squashed policy do. */
  readonly squash?: boolean;
}

/**
 * Refuses data the method cannot learn from.
 *
 * @throws DataError for arrays of different lengths (naming both), no rows, numbers that are not
 * finite, flags other than 0 and 1, actions outside [-1, 1] where they must lie inside; with the row
 */
export function checkTransitions(
  data: Transitions,
  { name = "transitions", squash = false }: TransitionChecks = {},
): void {
  const { observation, action, reward, nextObservation, terminal, timeout } = data;
  const n = reward.size;
  const others = { observation, action, nextObservation, terminal, ...(timeout && { timeout }) };
  for (const [what, values] of Object.entries(others)) {
    const rows = values.shape[0] ?? 0;
    if (rows !== n)
      throw new DataError(`reward has ${n} rows, ${what} has ${rows}`, { file: name });
  }
  if (n === 0) throw new DataError("there are no transitions", { file: name });
  const [width, nextWidth] = [observation.size / n, nextObservation.size / n];
  if (width !== nextWidth) {
    throw new DataError(`observation has ${width} entries a row, nextObservation ${nextWidth}`, {
      file: name,
    });
  }
  for (const [what, values] of Object.entries({ reward, ...others })) {
    const each = values.size / n;
    values.data.forEach((value: number, i: number) => {
      const place = { file: name, row: Math.floor(i / each) + 1 };
      if (!Number.isFinite(value)) throw new DataError(`${what} ${value} is not finite`, place);
      const isFlag = what === "terminal" || what === "timeout";
      if (isFlag && value !== 0 && value !== 1)
        throw new DataError(`${what} ${value} is neither 0 nor 1`, place);
      if (what !== "action") return;
      if (action.dtype === "int32" && value < 0)
        throw new DataError(`action ${value} is not the number of an action`, place);
      if (squash && action.dtype !== "int32" && Math.abs(value) > 1) {
        throw new DataError(
          `action ${value} is outside [-1, 1], where a tanh policy cannot reach it; scale actions`,
          place,
        );
      }
    });
  }
}

/** Where the parts of a transition lie among the columns of a row: [first, after the last]. */
export interface EpisodeColumns {
  readonly observation: readonly [from: number, to: number];
  readonly action: readonly [from: number, to: number];
  readonly reward: number;
  /** Where the file stores it; otherwise it is the observation of the next row. */
  readonly nextObservation?: readonly [from: number, to: number];
  readonly terminal?: number;
  readonly timeout?: number;
  /** A column that changes where another episode begins. */
  readonly episode?: number;
  /** Whether actions are numbers of a choice. */
  readonly discrete?: boolean;
}

export interface FromEpisodes extends Transitions {
  /** Rows of the file that the transitions are of, from 0. */
  readonly rows: Int32Array;
  /** float32 [n]: 1 for the first transition of an episode. */
  readonly starts: Uint8Array;
}

/**
 * Transitions from rows in the order of time, episode after episode. A step that a time limit cut off is
 * kept if its next observation is recorded and left out if it is not; it is never marked terminal.
 *
 * @param rows float [n, width]
 * @throws DataError when nothing is left
 */
export function fromEpisodes(
  rows: NDArray,
  columns: EpisodeColumns,
  name = "episodes",
): FromEpisodes {
  const [n, width] = rows.shape;
  const at = (row: number, place: number): number => Number(rows.data[row * width + place]);
  const flag = (row: number, place: number | undefined): boolean =>
    place !== undefined && at(row, place) !== 0;
  const isTerminal = (row: number) => flag(row, columns.terminal);
  const { episode } = columns;
  const changes = (row: number): boolean =>
    row + 1 === n || (episode !== undefined && at(row, episode) !== at(row + 1, episode));
  const isLast = (row: number): boolean =>
    isTerminal(row) || flag(row, columns.timeout) || changes(row);
  const isStored = columns.nextObservation !== undefined;
  const all = Int32Array.from({ length: n }, (_, row) => row);
  const kept = all.filter((row) => isStored || isTerminal(row) || !isLast(row));
  if (kept.length === 0) {
    const problem =
      "no transition is left: every row is the end of an episode whose next observation is not recorded";
    throw new DataError(problem, { file: name });
  }
  const take = ([from, to]: readonly [number, number], shift = 0): NDArray => {
    const values = new Float32Array(kept.length * (to - from));
    kept.forEach((row, i) => {
      // After a terminal step there is nothing to see; what stands there has no effect.
      const source = isTerminal(row) ? row : row + shift;
      for (let j = from; j < to; j++) values[i * (to - from) + j - from] = at(source, j);
    });
    return array(values, { shape: [kept.length, to - from] });
  };
  const flags = (of: (row: number) => boolean): NDArray =>
    array(Float32Array.from(kept, (row) => Number(of(row))));
  const action = take(columns.action);
  return {
    observation: take(columns.observation),
    action: columns.discrete
      ? array(Int32Array.from(action.data), { shape: [kept.length], dtype: "int32" })
      : action,
    reward: take([columns.reward, columns.reward + 1]).reshape([kept.length]),
    nextObservation: columns.nextObservation
      ? take(columns.nextObservation)
      : take(columns.observation, 1),
    terminal: flags(isTerminal),
    timeout: flags((row) => isLast(row) && !isTerminal(row)),
    rows: kept,
    starts: Uint8Array.from(kept, (row) => Number(row === 0 || isLast(row - 1))),
  };
}

/** Rewards times a number: f* is not scale-free, so this acts like a change of lambda. */
export function scaleRewards(data: Transitions, factor: number): Transitions {
  if (!(factor > 0 && Number.isFinite(factor)))
    throw new UsageError(`the reward scale must be positive and finite, got ${factor}`);
  const reward = Float32Array.from(data.reward.data, (value) => Number(value) * factor);
  return { ...data, reward: array(reward) };
}

/** Rewards of tasks that pay at the goal only, as the official code takes them: 0 becomes -3, all else 0. */
export function goalRewards(data: Transitions): Transitions {
  const reward = Float32Array.from(data.reward.data, (value) => (Number(value) === 0 ? -3 : 0));
  return { ...data, reward: array(reward) };
}

/**
 * The factor the official code uses for locomotion: the longest episode over the range of the returns. 1
 * where all returns are equal.
 */
export function returnScale({ reward, terminal, timeout }: Transitions): number {
  const returns: number[] = [];
  let [sum, steps, longest] = [0, 0, 0];
  reward.data.forEach((value: number, i: number) => {
    sum += value;
    steps += 1;
    const ends = terminal.data[i] !== 0 || (timeout !== undefined && timeout.data[i] !== 0);
    if (!ends && i + 1 < reward.size) return;
    returns.push(sum);
    longest = Math.max(longest, steps);
    [sum, steps] = [0, 0];
  });
  const range = returns.reduce((a, b) => Math.max(a, b)) - returns.reduce((a, b) => Math.min(a, b));
  return range > 0 ? longest / range : 1;
}

/** Of each entry of an observation: what is subtracted, and what the rest is divided by. */
export interface Standardisation {
  /** float32 [d] */
  readonly mean: NDArray;
  /** float32 [d], the standard deviation + 1e-3 */
  readonly scale: NDArray;
}

/** Mean and standard deviation of the logged states. */
export function standardisationOf({ observation }: Transitions): Standardisation {
  const [n, d] = observation.shape;
  const [sum, squares] = [new Float64Array(d), new Float64Array(d)];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < d; j++) sum[j] += Number(observation.data[i * d + j]);
  const mean = sum.map((value) => value / n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < d; j++) squares[j] += (Number(observation.data[i * d + j]) - mean[j]) ** 2;
  return {
    mean: array(Float32Array.from(mean)),
    scale: array(Float32Array.from(squares, (value) => Math.sqrt(value / n) + 1e-3)),
  };
}

/** States and next states, standardised by the same numbers. */
export function standardised(data: Transitions, { mean, scale }: Standardisation): Transitions {
  const d = mean.size;
  const apply = ({ data: values, shape }: NDArray): NDArray =>
    array(
      Float32Array.from(
        values,
        (value, i) => (Number(value) - Number(mean.data[i % d])) / Number(scale.data[i % d]),
      ),
      { shape: [...shape] },
    );
  return {
    ...data,
    observation: apply(data.observation),
    nextObservation: apply(data.nextObservation),
  };
}
