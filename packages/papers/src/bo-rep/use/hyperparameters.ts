/** Hyper-parameter optimisation: penalties learnt so that the model fitted under them does well elsewhere. */
import { array, type Tensor } from "@etude/tensor";
import { hyperparameterProblem, squaredNorm } from "../classification.ts";
import type { Case } from "./compare.ts";
import type { LowerModel } from "./lowerModels.ts";
import { type Material, partOf } from "./material.ts";
import type { UseOptions } from "./options.ts";
import { csvFile, numbers, texts } from "./outputs.ts";
import type { Learnt, Task } from "./task.ts";

/** Where penalties start. */
const firstPenalty = 1e-2;
/** The lower level stays strongly convex however small the penalties become. */
const leastRidge = 1e-4;
const shown = 15;

export function hyperparameters<Y>(
  material: Material,
  { penalties }: UseOptions,
  { y, logits, weights }: LowerModel<Y>,
): Task<{ log: Tensor }, Y> {
  const [lower, upper, test] = [material.lower, material.upper, material.test].map((rows) =>
    partOf(material, rows),
  );
  const names = penalties === "each" ? material.inputNames : ["all parameters"];
  const count = names.length;
  const penalty = (strengths: Tensor, y: Y): Tensor =>
    penalties === "each"
      ? weights(y).pow(2).sum(1).mul(strengths).sum().mul(0.5)
      : squaredNorm(y).mul(strengths.sum()).mul(0.5);
  const given: Case<{ log: Tensor }, Y> = {
    problem: hyperparameterProblem({ lower, upper }, logits, penalty, leastRidge),
    x: { log: array(new Float32Array(count).fill(Math.log(firstPenalty))) },
    y,
    model: (_, y, inputs) => logits(y, inputs),
    lower,
    upper,
    test,
    stepSizes: [0.003, 0.01, 0.03, 0.1].map((rate) => rate * Math.sqrt(count)),
    baselineRates: [0.1, 1, 10, 100],
  };
  return {
    given,
    async learnt({ log }): Promise<Learnt> {
      const strengths = Array.from(log.data, (value) => Math.exp(value));
      const order = strengths.map((_, i) => i).sort((a, b) => strengths[a] - strengths[b]);
      const row = (i: number) => [names[i], strengths[i]];
      return {
        files: [
          csvFile("penalties.csv", "the penalty of each input, the least first", [
            texts(
              "input",
              order.map((i) => names[i]),
            ),
            numbers(
              "penalty",
              order.map((i) => strengths[i]),
            ),
          ]),
        ],
        tables: [
          {
            id: "penalties",
            title: "Penalties that were learnt",
            caption: `All began at ${firstPenalty}. A small one lets the model use an input freely, a large one takes it away.`,
            columns: ["input", "penalty"],
            rows:
              count <= 2 * shown
                ? order.map(row)
                : [...order.slice(0, shown), ...order.slice(-shown)].map(row),
          },
        ],
        figures: [],
        findings: [],
      };
    },
  };
}
