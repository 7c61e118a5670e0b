/** Logs in JSON: one document, or one a line. */
import { DataError, type Place } from "@etude/data";
import { type Cell, type Log, numberOf } from "./log.ts";

export const looksLikeJson = (text: string): boolean => /^\s*[[{]/.test(text);

type Row = ReadonlyMap<string, unknown>;

/**
 * JSON Lines with an object a line; an array of objects or of numbers; an object of arrays of one
 * length; or an object that holds one of these under `log_history`, as the state files of trainers do.
 * Nested objects become names with a slash: {"train": {"grad_norm": 1}} is "train/grad_norm". NaN and
 * Infinity are understood although JSON has none, since Python writes them.
 *
 * @throws DataError with the line
 */
export function parseJsonLog(text: string, file: string): Log {
  const whole = tryParse(text);
  if (whole !== undefined && !isSingleRow(whole)) return rowsLog(rowsOf(whole, file), file);
  const rows: Row[] = [];
  const lines: number[] = [];
  text.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === "") return;
    const value = tryParse(line);
    if (value === undefined || typeof value !== "object" || value === null || Array.isArray(value))
      throw new DataError("not an object in JSON, as the other lines are", { file, row: i + 1 });
    rows.push(flattened(value));
    lines.push(i + 1);
  });
  return rowsLog(rows, file, lines);
}

/** NaN and infinities of Python as texts, outside of texts. */
const bare = /("(?:[^"\\]|\\.)*")|-?\b(?:NaN|Infinity)\b/g;

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return JSON.parse(text.replace(bare, (found, quoted) => (quoted ? found : `"${found}"`)));
    } catch {
      return undefined;
    }
  }
}

/** One object of plain values: the only line of JSON Lines. */
const isSingleRow = (value: unknown): boolean =>
  isObject(value) && !Object.values(value).some((part) => Array.isArray(part));

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function rowsOf(value: unknown, file: string): Row[] {
  if (Array.isArray(value)) {
    if (value.length === 0) throw new DataError("the list is empty", { file });
    return value.map((row, i) => {
      if (isObject(row)) return flattened(row);
      if (typeof row === "object")
        throw new DataError(`entry ${i} is no object or number`, { file });
      return new Map([["norm", row]]);
    });
  }
  if (isObject(value)) {
    if (Array.isArray(value.log_history)) return rowsOf(value.log_history, file);
    const lists = Object.entries(value).filter((entry): entry is [string, unknown[]] =>
      Array.isArray(entry[1]),
    );
    const [first] = lists;
    const other = lists.find(([, list]) => list.length !== first[1].length);
    if (other !== undefined)
      throw new DataError(
        `"${first[0]}" has ${first[1].length} entries, "${other[0]}" has ${other[1].length}`,
        { file },
      );
    if (first !== undefined)
      return first[1].map((_, i) => new Map(lists.map(([name, list]) => [name, list[i]])));
  }
  throw new DataError("no list of records in this JSON", { file });
}

/** Values by their paths. */
function flattened(value: object, path = ""): Map<string, unknown> {
  const result = new Map<string, unknown>();
  for (const [name, part] of Object.entries(value)) {
    if (isObject(part))
      for (const [inner, leaf] of flattened(part, `${path}${name}/`)) result.set(inner, leaf);
    else result.set(path + name, part);
  }
  return result;
}

function rowsLog(rows: readonly Row[], file: string, lines?: readonly number[]): Log {
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  const place = (row: number, column?: string): Place => ({
    file,
    row: lines?.[row] ?? row + 1,
    ...(column !== undefined && { column }),
  });
  return {
    file,
    names,
    rows: rows.length,
    cell(name, row): Cell {
      const value = rows[row].get(name);
      if (value === undefined || value === null) return undefined;
      if (typeof value === "number") return value;
      if (typeof value === "string") return numberOf(value, place(row, name));
      throw new DataError("not a number", place(row, name));
    },
    place,
  };
}
