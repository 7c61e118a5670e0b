/** A drawing of dots in a terminal: eight to a character, as Braille has them. */
import type { Paint } from "./ansi.ts";

export interface Canvas {
  /** In dots. */
  readonly width: number;
  readonly height: number;
  dot(x: number, y: number, colour: number): void;
  line(x0: number, y0: number, x1: number, y1: number, colour: number): void;
  /** Writes letters over the dots, from the character that holds dot (x, y). */
  text(x: number, y: number, text: string, colour: number): void;
  rows(paint: Paint): string[];
}

/** Bits of the dots of a Braille character, by row and column (Unicode 16, block 2800). */
const bits = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];

/** An empty drawing of `columns` x `rows` characters; dot (0, 0) is at the top left. */
export function createCanvas(columns: number, rows: number): Canvas {
  const width = 2 * columns;
  const height = 4 * rows;
  const patterns = new Uint8Array(columns * rows);
  const colours = new Int16Array(columns * rows).fill(-1);
  const letters = new Map<number, string>();

  const dot = (x: number, y: number, colour: number): void => {
    const [column, row] = [Math.round(x), Math.round(y)];
    if (!(column >= 0 && column < width && row >= 0 && row < height)) return;
    const cell = (row >> 2) * columns + (column >> 1);
    patterns[cell] |= bits[row & 3][column & 1];
    colours[cell] = colour;
  };

  return {
    width,
    height,
    dot,
    line(x0, y0, x1, y1, colour) {
      if (!Number.isFinite(x0 + y0 + x1 + y1)) return;
      const steps = Math.max(1, Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0))));
      for (let step = 0; step <= steps; step++) {
        const share = step / steps;
        dot(x0 + share * (x1 - x0), y0 + share * (y1 - y0), colour);
      }
    },
    text(x, y, text, colour) {
      const row = Math.round(y) >> 2;
      if (!(row >= 0 && row < rows)) return;
      const first = Math.round(x) >> 1;
      for (const [index, letter] of [...text].entries()) {
        const column = first + index;
        if (column < 0 || column >= columns) continue;
        letters.set(row * columns + column, letter);
        colours[row * columns + column] = colour;
      }
    },
    rows: (paint) =>
      Array.from({ length: rows }, (_, row) => {
        let line = "";
        let run = "";
        let runColour = -1;
        for (let column = 0; column < columns; column++) {
          const cell = row * columns + column;
          const pattern = patterns[cell];
          const letter =
            letters.get(cell) ?? (pattern === 0 ? " " : String.fromCodePoint(0x2800 + pattern));
          const colour = letter === " " ? runColour : colours[cell];
          if (colour !== runColour) {
            line += paint(runColour, run);
            run = "";
            runColour = colour;
          }
          run += letter;
        }
        return (line + paint(runColour, run.trimEnd())).trimEnd();
      }),
  };
}
