/** The losses on the user's data: one classifier trained on each, and the accuracies side by side. */

import type { MapLeaves, NDArray, Tensor, TensorTree } from "@etude/tensor";
import type { RunContext } from "../contract/context.ts";
import { UsageError } from "../contract/errors.ts";
import { log, type Running } from "../contract/events.ts";
import {
  inputOf,
  type OutputFile,
  type Use,
  type UseResult,
  type UserInput,
} from "../contract/use.ts";
import { asClassifier, type Classifier, classifier } from "./networks.ts";
import { type Compared, compare } from "./use/compare.ts";
import { imageMaterial, type Material } from "./use/material.ts";
import { optionsSchema, type UseOptions } from "./use/options.ts";
import { ownModel } from "./use/ownModel.ts";
import { bestOf, reportOn, tablesOf } from "./use/report.ts";
import { tableMaterial } from "./use/tableMaterial.ts";

export const use: Use<UseOptions> = {
  description:
    "Takes a labelled table or a folder of images; trains a classifier, or yours, on every comp-sum loss and its smooth adversarial version; gives clean and adversarial accuracy on held-out examples and every model as ONNX.",
  options: optionsSchema,
  inputs: {
    data: {
      accepts: ["table", "images"],
      required: true,
      describe: "the examples to learn from",
    },
    test: {
      accepts: ["table", "images"],
      required: false,
      describe: "examples for the report, instead of some of the others",
    },
    model: {
      accepts: ["model"],
      required: false,
      describe:
        "your own classifier, trained further from its weights: one input that takes the encoded examples, scores or probabilities out",
    },
  },
  examples: [
    "--data customers.csv --target churn",
    "--data photos/ --radius 0.03 --taus 1 --nus 0.1,0.25,0.5",
    "--data photos/ --model classifier.onnx --robust-weight 0.8",
  ],
  run,
};

async function* run(
  options: UseOptions,
  inputs: Readonly<Record<string, UserInput>>,
  context: RunContext,
): Running<UseResult> {
  const material = readMaterial(options, inputs, context.seed);
  const model = inputOf(inputs, "model", "model");
  const net =
    model === undefined
      ? ownChoice(options, material)
      : asClassifier(await ownModel(model.bytes, model.file, material));
  const { fit, validation, held } = material;
  yield log(
    `${fit.labels.size} examples to train on, ${validation.labels.size} to choose by, ${held.labels.size} to report on`,
  );
  const compared = yield* compare(net, material, options, context);
  const models = await modelFiles(net, compared, material);
  return {
    ...reportOn(compared, material, options),
    files: [...models, ...tablesOf(compared, material)],
  };
}

function readMaterial(
  options: UseOptions,
  inputs: Readonly<Record<string, UserInput>>,
  seed: number,
): Material {
  const { data } = inputs;
  if (data.kind === "images") {
    const test = inputOf(inputs, "test", "images");
    return imageMaterial(data.file, data.dataset, test?.dataset, options, seed);
  }
  const rows = inputOf(inputs, "data", "table");
  if (rows === undefined) throw new UsageError("--data is missing: give a table or a folder");
  return tableMaterial(rows.table, inputOf(inputs, "test", "table")?.table, options, seed);
}

function ownChoice({ network, hidden }: UseOptions, { shape, classes }: Material): Classifier {
  const isSquare = shape.length === 3 && shape[1] === shape[2] && shape[1] >= 8;
  return classifier(network ?? (isSquare ? "conv" : "mlp"), shape, classes.length, hidden);
}

async function modelFiles(
  net: Classifier,
  compared: readonly Compared[],
  material: Material,
): Promise<OutputFile[]> {
  const fileOf = ({ name, learningRate, tau, weight }: Compared, params: Params) => {
    const { norm, radius } = material.ball;
    const record = { training: name, tau, weight, learningRate, norm, radius };
    return material.export((x: Tensor) => net(params as never, x), {
      "etude.comp-sum-losses": JSON.stringify({ classes: material.classes, ...record }),
    });
  };
  const best = bestOf(compared);
  return [
    ...(best.params === null
      ? []
      : [
          {
            name: "best.onnx",
            describe: `the best classifier: ${best.name}`,
            bytes: fileOf(best, best.params),
          },
        ]),
    ...compared.flatMap((each) =>
      each.params === null
        ? []
        : [
            {
              name: `${each.file}.onnx`,
              describe: `the classifier trained on ${each.name}`,
              bytes: fileOf(each, each.params),
            },
          ],
    ),
  ];
}

type Params = MapLeaves<TensorTree, NDArray>;
