/** Text in pieces as rows of cells. */
import Papa from "papaparse";
import type { Piece } from "./csvColumn.ts";
import { type Place, refuse } from "./errors.ts";

/** How a file is written. */
export interface Dialect {
  readonly delimiter: string;
  readonly newline: "\n" | "\r\n" | "\r";
  /** The quotation mark; null where it is a character like any other. */
  readonly quote: string | null;
}

const delimiters = [",", "\t", ";", "|"];

/**
 * The dialect of a file from its first line: the most frequent of comma, tab, semicolon and bar
 * separates cells. In tab-separated files a quotation mark is a character like any other, as the
 * registered format (text/tab-separated-values) has it, unless a cell of the first line is quoted.
 */
export function dialectOf(
  text: string,
  wanted: { delimiter?: string; quote?: string | null },
): Dialect {
  const mark = wanted.quote === null ? undefined : (wanted.quote ?? '"');
  const start = text.slice(0, 2 ** 16);
  const outside = mark === undefined ? start : withoutQuoted(start, mark);
  const line = outside.replace(/^[\r\n]+/, "").split(/[\r\n]/, 1)[0];
  const occurrences = (delimiter: string): number => line.split(delimiter).length - 1;
  const delimiter =
    wanted.delimiter ??
    delimiters.reduce((best, next) => (occurrences(next) > occurrences(best) ? next : best));
  const end = /\r\n|\n|\r/.exec(outside)?.[0];
  const newline = end === "\r\n" || end === "\r" ? end : "\n";
  if (mark === undefined) return { delimiter, newline, quote: null };
  const quoted = line.startsWith(mark) || line.includes(delimiter + mark);
  const ordinary = wanted.quote === undefined && delimiter === "\t" && !quoted;
  return { delimiter, newline, quote: ordinary ? null : mark };
}

/** The text with nothing between its quotation marks. */
function withoutQuoted(text: string, mark: string): string {
  const parts = text.split(mark);
  return parts.filter((_, i) => i % 2 === 0).join(mark + mark);
}

interface Parsed {
  readonly data: string[][];
  readonly errors: { readonly code: string; readonly row: number }[];
  readonly meta: { readonly cursor: number };
}

/**
 * The rows of a text, piece by piece, without blank lines. Each row knows the line it begins on: a
 * quoted cell may run over several.
 */
export async function* csvRows(
  texts: AsyncIterable<string>,
  dialectFor: (start: string) => Dialect,
  place: Place,
): AsyncGenerator<Piece> {
  let dialect: Dialect | undefined;
  let pending = "";
  let wanted = 0; // parse again once so much has come: a long row is not scanned for every piece
  let line = 1;
  for await (const text of texts) {
    dialect ??= dialectFor(text);
    pending += text;
    if (pending.length < wanted) continue;
    const { piece, rest, next } = parse(pending, dialect, line, true, place);
    wanted = rest.length === pending.length ? 2 * rest.length : 0;
    pending = rest;
    line = next;
    if (piece.rows.length > 0) yield piece;
  }
  if (dialect === undefined || pending === "") return;
  const { piece } = parse(pending, dialect, line, false, place);
  if (piece.rows.length > 0) yield piece;
}

function parse(
  text: string,
  { delimiter, newline, quote }: Dialect,
  firstLine: number,
  moreFollows: boolean,
  place: Place,
): { piece: Piece; rest: string; next: number } {
  const quoted = quote !== null && text.includes(quote);
  // Where nothing is quoted, lines that end differently from the first may be mended.
  const mend = !quoted && newline !== "\r" && text.includes("\r");
  const input = mend ? text.replaceAll("\r\n", "\n") : text;
  const parser = new Papa.Parser({
    delimiter,
    newline: quoted || newline === "\r" ? newline : "\n",
    quoteChar: quote ?? '"',
    fastMode: !quoted,
  });
  const { data, errors, meta }: Parsed = parser.parse(input, 0, moreFollows);

  const rows: string[][] = [];
  const lines: number[] = [];
  let line = firstLine;
  const failed = errors.find(({ row }) => row < data.length);
  for (let i = 0; i < data.length; i++) {
    if (i === failed?.row) refuseQuotes(failed.code, { ...place, row: line });
    const row = data[i];
    const blank = row.length === 1 && (quoted ? row[0] : row[0].trim()) === "";
    if (!blank) {
      rows.push(row);
      lines.push(line);
    }
    line += quoted ? 1 + lineEndsIn(row, newline) : 1;
  }
  return { piece: { rows, lines }, rest: input.slice(meta.cursor), next: line };
}

function lineEndsIn(row: readonly string[], newline: string): number {
  let ends = 0;
  for (const cell of row) if (cell.includes(newline)) ends += cell.split(newline).length - 1;
  return ends;
}

function refuseQuotes(code: string, place: Place): never {
  const ordinary = "where quotation marks are ordinary characters, read with { quote: null }";
  if (code === "MissingQuotes")
    refuse(
      `a quotation mark that opens a cell here is never closed; close it, or, ${ordinary}`,
      place,
    );
  refuse(
    `more text follows a closing quotation mark; write a quotation mark inside a cell twice (""), or, ${ordinary}`,
    place,
  );
}
