/** Label cleaning: a weight for each row, learnt so that the model fitted to the rows does well on trusted ones. */
import { array, type Tensor } from "@etude/tensor";
import { cleaningProblem } from "../classification.ts";
import type { Case } from "./compare.ts";
import type { LowerModel } from "./lowerModels.ts";
import { type Material, partOf } from "./material.ts";
import type { UseOptions } from "./options.ts";
import { csvFile, numbers, texts } from "./outputs.ts";
import type { Learnt, Task } from "./task.ts";

/** Logits of the weights at the start, as the authors have them. */
const firstLogit = 1;
const firstWeight = 1 / (1 + Math.exp(-firstLogit));
const shown = 20;

export function cleaning<Y>(
  material: Material,
  { ridge }: UseOptions,
  { y, logits }: LowerModel<Y>,
): Task<{ logit: Tensor }, Y> {
  const [lower, upper, test] = [material.lower, material.upper, material.test].map((rows) =>
    partOf(material, rows),
  );
  const count = lower.labels.size;
  const given: Case<{ logit: Tensor }, Y> = {
    problem: cleaningProblem({ lower, upper }, logits, ridge),
    x: { logit: array(new Float32Array(count).fill(firstLogit)) },
    y,
    model: (_, y, inputs) => logits(y, inputs),
    lower,
    upper,
    test,
    stepSizes: [0.01, 0.03, 0.1, 0.3].map((rate) => rate * Math.sqrt(count)),
    baselineRates: [10, 100, 1000, 10_000],
  };
  return {
    given,
    async learnt({ logit }, _, predicted): Promise<Learnt> {
      const { classes, places, lower: rows } = material;
      const weights = Array.from(logit.data, (value) => 1 / (1 + Math.exp(-value)));
      const label = (i: number) => Number(lower.labels.data[i]);
      const isSuspect = (i: number) => weights[i] < firstWeight / 2 && predicted[i] !== label(i);
      const order = weights.map((_, i) => i).sort((a, b) => weights[a] - weights[b]);
      const suspects = order.filter(isSuspect);
      return {
        files: [
          csvFile("weights.csv", "every row of the lower level, the least weight first", [
            numbers(
              "row",
              order.map((i) => places[rows[i]]),
            ),
            texts(
              "label",
              order.map((i) => classes[label(i)]),
            ),
            numbers(
              "weight",
              order.map((i) => weights[i]),
            ),
            texts(
              "prediction",
              order.map((i) => classes[predicted[i]]),
            ),
            texts(
              "suspect",
              order.map((i) => (isSuspect(i) ? "yes" : "no")),
            ),
          ]),
        ],
        tables: [
          {
            id: "suspects",
            title: "Labels that are probably wrong",
            caption: `Rows with less than half of the weight they began with (${firstWeight.toFixed(2)}) and another prediction.`,
            columns: ["row", "label", "prediction", "weight"],
            rows: suspects
              .slice(0, shown)
              .map((i) => [places[rows[i]], classes[label(i)], classes[predicted[i]], weights[i]]),
          },
        ],
        figures: [weightsFigure(weights)],
        findings: [
          `${suspects.length} of ${count} labels are probably wrong.`,
          ...(material.isTrusted
            ? []
            : [
                "No row is known to be right, so the upper level learns from some of the same labels; mark trusted rows in a column and name it with --trusted.",
              ]),
        ],
      };
    },
  };
}

function weightsFigure(weights: readonly number[]) {
  const sorted = [...weights].sort((a, b) => a - b);
  const points = Math.min(200, sorted.length - 1);
  const places = Array.from({ length: points + 1 }, (_, i) => i / points);
  return {
    id: "weights",
    title: "Weights of the rows in ascending order",
    x: { label: "rows with lower weights, per cent" },
    y: { label: "weight" },
    marks: [
      {
        type: "line" as const,
        x: places.map((place) => 100 * place),
        y: places.map((place) => sorted[Math.round(place * (sorted.length - 1))]),
      },
      { type: "rule" as const, series: "at the start", y: firstWeight },
    ],
  };
}
