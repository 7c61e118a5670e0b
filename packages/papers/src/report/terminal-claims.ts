/** The table of verdicts as a terminal shows it. */

import { limits } from "../contract/bar.ts";
import type { JudgedClaim } from "../contract/claim.ts";
import { painter, type Style } from "./ansi.ts";
import { formatBar, formatInterval } from "./numbers.ts";
import { columnsText, type TextOptions } from "./terminal-table.ts";
import { oneLine, wrapText } from "./text.ts";
import { stripLimits, verdictSign, verdictsInWords } from "./verdicts.ts";

const styles: Readonly<Record<JudgedClaim["verdict"], Style>> = {
  holds: "good",
  "does not hold here": "bad",
  inconclusive: "doubt",
};

/** Below this a table would break every sentence into single words. */
const tableFrom = 110;
const stripWidth = 24;

/**
 * Every claim with what the paper reports, the bar, what was measured and the verdict; a table where
 * there is room for one, else a paragraph a claim. Ends with all verdicts in a sentence.
 */
export function claimsText(
  claims: readonly JudgedClaim[],
  { width = 80, color = false }: TextOptions = {},
): string {
  const paint = painter(color);
  const body =
    width >= tableFrom ? inColumns(claims, width, color) : inParagraphs(claims, width, color);
  const words = verdictsInWords(claims);
  const worst = claims.find(({ verdict }) => verdict === "does not hold here")?.verdict;
  const style = worst ? "bad" : claims.some((c) => c.verdict === "inconclusive") ? "doubt" : "good";
  return [
    ...(claims.length === 0 ? [] : [...body, ""]),
    ...wrapText(words, width).map((line) => paint(claims.length === 0 ? "dim" : style, line)),
  ].join("\n");
}

const verdictText = ({ verdict }: JudgedClaim): string => `${verdictSign[verdict]} ${verdict}`;

const measured = ({ mean, interval, samples }: JudgedClaim): string =>
  `${formatInterval(mean, interval)}${samples.length === 1 ? " (one seed)" : ""}`;

function inColumns(claims: readonly JudgedClaim[], width: number, color: boolean): string[] {
  const paint = painter(color);
  const column = (head: string, of: (claim: JudgedClaim) => string) => ({
    head,
    cells: claims.map(of),
    right: false,
  });
  return columnsText(
    [
      {
        ...column("Verdict", verdictText),
        style: (row, text) => paint(styles[claims[row].verdict], text),
      },
      column("Claim", ({ statement }) => oneLine(statement)),
      column("The paper reports", ({ paper }) => oneLine(paper)),
      column("Bar", ({ bar }) => formatBar(bar)),
      column("Measured", (claim) => `${measured(claim)}\n${claimStripText(claim)}`.trim()),
    ],
    width,
    paint,
    true,
  );
}

function inParagraphs(claims: readonly JudgedClaim[], width: number, color: boolean): string[] {
  const paint = painter(color);
  return claims.flatMap((claim, index) => {
    const rows: [string, string][] = [
      ["paper", oneLine(claim.paper)],
      ["bar", formatBar(claim.bar)],
      ["measured", measured(claim)],
      ["", claimStripText(claim)],
    ];
    return [
      ...(index > 0 ? [""] : []),
      paint(styles[claim.verdict], verdictText(claim)),
      ...wrapText(oneLine(claim.statement), width - 2).map((line) => `  ${line}`),
      ...rows
        .filter(([, text]) => text !== "")
        .flatMap(([name, text]) =>
          wrapText(text, width - 12).map(
            (line, part) => `  ${paint("dim", (part === 0 ? name : "").padEnd(9))} ${line}`,
          ),
        ),
    ];
  });
}

/**
 * The bar and the interval on one line: `┄┄┄┃━━━[━●━]━━━`, thick where the bar allows the mean to be.
 */
export function claimStripText(claim: JudgedClaim): string {
  const range = stripLimits(claim);
  if (range === undefined) return "";
  const [low, high] = range;
  const place = (value: number): number =>
    Math.round(Math.min(1, Math.max(0, (value - low) / (high - low))) * (stripWidth - 1));
  const [floor, ceiling] = limits(claim.bar);
  const cells: string[] = Array.from({ length: stripWidth }, (_, at) =>
    at >= place(floor) && at <= place(ceiling) ? "━" : "┄",
  );
  for (const end of [floor, ceiling]) if (Number.isFinite(end)) cells[place(end)] = "┃";
  if (Number.isFinite(claim.mean)) cells[place(claim.mean)] = "●";
  if (claim.interval !== null) {
    const [from, to] = claim.interval.map(place);
    // A narrow interval is its mean alone.
    if (from < to) {
      cells[from] = "[";
      cells[to] = "]";
    }
  }
  return cells.join("");
}
