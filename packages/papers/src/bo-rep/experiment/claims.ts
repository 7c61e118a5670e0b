/** What is decided, with bars set before the runs that decide. */
import type { Claim } from "../../contract/claim.ts";
import type { Result } from "../experiment.ts";
import { growingBaselines, horizonsOf } from "./growingStudy.ts";
import type { Options } from "./options.ts";
import { growingAt, pixelAt, pixelBaselines } from "./readings.ts";
import { bestOf } from "./selection.ts";

const paper =
  "BO-REP is fastest and best on three text tasks, in figures without a table; it has no controlled problem, and compares by epochs, not by oracle calls";

export function claims(options: Options): Claim<Result>[] {
  return [...growingClaims(options), ...pixelClaims(options)];
}

function growingClaims(options: Options): Claim<Result>[] {
  const rho = Math.max(...options.rhos);
  const { late, calls } = horizonsOf(options);
  const ratio =
    (horizon: string): Claim<Result>["measure"] =>
    (results) => {
      const own = growingAt(results, "BO-REP", rho, horizon, "refined");
      const other = bestOf(growingBaselines, (method) =>
        growingAt(results, method, rho, horizon, "better"),
      );
      return own.scores.map((score, seed) => score / other.scores[seed]);
    };
  return [
    {
      id: "growing-smoothness",
      statement: `From Phi = cosh(${rho}), after ${options.steps} outer steps: Phi - 1 of BO-REP over that of the best of SOBA, MA-SOBA, StocBiO and TTSA, each at its best rate and start`,
      paper,
      bar: { atMost: 0.1 },
      measure: ratio(late),
    },
    {
      id: "growing-smoothness-calls",
      statement: `The same after as many oracle calls (${calls}) instead of steps`,
      paper,
      bar: { atMost: 0.1 },
      measure: ratio(calls),
    },
  ];
}

function pixelClaims(options: Options): Claim<Result>[] {
  const { gains, pixelMethods } = options;
  const baselines = pixelMethods.filter((name) => pixelBaselines.includes(name));
  if (gains.length === 0 || baselines.length === 0 || !pixelMethods.includes("BO-REP")) return [];
  const gain = gains.includes(2) ? 2 : Math.max(...gains);
  return [
    {
      id: "exploding-recurrence",
      statement: `Digits pixel by pixel, recurrent weights of gain ${gain}, ${options.calls} oracle calls: the least validation loss of BO-REP over that of the best of ${baselines.join(", ")}, each at its best rate`,
      paper,
      bar: { atMost: 0.75 },
      measure: (results) => {
        const own = pixelAt(results, "BO-REP", gain, options);
        const other = bestOf(baselines, (method) => pixelAt(results, method, gain, options));
        return own.scores.map((score, seed) => score / other.scores[seed]);
      },
    },
  ];
}
