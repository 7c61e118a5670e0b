/** Tables, plots and findings over all seeds. */
import type { Summary } from "../../contract/experiment.ts";
import type { Result } from "../experiment.ts";
import { cleaningTable } from "./cleaningSummary.ts";
import { horizonsOf } from "./growingStudy.ts";
import { excessFigure, growingFindings, growingTable, scoreFigure } from "./growingSummary.ts";
import type { Options } from "./options.ts";
import { pixelFigures, pixelFindings, pixelTable } from "./pixelSummary.ts";

export function summarise(
  results: readonly Result[],
  _seeds: readonly number[],
  options: Options,
): Summary {
  const { early, late, calls } = horizonsOf(options);
  const [least, most] = [Math.min(...options.rhos), Math.max(...options.rhos)];
  return {
    tables: [
      growingTable(results, options, "late", `Phi - 1 after ${late}`, late),
      growingTable(results, options, "early", `Phi - 1 after ${early}`, early),
      growingTable(results, options, "calls", `Phi - 1 after ${calls} to oracles`, calls),
      ...pixelTable(results, options),
      ...cleaningTable(results, options),
    ],
    figures: [
      scoreFigure(results, options),
      excessFigure(results, most),
      ...(least < most ? [excessFigure(results, least)] : []),
      ...pixelFigures(results, options),
    ],
    findings: [...growingFindings(results, options), ...pixelFindings(results, options)],
  };
}
