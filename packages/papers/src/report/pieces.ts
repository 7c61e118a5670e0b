/** Parts of a report as HTML. The site shows the same. */
import type { DataTable, Figure, Picture } from "../contract/figure.ts";
import type { Report, RunEnvironment } from "../contract/report.ts";
import { drawFigure } from "./figure.ts";
import { html, safe } from "./markup.ts";
import { formatBytes, formatDuration, formatNumber } from "./numbers.ts";
import { formatTableCells } from "./table-cells.ts";

/** Rows that a page shows; what is left out is in the report's JSON. */
const mostRows = 500;

/** A table with numbers to sensible digits, those of a column under each other. */
export function dataTable(table: DataTable): string {
  const { title, caption, columns, rows, id } = table;
  const { cells, numeric } = formatTableCells(table);
  const side = (column: number) => safe(numeric[column] ? ' class="etude-number"' : "");
  const head = columns.map((name, column) => html`<th scope="col"${side(column)}>${name}</th>`);
  const body = cells
    .slice(0, mostRows)
    .map(
      (row) =>
        html`<tr>${safe(row.map((cell, column) => html`<td${side(column)}>${cell}</td>`))}</tr>`,
    );
  const cut =
    rows.length > mostRows && `The first ${mostRows} of ${formatNumber(rows.length)} rows.`;
  return html`<section class="etude-table" id="table-${id}"><h3>${title}</h3>${safe(
    [caption, cut || undefined].map((text) => (text ? html`<p>${text}</p>` : "")),
  )}<div class="etude-scroll" tabindex="0" role="region" aria-label="${title}"><table>
<thead><tr>${safe(head)}</tr></thead>
<tbody>${safe(body.join("\n"))}</tbody>
</table></div></section>
`;
}

/** Drawn for a phone and for a screen; the style sheet shows the one that fits. */
const figureWidths = [480, 350];

/** A figure, with its plot in two widths, as HTML. */
export const figureHtml = (figure: Figure, document: Document): string =>
  drawFigure(figure, { document, width: figureWidths }).outerHTML;

/** A picture inside the page. Pictures of few pixels are enlarged by whole factors. */
export function pictureHtml({ id, title, caption, png }: Picture): string {
  const size = pngSize(png);
  const factor = size === undefined ? 1 : Math.min(10, Math.max(1, Math.floor(480 / size.width)));
  const shown = size && html` width="${size.width * factor}" height="${size.height * factor}"`;
  const look = factor > 1 && safe(' class="etude-pixels"');
  return html`<figure class="etude-figure" id="picture-${id}"><figcaption><strong>${title}</strong>${safe(
    caption ? html` <span>${caption}</span>` : "",
  )}</figcaption><img${look} alt="${caption ?? title}"${safe(shown ?? "")} src="data:image/png;base64,${png}"></figure>
`;
}

/** Width and height from the first chunk of a PNG file (ISO 15948, 11.2.2). */
function pngSize(base64: string): { readonly width: number; readonly height: number } | undefined {
  try {
    const header = Uint8Array.from(atob(base64.slice(0, 32)), (letter) => letter.charCodeAt(0));
    const view = new DataView(header.buffer);
    const [width, height] = [view.getUint32(16), view.getUint32(20)];
    return width > 0 && width < 100_000 && height < 100_000 ? { width, height } : undefined;
  } catch {
    return undefined;
  }
}

export const findingsList = (findings: readonly string[]): string =>
  html`<ul class="etude-findings">${safe(findings.map((finding) => html`<li>${finding}</li>`))}</ul>`;

/** Names and values under each other. */
export const pairs = (entries: readonly (readonly [name: string, value: string])[]): string =>
  html`<dl>${safe(entries.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`))}</dl>`;

export const optionsList = (options: Report["options"]): string =>
  Object.keys(options).length === 0
    ? html`<p>None.</p>`
    : pairs(
        Object.entries(options).map(([name, value]) => [
          name,
          typeof value === "number"
            ? formatNumber(value, 12)
            : typeof value === "string"
              ? value
              : JSON.stringify(value),
        ]),
      );

export const environmentList = (environment: RunEnvironment): string =>
  pairs([
    ["Etude", environment.etude],
    ["Runtime", environment.runtime],
    ["Platform", environment.platform],
    ["Processor", `${environment.processor}, ${environment.cores} cores`],
    ["Device", environment.device],
  ]);

export const totalSeconds = (timings: Report["timings"]): number =>
  timings.reduce((sum, { seconds }) => sum + seconds, 0);

/** How long steps took; a step that every seed takes is one row. */
export function timingsTable(timings: Report["timings"]): string {
  const steps = new Map<string, number[]>();
  for (const { step, seconds } of timings) {
    const name = step.replace(/^seed-[^/]*\//, "");
    steps.set(name, [...(steps.get(name) ?? []), seconds]);
  }
  return dataTable({
    id: "timings",
    title: `${formatDuration(totalSeconds(timings))} of computing`,
    columns: ["Step", "Times", "Each", "Together"],
    rows: [...steps].map(([name, seconds]) => {
      const total = seconds.reduce((sum, each) => sum + each, 0);
      return [name, seconds.length, formatDuration(total / seconds.length), formatDuration(total)];
    }),
  });
}

/** What went in, of a report of `use`. */
export const inputsList = (
  inputs: readonly { readonly name: string; readonly file: string; readonly describe: string }[],
): string => pairs(inputs.map(({ name, file, describe }) => [name, `${file}: ${describe}`]));

/** What came out. */
export const filesTable = (
  files: readonly { readonly name: string; readonly describe: string; readonly bytes: number }[],
): string =>
  dataTable({
    id: "files",
    title: "Files written",
    columns: ["File", "What it is", "Size"],
    rows: files.map(({ name, describe, bytes }) => [name, describe, formatBytes(bytes)]),
  });
