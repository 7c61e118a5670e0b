/** A report on a screen: tables, figures, findings, and at the end, where the eye is, the verdicts. */
import type { Report } from "@etude/papers";
import { claimsText, figureText, tableText } from "@etude/papers/report/terminal";
import { type Page, paragraph } from "./prose.ts";
import { painter, type Terminal } from "./terminal.ts";

export function showReport(
  report: Report,
  terminal: Pick<Terminal, "columns" | "color">,
  { figures }: { figures: boolean },
): string {
  const options = { width: terminal.columns, color: terminal.color.out };
  const page: Page = { columns: terminal.columns, paint: painter(terminal.color.out) };
  const parts = [
    ...report.tables.map((table) => tableText(table, options)),
    ...(figures ? report.figures.map((figure) => figureText(figure, options)) : []),
    report.findings
      .map((finding) => paragraph(finding, page, { indent: "  ", first: "- " }))
      .join("\n"),
    ...(report.kind === "verify" ? [claimsText(report.claims, options), smokeNote(report)] : []),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

const smokeNote = (report: Report): string =>
  report.kind === "verify" && report.preset === "smoke"
    ? "A smoke run only shows that everything works; its verdicts mean nothing."
    : "";
