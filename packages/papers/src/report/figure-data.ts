/** The numbers of a figure as a table, for those who cannot see it or want to know exactly. */
import type { DataTable, Figure, Mark } from "../contract/figure.ts";
import { formatInterval, formatNumber, missing } from "./numbers.ts";

/** A page holds this many rows of a figure's table; they are spread evenly over longer ones. */
const mostRows = 100;

/**
 * One row a place on the x axis, one column a series, with its interval; of a heat map, its rows.
 */
export function figureTable(figure: Figure): DataTable {
  const heatmap = figure.marks.find((mark) => mark.type === "heatmap");
  const { columns, rows } =
    heatmap === undefined ? pointsTable(figure) : heatmapTable(heatmap, figure.y.label);
  const every = Math.ceil(rows.length / mostRows);
  const kept = every <= 1 ? rows : rows.filter((_, index) => index % every === 0);
  return {
    id: `${figure.id}-data`,
    title: figure.title,
    ...(every > 1 && { caption: `One in ${every} of ${formatNumber(rows.length)} rows.` }),
    columns,
    rows: kept,
  };
}

type Cell = string | number | null;
type Columns = { readonly columns: readonly string[]; readonly rows: readonly (readonly Cell[])[] };

/** What the marks of one series say of one place. */
interface Said {
  readonly values: number[];
  interval?: readonly [low: number, high: number];
}

function pointsTable(figure: Figure): Columns {
  const columns: string[] = [];
  const places = new Map<string | number, Map<string, Said>>();
  const at = (x: string | number, column: string): Said => {
    const row = places.get(x) ?? new Map<string, Said>();
    const said = row.get(column) ?? { values: [] };
    places.set(x, row.set(column, said));
    return said;
  };
  for (const mark of figure.marks) {
    if (mark.type === "heatmap" || mark.type === "rule") continue;
    const column = mark.series ?? (figure.y.label || "y");
    if (!columns.includes(column)) columns.push(column);
    for (const [i, x] of mark.x.entries()) {
      const said = at(x, column);
      if (!("low" in mark)) said.values.push(mark.y[i] ?? Number.NaN);
      else said.interval = [mark.low[i] ?? Number.NaN, mark.high[i] ?? Number.NaN];
    }
  }
  const levels = figure.marks.flatMap((mark) =>
    mark.type === "rule" && mark.y !== undefined
      ? [{ name: mark.series ?? "level", y: mark.y }]
      : [],
  );
  const rows = [...places].map(([x, row]) => [
    x,
    ...columns.map((column) => cellOf(row.get(column))),
    ...levels.map(({ y }) => y),
  ]);
  const numeric = rows.every(([x]) => typeof x === "number");
  return {
    columns: [figure.x.label || "x", ...columns, ...levels.map(({ name }) => name)],
    rows: numeric ? rows.sort((a, b) => Number(a[0]) - Number(b[0])) : rows,
  };
}

function cellOf(said: Said | undefined): Cell {
  if (said === undefined) return null;
  const { values } = said;
  const interval = said.interval?.every(Number.isFinite) ? said.interval : null;
  if (values.length === 1) return interval ? formatInterval(values[0], interval) : values[0];
  // Several points of a series at one place, such as one a seed.
  if (values.length > 1) return values.map((value) => formatNumber(value)).join("; ");
  if (interval === null) return null;
  return formatInterval((interval[0] + interval[1]) / 2, interval).replace(/^[^[]*/, "");
}

function heatmapTable(mark: Extract<Mark, { type: "heatmap" }>, yLabel: string): Columns {
  const width = Math.max(0, ...mark.values.map((row) => row.length));
  const shownColumns = Math.min(width, 40);
  return {
    columns: [
      yLabel,
      ...Array.from({ length: shownColumns }, (_, i) => mark.columns?.[i] ?? `${i}`),
      ...(shownColumns < width ? [`${width - shownColumns} more`] : []),
    ],
    rows: mark.values.map((row, index) => [
      mark.rows?.[index] ?? `${index}`,
      ...Array.from({ length: shownColumns }, (_, i) => row[i] ?? null),
      ...(shownColumns < width ? [missing] : []),
    ]),
  };
}
