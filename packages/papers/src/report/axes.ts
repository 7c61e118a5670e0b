/** The axes of a plot: ticks, their labels, and the room that these need. */
import * as Plot from "@observablehq/plot";
import type { Figure } from "../contract/figure.ts";
import type { Placement } from "./placement.ts";
import { type Scale, type Tick, ticksOf } from "./scale.ts";
import { shorten, textWidth, wrapText } from "./text.ts";

/** Of the letters in a plot, in pixels. */
export const fontSize = 12;
const lineHeight = 15;

const measure = (text: string): number => textWidth(text, fontSize);

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
  /** Names below the x axis stand at an angle where there is no room side by side. */
  readonly tilted: boolean;
  readonly xLabel: readonly string[];
  readonly yLabel: readonly string[];
}

/** Room and ticks of a plot of `width` pixels with `labels` pixels kept free to the right of it. */
export function layoutOf(
  figure: Figure,
  placement: Placement,
  width: number,
  labels: number,
): Layout {
  const yLabel = figure.y.label === "" ? [] : wrapText(figure.y.label, width - 8, measure);
  const yTicks = namesShortened(
    ticksOf(placement.y, placement.y.kind === "band" ? mostRows : 5),
    width * 0.3,
  );
  const left = Math.ceil(Math.max(18, ...yTicks.map(({ label }) => measure(label) + 12)));
  const lastLabel = ticksOf(placement.x, 6).at(-1)?.label ?? "";
  const right = Math.ceil(
    Math.max(labels, 12, placement.x.kind === "band" ? 8 : measure(lastLabel) / 2 + 4),
  );
  const inner = Math.max(40, width - left - right);
  const { ticks, tilted, room } = xAxis(placement.x, left, inner);
  const xLabel = figure.x.label === "" ? [] : wrapText(figure.x.label, inner, measure);
  // The names of places on the x axis stand above the frame.
  const namedPlaces = placement.marks.some(
    (mark) => mark.type === "rule" && mark.label !== "" && mark.x !== undefined,
  );
  const top = yLabel.length * lineHeight + (namedPlaces ? 22 : 12);
  const bottom = room + xLabel.length * lineHeight + 7;
  const body = bodyHeight(placement, inner, width);
  return {
    width,
    height: Math.ceil(top + body + bottom),
    left,
    right,
    top,
    bottom,
    xTicks: ticks,
    yTicks,
    tilted,
    xLabel,
    yLabel,
  };
}

/** Names of more rows than this would touch. */
const mostRows = 16;

const namesShortened = (ticks: readonly Tick[], width: number): Tick[] =>
  ticks.map(({ at, label }) => ({ at, label: shorten(label, width, measure) }));

function bodyHeight({ y, x, marks }: Placement, inner: number, width: number): number {
  const heatmap = marks.find((mark) => mark.type === "heatmap");
  if (heatmap === undefined) return Math.min(300, Math.max(190, width * 0.48));
  // Square cells where that gives a sensible height.
  const square = (inner / Math.max(1, x.names.length)) * Math.max(1, y.names.length);
  const rowHeight = y.names.length > 12 ? 32 : 48;
  return Math.min(
    420,
    Math.max(Math.min(140, 28 * y.names.length), Math.min(rowHeight * y.names.length, square)),
  );
}

/** Names side by side, else broken into two or three lines, else at an angle; numbers as they fit. */
function xAxis(
  scale: Scale,
  left: number,
  inner: number,
): { readonly ticks: readonly Tick[]; readonly tilted: boolean; readonly room: number } {
  if (scale.kind !== "band") {
    const ticks = ticksOf(scale, Math.max(2, Math.floor(inner / 70)));
    return { ticks, tilted: false, room: lineHeight + 6 };
  }
  const step = inner / Math.max(1, scale.names.length);
  const all = ticksOf(scale, scale.names.length);
  const broken = all.map(({ at, label }) => ({ at, lines: wrapText(label, step - 6, measure) }));
  const whole = broken.every(
    ({ lines }, index) => lines.length <= 3 && lines.join(" ") === all[index].label,
  );
  if (whole) {
    const ticks = broken.map(({ at, lines }) => ({ at, label: lines.join("\n") }));
    const lines = Math.max(1, ...broken.map(({ lines }) => lines.length));
    return { ticks, tilted: false, room: lines * lineHeight + 6 };
  }
  const isNumeric = all.every(({ label }) => measure(label) < 30);
  const fitting = ticksOf(scale, Math.floor(inner / (isNumeric ? 32 : 15)));
  if (isNumeric) return { ticks: fitting, tilted: false, room: lineHeight + 6 };
  // Names run down to the left, where the first must not leave the plot.
  const ticks = fitting.map(({ at, label }) => {
    const toEdge = (left + (at + 0.5) * step) / Math.cos(tilt) - 8;
    return { at, label: shorten(label, Math.min(130, toEdge), measure) };
  });
  const longest = Math.max(...ticks.map(({ label }) => measure(label)));
  return { ticks, tilted: true, room: Math.ceil(longest * Math.sin(tilt) + lineHeight) };
}

const tilt = (40 * Math.PI) / 180;

/** Ticks, their labels and a light grid. The labels of the axes themselves are written by the caller. */
export function axisMarks({ xTicks, yTicks, tilted }: Layout, { x, y }: Placement): Plot.Markish[] {
  // As a channel: a function for `tickFormat` is filtered by Plot on logarithmic axes.
  const labels = (ticks: readonly Tick[]) => ticks.map(({ label }) => label);
  const places = (ticks: readonly Tick[]) => ticks.map(({ at }) => at);
  const grid = { stroke: "currentColor", strokeOpacity: 0.12 };
  return [
    ...(y.kind === "band" ? [] : [Plot.gridY(places(yTicks), grid)]),
    ...(x.kind === "band" ? [] : [Plot.gridX(places(xTicks), { ...grid, strokeOpacity: 0.06 })]),
    Plot.axisY(places(yTicks), {
      tickSize: 0,
      tickPadding: 6,
      text: labels(yTicks),
      label: null,
    }),
    Plot.axisX(places(xTicks), {
      tickSize: x.kind === "band" ? 0 : 4,
      tickPadding: 4,
      tickRotate: tilted ? -40 : 0,
      text: labels(xTicks),
      lineHeight: 1.2,
      label: null,
    }),
  ];
}
