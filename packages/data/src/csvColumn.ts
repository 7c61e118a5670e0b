/** One column of a text file: its kind is found out while its cells come in. */
import { isMissing, numberIn } from "./csvCells.ts";
import { quote, refuse } from "./errors.ts";
import { growingNumbers, growingTexts } from "./growing.ts";
import type { Column, ColumnKind } from "./table.ts";

/** A piece of the file: its rows as cells, and the line each row begins on. */
export interface Piece {
  readonly rows: readonly (readonly string[])[];
  readonly lines: ArrayLike<number>;
}

export interface CsvColumn {
  readonly name: string;
  /** Take the cells of a piece at this column's place. */
  append(piece: Piece): void;
  /** The line where a column that began with numbers turned out to hold texts; its values are lost. */
  surprise(): number | undefined;
  finish(): Column;
}

export interface CsvColumnOptions {
  readonly file: string;
  readonly name: string;
  /** Place in a row. */
  readonly place: number;
  readonly declared: ColumnKind | undefined;
  /** Known from an earlier reading: not numbers, but categories or texts. */
  readonly holdsTexts: boolean;
  readonly missing: ReadonlySet<string>;
}

/**
 * Numbers if the first value is one, else texts. Of a column of numbers the texts are not kept, so a
 * later text means that the column has to be read again.
 */
export function csvColumn(options: CsvColumnOptions): CsvColumn {
  const { file, name, place, declared, missing } = options;
  let state: "open" | "numbers" | "texts" | "lost" = "open";
  if (declared === "numeric") state = "numbers";
  else if (declared !== undefined || options.holdsTexts) state = "texts";
  let length = 0;
  let surprise: number | undefined;
  const numbers = growingNumbers();
  const texts = growingTexts();
  const numericMarks = [...missing].some((mark) => !Number.isNaN(numberIn(mark)));

  const appendNumbers = ({ rows, lines }: Piece): void => {
    const room = numbers.room(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const cell = rows[i][place];
      let value = numberIn(cell);
      if (numericMarks && isMissing(cell, missing)) value = Number.NaN;
      room[i] = value;
      if (!Number.isNaN(value) || isMissing(cell, missing)) continue;
      if (declared === "numeric") {
        const remedy = `correct it, or leave the cell empty if the value is missing; if it is no column of numbers, read it as "categorical" or "text"`;
        refuse(`${quote(cell)} is not a number; ${remedy}`, { file, row: lines[i], column: name });
      }
      surprise = lines[i];
      state = "lost";
      return;
    }
  };
  const appendTexts = ({ rows }: Piece): void => {
    for (let i = 0; i < rows.length; i++) {
      const cell = rows[i][place];
      texts.push(isMissing(cell, missing) ? null : cell);
    }
    texts.settle(declared === "categorical");
  };
  /** Decide at the first value; what came before it was missing. */
  const open = ({ rows }: Piece): void => {
    const first = rows.find((row) => !isMissing(row[place], missing));
    if (first === undefined) return;
    if (Number.isNaN(numberIn(first[place]))) {
      state = "texts";
      for (let i = 0; i < length; i++) texts.push(null);
    } else {
      state = "numbers";
      numbers.room(length).fill(Number.NaN);
    }
  };

  return {
    name,
    append(piece) {
      if (state === "open") open(piece);
      if (state === "numbers") appendNumbers(piece);
      else if (state === "texts") appendTexts(piece);
      length += piece.rows.length;
    },
    surprise: () => surprise,
    finish() {
      if (state === "texts")
        return texts.finish(name, declared === "numeric" ? undefined : declared);
      if (state === "open") numbers.room(length).fill(Number.NaN);
      return { name, kind: "numeric", values: numbers.finish() };
    },
  };
}
