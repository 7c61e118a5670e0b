/**
 * A figure in numbers: names become places on an axis, gaps become NaN, every axis gets its limits.
 * The page and the terminal both draw from this, so they show the same.
 */
import type { Axis, Figure, Mark } from "../contract/figure.ts";
import { formatNumber } from "./numbers.ts";
import { bandScale, type Margin, numberScale, type Scale } from "./scale.ts";

export interface PlacedSeries {
  /** Empty for marks without a name. */
  readonly name: string;
  readonly types: ReadonlySet<Mark["type"]>;
}

export interface PlacedPoints {
  readonly type: "line" | "dots";
  readonly series: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

export interface PlacedBars {
  readonly type: "bars";
  readonly series: number;
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly y: readonly number[];
}

export interface PlacedRanges {
  readonly type: "band" | "intervals";
  readonly series: number;
  readonly x: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

export interface PlacedRule {
  readonly type: "rule";
  /** -1 where no other mark has its name: it is then drawn in the colour of the text. */
  readonly series: number;
  readonly label: string;
  readonly x?: number;
  readonly y?: number;
}

export interface PlacedCells {
  readonly type: "heatmap";
  readonly values: readonly (readonly number[])[];
}

export type PlacedMark = PlacedPoints | PlacedBars | PlacedRanges | PlacedRule | PlacedCells;

export interface Placement {
  readonly series: readonly PlacedSeries[];
  readonly marks: readonly PlacedMark[];
  readonly x: Scale;
  /** Of a heat map, row 0 is at the top. */
  readonly y: Scale;
  /** Where bars start: zero, or the lower limit of a logarithmic axis. */
  readonly base: number;
  /** False when there is nothing finite to draw. */
  readonly drawable: boolean;
}

/** Numbers beyond this overflow when they are subtracted, and those below its inverse when divided. */
const largest = 1e300;

/** Where the marks of a figure stand. Never throws: what cannot be placed is NaN. */
export function placeFigure(figure: Figure): Placement {
  const xKind = kindOf(figure.x, figure.marks);
  const hasHeatmap = figure.marks.some(({ type }) => type === "heatmap");
  const yKind = hasHeatmap ? "band" : figure.y.scale === "log" ? "log" : "linear";
  const names = xKind === "band" ? namesAlong(figure.marks) : [];
  const places = new Map(names.map((name, index) => [name, index]));
  const onX = (value: number | string): number => {
    if (xKind === "band")
      return isPlace(value) ? (places.get(nameOf(value)) ?? Number.NaN) : Number.NaN;
    return typeof value === "number" ? onScale(xKind, value) : Number.NaN;
  };
  const onY = (value: number): number => onScale(yKind, value);

  const series = seriesOf(figure.marks);
  const shift = shifts(figure.marks, series, xKind, onX);
  const marks = figure.marks.map((mark) => placeMark(mark, series, onX, onY, shift, xKind));

  const x =
    xKind === "band" ? bandScale(names) : numberScale(xKind, xValues(marks), marginOf(marks));
  const y =
    yKind === "band"
      ? bandScale(rowNames(figure.marks))
      : numberScale(yKind, yValues(marks, yKind), "round");
  return {
    series,
    marks,
    x,
    y,
    base: yKind === "log" ? y.low : 0,
    drawable: marks.some(hasSomething),
  };
}

function kindOf(axis: Axis, marks: readonly Mark[]): Scale["kind"] {
  const named = marks.some(
    (mark) =>
      mark.type === "heatmap" ||
      (mark.type !== "rule" && mark.x.some((value) => typeof value === "string")),
  );
  return named ? "band" : (axis.scale ?? "linear");
}

function onScale(kind: Scale["kind"], value: number): number {
  if (!(Math.abs(value) < largest)) return Number.NaN;
  const settled = Math.abs(value) < 1 / largest ? 0 : value;
  return kind === "log" && settled <= 0 ? Number.NaN : settled;
}

const isPlace = (value: number | string): boolean =>
  typeof value === "string" || Number.isFinite(value);

const nameOf = (value: number | string): string =>
  typeof value === "string" ? value : formatNumber(value);

function namesAlong(marks: readonly Mark[]): string[] {
  const names = new Set<string>();
  for (const mark of marks) {
    if (mark.type === "heatmap") {
      const columns = Math.max(0, ...mark.values.map((row) => row.length));
      for (let column = 0; column < columns; column++)
        names.add(mark.columns?.[column] ?? `${column}`);
    } else if (mark.type !== "rule") {
      for (const value of mark.x) if (isPlace(value)) names.add(nameOf(value));
    }
  }
  return [...names];
}

function rowNames(marks: readonly Mark[]): string[] {
  const heatmap = marks.find((mark) => mark.type === "heatmap");
  return heatmap?.values.map((_, row) => heatmap.rows?.[row] ?? `${row}`) ?? [];
}

function seriesOf(marks: readonly Mark[]): PlacedSeries[] {
  const types = new Map<string, Set<Mark["type"]>>();
  for (const mark of marks) {
    if (mark.type === "rule" || mark.type === "heatmap") continue;
    const name = mark.series ?? "";
    types.set(name, (types.get(name) ?? new Set()).add(mark.type));
  }
  return [...types].map(([name, types]) => ({ name, types }));
}

interface Shift {
  /** Of a series' marks along x, in units of the axis (of its logarithm where it is logarithmic). */
  of(series: number): number;
  readonly barWidth: number;
}

/** Series side by side where they would hide each other: bars, and points above names. */
function shifts(
  marks: readonly Mark[],
  series: readonly PlacedSeries[],
  xKind: Scale["kind"],
  onX: (value: number | string) => number,
): Shift {
  const connected = marks.some(({ type }) => type === "line" || type === "band");
  const hasBars = marks.some(({ type }) => type === "bars");
  const room = 0.8 * (hasBars ? gap(marks, xKind, onX) : 1);
  if (connected || !(hasBars || xKind === "band")) return { of: () => 0, barWidth: room };
  const width = room / Math.max(1, series.length);
  return {
    of: (index) => (index + 0.5) * width - room / 2,
    barWidth: width,
  };
}

/** The smallest distance between neighbouring bars. */
function gap(
  marks: readonly Mark[],
  xKind: Scale["kind"],
  onX: (value: number | string) => number,
): number {
  if (xKind === "band") return 1;
  const places = new Set<number>();
  for (const mark of marks) {
    if (mark.type !== "bars") continue;
    for (const value of mark.x) {
      const x = xKind === "log" ? Math.log(onX(value)) : onX(value);
      if (Number.isFinite(x)) places.add(x);
    }
  }
  const sorted = [...places].sort((a, b) => a - b);
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 1; i < sorted.length; i++) smallest = Math.min(smallest, sorted[i] - sorted[i - 1]);
  return Number.isFinite(smallest) ? smallest : 1;
}

function placeMark(
  mark: Mark,
  series: readonly PlacedSeries[],
  onX: (value: number | string) => number,
  onY: (value: number) => number,
  shift: Shift,
  xKind: Scale["kind"],
): PlacedMark {
  if (mark.type === "heatmap") {
    return {
      type: "heatmap",
      values: mark.values.map((row) => row.map((value) => onScale("linear", value))),
    };
  }
  const index = series.findIndex(({ name }) => name === (mark.series ?? ""));
  if (mark.type === "rule") {
    return {
      type: "rule",
      series: mark.series === undefined ? -1 : index,
      label: mark.series === undefined || index >= 0 ? "" : mark.series,
      x: mark.x === undefined ? undefined : onX(mark.x),
      y: mark.y === undefined ? undefined : onY(mark.y),
    };
  }
  const move = (x: number, by: number): number => (xKind === "log" ? x * Math.exp(by) : x + by);
  const offset = shift.of(index);
  const x = mark.x.map((value) => move(onX(value), offset));
  const take = (values: readonly number[]): number[] =>
    x.map((_, i) => (i < values.length ? onY(values[i]) : Number.NaN));
  if ("low" in mark)
    return { type: mark.type, series: index, x, low: take(mark.low), high: take(mark.high) };
  if (mark.type !== "bars") return { type: mark.type, series: index, x, y: take(mark.y) };
  return {
    type: "bars",
    series: index,
    left: x.map((value) => move(value, -shift.barWidth / 2)),
    right: x.map((value) => move(value, shift.barWidth / 2)),
    y: take(mark.y),
  };
}

function hasSomething(mark: PlacedMark): boolean {
  switch (mark.type) {
    case "heatmap":
      return mark.values.some((row) => row.some(Number.isFinite));
    case "rule":
      return Number.isFinite(mark.x) || Number.isFinite(mark.y);
    case "bars":
      return mark.y.some((value, i) => Number.isFinite(value) && Number.isFinite(mark.left[i]));
    case "band":
    case "intervals":
      return mark.low.some((_, i) => Number.isFinite(mark.low[i] + mark.high[i] + mark.x[i]));
    default:
      return mark.y.some((value, i) => Number.isFinite(value + mark.x[i]));
  }
}

function xValues(marks: readonly PlacedMark[]): number[] {
  return marks.flatMap((mark) => {
    if (mark.type === "heatmap") return [];
    if (mark.type === "bars") return [...mark.left, ...mark.right];
    if (mark.type === "rule") return mark.x === undefined ? [] : [mark.x];
    return mark.x;
  });
}

function yValues(marks: readonly PlacedMark[], kind: Scale["kind"]): number[] {
  return marks.flatMap((mark) => {
    if (mark.type === "heatmap") return [];
    if (mark.type === "bars") return kind === "log" ? mark.y : [0, ...mark.y];
    if (mark.type === "rule") return mark.y === undefined ? [] : [mark.y];
    if ("low" in mark) return [...mark.low, ...mark.high];
    return mark.y;
  });
}

/** Lines may start at the frame; points at its edge would be cut in half. */
const marginOf = (marks: readonly PlacedMark[]): Margin =>
  marks.some(({ type }) => type === "dots" || type === "intervals" || type === "bars")
    ? "small"
    : "none";
