/** The marks of a placed figure as marks of Observable Plot. */
import * as Plot from "@observablehq/plot";
import { seriesColour, seriesDashes, seriesSymbol } from "./colours.ts";
import { heatmapMark } from "./heatmap.ts";
import type {
  PlacedBars,
  PlacedMark,
  PlacedPoints,
  PlacedRanges,
  PlacedRule,
  Placement,
} from "./placement.ts";
import { fraction } from "./scale.ts";
import { thinDots, thinLine } from "./thinning.ts";

/** Lines of few points show where those are. */
const fewPoints = 16;

/** What is drawn for a figure, areas first and points last, within `width` x `height` pixels. */
export function plotMarks(placement: Placement, width: number, height: number): Plot.Markish[] {
  const order: readonly PlacedMark["type"][] = [
    "heatmap",
    "band",
    "bars",
    "rule",
    "line",
    "intervals",
    "dots",
  ];
  return order.flatMap((type) =>
    placement.marks
      .filter((mark) => mark.type === type)
      .flatMap((mark) => plotMark(mark, placement, width, height)),
  );
}

function plotMark(
  mark: PlacedMark,
  placement: Placement,
  width: number,
  height: number,
): Plot.Markish[] {
  switch (mark.type) {
    case "heatmap":
      return [heatmapMark(mark.values)];
    case "band":
      return bandMark(mark, width);
    case "bars":
      return barsMark(mark, placement);
    case "rule":
      return ruleMark(mark);
    case "line":
      return lineMark(mark, width);
    case "intervals":
      return intervalsMark(mark, placement);
    case "dots":
      return dotsMark(mark, placement, width, height);
  }
}

const pick = (values: readonly number[], indices: readonly number[]): number[] =>
  indices.map((index) => values[index]);

function bandMark({ series, x, low, high }: PlacedRanges, width: number): Plot.Markish[] {
  const kept = [...new Set([...thinLine(x, low, width), ...thinLine(x, high, width)])].sort(
    (a, b) => a - b,
  );
  return [
    Plot.areaY(kept, {
      x: pick(x, kept),
      y1: pick(low, kept),
      y2: pick(high, kept),
      fill: seriesColour(series),
      fillOpacity: 0.18,
    }),
  ];
}

function barsMark({ series, left, right, y }: PlacedBars, placement: Placement): Plot.Markish[] {
  const kept = y.flatMap((value, i) => (Number.isFinite(value + left[i]) ? [i] : []));
  return [
    Plot.rect(kept, {
      x1: pick(left, kept),
      x2: pick(right, kept),
      y1: kept.map(() => placement.base),
      y2: pick(y, kept),
      fill: seriesColour(series),
      inset: 0.5,
      rx: 1,
    }),
  ];
}

function ruleMark({ series, x, y }: PlacedRule): Plot.Markish[] {
  const look = {
    stroke: seriesColour(series),
    strokeWidth: 1.25,
    strokeDasharray: "5 4",
    strokeOpacity: series < 0 ? 0.65 : 1,
  };
  return [
    ...(Number.isFinite(y) ? [Plot.ruleY([y], look)] : []),
    ...(Number.isFinite(x) ? [Plot.ruleX([x], look)] : []),
  ];
}

function lineMark({ series, x, y }: PlacedPoints, width: number): Plot.Markish[] {
  const kept = thinLine(x, y, width);
  const line = Plot.line(kept, {
    x: pick(x, kept),
    y: pick(y, kept),
    stroke: seriesColour(series),
    strokeWidth: 1.75,
    strokeLinejoin: "round",
    strokeLinecap: "round",
    strokeDasharray: seriesDashes(series),
  });
  const isPoint = (i: number | undefined) => i !== undefined && Number.isFinite(x[i] + y[i]);
  const points = kept.filter(isPoint);
  // A point between two gaps is no line and would not be seen.
  const alone = kept.filter(
    (i, at) => isPoint(i) && !isPoint(kept[at - 1]) && !isPoint(kept[at + 1]),
  );
  const shown = points.length <= fewPoints ? points : alone;
  const look = { fill: seriesColour(series), r: 2.5 };
  return [line, Plot.dot(shown, { x: pick(x, shown), y: pick(y, shown), ...look })];
}

function intervalsMark(
  { series, x, low, high }: PlacedRanges,
  placement: Placement,
): Plot.Markish[] {
  const kept = x.flatMap((value, i) => (Number.isFinite(value + low[i] + high[i]) ? [i] : []));
  const onBars = placement.marks.some(({ type }) => type === "bars");
  return [
    Plot.ruleX(kept, {
      x: pick(x, kept),
      y1: pick(low, kept),
      y2: pick(high, kept),
      stroke: onBars ? "currentColor" : seriesColour(series),
      strokeWidth: 1.75,
      strokeLinecap: "round",
    }),
  ];
}

function dotsMark(
  { series, x, y }: PlacedPoints,
  placement: Placement,
  width: number,
  height: number,
): Plot.Markish[] {
  const kept = thinDots(
    (i) => [fraction(placement.x, x[i]) * width, fraction(placement.y, y[i]) * height],
    x.length,
  );
  const onBars = placement.series[series]?.types.has("bars") ?? false;
  return [
    Plot.dot(kept, {
      x: pick(x, kept),
      y: pick(y, kept),
      // Over bars of their own colour they would vanish.
      fill: onBars ? "var(--etude-paper, Canvas)" : seriesColour(series),
      stroke: onBars ? "currentColor" : undefined,
      fillOpacity: kept.length > 200 ? 0.45 : 0.85,
      r: kept.length > 200 ? 2 : 3,
      symbol: seriesSymbol(series),
    }),
  ];
}
