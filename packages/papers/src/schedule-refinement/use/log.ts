/** A log of a run, whatever its format, as columns of numbers. */
import { DataError, type Place, parseCsv, type Table, textAt } from "@etude/data";
import { UsageError } from "../../contract/errors.ts";
import type { UserInput } from "../../contract/use.ts";
import { looksLikeJson, parseJsonLog } from "./jsonLog.ts";

/** What a cell holds: a number (NaN and infinities among them), or nothing. */
export type Cell = number | undefined;

export interface Log {
  readonly file: string;
  readonly names: readonly string[];
  readonly rows: number;
  /** @throws DataError for a text that is no number */
  cell(name: string, row: number): Cell;
  /** Where a row is found, for messages. */
  place(row: number, column?: string): Place;
}

/**
 * Reads a log: a table with a header (or only numbers, without one), JSON, JSON Lines, or one number
 * a line.
 *
 * @throws DataError with the line, UsageError when it is none of these
 */
export async function readLog(input: UserInput): Promise<Log> {
  const { file } = input;
  if (input.kind === "table") return tableLog(input.table, file);
  if (input.kind !== "text") throw new UsageError(`--log ${file}: expected a table or a text file`);
  const { text } = input;
  if (text.trim() === "") throw new DataError("the file is empty", { file });
  if (looksLikeJson(text)) return parseJsonLog(text, file);
  if (text.includes("\0")) throw new DataError("this is not a text file", { file });
  return tableLog(await parseCsv(text, { name: file }), file);
}

const numbers = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function tableLog(table: Table, file: string): Log {
  const { columns } = table;
  // A file of numbers alone has no header: what was taken for one is the first row.
  const first = columns.every(({ name }) => numbers.test(name))
    ? columns.map(({ name }) => Number(name))
    : undefined;
  const names = columns.map(({ name }, i) => (first === undefined ? name : `column ${i + 1}`));
  const shift = first === undefined ? 0 : 1;
  const place = (row: number, column?: string): Place => ({
    file,
    row: row < shift ? 1 : (table.lines?.[row - shift] ?? row + 1),
    ...(column !== undefined && { column }),
  });
  return {
    file,
    names,
    rows: table.rows + shift,
    cell(name, row) {
      const at = names.indexOf(name);
      if (first !== undefined && row === 0) return first[at];
      const text = textAt(columns[at], row - shift);
      return text === null ? undefined : numberOf(text, place(row, name));
    },
    place,
  };
}

/**
 * The number that a text stands for, as programs write them: also "nan", "inf" and "Infinity".
 *
 * @throws DataError for any other text
 */
export function numberOf(text: string, place: Place): number {
  const plain = text.trim().toLowerCase();
  if (plain === "nan") return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/.exec(plain);
  if (infinite) return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (numbers.test(plain)) return Number(plain);
  throw new DataError(`"${text.slice(0, 60)}" is not a number`, place);
}
