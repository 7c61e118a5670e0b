/** Heat maps: cells of one colour are one path, and a small map also says its numbers. */
import type * as Plot from "@observablehq/plot";
import { type ColourScale, colourScale, hex, isDark } from "./colours.ts";
import { svgElement } from "./elements.ts";
import { formatColumn, formatNumber } from "./numbers.ts";
import { textWidth } from "./text.ts";
import { thinCells } from "./thinning.ts";

/** More cells than this are averaged: a page is no place for a million rectangles. */
const most = { rows: 48, columns: 64 };
/** Steps of colour: more would not be told apart, and make as many paths. */
const shades = 40;

/** A mark of Plot on scales where cell (row, column) is the unit square about (column, row). */
export function heatmapMark(values: readonly (readonly number[])[]): Plot.RenderFunction {
  return (_index, { x, y }, _values, _dimensions, { document }) => {
    if (x === undefined || y === undefined) return null;
    const { values: cells, block } = thinCells(values, most.rows, most.columns);
    const colours = colourScale(values);
    const columns = Math.max(0, ...values.map((row) => row.length));
    const corner = (row: number, column: number) => ({
      left: x(Math.min(columns, column * block[1]) - 0.5),
      top: y(Math.min(values.length, row * block[0]) - 0.5),
    });
    const paths = new Map<number, string>();
    const labels = cellLabels(cells, x(1) - x(0), y(1) - y(0), block);
    const texts: SVGElement[] = [];
    for (const [row, line] of cells.entries()) {
      for (const [column, value] of line.entries()) {
        if (!Number.isFinite(value)) continue;
        const { left, top } = corner(row, column);
        const end = corner(row + 1, column + 1);
        const shade = shadeOf(colours, value);
        const cell = `M${round(left)},${round(top)}H${round(end.left)}V${round(end.top)}H${round(left)}Z`;
        paths.set(shade, (paths.get(shade) ?? "") + cell);
        const label = labels?.[row][column];
        if (label !== undefined) {
          const colour = isDark(colours.rgb(valueOfShade(colours, shade))) ? "#fff" : "#000";
          const place = { x: round((left + end.left) / 2), y: round((top + end.top) / 2) };
          texts.push(
            svgElement(document, "text", { ...place, dy: "0.34em", fill: colour }, [label]),
          );
        }
      }
    }
    const drawn = [...paths].map(([shade, d]) =>
      svgElement(document, "path", { d, fill: hex(colours.rgb(valueOfShade(colours, shade))) }),
    );
    const cellsGroup = svgElement(document, "g", { "shape-rendering": "crispEdges" }, drawn);
    return svgElement(document, "g", {}, [
      cellsGroup,
      svgElement(document, "g", { "text-anchor": "middle", "font-size": 11 }, texts),
    ]);
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;

const shadeOf = ({ low, high }: ColourScale, value: number): number =>
  high > low ? Math.round(((value - low) / (high - low)) * (shades - 1)) : 0;

const valueOfShade = ({ low, high }: ColourScale, shade: number): number =>
  high > low ? low + ((high - low) * shade) / (shades - 1) : low;

/** The numbers in the cells where all of them fit. */
function cellLabels(
  cells: readonly (readonly number[])[],
  width: number,
  height: number,
  block: readonly [number, number],
): string[][] | undefined {
  if (block[0] > 1 || block[1] > 1 || Math.abs(height) < 14) return undefined;
  const flat = formatColumn(
    cells.flat().map((value) => (Number.isFinite(value) ? value : null)),
    3,
  );
  if (flat.length > 400 || flat.some((text) => textWidth(text, 11) > Math.abs(width) - 4))
    return undefined;
  let next = 0;
  return cells.map((row) => row.map(() => flat[next++]));
}

/** What the colours mean: a strip from the least to the greatest value. */
export function colourKey(
  document: Document,
  values: readonly (readonly number[])[],
): { readonly strip: SVGElement; readonly low: string; readonly high: string } {
  const colours = colourScale(values);
  const steps = 24;
  const bars = Array.from({ length: steps }, (_, index) =>
    svgElement(document, "rect", {
      x: index * 5,
      width: 5.2,
      height: 10,
      fill: hex(colours.rgb(colours.low + ((colours.high - colours.low) * index) / (steps - 1))),
    }),
  );
  const strip = svgElement(
    document,
    "svg",
    { width: 120, height: 10, viewBox: "0 0 120 10", "aria-hidden": "true" },
    bars,
  );
  return { strip, low: formatNumber(colours.low, 3), high: formatNumber(colours.high, 3) };
}

/** A note on cells that were averaged, if any were. */
export function averagedNote(values: readonly (readonly number[])[]): string | undefined {
  const { block } = thinCells(values, most.rows, most.columns);
  if (block[0] === 1 && block[1] === 1) return undefined;
  return `Drawn as means over blocks of ${block[0]} × ${block[1]} cells.`;
}
