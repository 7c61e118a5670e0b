/** A log as columns of numbers, whether it came as a table or as arrays. */
import { type Column, DataError, placeOf, type Table } from "@etude/data";
import type { NDArray } from "@etude/tensor";

/** A column as numbers. Texts and categories become numbers in the order of their names. */
export interface NumberColumn {
  readonly name: string;
  readonly values: Float64Array;
  /** What the numbers stand for, where the file has texts. */
  readonly categories?: readonly string[];
  /** Whether the file itself says that these are whole numbers. */
  readonly isInteger?: boolean;
}

export interface LogColumns {
  readonly file: string;
  readonly rows: number;
  readonly columns: readonly NumberColumn[];
  /** Where row i stands in the file. */
  rowOf(row: number): number;
}

const truths: Readonly<Record<string, number>> = { true: 1, false: 0, yes: 1, no: 0 };

/** The columns of a table. A missing value is NaN here and refused where the column is used. */
export const columnsOfTable = (table: Table): LogColumns => ({
  file: table.name,
  rows: table.rows,
  columns: table.columns.map(numbersOf),
  rowOf: (row) => placeOf(table, row).row ?? row + 1,
});

function numbersOf(column: Column): NumberColumn {
  const { name } = column;
  if (column.kind === "numeric") return { name, values: column.values };
  const texts =
    column.kind === "text"
      ? column.values
      : Array.from(column.codes, (code) => (code < 0 ? null : column.categories[code]));
  const categories = [...new Set(texts.filter((text) => text !== null))].sort();
  if (categories.every((text) => text.toLowerCase() in truths)) {
    const of = (text: string | null) => (text === null ? Number.NaN : truths[text.toLowerCase()]);
    return { name, values: Float64Array.from(texts, of) };
  }
  const codes = new Map(categories.map((text, code) => [text, code]));
  const values = Float64Array.from(texts, (text) =>
    text === null ? Number.NaN : (codes.get(text) ?? Number.NaN),
  );
  return { name, values, categories };
}

/** Names under which arrays of a log are known: those of D4RL, Gym and this project. */
const arrayNames = {
  observation: ["observations", "observation", "obs", "states", "state"],
  action: ["actions", "action", "acts", "act"],
  reward: ["rewards", "reward"],
  next: ["next_observations", "next_observation", "next_obs", "nextObservation", "next_states"],
  terminal: ["terminals", "terminal", "terminated", "dones", "done"],
  timeout: ["timeouts", "timeout", "truncated"],
  episode: ["episodes", "episode", "episode_ids"],
} as const;
type ArrayPart = keyof typeof arrayNames;

/**
 * Arrays of a log as columns with the names that {@link partsOf} expects by default: `observation_0`,
 * `next_observation_0`, `action_0`, `reward`, ...
 */
export function columnsOfArrays(
  arrays: Readonly<Record<string, NDArray>>,
  file: string,
): LogColumns {
  const find = (part: ArrayPart): [string, NDArray] | undefined => {
    const name = arrayNames[part].find((known) => Object.hasOwn(arrays, known));
    return name === undefined ? undefined : [name, arrays[name]];
  };
  const observations = find("observation");
  if (observations === undefined) {
    throw new DataError(
      `there is no array of observations; name it ${arrayNames.observation.slice(0, 2).join(" or ")}; the file has ${Object.keys(arrays).join(", ")}`,
      { file },
    );
  }
  const rows = observations[1].shape[0] ?? 0;
  const columns: NumberColumn[] = [];
  const add = (part: ArrayPart, name: string, isList: boolean): void => {
    const found = find(part);
    if (found === undefined) return;
    const [given, { data, shape, dtype }] = found;
    if (shape[0] !== rows) {
      const problem = `${given} has ${shape[0] ?? 0} rows, ${observations[0]} has ${rows}`;
      throw new DataError(problem, { file });
    }
    if (shape.length > 2)
      throw new DataError(`${given} has shape [${shape.join(", ")}]; [rows, entries] is needed`, {
        file,
      });
    const width = shape[1] ?? 1;
    for (let j = 0; j < width; j++) {
      const values = Float64Array.from({ length: rows }, (_, i) => Number(data[i * width + j]));
      const isInteger = dtype === "int32" || dtype === "uint32" || dtype === "bool";
      columns.push({ name: isList ? `${name}_${j}` : name, values, isInteger });
    }
  };
  add("observation", "observation", true);
  add("action", "action", true);
  add("reward", "reward", false);
  add("next", "next_observation", true);
  add("terminal", "terminal", false);
  add("timeout", "timeout", false);
  add("episode", "episode", false);
  return { file, rows, columns, rowOf: (row) => row + 1 };
}
