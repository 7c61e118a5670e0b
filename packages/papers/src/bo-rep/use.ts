/** The three bilevel tasks of the paper on the user's text or table. */
import { jit, type Tensor } from "@etude/tensor";
import type { RunContext } from "../contract/context.ts";
import { UsageError } from "../contract/errors.ts";
import type { Running } from "../contract/events.ts";
import type { Use, UseResult, UserInput } from "../contract/use.ts";
import type { Arrays } from "./bilevel/index.ts";
import { lifted } from "./bilevel/trees.ts";
import { cleaning } from "./use/cleaning.ts";
import { compareMethods } from "./use/compare.ts";
import { hyperparameters } from "./use/hyperparameters.ts";
import { linearModel, recurrentModel } from "./use/lowerModels.ts";
import { type Material, readMaterial } from "./use/material.ts";
import { optionsSchema, type UseOptions } from "./use/options.ts";
import { predictions } from "./use/outputs.ts";
import { comparisonTable, findings, lossFigure } from "./use/report.ts";
import { tableRepresentation, textRepresentation } from "./use/representation.ts";
import type { Task } from "./use/task.ts";

export const use: Use<UseOptions> = {
  description:
    "Takes text or a table with classes and one of three tasks: an encoder that is good for a linear head, the strength of penalties, or a weight for each row that finds wrong labels. Gives the trained model, what the upper level learnt, and BO-REP beside other bilevel methods at equal cost.",
  options: optionsSchema,
  inputs: {
    data: {
      accepts: ["table", "text"],
      required: true,
      describe:
        "a table with a column of classes, or a text file with lines of text, tab and label",
    },
  },
  examples: [
    "--data reviews.csv --text review --target stars",
    "--data customers.csv --target churn --task hyperparameters",
    "--data labelled.csv --target species --task cleaning --trusted checked",
    "--data questions.txt --task cleaning --classifier recurrent",
  ],
  async *run(options, inputs, context) {
    const { task, classifier } = options;
    const { seed } = context;
    const material = readMaterial(checked(inputs.data, options), options, seed);
    const run = <X, Y>(task: Task<X, Y>) => solve(task, material, options, context);
    if (task === "representation")
      return material.kind === "text"
        ? yield* run(await textRepresentation(material, options, seed))
        : yield* run(await tableRepresentation(material, options, seed));
    const recurrent = () => recurrentModel(material, options, seed);
    if (task === "hyperparameters")
      return classifier === "linear"
        ? yield* run(hyperparameters(material, options, await linearModel(material)))
        : yield* run(hyperparameters(material, options, await recurrent()));
    return classifier === "linear"
      ? yield* run(cleaning(material, options, await linearModel(material)))
      : yield* run(cleaning(material, options, await recurrent()));
  },
};

function checked(input: UserInput, { trusted, task, text }: UseOptions): UserInput {
  if (trusted !== undefined && task !== "cleaning")
    throw new UsageError("--trusted is for --task cleaning");
  if (input.kind === "text" && (trusted !== undefined || text !== undefined))
    throw new UsageError(
      `--data ${input.file}: a text file has no columns; leave out --text and --trusted, or give a table`,
    );
  return input;
}

async function* solve<X, Y>(
  { given, learnt }: Task<X, Y>,
  material: Material,
  options: UseOptions,
  context: RunContext,
): Running<UseResult> {
  const { methods, kept, notes } = yield* compareMethods(given, options, context);
  const { x, y } = kept;
  const model = (inputs: Tensor): [prediction: Tensor, probabilities: Tensor] => {
    const logits = given.model(lifted<X>(x as Arrays<X>), lifted<Y>(y as Arrays<Y>), inputs);
    return [logits.argmax(-1), logits.softmax()];
  };
  const predict = jit(model);
  const [winners, probabilities] = await predict(given.test.inputs);
  const [seen] = await predict(given.lower.inputs);
  const told = await learnt(x, y, Array.from(seen.data, Number));
  const outputs = told.outputs ?? { names: [], of: () => [] };
  const bytes = material.exported(
    (inputs) => [...model(inputs), ...outputs.of(inputs)],
    ["prediction", "probabilities", ...outputs.names],
    {
      "etude.bo-rep": JSON.stringify({
        task: options.task,
        method: kept.name,
        classes: material.classes,
      }),
    },
  );
  return {
    files: [
      {
        name: "model.onnx",
        describe: `the model of ${kept.name}: ${material.kind === "text" ? "symbols of words" : "raw columns"} in, class and probabilities out`,
        bytes,
      },
      predictions(material, Array.from(winners.data, Number), probabilities),
      ...told.files,
    ],
    tables: [comparisonTable(methods, options), ...told.tables],
    figures: [lossFigure(methods), ...told.figures],
    findings: [
      ...findings(methods, kept.name, material),
      ...told.findings,
      ...notes,
      ...material.notes,
    ],
  };
}
