/** What the problem of growing smoothness showed. */
import type { DataTable, Figure } from "../../contract/figure.ts";
import type { Result } from "../experiment.ts";
import { growingBaselines, growingMethods, horizonsOf } from "./growingStudy.ts";
import type { Options } from "./options.ts";
import { growingAt, type Start } from "./readings.ts";
import { bestOf, type Chosen } from "./selection.ts";

const isBaseline = (name: string): boolean => growingBaselines.some((other) => other === name);
const startOf = (name: string): Start => (isBaseline(name) ? "better" : "refined");

/** Rows of a table: BO-REP and its ablations from the refined y, the others from their better start. */
const rows: readonly { readonly name: string; readonly method: string; readonly start: Start }[] =
  growingMethods.flatMap(({ name }) => [
    { name, method: name, start: startOf(name) },
    ...(name === "BO-REP"
      ? [{ name: "BO-REP, no refinement", method: name, start: "plain" as const }]
      : []),
  ]);

const shown = (value: number): number => (Number.isFinite(value) ? value : Number.NaN);

export function growingTable(
  results: readonly Result[],
  { rhos, exponents }: Options,
  id: string,
  title: string,
  horizon: string,
): DataTable {
  const cell = ({ mean, candidate }: Chosen): string =>
    Number.isFinite(mean)
      ? `${mean.toPrecision(3)} (${exponents[candidate % exponents.length]})`
      : "diverged";
  return {
    id: `growing-${id}`,
    title: `Growing smoothness: ${title}`,
    caption:
      "The mean over seeds, of the last 20 steps, at the best rate, whose power of 10 stands in brackets. Runs begin at Phi = cosh(rho). Baselines begin at y = 0 or at the refined y, whichever is better.",
    columns: ["method", ...rhos.map((rho) => `rho = ${rho}`)],
    rows: rows.map(({ name, method, start }) => [
      name,
      ...rhos.map((rho) => cell(growingAt(results, method, rho, horizon, start))),
    ]),
  };
}

export function scoreFigure(results: readonly Result[], options: Options): Figure {
  const { rhos } = options;
  const { late } = horizonsOf(options);
  const methods = ["BO-REP", "BO-REP, not normalised", ...growingBaselines];
  return {
    id: "scores",
    title: "Growing smoothness: where each method ends",
    caption: `Phi - 1 after ${late} at the best rate, against how far off the run begins. Baselines are ahead on the left, where the problem is tame.`,
    x: { label: "rho" },
    y: { label: "Phi - 1", scale: "log" },
    marks: methods.map((method) => ({
      type: "line" as const,
      series: method,
      x: rhos,
      y: rhos.map((rho) => shown(growingAt(results, method, rho, late, startOf(method)).mean)),
    })),
  };
}

export function excessFigure(results: readonly Result[], rho: number): Figure {
  const curves = growingMethods.flatMap(({ name }) => {
    const seeds = results.flatMap(({ growing }) =>
      (growing[name]?.curves ?? []).filter((curve) => curve.rho === rho),
    );
    if (seeds.length === 0 || name.startsWith("BO-REP,")) return [];
    const y = seeds[0].steps.map((_, i) => {
      const logs = seeds.map(({ excess }) => Math.log(excess[i] ?? Number.NaN));
      return Math.exp(logs.reduce((sum, value) => sum + value, 0) / logs.length);
    });
    return [{ type: "line" as const, series: name, x: seeds[0].steps, y: y.map(shown) }];
  });
  return {
    id: `excess-${rho}`,
    title: `Growing smoothness: Phi - 1 on the way, from rho = ${rho}`,
    caption: "Geometric means over seeds, each seed at its own best rate and start.",
    x: { label: "outer step" },
    y: { label: "Phi - 1", scale: "log" },
    marks: curves,
  };
}

export function growingFindings(results: readonly Result[], options: Options): string[] {
  const { rhos } = options;
  const { late } = horizonsOf(options);
  const at = (method: string, rho: number, start: Start = startOf(method)): number =>
    growingAt(results, method, rho, late, start).mean;
  const better = (rho: number) =>
    bestOf(growingBaselines, (method) => growingAt(results, method, rho, late, "better"));
  const ahead = rhos.filter((rho) => at("BO-REP", rho) < better(rho).mean);
  const behind = rhos.filter((rho) => !ahead.includes(rho));
  const ratio = (a: number, b: number): string => {
    const value = a / b;
    if (!Number.isFinite(value)) return "diverged";
    return value >= 10 ? value.toFixed(0) : value.toPrecision(2);
  };
  const most = Math.max(...rhos);
  const compared = rhos.map(
    (rho) =>
      `${ratio(at("BO-REP", rho), better(rho).mean)} times that of ${better(rho).method} at rho = ${rho}`,
  );
  return [
    `Growing smoothness: after ${late}, Phi - 1 of BO-REP is ${compared.join(", ")}. ${
      behind.length === 0
        ? "BO-REP is ahead everywhere."
        : `The best baseline is ahead at rho = ${behind.join(", ")}${ahead.length > 0 ? `, BO-REP at ${ahead.join(", ")}` : ""}.`
    }`,
    `The parts of BO-REP at rho = ${most}, Phi - 1 over that of the whole: without normalisation ${ratio(at("BO-REP, not normalised", most), at("BO-REP", most))}, without refinement ${ratio(at("BO-REP", most, "plain"), at("BO-REP", most))}, with y updated at every step ${ratio(at("BO-REP, I = 1", most), at("BO-REP", most))}, with the old z in the hypergradient ${ratio(at("BO-REP, old z", most), at("BO-REP", most))}. Above 1 the part helps.`,
  ];
}
