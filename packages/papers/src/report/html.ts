/** A report as one page that needs nothing else: no script, no request, style and pictures inside. */
import { card } from "../cards/index.ts";
import type { Report, UseReport, VerifyReport } from "../contract/report.ts";
import { claimsTable } from "./claims.ts";
import { commandLine } from "./command.ts";
import { drawingDocument } from "./document.ts";
import { html, safe } from "./markup.ts";
import { formatDuration, formatMoment } from "./numbers.ts";
import {
  dataTable,
  environmentList,
  figureHtml,
  filesTable,
  findingsList,
  inputsList,
  optionsList,
  pictureHtml,
  timingsTable,
  totalSeconds,
} from "./pieces.ts";
import { pageStyles, reportStyles } from "./styles.ts";
import { verdictsInWords } from "./verdicts.ts";

export interface PageOptions {
  /** Where the report's JSON lies, seen from the page. */
  readonly json?: string;
}

/**
 * The whole page. Everything in the report is escaped, and the page forbids itself scripts and
 * requests by a content security policy.
 *
 * @throws Error if no paper is called `report.paper`
 *
 * @example
 * await writeFile("report.html", await reportHtml(report));
 */
export async function reportHtml(
  report: Report,
  { json = "report.json" }: PageOptions = {},
): Promise<string> {
  const { title } = card(report.paper);
  const policy =
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${report.kind} · Etude</title>
<link rel="icon" href="data:,">
<style>${safe(pageStyles, reportStyles)}</style>
</head>
<body>
<main class="etude-report">
${safe(await reportBody(report, json))}
</main>
</body>
</html>
`;
}

/** What is inside the page: the site shows it within its own, with `reportStyles`. */
export async function reportBody(report: Report, json: string): Promise<string> {
  const document = await drawingDocument();
  const seen = [
    ...report.figures.map((figure) => figureHtml(figure, document)),
    ...report.pictures.map(pictureHtml),
  ];
  const parts = [
    header(report),
    report.kind === "verify" ? verdicts(report) : inAndOut(report),
    section("Findings", report.findings.length > 0 && findingsList(report.findings)),
    section("Figures", seen.length > 0 && html`<div class="etude-figures">${safe(seen)}</div>`),
    section("Tables", report.tables.map(dataTable)),
    run(report, json),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function section(title: string, ...content: (false | string | readonly string[])[]): string {
  const parts = content.flatMap((each) => (each === false ? [] : each));
  if (parts.length === 0) return "";
  return html`<section class="etude-section"><h2>${title}</h2>
${safe(parts)}</section>`;
}

function header(report: Report): string {
  const { title, authors, year, venue, arxiv, doi, summary } = card(report.paper);
  const links = [
    ...(arxiv ? [html`<a href="https://arxiv.org/abs/${arxiv}">arXiv:${arxiv}</a>`] : []),
    ...(doi ? [html`<a href="https://doi.org/${doi}">doi:${doi}</a>`] : []),
  ];
  const kind = report.kind === "verify" ? "Verified with Etude" : "Used with Etude";
  return html`<header>
<p class="etude-kind">${kind}</p>
<h1>${title}</h1>
<p class="etude-authors">${authors.join(", ")}</p>
<p class="etude-authors">${venue}, ${year}${safe(links.map((link) => ` · ${link}`))}</p>
<p class="etude-summary">${summary}</p>
</header>`;
}

const sentence = (text: string): string => `${text[0].toUpperCase()}${text.slice(1)}.`;

function verdicts(report: VerifyReport): string {
  const { preset, seeds, changed, claims } = report;
  const facts = [
    `${preset} preset${changed ? " with changes" : ""}`,
    `${seeds.length} ${seeds.length === 1 ? "seed" : "seeds"}`,
    `${formatDuration(totalSeconds(report.timings))} of computing`,
    formatMoment(report.finished),
  ];
  return section(
    sentence(verdictsInWords(claims)).replace(/\.$/, ""),
    html`<p class="etude-facts">${facts.join(" · ")}</p>`,
    preset === "smoke"
      ? html`<p class="etude-note">A smoke run only shows that every part works: it is too small for its verdicts to mean anything.</p>`
      : false,
    claimsTable(claims),
    claims.length > 0
      ? html`<p class="etude-fine">A claim holds when the interval for its mean over seeds (thick line) lies wholly on the right side of the bar (shaded), does not hold here when it lies wholly on the wrong side, and is inconclusive otherwise. Each dot is a seed.</p>`
      : false,
  );
}

function inAndOut(report: UseReport): string {
  const facts = [
    `${formatDuration(totalSeconds(report.timings))} of computing`,
    formatMoment(report.finished),
  ];
  return section(
    "In and out",
    html`<p class="etude-facts">${facts.join(" · ")}</p>`,
    report.inputs.length > 0 && inputsList(report.inputs),
    report.files.length > 0 && filesTable(report.files),
  );
}

function run(report: Report, json: string): string {
  const seeds = report.kind === "verify" ? report.seeds : [report.seed];
  const folded = (title: string, content: string) =>
    html`<details><summary>${title}</summary>${safe(content)}</details>
`;
  return section(
    "Run it again",
    html`<pre class="etude-command"><code>${commandLine(report)}</code></pre>
<p>The same options and seeds give the same numbers on the same machine. Everything on this page is in <a href="${json}">${json}</a>.</p>
`,
    folded("Options", optionsList(report.options)),
    folded(seeds.length === 1 ? "Seed" : "Seeds", html`<p>${seeds.join(", ")}</p>`),
    folded("Environment", environmentList(report.environment)),
    report.timings.length > 0 && folded("Timings", timingsTable(report.timings)),
  );
}
