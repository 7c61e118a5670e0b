/**
 * How reports look. Everything is below the class `etude-report` and in variables named `--etude-*`,
 * so that the site may include it and set its own. Light and dark follow `color-scheme`.
 */
export const reportStyles = `
.etude-report {
  --etude-paper: light-dark(#fff, #14161a);
  --etude-ink: light-dark(#1d1d1b, #e7e5e0);
  --etude-quiet: light-dark(#5f5e5a, #a3a19b);
  --etude-line: light-dark(#dcdad4, #34373d);
  --etude-shade: light-dark(#f5f4f0, #1c1f24);
  --etude-link: light-dark(#0b5c94, #74b9ea);
  --etude-good: light-dark(#14703c, #5ec48a);
  --etude-bad: light-dark(#b3261e, #f2857b);
  --etude-doubt: light-dark(#85590a, #dfae52);
  color: var(--etude-ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  overflow-wrap: break-word;

  h1, h2, h3 { font-weight: 650; line-height: 1.2; text-wrap: balance; margin: 0; }
  h1 { font-size: clamp(1.6rem, 1.2rem + 1.9vw, 2.35rem); letter-spacing: -0.015em; }
  h2 { font-size: 1.25rem; margin-bottom: 0.75rem; }
  h3 { font-size: 1rem; }
  p, ul, dl, pre { margin: 0 0 0.75rem; }
  p, li { max-width: 44rem; }
  a { color: var(--etude-link); text-underline-offset: 0.15em; }
  code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 0.875rem; }

  .etude-kind { color: var(--etude-quiet); font-size: 0.875rem; margin-bottom: 0.35rem; }
  .etude-authors { color: var(--etude-quiet); margin: 0.35rem 0 0; max-width: none; }
  .etude-summary { font-size: 1.0625rem; margin-top: 1.1rem; }
  .etude-section { margin-top: 2.75rem; }
  .etude-facts, .etude-fine { color: var(--etude-quiet); font-size: 0.875rem; }
  .etude-fine { margin-top: 0.75rem; }
  .etude-note { border-left: 3px solid var(--etude-doubt); padding-left: 0.75rem; }
  .etude-findings { padding-left: 1.1rem; }
  .etude-findings li { margin-bottom: 0.4rem; }

  table { border-collapse: collapse; font-size: 0.9375rem; line-height: 1.4; }
  th { color: var(--etude-quiet); font-weight: 500; font-size: 0.8125rem; text-align: left; vertical-align: bottom; }
  th, td { padding: 0.4rem 1.25rem 0.4rem 0; border-bottom: 1px solid var(--etude-line); }
  th:last-child, td:last-child { padding-right: 0; }
  td { vertical-align: top; }
  .etude-number { text-align: right; font-variant-numeric: tabular-nums; }
  td.etude-number { white-space: nowrap; }
  .etude-scroll { overflow: auto; max-height: 32rem; }
  .etude-scroll thead th { position: sticky; top: 0; background: var(--etude-paper); }
  .etude-scroll td { max-width: 26rem; }
  .etude-table { margin-bottom: 2rem; }
  .etude-table h3 + p, .etude-table p { color: var(--etude-quiet); font-size: 0.9375rem; margin: 0.2rem 0 0; }
  .etude-table .etude-scroll { margin-top: 0.4rem; }

  .etude-claims { width: 100%; }
  .etude-claims td { padding-block: 0.75rem; }
  .etude-claims td:nth-child(1) { white-space: nowrap; }
  .etude-claims td:nth-child(2) { width: 32%; }
  .etude-claims td:nth-child(3) { width: 26%; color: var(--etude-quiet); }
  .etude-short, .etude-measured { white-space: nowrap; font-variant-numeric: tabular-nums; }
  .etude-verdict { font-weight: 650; }
  .etude-holds { color: var(--etude-good); }
  .etude-fails { color: var(--etude-bad); }
  .etude-open { color: var(--etude-doubt); }
  .etude-strip { display: block; margin-top: 0.35rem; overflow: visible; }
  .etude-allowed { fill: var(--etude-good); fill-opacity: 0.14; }
  .etude-bar { stroke: var(--etude-good); stroke-width: 1.25; }
  .etude-interval { stroke: var(--etude-ink); stroke-width: 3; stroke-linecap: round; opacity: 0.55; }
  .etude-mean { stroke: var(--etude-ink); stroke-width: 2; }
  .etude-seed { fill: var(--etude-ink); fill-opacity: 0.45; }

  .etude-figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr)); gap: 2.25rem 2.5rem; align-items: start; }
  .etude-figure { margin: 0; min-width: 0; max-width: 36rem; color: var(--etude-ink); break-inside: avoid; }
  .etude-figure figcaption { margin-bottom: 0.5rem; }
  .etude-figure figcaption span { color: var(--etude-quiet); font-size: 0.9375rem; }
  .etude-figure figcaption strong { font-weight: 650; }
  .etude-figure figcaption strong + span { display: block; }
  .etude-plot > svg { display: block; max-width: 100%; height: auto; }
  .etude-plot text { white-space: pre; }
  .etude-figure img { display: block; max-width: 100%; height: auto; }
  .etude-pixels { image-rendering: pixelated; }
  .etude-fluid { container-type: inline-size; }
  .etude-fluid .etude-narrow { display: none; }
  @container (max-width: 26rem) {
    .etude-plot { display: none; }
    .etude-narrow.etude-narrow { display: block; }
  }
  .etude-light { color-scheme: light; background: var(--etude-paper); }
  .etude-dark { color-scheme: dark; background: var(--etude-paper); }
  .etude-legend { display: flex; flex-wrap: wrap; gap: 0.1rem 1rem; list-style: none; padding: 0; margin: 0 0 0.35rem; font-size: 0.8125rem; }
  .etude-legend li { min-width: 0; overflow-wrap: anywhere; display: flex; align-items: center; gap: 0.4rem; }
  .etude-legend svg { flex: none; }
  .etude-key { display: flex; flex-wrap: wrap; align-items: center; gap: 0.1rem 0.5rem; font-size: 0.8125rem; margin: 0 0 0.35rem; }
  .etude-key small { color: var(--etude-quiet); }

  details { margin: 0.35rem 0; }
  summary { cursor: pointer; color: var(--etude-quiet); font-size: 0.875rem; width: fit-content; }
  summary:hover { color: var(--etude-ink); }
  details table { font-size: 0.8125rem; }
  details dl, details p, details > div, details section { margin: 0.4rem 0 1rem; font-size: 0.875rem; }
  details .etude-scroll { max-height: 20rem; }
  dl { display: grid; gap: 0.15rem 1rem; }
  dl > div { display: grid; grid-template-columns: minmax(7rem, 12rem) 1fr; gap: 1rem; }
  dt { color: var(--etude-quiet); }
  dd { margin: 0; min-width: 0; }
  .etude-command { background: var(--etude-shade); padding: 0.75rem 0.9rem; border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere; }
  :focus-visible { outline: 2px solid var(--etude-link); outline-offset: 2px; }

  @media (max-width: 56rem) {
    .etude-claims { &, tbody, tr, td { display: block; } }
    .etude-claims thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
    .etude-claims tr { border-bottom: 1px solid var(--etude-line); padding: 0.9rem 0; }
    .etude-claims tr:first-child { border-top: 1px solid var(--etude-line); }
    .etude-claims td { border: 0; padding: 0.15rem 0; }
    .etude-claims td:nth-child(2) { width: auto; font-weight: 500; padding-bottom: 0.35rem; }
    .etude-claims td[data-label] { display: grid; grid-template-columns: 8.5rem 1fr; font-size: 0.875rem; }
    .etude-claims td[data-label]::before { content: attr(data-label); color: var(--etude-quiet); }
    .etude-claims .etude-strip { grid-column: 2; }
    .etude-measured { white-space: normal; }
    .etude-claims td:nth-child(3) { width: auto; }
  }
  @media (max-width: 34rem) {
    dl > div { grid-template-columns: 1fr; gap: 0; margin-bottom: 0.35rem; }
  }
}

@media print {
  .etude-report {
    color-scheme: light;
    font-size: 10pt;
    .etude-scroll { max-height: none; overflow: visible; }
    .etude-figure details { display: none; }
    details::details-content { content-visibility: visible; display: block; }
    tr, .etude-table { break-inside: avoid; }
    h2 { break-after: avoid; }
    a { color: inherit; }
  }
}
`;

/** Of a page that holds nothing but a report. */
export const pageStyles = `
:root { color-scheme: light dark; }
body { margin: 0; background: light-dark(#fff, #14161a); }
main { box-sizing: border-box; max-width: 66rem; margin: 0 auto; padding: clamp(1.25rem, 4vw, 3.5rem) clamp(1rem, 4vw, 2.5rem) 4rem; }
@media print { :root { color-scheme: light; } main { padding: 0; } @page { margin: 16mm; } }
`;
