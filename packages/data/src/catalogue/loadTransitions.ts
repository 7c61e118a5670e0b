import { NDArray } from "@etude/tensor";
import { refuse } from "../errors.ts";
import { expectKind, type LoadOptions, readFiles } from "./load.ts";
import { rawValues } from "./loadArrays.ts";
import type { TransitionRole } from "./record.ts";
import { dataSet } from "./sets.ts";

/** What an agent saw, did and got, step by step; all float32, in the order of the steps. */
export interface Transitions {
  readonly name: string;
  /** `[n, d]` */
  readonly observations: NDArray;
  /** `[n, a]`; an action out of a choice is its number. */
  readonly actions: NDArray;
  /** `[n]` */
  readonly rewards: NDArray;
  /** `[n, d]` */
  readonly nextObservations: NDArray;
  /** `[n]`, 1 where the episode ended because the task did: nothing is to be gained after it. */
  readonly terminals: NDArray;
  /** `[n]`, 1 where the record of the episode was cut off: it could have gone on. */
  readonly timeouts: NDArray;
}

/**
 * Recorded behaviour for offline reinforcement learning.
 *
 * Where the file does not store next observations (`adroit-door-human`), they are those of the next
 * record; the last record of an episode that was cut off has none and is left out.
 *
 * @throws DataError when there is no such set, or its file cannot be had
 * @example const { observations, actions } = await loadTransitions("pendulum-expert");
 */
export async function loadTransitions(id: string, options: LoadOptions = {}): Promise<Transitions> {
  const set = dataSet(id);
  expectKind(set, "loadTransitions", "transitions");
  const [file] = await readFiles(set.files, options);
  const records = rawValues(set, file);
  const [n, width] = records.shape;

  const flag = (role: "terminal" | "timeout") => {
    const [at] = set.roles?.[role] ?? refuse(`no column is the ${role}`, { file: id });
    return (row: number): boolean => records.data[row * width + at] !== 0;
  };
  const [isTerminal, isTimeout] = [flag("terminal"), flag("timeout")];
  const stored = set.roles?.nextObservation !== undefined;
  const hasNext = (row: number) => stored || isTerminal(row) || (!isTimeout(row) && row + 1 < n);
  const rows = Array.from({ length: n }, (_, row) => row).filter(hasNext);

  const take = (role: TransitionRole, rowOf = (row: number) => row): NDArray => {
    const [from, to] = set.roles?.[role] ?? refuse(`no column is the ${role}`, { file: id });
    const values = new Float32Array(rows.length * (to - from));
    rows.forEach((row, i) => {
      const start = rowOf(row) * width;
      values.set(records.data.subarray(start + from, start + to), i * (to - from));
    });
    return new NDArray(values, [rows.length, to - from], "float32");
  };
  const flat = (role: TransitionRole): NDArray => take(role).reshape([rows.length]);
  // After a terminal step there is nothing to observe; what stands there is never used.
  const next = (row: number): number => (isTerminal(row) ? row : row + 1);
  return {
    name: id,
    observations: take("observation"),
    actions: take("action"),
    rewards: flat("reward"),
    nextObservations: stored ? take("nextObservation") : take("observation", next),
    terminals: flat("terminal"),
    timeouts: flat("timeout"),
  };
}
