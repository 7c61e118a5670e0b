/** Attention trained on the user's family of tasks, and how close it comes to gradient descent. */
import { jit, random, type Tensor } from "@etude/tensor";
import { log, progress } from "../contract/events.ts";
import { inputOf, type Use } from "../contract/use.ts";
import { compileJudge, shiftedLosses } from "./contestants.ts";
import { filesOf, predictAll } from "./use/judge.ts";
import { optionsSchema, type UseOptions } from "./use/options.ts";
import { figuresOf, findingsOf, tablesOf } from "./use/report.ts";
import { checkTogether, generated, judgedSampler } from "./use/source.ts";
import { fromTable } from "./use/tableTasks.ts";
import { fitModel, parts } from "./use/train.ts";

/** Scales of the inputs and targets of judged tasks. */
const scales = Array.from({ length: 16 }, (_, i) => 0.5 + 0.1 * i);

export const use: Use<UseOptions> = {
  description:
    "Trains self-attention on a family of regression tasks - rows of a table by task, or a generator's settings - and says how close the trained model is to gradient descent on its context: loss, predictions, sensitivity to the query, weights half-way between. Writes the model as ONNX: a context and a query in, a prediction out.",
  options: optionsSchema,
  inputs: {
    tasks: {
      accepts: ["table"],
      required: false,
      describe:
        "rows of many tasks: a column that names the task, a target, numbers to predict it from",
    },
  },
  examples: [
    "--input-size 5 --context-length 20 --input-range 2",
    "--layers 2 --steps 4000",
    "--model softmax --steps 3000",
    "--family sine --model features --steps 5000",
    "--tasks sensors.csv --task device --target reading --context-length 8",
  ],
  async *run(options, inputs, context) {
    const given = inputOf(inputs, "tasks", "table");
    checkTogether(options, given !== undefined);
    const source =
      given === undefined
        ? await generated(options, context.seed)
        : fromTable(given.table, options, context.seed);
    for (const note of source.notes) yield log(note);
    const fitted = yield* fitModel(source, options, context);

    yield progress(parts - 1, parts, "comparing");
    const others = Object.keys(fitted.contestants).filter((name) => name !== "trained");
    const sampler = judgedSampler(source);
    const tasks = source.judged.target.size;
    const key = random.key(0); // judged tasks are given, not drawn
    const judged = await compileJudge(fitted.contestants, sampler, {
      tasks,
      pairs: others.map((name) => ["trained", name] as const),
    })(key);
    const zero = jit((target: Tensor) => target.mul(target).mean().div(2));
    const zeroLoss = (await zero(source.judged.target)).item();
    const curves = await shiftedLosses(fitted.contestants, sampler, {
      key,
      tasks,
      shift: "inputs",
      factors: scales,
    });
    const predicted = await predictAll(source, fitted.contestants);
    return {
      files: filesOf(source, fitted, predicted),
      tables: tablesOf(fitted, judged, zeroLoss),
      figures: figuresOf(source, fitted, judged, predicted, { factors: scales, curves }),
      findings: [...findingsOf(fitted, judged, zeroLoss), ...source.notes],
    };
  },
};
