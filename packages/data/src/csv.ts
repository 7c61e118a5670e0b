/** Tables from comma-separated text, and its relatives. */
import { missingMarks } from "./csvCells.ts";
import { type CsvColumn, csvColumn, type Piece } from "./csvColumn.ts";
import { csvRows, dialectOf } from "./csvRows.ts";
import { count, quote, refuse } from "./errors.ts";
import { growingIntegers } from "./growing.ts";
import { suggestNames } from "./names.ts";
import { type ColumnKind, type Table, table } from "./table.ts";
import { type ByteSource, textSource } from "./textStream.ts";

export interface CsvOptions {
  /** What messages call the file. */
  readonly name?: string;
  /** What separates cells; found out from the first line where it is not given. */
  readonly delimiter?: string;
  /**
   * The quotation mark, or null where it is a character like any other. It is `"`, but null in
   * tab-separated files with no quoted cell in the first line.
   */
  readonly quote?: string | null;
  /** Whether the first line names the columns, as it does by default; else they are column1, column2 ... */
  readonly header?: boolean;
  /** Kinds of columns that are not to be inferred. */
  readonly types?: Readonly<Record<string, ColumnKind>>;
  /** Cells that stand for a missing value, instead of {@link missingMarks}. */
  readonly missing?: readonly string[];
  /** A label of the Encoding Standard; "utf-8" where it is not given. Marked UTF-16 is recognised. */
  readonly encoding?: string;
  /** Bytes of a stream that are kept, should it have to be read twice; 64 MiB where it is not given. */
  readonly keep?: number;
}

/**
 * A table from comma-separated text (RFC 4180): quoted cells, line breaks within them, any line
 * ends, a byte order mark and gzip are understood.
 *
 * A column is
 * - *numeric* if all its values are numbers in decimal notation (a column without a value too),
 * - *categorical* if some value occurs twice and there are at most 20 different ones, or at least ten
 *   rows for each on average and at most 1,000, and they are not dates; categories are sorted,
 * - *text* else.
 *
 * The text is read as a stream into growing typed arrays, so a file may be larger than what the
 * memory would hold as text. A numeric column keeps numbers only: if a text turns up later, the
 * source is read a second time. Streams are kept for that up to 64 MiB (`keep`); give a function that opens
 * the stream, or `types`, where that is too little.
 *
 * @throws DataError naming file, row (line of the file, from 1) and column when a row has another
 * number of cells than the header, a name occurs twice, a quoted cell does not end, a cell of a
 * column declared numeric is not a number, there is no row, or the bytes are not text
 * @example
 * const houses = await parseCsv(await file.bytes(), { name: "houses.csv", types: { zip: "categorical" } });
 */
export async function parseCsv(source: ByteSource, options: CsvOptions = {}): Promise<Table> {
  const { name = "table" } = options;
  const text = textSource(source, options, { file: name });
  const first = await readColumns(text.read(), options, new Set());
  const surprises = first.columns.filter((column) => column.surprise() !== undefined);
  if (surprises.length === 0) return finish(name, first);

  if (!text.canReadAgain()) {
    const [column] = surprises;
    refuse(
      `here is a text, where all values above are numbers, and the stream cannot be read again; declare the column in types, or give a function that opens the stream`,
      { file: name, row: column.surprise(), column: column.name },
    );
  }
  const holdingTexts = new Set(surprises.map((column) => column.name));
  return finish(name, await readColumns(text.read(), options, holdingTexts));
}

interface ReadColumns {
  readonly columns: readonly CsvColumn[];
  readonly lines: Int32Array;
}

const finish = (name: string, { columns, lines }: ReadColumns): Table =>
  table(
    name,
    columns.map((column) => column.finish()),
    lines,
  );

async function readColumns(
  texts: AsyncIterable<string>,
  options: CsvOptions,
  holdingTexts: ReadonlySet<string>,
): Promise<ReadColumns> {
  const { name: file = "table", header = true } = options;
  const lines = growingIntegers();
  let columns: CsvColumn[] | undefined;
  let rows = 0;

  const { delimiter, quote: mark } = options;
  if (
    delimiter !== undefined &&
    (delimiter === "" || /[\r\n\uFEFF]/.test(delimiter) || delimiter === '"')
  )
    refuse(`${quote(delimiter)} cannot separate cells; give a character such as "," or "\\t"`, {
      file,
    });
  if (mark != null && (mark.length !== 1 || mark === delimiter || /[\r\n]/.test(mark)))
    refuse(`${quote(mark)} cannot be a quotation mark; give one character, or null`, { file });
  const dialectFor = (start: string) => {
    if (start.includes("\0"))
      refuse("this is not a text file; is it a spreadsheet or an archive?", { file });
    return dialectOf(start, options);
  };
  for await (let piece of csvRows(texts, dialectFor, { file })) {
    if (columns === undefined) {
      const names = header
        ? headerNames(file, piece)
        : piece.rows[0].map((_, i) => `column${i + 1}`);
      columns = openColumns(file, names, options, holdingTexts);
      if (header) piece = { rows: piece.rows.slice(1), lines: Array.from(piece.lines).slice(1) };
    }
    checkWidths(file, piece, columns.length, header);
    for (const column of columns) column.append(piece);
    for (let i = 0; i < piece.rows.length; i++) lines.push(piece.lines[i]);
    rows += piece.rows.length;
  }
  if (columns === undefined) return refuse("the file is empty", { file });
  if (rows === 0) refuse("there is a header, but no row below it", { file });
  return { columns, lines: lines.finish() };
}

function headerNames(file: string, { rows, lines }: Piece): string[] {
  const place = { file, row: lines[0] };
  const names = rows[0].map((cell, i) => cell.trim() || `column${i + 1}`);
  names.forEach((name, i) => {
    const before = names.indexOf(name);
    if (before < i)
      refuse(
        `columns ${before + 1} and ${i + 1} are both called ${quote(name)}; rename one, or, if this line is no header, read with { header: false }`,
        place,
      );
  });
  return names;
}

function openColumns(
  file: string,
  names: readonly string[],
  { types = {}, missing = missingMarks }: CsvOptions,
  holdingTexts: ReadonlySet<string>,
): CsvColumn[] {
  for (const declared of Object.keys(types)) {
    if (!names.includes(declared))
      refuse(
        `types names a column ${quote(declared)} that is not there; ${suggestNames(declared, names)}`,
        { file },
      );
  }
  const marks = new Set(["", ...missing]);
  return names.map((name, place) =>
    csvColumn({
      file,
      name,
      place,
      declared: Object.hasOwn(types, name) ? types[name] : undefined,
      holdsTexts: holdingTexts.has(name),
      missing: marks,
    }),
  );
}

function checkWidths(file: string, { rows, lines }: Piece, width: number, header: boolean): void {
  for (let i = 0; i < rows.length; i++) {
    if (rows[i].length === width) continue;
    const cells = `${count(rows[i].length)} ${rows[i].length === 1 ? "cell" : "cells"}`;
    const expected = `where the ${header ? "header" : "first row"} has ${count(width)}`;
    refuse(
      `${cells} ${expected}; look for a missing or surplus delimiter, or one inside a cell that should be quoted`,
      { file, row: lines[i] },
    );
  }
}
