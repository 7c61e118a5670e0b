/** Lines and points in a terminal: dots in a frame with two axes. */
import type { Figure } from "../contract/figure.ts";
import type { Paint } from "./ansi.ts";
import { type Canvas, createCanvas } from "./canvas.ts";
import type { PlacedMark, Placement } from "./placement.ts";
import { fraction, type Tick, ticksOf } from "./scale.ts";
import { oneLine, shorten, textColumns } from "./text.ts";

/** The plot without title and legend; `letters` marks series by letters where colours are missing. */
export function plotText(
  figure: Figure,
  placement: Placement,
  width: number,
  height: number,
  paint: Paint,
  letters: boolean,
): string[] {
  const yTicks = ticksOf(placement.y, Math.max(2, Math.floor(height / 3)));
  const gutter = Math.max(1, ...yTicks.map(({ label }) => textColumns(label)));
  const columns = Math.max(10, width - gutter - 2);
  const canvas = createCanvas(columns, height);
  const toX = (x: number): number => fraction(placement.x, x) * (canvas.width - 1);
  const toY = (y: number): number => (1 - fraction(placement.y, y)) * (canvas.height - 1);
  for (const type of ["band", "bars", "rule", "intervals", "line", "dots"] as const) {
    for (const mark of placement.marks)
      if (mark.type === type) drawMark(canvas, mark, placement, toX, toY);
  }
  if (letters) for (const mark of placement.marks) drawLetters(canvas, mark, toX, toY);

  const tickAt = new Map(
    yTicks.map(({ at, label }) => [Math.floor(Math.round(toY(at)) / 4), label] as const),
  );
  const rows = canvas.rows(paint).map((row, index) => {
    const label = tickAt.get(index);
    return `${(label ?? "").padStart(gutter)} ${label === undefined ? "│" : "┤"}${row}`;
  });
  const xTicks = ticksOf(placement.x, Math.max(2, Math.floor(columns / 10)));
  const axis = axisText(xTicks, (at) => Math.floor(Math.round(toX(at)) / 2), columns);
  const indent = " ".repeat(gutter + 1);
  const label = shorten(oneLine(figure.x.label), columns);
  return [
    ...(figure.y.label === "" ? [] : [shorten(oneLine(figure.y.label), width)]),
    ...rows,
    `${indent}└${axis.line}`,
    `${indent} ${axis.labels}`.trimEnd(),
    ...(label === ""
      ? []
      : [`${indent} ${" ".repeat(Math.max(0, (columns - textColumns(label)) >> 1))}${label}`]),
  ];
}

function drawMark(
  canvas: Canvas,
  mark: PlacedMark,
  placement: Placement,
  toX: (x: number) => number,
  toY: (y: number) => number,
): void {
  switch (mark.type) {
    case "line":
      for (const [i, x] of mark.x.entries()) {
        canvas.dot(toX(x), toY(mark.y[i]), mark.series);
        if (i > 0)
          canvas.line(toX(mark.x[i - 1]), toY(mark.y[i - 1]), toX(x), toY(mark.y[i]), mark.series);
      }
      return;
    case "dots":
      for (const [i, x] of mark.x.entries()) {
        const [column, row] = [toX(x), toY(mark.y[i])];
        if (Number.isFinite(column + row)) canvas.text(column, row, "●", mark.series);
      }
      return;
    case "intervals":
      for (const [i, x] of mark.x.entries())
        canvas.line(toX(x), toY(mark.low[i]), toX(x), toY(mark.high[i]), mark.series);
      return;
    case "band":
      // Its edges in thin dots: a filled one would hide the lines.
      for (const [i, x] of mark.x.entries()) {
        if (Math.round(toX(x)) % 3 !== 0) continue;
        canvas.dot(toX(x), toY(mark.low[i]), mark.series);
        canvas.dot(toX(x), toY(mark.high[i]), mark.series);
      }
      return;
    case "bars":
      for (const [i, y] of mark.y.entries()) {
        const [from, to] = [toX(mark.left[i]), toX(mark.right[i])];
        for (let x = Math.ceil(from); x <= Math.max(Math.ceil(from), to - 1); x++)
          canvas.line(x, toY(placement.base), x, toY(y), mark.series);
      }
      return;
    case "rule":
      if (mark.y !== undefined && Number.isFinite(mark.y))
        for (let x = 0; x < canvas.width; x += 3) canvas.dot(x, toY(mark.y), mark.series);
      if (mark.x !== undefined && Number.isFinite(mark.x))
        for (let y = 0; y < canvas.height; y += 2) canvas.dot(toX(mark.x), y, mark.series);
      return;
  }
}

/** The letter of a series: a, b, c ... */
export const seriesLetter = (series: number): string =>
  String.fromCharCode(97 + (Math.max(0, series) % 26));

/** Letters on lines, those of different series at different places. */
function drawLetters(
  canvas: Canvas,
  mark: PlacedMark,
  toX: (x: number) => number,
  toY: (y: number) => number,
): void {
  if (mark.type !== "line" && mark.type !== "dots") return;
  const letter = seriesLetter(mark.series);
  const apart = canvas.width / 4;
  let next = mark.type === "dots" ? -1 : apart * (0.2 + 0.3 * (mark.series % 3));
  for (const [i, x] of mark.x.entries()) {
    const [column, row] = [toX(x), toY(mark.y[i])];
    if (!Number.isFinite(column + row) || column < next) continue;
    canvas.text(column, row, letter, mark.series);
    if (mark.type === "line") next = column + apart;
  }
}

/** Ticks and their labels, leaving out labels that would touch. */
export function axisText(
  ticks: readonly Tick[],
  place: (at: number) => number,
  columns: number,
): { readonly line: string; readonly labels: string } {
  const line = Array.from({ length: columns }, () => "─");
  let labels = "";
  for (const { at, label: full } of ticks) {
    const column = place(at);
    if (!(column >= 0 && column < columns)) continue;
    line[column] = "┬";
    const label = shorten(oneLine(full), Math.max(3, Math.floor(columns / ticks.length) - 1));
    const width = textColumns(label);
    const start = Math.max(0, Math.min(columns - width, column - Math.floor(width / 2)));
    const used = textColumns(labels);
    if (used > 0 && start < used + 1) continue;
    labels += " ".repeat(start - used) + label;
  }
  return { line: line.join(""), labels };
}
