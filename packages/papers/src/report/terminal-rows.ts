/** Bars and points above names, in a terminal: a row each, so that names have room. */
import type { Figure } from "../contract/figure.ts";
import type { Paint } from "./ansi.ts";
import { formatInterval } from "./numbers.ts";
import type { Placement } from "./placement.ts";
import { fraction, ticksOf } from "./scale.ts";
import { axisText } from "./terminal-plot.ts";
import { oneLine, shorten, textColumns } from "./text.ts";

interface Row {
  readonly name: string;
  readonly series: number;
  readonly bar?: number;
  readonly dots: readonly number[];
  readonly interval?: readonly [low: number, high: number];
}

/** Whether a figure is drawn in rows: names below, and nothing that connects them. */
export const isRows = ({ x, marks }: Placement): boolean =>
  x.kind === "band" &&
  marks.every(
    ({ type }) => type === "bars" || type === "dots" || type === "intervals" || type === "rule",
  );

export function rowsText(
  figure: Figure,
  placement: Placement,
  width: number,
  paint: Paint,
): string[] {
  const rows = rowsOf(placement);
  const several = placement.series.length > 1;
  const fit = (text: string, share: number) => shorten(oneLine(text), Math.floor(width * share));
  const names = placement.x.names.map((name) => fit(name, several ? 0.5 : 0.3));
  const seriesNames = placement.series.map(({ name }) => (several ? fit(name, 0.22) : ""));
  const values = rows.map(valueText);
  const widest = (texts: readonly string[]) => Math.max(0, ...texts.map(textColumns));
  const nameWidth = widest(names);
  const seriesWidth = widest(seriesNames);
  const valueWidth = widest(values);
  const beside = nameWidth + (several ? seriesWidth + 1 : 0);
  // Names go on lines of their own where they would leave the bars too little room.
  const above = several && width - beside - valueWidth - 4 < width * 0.45;
  const label = above ? seriesWidth + 2 : beside;
  const columns = Math.max(10, width - label - valueWidth - 4);
  const place = (y: number): number => Math.round(fraction(placement.y, y) * (columns - 1));

  const shownNames = new Set<string>();
  const lines = rows.flatMap((row, index) => {
    const first = !shownNames.has(row.name);
    shownNames.add(row.name);
    const name = first ? names[placement.x.names.indexOf(row.name)] : "";
    const series = seriesNames[row.series];
    const head = above
      ? `  ${padded(series, seriesWidth)}`
      : padded(name, nameWidth) + (several ? ` ${padded(series, seriesWidth)}` : "");
    const strip = paint(row.series, stripText(row, placement, columns, place));
    const line = `${head} │${strip} ${values[index].padStart(valueWidth)}`.trimEnd();
    return above && first ? [name, line] : [line];
  });
  const ticks = ticksOf(placement.y, Math.max(2, Math.floor(columns / 10)));
  const axis = axisText(ticks, place, columns);
  const indent = " ".repeat(label + 1);
  const yLabel = shorten(oneLine(figure.y.label), columns);
  return [
    ...lines,
    `${indent}└${axis.line}`,
    `${indent} ${axis.labels}`,
    ...(yLabel === ""
      ? []
      : [`${indent} ${" ".repeat(Math.max(0, (columns - textColumns(yLabel)) >> 1))}${yLabel}`]),
  ];
}

const padded = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - textColumns(text)));

/** One row a name and series, with all that the marks say about it. */
function rowsOf(placement: Placement): Row[] {
  return placement.x.names.flatMap((name, place) =>
    placement.series.flatMap((_, series) => {
      let bar: number | undefined;
      let interval: readonly [number, number] | undefined;
      const dots: number[] = [];
      for (const mark of placement.marks) {
        if (mark.type === "rule" || mark.type === "heatmap" || mark.series !== series) continue;
        const xs =
          mark.type === "bars" ? mark.left.map((left, i) => (left + mark.right[i]) / 2) : mark.x;
        for (const [i, x] of xs.entries()) {
          // Marks of a series stand beside the middle of their name, by less than half.
          if (Math.round(x) !== place) continue;
          if (mark.type === "bars") bar = mark.y[i];
          else if (mark.type === "dots") dots.push(mark.y[i]);
          else if ("low" in mark) interval = [mark.low[i], mark.high[i]];
        }
      }
      const finite = dots.filter(Number.isFinite);
      const nothing = bar === undefined && interval === undefined && dots.length === 0;
      return nothing ? [] : [{ name, series, bar, interval, dots: finite }];
    }),
  );
}

function valueText({ bar, dots, interval }: Row): string {
  const value = bar ?? (dots.length === 1 ? dots[0] : undefined);
  const finite = interval?.every(Number.isFinite) ? interval : null;
  if (value !== undefined) return formatInterval(value, finite);
  return finite === null
    ? ""
    : formatInterval((finite[0] + finite[1]) / 2, finite).replace(/^[^[]*/, "");
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

function stripText(
  { bar, dots, interval }: Row,
  { y, base, marks }: Placement,
  columns: number,
  place: (y: number) => number,
): string {
  const cells = Array.from({ length: columns }, () => " ");
  const put = (at: number, letter: string) => {
    if (at >= 0 && at < columns) cells[at] = letter;
  };
  for (const mark of marks)
    if (mark.type === "rule" && mark.y !== undefined && Number.isFinite(mark.y))
      put(place(mark.y), "┊");
  if (bar !== undefined && Number.isFinite(bar)) {
    const start = fraction(y, base) * columns;
    const end = fraction(y, bar) * columns;
    const [from, to] = [Math.min(start, end), Math.max(start, end)];
    for (let at = Math.round(from); at < Math.floor(to); at++) put(at, "█");
    if (end > start && to < columns) {
      const rest = eighths[Math.floor((to - Math.floor(to)) * 8)];
      if (rest !== "") put(Math.floor(to), rest);
    }
  }
  if (interval?.every(Number.isFinite)) {
    const [low, high] = interval.map(place);
    for (let at = low; at <= high; at++) put(at, "─");
    put(low, "├");
    put(high, low === high ? "│" : "┤");
    if (bar !== undefined && high > low + 1) put(place(bar), "┼");
  }
  for (const dot of dots) put(place(dot), "●");
  return cells.join("");
}
