/** The paper's perturbation tests on the user's model. */
import { standardError } from "@etude/learn";
import type { NDArray } from "@etude/tensor";
import type { OutputFile } from "../../contract/use.ts";
import type { MethodName } from "../methods.ts";
import { testsOf } from "./explain.ts";
import { type Attributions, stacked } from "./judge.ts";
import type { Problem } from "./study.ts";

export interface Curve {
  readonly side: "bottom" | "top";
  readonly noise: "continuous" | "binary";
  readonly method: MethodName;
  /** How many features are perturbed. */
  readonly sizes: readonly number[];
  /** Mean change of the score over rows, with its standard error (NaN for a single row). */
  readonly mean: readonly number[];
  readonly error: readonly number[];
}

const draws = 50;
const mostSizes = 10;

export async function perturbationCurves(
  problem: Problem,
  attributions: Attributions,
): Promise<Curve[]> {
  const explanations = stacked([...attributions.values()]);
  const d = problem.subject.featureNames.length;
  const count = Math.min(d, mostSizes);
  const sizes = Array.from({ length: count }, (_, i) => Math.round(((i + 1) * d) / count));
  const curves: Curve[] = [];
  for (const side of ["bottom", "top"] as const) {
    for (const noise of ["continuous", "binary"] as const) {
      const changes = await testsOf(problem, explanations, {
        side,
        noise: noise === "binary" ? noise : { sigma: problem.sigma, draws },
        sizes,
      });
      for (const [e, method] of [...attributions.keys()].entries())
        curves.push({ side, noise, method, sizes, ...over(changes, e) });
    }
  }
  return curves;
}

/** Mean and standard error over rows of changes [m, e, sizes]. */
function over({ data, shape: [m, e, k] }: NDArray, method: number) {
  const values = (size: number): number[] =>
    Array.from({ length: m }, (_, row) => Number(data[(row * e + method) * k + size]));
  const each = Array.from({ length: k }, (_, size) => values(size));
  return {
    mean: each.map((changes) => changes.reduce((sum, change) => sum + change, 0) / m),
    error: each.map((changes) => (m > 1 ? standardError(changes) : Number.NaN)),
  };
}

export function perturbationCsv(curves: readonly Curve[]): OutputFile {
  const lines = curves.flatMap(({ side, noise, method, sizes, mean, error }) =>
    sizes.map((size, i) =>
      [
        side,
        noise,
        size,
        method,
        mean[i].toPrecision(7),
        Number.isNaN(error[i]) ? "" : error[i].toPrecision(4),
      ].join(","),
    ),
  );
  const header =
    "features by |attribution|,perturbation,features perturbed,method,mean change,standard error";
  return {
    name: "perturbation.csv",
    describe: "how much the score changes when the least or most important features are perturbed",
    bytes: new TextEncoder().encode(`${[header, ...lines].join("\n")}\n`),
  };
}
