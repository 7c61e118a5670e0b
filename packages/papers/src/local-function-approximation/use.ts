/** Explanations of the user's model on the user's rows or images, and which of them to believe. */
import type { NDArray } from "@etude/tensor";
import type { RunContext } from "../contract/context.ts";
import { UsageError } from "../contract/errors.ts";
import { progress, type Running } from "../contract/events.ts";
import { inputOf, type Use, type UseResult, type UserInput } from "../contract/use.ts";
import type { MethodName } from "./methods.ts";
import { attributionsBy, availableMethods, limeSamples } from "./use/explain.ts";
import { attributionsCsv, attributionsJson, type Explained, lossesCsv } from "./use/files.ts";
import { lossTable, recommend, recoveryOf } from "./use/judge.ts";
import { openModel } from "./use/model.ts";
import { optionsSchema, type UseOptions } from "./use/options.ts";
import { picturesOf } from "./use/pictures.ts";
import { problemOf } from "./use/problem.ts";
import { reportOn } from "./use/report.ts";
import { subjectOf } from "./use/subject.ts";
import { perturbationCsv, perturbationCurves } from "./use/tests.ts";

export const use: Use<UseOptions> = {
  description:
    "Explains rows or images under a model with eight methods, measures in which neighbourhood each explanation is right, checks which methods give back a linear model with these settings, and recommends one for the perturbations you care about.",
  options: optionsSchema,
  inputs: {
    data: {
      accepts: ["table", "images", "arrays"],
      required: true,
      describe: "rows, or images, that the model takes",
    },
    model: {
      accepts: ["model"],
      required: true,
      describe: "the model, from numbers or pixels to a number or to scores of classes",
    },
  },
  examples: [
    "--data customers.csv --model churn.onnx --exclude id,churned --perturbation removal",
    "--data digits.npz --model digits.onnx --scores softmax --rows 8 --patch 4",
    "--data houses.csv --model price.onnx --columns area,rooms,age --samples 4000",
  ],
  run,
};

async function* run(
  options: UseOptions,
  inputs: Readonly<Record<string, UserInput>>,
  context: RunContext,
): Running<UseResult> {
  const model = inputOf(inputs, "model", "model");
  if (model === undefined) throw new UsageError("--model is missing: give an ONNX file");
  const subject = subjectOf(inputs.data, options);
  const opened = await openModel(model.bytes, model.file, subject, options.output);
  const scored = await problemOf(subject, opened, options, context.seed);
  const { problem } = scored;

  const names = availableMethods(problem);
  const total = names.length + 3;
  const attributions = new Map<MethodName, NDArray>();
  for (const [i, name] of names.entries()) {
    yield progress(i, total, name);
    attributions.set(name, yield* context.step(name, () => attributionsBy(problem, name)));
  }
  const explained: Explained = { ...scored, attributions };

  yield progress(names.length, total, "losses in every neighbourhood");
  const losses = yield* context.step("losses", () => lossTable(problem, attributions));
  yield progress(names.length + 1, total, "a linear model, to see who gives it back");
  const recoveries = yield* context.step("recovery", () =>
    recoveryOf(problem, attributions, scored.scores),
  );
  yield progress(names.length + 2, total, "perturbation tests");
  const curves = yield* context.step("tests", () => perturbationCurves(problem, attributions));
  const sure = yield* context.step("effective-samples", () => limeSamples(problem));
  const recommendations = recommend(losses, recoveries);

  const pictures = await picturesOf(explained);
  return {
    ...reportOn(explained, losses, recoveries, recommendations, curves, sure, options),
    pictures: pictures.map(({ id, title, caption, bytes }) => ({
      id,
      title,
      caption,
      png: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")),
    })),
    files: [
      attributionsCsv(explained),
      attributionsJson(explained, losses, recoveries, recommendations),
      lossesCsv(losses),
      perturbationCsv(curves),
      ...pictures.map(({ id, title, bytes }) => ({
        name: `${id}.png`,
        describe: title,
        bytes,
      })),
    ],
  };
}
