/** The comparison of the methods, told. */
import type { DataTable, Figure } from "../../contract/figure.ts";
import { type Compared, untouched } from "./compare.ts";
import type { Material } from "./material.ts";
import type { UseOptions } from "./options.ts";

export function comparisonTable(methods: readonly Compared[], { calls }: UseOptions): DataTable {
  return {
    id: "comparison",
    title: `The methods at ${calls} oracle calls each`,
    caption:
      "Each at the rate of its least validation loss, its lower level fitted to the end in the same way. Validation is the upper part; nothing is learnt from the test part.",
    columns: ["method", "rate", "outer steps", "oracle calls", "validation loss", "test accuracy"],
    rows: methods.map(({ name, rate, steps, calls, loss, accuracy }) => [
      name,
      rate,
      steps,
      calls,
      loss,
      accuracy,
    ]),
  };
}

export function lossFigure(methods: readonly Compared[]): Figure {
  const start = methods.find(({ name }) => name === untouched);
  return {
    id: "losses",
    title: "Validation loss on the way",
    caption: "At the rate that is best in the end.",
    x: { label: "oracle calls" },
    y: { label: "validation loss" },
    marks: [
      ...(start === undefined ? [] : [{ type: "rule" as const, series: untouched, y: start.loss }]),
      ...methods
        .filter(({ name }) => name !== untouched)
        .map(({ name, curve }) => ({
          type: "line" as const,
          series: name,
          x: curve.calls,
          y: curve.loss.map((value) => value ?? Number.NaN),
        })),
    ],
  };
}

export function findings(
  methods: readonly Compared[],
  kept: string,
  { lower, upper, test, classes, isTrusted }: Material,
): string[] {
  const of = (name: string) => methods.find((method) => method.name === name);
  const [own, start, model] = [of("BO-REP"), of(untouched), of(kept)];
  const others = methods.filter(({ name }) => !name.startsWith("BO-REP") && name !== untouched);
  const finite = others.filter(({ loss }) => Number.isFinite(loss));
  const said = [
    `${lower.length} rows for the lower level, ${upper.length} ${isTrusted ? "trusted ones " : ""}for the upper, ${test.length} for the report; ${classes.length} classes.`,
  ];
  if (model !== undefined && start !== undefined)
    said.push(
      `The model that is written is that of ${kept}: test accuracy ${percent(model.accuracy)}, ${percent(start.accuracy)} ${untouched}; validation loss ${model.loss.toPrecision(3)} and ${start.loss.toPrecision(3)}.`,
    );
  if (own !== undefined && finite.length > 0) {
    const best = finite.reduce((a, b) => (b.loss < a.loss ? b : a));
    const ratio = own.loss / best.loss;
    said.push(
      `At equal oracle calls the validation loss of BO-REP is ${ratio.toFixed(2)} times that of the best other method, ${best.name}. ${
        Math.abs(ratio - 1) < 0.02
          ? "They are level."
          : ratio < 1
            ? "BO-REP is ahead."
            : "The other is ahead, as is usual where curvature does not grow with the gradient."
      }`,
    );
  }
  const diverged = others.filter(({ loss }) => !Number.isFinite(loss));
  if (diverged.length > 0)
    said.push(`Diverged at every rate: ${diverged.map(({ name }) => name).join(", ")}.`);
  return said;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
