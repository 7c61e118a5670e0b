/** Names beside the ends of their lines, where there are few: nobody has to look up a colour. */

import { fontSize } from "./axes.ts";
import { seriesColour, seriesDashes } from "./colours.ts";
import { type Child, htmlElement, svgElement } from "./elements.ts";
import type { PlacedSeries, Placement } from "./placement.ts";
import { textWidth } from "./text.ts";

/** Room to the right of the plot for the names of lines, or 0 where a legend does better. */
export function directLabelRoom({ series, marks, x }: Placement, width: number): number {
  const named = series.filter(({ name }) => name !== "");
  const allLines = named.every(({ types }) => types.has("line"));
  if (width < 480 || named.length < 2 || named.length > 4 || !allLines) return 0;
  const reachEnd = named.every(({ name }) => {
    const end = lineEnd(
      marks,
      series.findIndex((each) => each.name === name),
    );
    return end !== undefined && end.x > x.low + 0.85 * (x.high - x.low);
  });
  const longest = Math.max(...named.map(({ name }) => textWidth(name, fontSize)));
  return reachEnd && longest < width * 0.24 ? longest + 30 : 0;
}

function lineEnd(
  marks: Placement["marks"],
  series: number,
): { readonly x: number; readonly y: number } | undefined {
  for (const mark of marks) {
    if (mark.type !== "line" || mark.series !== series) continue;
    for (let i = mark.x.length - 1; i >= 0; i--) {
      if (Number.isFinite(mark.x[i] + mark.y[i])) return { x: mark.x[i], y: mark.y[i] };
    }
  }
  return undefined;
}

/** The labels as elements; `place` gives pixels of a height on the y axis. */
export function directLabels(
  document: Document,
  { series, marks }: Placement,
  left: number,
  [top, bottom]: readonly [number, number],
  place: (y: number) => number,
): SVGElement[] {
  const ends = series.flatMap(({ name }, index) => {
    const end = name === "" ? undefined : lineEnd(marks, index);
    return end === undefined ? [] : [{ name, index, y: place(end.y) }];
  });
  const spread = spreadOut(
    ends.map(({ y }) => y),
    fontSize + 3,
    top,
    bottom,
  );
  return ends.flatMap(({ name, index }, i) => [
    svgElement(document, "path", {
      d: `M${left + 6},${Math.round(spread[i])}h12`,
      stroke: seriesColour(index),
      "stroke-width": 3,
    }),
    svgElement(
      document,
      "text",
      { x: left + 23, y: Math.round(spread[i]), dy: "0.34em", "text-anchor": "start" },
      [name],
    ),
  ]);
}

/** The nearest heights to those wanted that keep `distance` and their order, within the frame. */
export function spreadOut(
  wanted: readonly number[],
  distance: number,
  low: number,
  high: number,
): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a] - wanted[b]);
  const placed = [...wanted];
  let floor = low;
  for (const index of order) {
    placed[index] = Math.max(floor, placed[index]);
    floor = placed[index] + distance;
  }
  let ceiling = high;
  for (const index of order.reverse()) {
    placed[index] = Math.min(ceiling, placed[index]);
    ceiling = placed[index] - distance;
  }
  return placed;
}

/** A list of colours and names. */
export function legend(
  document: Document,
  series: readonly PlacedSeries[],
): HTMLElement | undefined {
  const items = series.flatMap(({ name, types }, index) =>
    name === "" ? [] : [htmlElement(document, "li", {}, [swatch(document, types, index), name])],
  );
  return items.length === 0
    ? undefined
    : htmlElement(document, "ul", { class: "etude-legend" }, items);
}

function swatch(document: Document, types: PlacedSeries["types"], index: number): SVGElement {
  const fill = seriesColour(index);
  const line = {
    d: "M0,6H18",
    stroke: fill,
    "stroke-width": 2.5,
    "stroke-dasharray": seriesDashes(index),
  };
  const shapes: Child[] = [];
  if (types.has("bars"))
    shapes.push(svgElement(document, "rect", { x: 3, width: 12, height: 12, rx: 1, fill }));
  else {
    if (types.has("band"))
      shapes.push(
        svgElement(document, "rect", { width: 18, height: 12, fill, "fill-opacity": 0.18 }),
      );
    if (types.has("line")) shapes.push(svgElement(document, "path", line));
    if (types.has("intervals") && !types.has("line"))
      shapes.push(
        svgElement(document, "path", { d: "M9,0V12", stroke: fill, "stroke-width": 1.75 }),
      );
    if (types.has("dots")) shapes.push(symbol(document, index, fill));
  }
  const box = { width: 18, height: 12, viewBox: "0 0 18 12", "aria-hidden": "true" };
  return svgElement(document, "svg", box, shapes);
}

/** The shapes that Plot draws for the points of a series. */
function symbol(document: Document, index: number, fill: string): SVGElement {
  const paths = [
    "M5.5,6a3.5,3.5 0 1,0 7,0a3.5,3.5 0 1,0 -7,0Z",
    "M9,1.5L13,9H5Z",
    "M6,3H12V9H6Z",
    "M9,1L12.5,6L9,11L5.5,6Z",
    "M7.5,2h3v2.5h2.5v3h-2.5v2.5h-3v-2.5h-2.5v-3h2.5Z",
    "M9,1L10.3,4.5L14,4.6L11.1,6.8L12.2,10.4L9,8.3L5.8,10.4L6.9,6.8L4,4.6L7.7,4.5Z",
  ];
  return svgElement(document, "path", { d: paths[index % paths.length], fill });
}
