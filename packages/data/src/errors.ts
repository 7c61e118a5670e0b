/** Errors about data: which file, row and column, what is wrong there, and what to do about it. */

/** Where in the data something was found. */
export interface Place {
  /** Name of the file or table. */
  readonly file?: string;
  /** Line of the file, counted from 1; the header is a line too. */
  readonly row?: number;
  /** Name of the column. */
  readonly column?: string;
}

/**
 * An error of one line a user can act on.
 *
 * @example
 * new DataError(`"n/a?" is not a number`, { file: "houses.csv", row: 17, column: "price" }).message
 * // houses.csv, row 17, column "price": "n/a?" is not a number
 */
export class DataError extends Error {
  override name = "DataError";
  readonly file?: string;
  readonly row?: number;
  readonly column?: string;

  constructor(problem: string, place: Place = {}, options?: ErrorOptions) {
    super(oneLine(describePlace(place) + problem), options);
    this.file = place.file;
    this.row = place.row;
    this.column = place.column;
  }
}

/** Throw a {@link DataError}. */
export function refuse(problem: string, place?: Place, cause?: unknown): never {
  throw new DataError(problem, place, cause === undefined ? undefined : { cause });
}

function describePlace({ file, row, column }: Place): string {
  const parts: string[] = [];
  if (file !== undefined) parts.push(file);
  if (row !== undefined) parts.push(`row ${row}`);
  if (column !== undefined) parts.push(`column ${quote(column)}`);
  return parts.length === 0 ? "" : `${parts.join(", ")}: `;
}

const longest = 60; // characters of a cell that an error repeats

/** A value of the data as an error shows it: in quotation marks, on one line, cut where it is long. */
export function quote(value: string): string {
  const start = value.slice(0, longest);
  return `"${oneLine(start)}${start.length < value.length ? "..." : ""}"`;
}

const oneLine = (text: string): string => text.replace(/\s*[\r\n]+\s*/g, " ");

/** What a caught value says of itself. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Numbers in messages: 12,345 rather than 12345. */
export const count = (n: number): string => n.toLocaleString("en-US");
