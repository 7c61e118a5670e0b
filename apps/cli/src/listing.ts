/** Lists on a screen: columns without lines, the last one broken to the width of the terminal. */

import { oneLine, textColumns } from "@etude/papers/report/text";
import Table from "cli-table3";
import { painter, type Terminal } from "./terminal.ts";

const none = Object.fromEntries(
  [
    ...["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left"],
    ...["bottom-right", "left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"],
  ].map((place) => [place, ""]),
);

const narrowest = 24;

/**
 * Rows under a header. All columns but the last are as wide as their content; the last takes what is
 * left of the line and is broken at spaces.
 */
export function listing(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { listColumns, color }: Pick<Terminal, "listColumns" | "color">,
): string {
  const paint = painter(color.out);
  const gap = 2;
  const widths = header.slice(0, -1).map((name, i) => {
    return Math.max(textColumns(name), ...rows.map((row) => textColumns(row[i]))) + gap;
  });
  const left = listColumns - widths.reduce((sum, width) => sum + width, 0);
  const table = new Table({
    chars: none,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
    colWidths: [...widths, Math.max(narrowest, left)],
    wordWrap: true,
  });
  table.push(header.map((name) => paint("bold", name)));
  for (const row of rows) table.push(row.map(oneLine));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}
