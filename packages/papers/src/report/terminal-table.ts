/** Tables in a terminal: columns as wide as their texts where there is room, else broken. */
import type { DataTable } from "../contract/figure.ts";
import { type Paint, painter } from "./ansi.ts";
import { formatNumber } from "./numbers.ts";
import { formatTableCells } from "./table-cells.ts";
import { oneLine, textColumns, wrapText } from "./text.ts";

export interface TextOptions {
  /** Characters a line; 80 by default. */
  readonly width?: number;
  /** Whether to colour; not by default. The caller decides, as it knows the terminal and NO_COLOR. */
  readonly color?: boolean;
}

/** Lines a terminal is given of one table. */
const mostRows = 200;
const between = 2;
const narrowest = 8;

/** A table as text, no line wider than `width`. Columns that find no room go below the others. */
export function tableText(
  table: DataTable,
  { width = 80, color = false }: TextOptions = {},
): string {
  const paint = painter(color);
  const { cells, numeric } = formatTableCells(table);
  const rows = cells.slice(0, mostRows).map((row) => row.map(oneLine));
  const columns = table.columns.map((name, column) => ({
    head: oneLine(name),
    cells: rows.map((row) => row[column]),
    right: numeric[column],
  }));
  const cut = rows.length < cells.length;
  return [
    ...wrapText(oneLine(table.title), width).map((line) => paint("bold", line)),
    ...(table.caption
      ? wrapText(oneLine(table.caption), width).map((line) => paint("dim", line))
      : []),
    ...intoBlocks(columns, width).flatMap((block, index) => [
      ...(index > 0 ? [""] : []),
      ...columnsText(block, width, paint),
    ]),
    ...(cut ? [paint("dim", `the first ${mostRows} of ${formatNumber(cells.length)} rows`)] : []),
  ].join("\n");
}

export interface TextColumn {
  readonly head: string;
  /** May hold line ends. */
  readonly cells: readonly string[];
  readonly right: boolean;
  /** Colours a line of the cell of a row. */
  readonly style?: (row: number, text: string) => string;
}

/** Columns that fit beside each other, in several blocks if need be, the first column in each. */
function intoBlocks(columns: readonly TextColumn[], width: number): TextColumn[][] {
  const least = (column: TextColumn) =>
    Math.min(naturalWidth(column), column.right ? 999 : narrowest);
  const [first, ...rest] = columns;
  if (first === undefined) return [];
  const blocks: TextColumn[][] = [[first]];
  let used = least(first);
  for (const column of rest) {
    const needed = least(column) + between;
    const last = blocks[blocks.length - 1];
    if (used + needed > width && last.length > 1) {
      blocks.push([first, column]);
      used = least(first) + needed;
    } else {
      last.push(column);
      used += needed;
    }
  }
  return blocks;
}

const naturalWidth = ({ head, cells }: TextColumn): number =>
  Math.max(
    Math.min(textColumns(head), Math.max(8, longestWord(head))),
    ...cells.flatMap((cell) => cell.split("\n").map(textColumns)),
  );

const longestWord = (text: string): number => Math.max(0, ...text.split(" ").map(textColumns));

/** Head, a line, and the rows; with a blank line between rows if `spaced`. */
export function columnsText(
  columns: readonly TextColumn[],
  width: number,
  paint: Paint,
  spaced = false,
): string[] {
  const widths = columnWidths(columns, width);
  const line = (cells: readonly string[][], style?: (column: number, text: string) => string) => {
    const height = Math.max(...cells.map((cell) => cell.length));
    return Array.from({ length: height }, (_, index) =>
      cells
        .map((cell, column) => {
          const text = cell[index] ?? "";
          const room = " ".repeat(Math.max(0, widths[column] - textColumns(text)));
          const styled = style?.(column, text) ?? text;
          return columns[column].right ? room + styled : styled + room;
        })
        .join(" ".repeat(between))
        .trimEnd(),
    );
  };
  const broken = (text: string, column: number) => wrapText(text, widths[column]);
  const heads = columns.map(({ head }, column) => broken(head, column));
  const total = widths.reduce((sum, each) => sum + each + between, -between);
  const rowCount = columns[0]?.cells.length ?? 0;
  return [
    ...line(heads, (_, text) => paint("dim", text)),
    paint("dim", "─".repeat(Math.max(0, total))),
    ...Array.from({ length: rowCount }, (_, row) => [
      ...(spaced && row > 0 ? [""] : []),
      ...line(
        columns.map(({ cells }, column) => broken(cells[row], column)),
        (column, text) => columns[column].style?.(row, text) ?? text,
      ),
    ]).flat(),
  ];
}

/** Natural widths where they fit; else the widest columns of text give way, then those of numbers. */
function columnWidths(columns: readonly TextColumn[], width: number): number[] {
  const widths = columns.map(naturalWidth);
  const room = Math.max(columns.length, width - between * (columns.length - 1));
  const total = () => widths.reduce((sum, each) => sum + each, 0);
  for (const least of [narrowest, 1]) {
    while (total() > room) {
      const able = widths.map((each, column) =>
        each > least && (least === 1 || !columns[column].right) ? each : 0,
      );
      const widest = Math.max(...able);
      if (widest === 0) break;
      const column = able.indexOf(widest);
      // Down to the next widest in one step, or as far as is needed.
      const second = Math.max(least, ...able.filter((_, index) => index !== column));
      widths[column] = Math.max(
        second === widest ? widest - 1 : second,
        widest - (total() - room),
        least,
      );
    }
  }
  return widths;
}
