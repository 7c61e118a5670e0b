/** Figures in a terminal. Tables and verdicts are in the modules beside this one. */
import type { Figure } from "../contract/figure.ts";
import { painter } from "./ansi.ts";
import { type Placement, placeFigure } from "./placement.ts";
import { heatmapText } from "./terminal-heatmap.ts";
import { plotText, seriesLetter } from "./terminal-plot.ts";
import { isRows, rowsText } from "./terminal-rows.ts";
import type { TextOptions } from "./terminal-table.ts";
import { oneLine, textColumns, wrapText } from "./text.ts";

export { claimStripText, claimsText } from "./terminal-claims.ts";
export { type TextOptions, tableText } from "./terminal-table.ts";

/** Lines and points are this many characters high. */
const plotHeight = 15;

/**
 * A figure as text, no line wider than `width` (at least 40 characters): lines and points in dots,
 * bars as rows with their numbers, heat maps as coloured or shaded cells. Without colours, series are
 * told apart by letters.
 *
 * @example
 * console.log(figureText(figure, { width: process.stdout.columns, color: true }));
 */
export function figureText(
  figure: Figure,
  { width: wanted = 80, color = false }: TextOptions = {},
): string {
  const width = Math.max(40, Math.floor(wanted));
  const paint = painter(color);
  const placement = placeFigure(figure);
  const { title, caption } = figure;
  const letters = !color && placement.series.length > 1 && !isRows(placement);
  return [
    ...wrapText(oneLine(title), width).map((line) => paint("bold", line)),
    ...(caption ? wrapText(oneLine(caption), width).map((line) => paint("dim", line)) : []),
    ...body(),
  ].join("\n");

  function body(): string[] {
    if (!placement.drawable) return [paint("dim", "nothing to draw: no finite numbers")];
    const heatmap = placement.marks.find((mark) => mark.type === "heatmap");
    if (heatmap) return heatmapText(figure, placement, heatmap, width, paint, color);
    const legend = legendText(placement, width, letters, (series, text) => paint(series, text));
    return isRows(placement)
      ? [...legend, ...rowsText(figure, placement, width, paint)]
      : [...legend, ...plotText(figure, placement, width, plotHeight, paint, letters)];
  }
}

/** Names of series and levels, as many a line as fit. */
function legendText(
  placement: Placement,
  width: number,
  letters: boolean,
  paint: (series: number, text: string) => string,
): string[] {
  const inRows = isRows(placement);
  const items = [
    ...placement.series.flatMap(({ name }, series) => {
      // Rows carry the names of their series themselves, unless there is only one.
      if (name === "" || (inRows && placement.series.length > 1)) return [];
      return [
        {
          sign: paint(series, letters ? seriesLetter(series) : "━━"),
          columns: letters ? 1 : 2,
          name,
        },
      ];
    }),
    ...placement.marks.flatMap((mark) =>
      mark.type === "rule" && mark.label !== ""
        ? [{ sign: inRows ? "┊" : mark.y === undefined ? "⡇" : "⠒⠒", columns: 2, name: mark.label }]
        : [],
    ),
  ];
  const lines: string[] = [];
  let used = 0;
  for (const { sign, columns, name } of items) {
    const [first, ...rest] = wrapText(oneLine(name), width - columns - 1);
    const needed = columns + 1 + textColumns(first);
    if (used > 0 && used + 3 + needed <= width && rest.length === 0) {
      lines[lines.length - 1] += `   ${sign} ${first}`;
      used += 3 + needed;
    } else {
      lines.push(`${sign} ${first}`, ...rest.map((line) => " ".repeat(columns + 1) + line));
      used = rest.length === 0 ? needed : width;
    }
  }
  return lines;
}
