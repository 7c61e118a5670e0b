/** The data diet on the user's own labelled data. */
import { z } from "zod";
import type { RunContext } from "../contract/context.ts";
import { UsageError } from "../contract/errors.ts";
import { progress, type Running } from "../contract/events.ts";
import type { Use, UseResult, UserInput } from "../contract/use.ts";
import { type Classifier, denseClassifier, residualClassifier } from "./classifier.ts";
import { checkDiet } from "./useCheck.ts";
import { type LabelledData, labelledData } from "./useData.ts";
import { dietOf, earlyScores, forgettingOf } from "./useDiet.ts";
import { outputFiles } from "./usePruned.ts";
import { dietReport } from "./useReport.ts";

const options = z.object({
  target: z
    .string()
    .optional()
    .describe("Column of the labels of a table; the last one by default"),
  score: z
    .enum(["el2n", "grand", "forgetting"])
    .default("el2n")
    .describe("What the pruned copy goes by"),
  keep: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe("Share of the examples to keep, the hardest first"),
  drop: z
    .number()
    .min(0)
    .lt(1)
    .optional()
    .describe(
      "Share of the highest scores to leave out; by default as many as there are probable label errors",
    ),
  confidence: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe("A label is probably wrong where another class has so much more probability"),
  runs: z.int().min(1).max(1000).default(10).describe("Networks that scores are averaged over"),
  epochs: z.int().min(1).max(10_000).default(4).describe("Epochs before examples are scored"),
  trainingEpochs: z
    .int()
    .min(1)
    .max(100_000)
    .default(20)
    .describe("Epochs of a whole training, for forgetting and the check"),
  learningRate: z.number().positive().default(0.02).describe("Of SGD with Nesterov momentum 0.9"),
  network: z
    .enum(["auto", "dense", "residual"])
    .default("auto")
    .describe("auto: residual for pictures in color, dense for all else"),
  hidden: z
    .array(z.int().min(1))
    .default([128, 64])
    .describe("Units of the dense network's hidden layers"),
  size: z.int().min(4).max(512).default(32).describe("Longest side at which pictures are scored"),
  check: z
    .int()
    .min(0)
    .max(100)
    .default(3)
    .describe(
      "How often to hold out a fifth and compare pruned with random and all data; 0 to skip",
    ),
});
type Options = z.infer<typeof options>;

export const use: Use<Options> = {
  description:
    "Takes labelled rows or images, and gives the GraNd, EL2N and forgetting scores of each, a ranked list of probable label errors, and a pruned copy of the data.",
  options,
  inputs: {
    data: {
      accepts: ["table", "images", "arrays"],
      required: true,
      describe:
        "A table with a column of classes, a folder of images with one sub-folder a class, or an NPZ with inputs and labels",
    },
  },
  examples: [
    "--data train.csv --target species",
    "--data photos --keep 0.7 --runs 5",
    "--data digits.npz --score grand --drop 0.05",
  ],
  run,
};

const fewestExamples = 20;

async function* run(
  options: Options,
  inputs: Readonly<Record<string, UserInput>>,
  context: RunContext,
): Running<UseResult> {
  const { keep, drop } = options;
  if (drop !== undefined && keep + drop > 1)
    throw new UsageError(`--keep ${keep} and --drop ${drop} are more than all examples together`);
  const data = labelledData(inputs.data, options);
  const { examples, notes } = data;
  const rows = examples.labels.size;
  if (rows < fewestExamples)
    throw new UsageError(
      `--data ${inputs.data.file}: ${rows} examples; scores need ${fewestExamples} at least`,
    );
  const { classifier, name } = classifierOf(options, data);
  const seed = context.seed * 1000;
  const scores = yield* earlyScores(classifier, examples, options, "scores", seed, context);
  yield progress(0, 1, "forgetting");
  const forgetting = yield* context.step("forgetting", () =>
    forgettingOf(classifier, examples, options, seed + 900),
  );
  const diet = dietOf(scores, forgetting.data as Float64Array, examples.labels.data, options);
  const check =
    options.check === 0
      ? null
      : yield* checkDiet(classifier, examples, options, options.check, context);
  const summary = dietReport(data, diet, check, options.score);
  return {
    ...summary,
    findings: [...summary.findings, `Scored by ${options.runs} networks: ${name}.`, ...notes],
    files: outputFiles(data, diet),
  };
}

function classifierOf(
  { network, hidden }: Options,
  { examples, classes, pictures }: LabelledData,
): { classifier: Classifier; name: string } {
  const [, ...shape] = examples.inputs.shape;
  if (network === "residual" && shape.length !== 3)
    throw new UsageError("--network residual is for images; these are rows");
  const isResidual =
    network === "residual" || (network === "auto" && pictures !== undefined && shape[0] > 1);
  if (isResidual)
    return {
      classifier: residualClassifier({
        depth: 8,
        width: 16,
        channels: shape[0],
        classes: classes.length,
      }),
      name: "residual, 8 layers, 16 to 64 channels, batch normalisation",
    };
  const width = shape.reduce((product, length) => product * length, 1);
  const sizes = [width, ...hidden, classes.length];
  return { classifier: denseClassifier(sizes), name: `dense, ${sizes.join("-")}` };
}
