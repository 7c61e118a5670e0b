/** The table of verdicts, the first thing a report says. */

import { limits } from "../contract/bar.ts";
import type { JudgedClaim } from "../contract/claim.ts";
import { html, safe } from "./markup.ts";
import { formatBar, formatInterval, formatNumber } from "./numbers.ts";
import { samplesInWords, stripLimits, verdictSign } from "./verdicts.ts";

/**
 * Claims with what the paper reports, the bar, what was measured and the verdict, as HTML. On narrow
 * screens every claim is a block of its own. Its look is in `reportStyles`.
 */
export function claimsTable(claims: readonly JudgedClaim[]): string {
  if (claims.length === 0) return html`<p>These options decide no claim.</p>`;
  const names = ["Verdict", "Claim", "The paper reports", "Bar", "Measured"];
  return html`<table class="etude-claims" role="table">
<thead role="rowgroup"><tr role="row">${safe(names.map((name) => html`<th scope="col" role="columnheader">${name}</th>`))}</tr></thead>
<tbody role="rowgroup">${safe(claims.map(claimRow))}</tbody>
</table>`;
}

function claimRow(claim: JudgedClaim): string {
  const { id, statement, paper, bar, mean, interval } = claim;
  return html`<tr role="row" id="claim-${id}">
<td role="cell">${safe(verdictMark(claim.verdict))}</td>
<td role="cell">${statement}</td>
<td role="cell" data-label="The paper reports">${paper}</td>
<td role="cell" data-label="Bar" class="etude-short">${formatBar(bar)}</td>
<td role="cell" data-label="Measured"><span class="etude-measured">${formatInterval(mean, interval)}</span>${safe(claimStrip(claim))}</td>
</tr>
`;
}

/** A verdict as a sign and words, coloured. */
export function verdictMark(verdict: JudgedClaim["verdict"]): string {
  const kind = verdict === "holds" ? "holds" : verdict === "inconclusive" ? "open" : "fails";
  return html`<span class="etude-verdict etude-${kind}"><span aria-hidden="true">${verdictSign[verdict]}</span> ${verdict}</span>`;
}

const strip = { width: 180, height: 26 };

/**
 * A line as small as a word: the range that the bar allows (shaded), the interval of the mean (thick)
 * with the mean on it, and below them a dot a seed.
 */
export function claimStrip(claim: JudgedClaim): string {
  const range = stripLimits(claim);
  if (range === undefined) return "";
  const [low, high] = range;
  const x = (value: number): string => {
    const place = ((value - low) / (high - low)) * strip.width;
    return Math.min(strip.width, Math.max(0, place)).toFixed(1);
  };
  const [floor, ceiling] = limits(claim.bar);
  const ends = [floor, ceiling].filter(Number.isFinite);
  const { mean, interval } = claim;
  const parts = [
    `<rect class="etude-allowed" x="${x(floor)}" width="${(Number(x(ceiling)) - Number(x(floor))).toFixed(1)}" height="${strip.height}"/>`,
    ...ends.map((end) => `<path class="etude-bar" d="M${x(end)},0V${strip.height}"/>`),
    ...(interval
      ? [`<path class="etude-interval" d="M${x(interval[0])},8H${x(interval[1])}"/>`]
      : []),
    ...(Number.isFinite(mean) ? [`<path class="etude-mean" d="M${x(mean)},3V13"/>`] : []),
    ...claim.samples
      .filter(Number.isFinite)
      .slice(0, 200)
      .map((sample) => `<circle class="etude-seed" cx="${x(sample)}" cy="19" r="2.75"/>`),
  ];
  const label = `${samplesInWords(claim)}; mean ${formatNumber(mean)}, bar ${formatBar(claim.bar)}`;
  return html`<svg class="etude-strip" role="img" aria-label="${label}" width="${strip.width}" height="${strip.height}" viewBox="0 0 ${strip.width} ${strip.height}">${safe(parts)}</svg>`;
}
