/** The method on the user's own images or model. */
import { imageSheet, writeNpz } from "@etude/data";
import { array, jit } from "@etude/tensor";
import { base64 } from "../contract/base64.ts";
import type { RunContext } from "../contract/context.ts";
import { UsageError } from "../contract/errors.ts";
import { progress, type Running } from "../contract/events.ts";
import { inputOf, type Use, type UseResult, type UserInput } from "../contract/use.ts";
import { meanOf, sampleUnder } from "./measure.ts";
import { givenSubject } from "./use/given.ts";
import { labelledPictures } from "./use/images.ts";
import { optionsSchema, type UseOptions } from "./use/options.ts";
import { type PolicyFile, readPolicy } from "./use/policyFile.ts";
import { filesOf, reportOf } from "./use/report.ts";
import { settingOf, studyPolicies } from "./use/study.ts";
import type { Subject } from "./use/subject.ts";
import { trainedSubject } from "./use/trained.ts";

export const use: Use<UseOptions> = {
  description:
    "Takes labelled images, and trains a class-conditional diffusion model of them, or takes such a model as ONNX; finds where guidance can be left out, and gives a policy file, a table of thresholds with cost and similarity to full guidance, and samples. With --policy it samples by that file.",
  options: optionsSchema,
  inputs: {
    data: {
      accepts: ["images", "arrays"],
      required: false,
      describe:
        "a folder of images with one sub-folder a class, or arrays images and labels, to train on",
    },
    model: {
      accepts: ["model"],
      required: false,
      describe:
        "a conditional diffusion model with inputs x, t and condition; nothing is trained then",
    },
    conditions: {
      accepts: ["arrays"],
      required: false,
      describe:
        "arrays condition and perhaps negative, for a model that takes more than class numbers",
    },
    policy: {
      accepts: ["text"],
      required: false,
      describe: "a policy.json written by this command, to sample the model with",
    },
  },
  examples: [
    "--data photos --strength 4",
    "--data digits.npz --network unet --train-steps 20000 --saving 0.3",
    "--model model.onnx --steps 30 --samples 100",
    "--model model.onnx --policy policy.json --samples 500",
    "--model denoiser.onnx --predicts noise --schedule scaled-linear --classes 10",
  ],
  run,
};

async function* run(
  options: UseOptions,
  inputs: Readonly<Record<string, UserInput>>,
  context: RunContext,
): Running<UseResult> {
  const model = inputOf(inputs, "model", "model");
  const conditions = inputOf(inputs, "conditions", "arrays");
  const text = inputOf(inputs, "policy", "text");
  if ((model === undefined) === (inputs.data === undefined))
    throw new UsageError("give either --data, labelled images to train on, or --model");
  if (model === undefined && conditions !== undefined)
    throw new UsageError("--conditions are for a model of yours: give it with --model");
  if (model === undefined && text !== undefined)
    throw new UsageError("--policy says how to sample a model: give it with --model");
  if (model !== undefined) {
    const subject = await givenSubject(model, conditions, options);
    if (text !== undefined) return yield* sampleBy(readPolicy(text), subject, options, context);
    return yield* study(subject, undefined, options, context);
  }
  const data = await labelledPictures(inputs.data, options.size);
  const { subject, file } = yield* trainedSubject(data, options, context);
  return yield* study(subject, file, options, context);
}

async function* study(
  subject: Subject,
  file: Uint8Array | undefined,
  options: UseOptions,
  context: RunContext,
): Running<UseResult> {
  const { steps = 20, strength = 3 } = options;
  if (options.firstCheck !== undefined && options.firstCheck >= steps)
    throw new UsageError(`--first-check ${options.firstCheck} is beyond the ${steps} steps`);
  const found = yield* studyPolicies(subject, options, { steps, strength }, context);
  return { ...reportOf(found, subject), files: filesOf(found, subject, file) };
}

/** Samples by a policy alone, which is where evaluations are saved. */
async function* sampleBy(
  file: PolicyFile,
  subject: Subject,
  options: UseOptions,
  { seed }: RunContext,
): Running<UseResult> {
  const { steps = file.steps, strength = file.strength, samples } = options;
  if (file.sampler !== subject.sampler.name)
    throw new UsageError(
      `the policy was found with the sampler "${file.sampler}", this is "${subject.sampler.name}"; find it anew`,
    );
  yield progress(0, 1, `${samples} samples`);
  const setting = settingOf(subject, { ...options, steps, strength }, seed);
  const run = await sampleUnder(setting, file.policy);
  const { show } = subject;
  const pictures = show === undefined ? undefined : await jit(show)(run.samples);
  const sheet = pictures && imageSheet(pictures, { columns: Math.min(samples, 10), zoom: 3 });
  const needed = meanOf(run.evaluations);
  return {
    tables: [
      {
        id: "cost",
        title: "Network evaluations",
        columns: ["samples", "evaluations a sample", "of full guidance", "saved, %", "rows run"],
        rows: [[samples, needed, 2 * steps, 100 * (1 - needed / (2 * steps)), run.rows]],
      },
    ],
    figures: [],
    ...(sheet === undefined
      ? {}
      : { pictures: [{ id: "samples", title: "Samples", png: base64(sheet) }] }),
    findings: [
      `${samples} samples took ${needed.toFixed(1)} evaluations each instead of ${2 * steps}; ${run.rows} rows went through the model, those that fill up batches among them.`,
      ...subject.notes,
    ],
    files: [
      {
        name: "samples.npz",
        describe: "the samples, their pictures, and the evaluations of each",
        bytes: writeNpz({
          samples: run.samples,
          evaluations: array(run.evaluations, { dtype: "int32" }),
          ...(pictures === undefined ? {} : { pictures }),
        }),
      },
      ...(sheet === undefined
        ? []
        : [{ name: "samples.png", describe: "the samples as pictures", bytes: sheet }]),
    ],
  };
}
