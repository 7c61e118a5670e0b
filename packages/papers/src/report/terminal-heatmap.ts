/** Heat maps in a terminal: coloured or shaded cells, with their numbers where these fit. */
import type { Figure } from "../contract/figure.ts";
import { onColour, type Paint } from "./ansi.ts";
import { colourScale, isDark } from "./colours.ts";
import { formatColumn, formatNumber, missing } from "./numbers.ts";
import type { PlacedCells, Placement } from "./placement.ts";
import { oneLine, shorten, textColumns } from "./text.ts";
import { thinCells } from "./thinning.ts";

const shades = " ░▒▓█";
const mostRows = 40;

export function heatmapText(
  figure: Figure,
  placement: Placement,
  mark: PlacedCells,
  width: number,
  paint: Paint,
  color: boolean,
): string[] {
  const rowNames = placement.y.names.map((name) => shorten(oneLine(name), Math.floor(width / 4)));
  const gutter = Math.max(0, ...rowNames.map(textColumns));
  const room = width - gutter - 1;
  const { values, block } = thinCells(mark.values, mostRows, room);
  const columns = Math.max(1, ...values.map((row) => row.length));
  const colours = colourScale(mark.values);
  const numbers = formatColumn(
    values.flat().map((value) => (Number.isFinite(value) ? value : null)),
    3,
  );
  const needed = Math.max(1, ...numbers.map(textColumns)) + 1;
  const withNumbers = columns * needed <= room && (color || columns <= 12);
  const cell = withNumbers
    ? Math.min(10, Math.floor(room / columns))
    : Math.max(1, Math.min(2, Math.floor(room / columns)));
  let next = 0;
  const lines = values.map((row, index) => {
    const cells = row.map((value) => {
      const number = numbers[next++];
      if (!Number.isFinite(value)) return (withNumbers ? missing : " ").padStart(cell);
      const rgb = colours.rgb(value);
      if (withNumbers || color) {
        const text = (withNumbers ? number : "").padStart(cell);
        return color ? onColour(rgb, isDark(rgb), text) : text;
      }
      const place = (value - colours.low) / (colours.high - colours.low || 1);
      return shades[Math.min(shades.length - 1, Math.floor(place * shades.length))].repeat(cell);
    });
    return `${rowNames[index * block[0]].padStart(gutter)} ${cells.join("")}`;
  });
  const key = withNumbers
    ? []
    : [
        `from ${formatNumber(colours.low, 3)} to ${formatNumber(colours.high, 3)}${color ? "" : `: ${[...shades].map((shade) => `▏${shade}▕`).join("")}`}`,
      ];
  const averaged =
    block[0] > 1 || block[1] > 1 ? [`means over blocks of ${block[0]} × ${block[1]} cells`] : [];
  return [
    paint("dim", `${oneLine(figure.y.label)} ↓ ${oneLine(figure.x.label)} →`.trim()),
    ...columnNames(placement.x.names, columns, block[1], cell, gutter),
    ...lines,
    ...[...key, ...averaged].map((line) => paint("dim", line)),
  ];
}

/** Names above the columns: all of them where they fit, else every k-th. */
function columnNames(
  names: readonly string[],
  columns: number,
  block: number,
  cell: number,
  gutter: number,
): string[] {
  const all = Array.from({ length: columns }, (_, column) => oneLine(names[column * block] ?? ""));
  const widest = Math.max(1, ...all.map(textColumns));
  const shortened = Math.min(widest, Math.max(cell - 1, 6));
  const every = Math.max(1, Math.ceil((shortened + 1) / cell));
  let line = "";
  for (let column = 0; column < columns; column += every) {
    const name = shorten(all[column], every * cell - 1 || 1);
    const room = every * cell;
    line += cell > 2 ? name.padStart(room) : name.padEnd(room);
  }
  return [`${" ".repeat(gutter + 1)}${line}`.trimEnd()];
}
