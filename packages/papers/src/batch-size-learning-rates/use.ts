/** Spectra, batch noise and the largest stable learning rates of the user's model on the user's data. */
import type { ArrayTree } from "@etude/tensor";
import type { RunContext } from "../contract/context.ts";
import { UsageError } from "../contract/errors.ts";
import { progress, type Running } from "../contract/events.ts";
import { inputOf, type Use, type UseResult, type UserInput } from "../contract/use.ts";
import { rowsOf } from "./curvature.ts";
import { filesOf } from "./use/files.ts";
import { instrumentsFor, type Measured, measureAt, spectraAt } from "./use/measure.ts";
import { problemOfModel } from "./use/onnxModel.ts";
import { optionsSchema, type UseOptions } from "./use/options.ts";
import { type Problem, readExamples } from "./use/problem.ts";
import { type Findings, reportOn } from "./use/report.ts";
import { type SweptRate, sweptRates } from "./use/sweepRates.ts";
import { type Epoch, freshProblem, train } from "./use/train.ts";

export const use: Use<UseOptions> = {
  description:
    "Takes a labelled table, images or arrays, and a model if there is one (a small network is trained otherwise); gives its Hessian and Gauss-Newton spectra, the noise of batches, and the largest stable learning rates of SGD and Adam at every batch size.",
  options: optionsSchema,
  inputs: {
    data: {
      accepts: ["table", "images", "arrays"],
      required: true,
      describe: "examples with what is to be predicted; arrays are an .npz with inputs and targets",
    },
    model: {
      accepts: ["model"],
      required: false,
      describe:
        "the model to examine, with one input and one row of outputs an example; a table's numbers go in as they are",
    },
  },
  examples: [
    "--data customers.csv --target churn",
    "--data houses.csv --target price --network mlp-64-tanh --sweep",
    "--data batch.npz --model classifier.onnx --from-batch 64 --from-rate 0.1",
  ],
  run,
};

/** The problem, its weights at one or several moments, and how they came about. */
interface Prepared {
  readonly problem: Problem;
  readonly start: ArrayTree;
  readonly moments: readonly { readonly label: string; readonly params: ArrayTree }[];
  readonly epochs: readonly Epoch[];
  readonly findings: readonly string[];
}

async function* run(
  options: UseOptions,
  inputs: Readonly<Record<string, UserInput>>,
  context: RunContext,
): Running<UseResult> {
  const { data } = inputs;
  const model = inputOf(inputs, "model", "model");
  if ((options.fromBatch === undefined) !== (options.fromRate === undefined))
    throw new UsageError("--from-batch and --from-rate belong together: give both or neither");
  const labelled = readExamples(data, options, { raw: model !== undefined, seed: context.seed });
  const batchSizes = batchSizesFor(options, rowsOf(labelled.examples));
  const units = 3 + options.points;

  let prepared: Prepared;
  if (model === undefined) {
    const { problem, start } = await freshProblem(labelled, options, context.seed);
    const { epochs, moments } = yield* context.step("train", () =>
      train(problem, start, options, context.seed, units),
    );
    prepared = {
      problem,
      start,
      epochs,
      moments: moments.map(({ epoch, params }) => ({ label: `epoch ${epoch}`, params })),
      findings: labelled.warnings,
    };
  } else {
    const { problem, findings } = await problemOfModel(model.bytes, model.file, labelled, options);
    prepared = {
      problem,
      start: problem.params,
      epochs: [],
      moments: [{ label: "the model", params: problem.params }],
      findings: [...labelled.warnings, ...findings],
    };
  }

  const { problem, moments, start } = prepared;
  const instruments = instrumentsFor(problem);
  const measured: { label: string; at: Measured }[] = [];
  for (const [i, { label, params }] of moments.entries()) {
    yield progress(1 + i, units, `curvature of batches, ${label}`);
    const at = yield* context.step(`measure-${i}`, () =>
      measureAt(instruments, params, problem.examples, batchSizes, options, context.seed),
    );
    measured.push({ label, at });
  }
  yield progress(1 + moments.length, units, "spectra");
  const { params } = moments[moments.length - 1];
  const shown = [...new Set([batchSizes[0], batchSizes[batchSizes.length - 1]])];
  const spectra = yield* context.step("spectra", () =>
    spectraAt(instruments, params, problem.examples, shown, options, context.seed),
  );
  const swept: SweptRate[] = options.sweep
    ? yield* context.step("sweep", () =>
        sweptRates(problem, start, batchSizes, options.sweepSteps, context.seed, units - 1, units),
      )
    : [];
  const found: Findings = {
    lossName: problem.lossName,
    rows: rowsOf(problem.examples),
    measured,
    spectra,
    swept,
    epochs: prepared.epochs,
    notes: prepared.findings,
  };
  return { ...reportOn(found, options), files: filesOf(found, options) };
}

/** @throws UsageError for a batch larger than half of the rows, which has no noise to speak of */
export function batchSizesFor({ batchSizes }: UseOptions, rows: number): number[] {
  if (batchSizes === undefined) {
    const sizes: number[] = [];
    for (let size = 4; size <= rows / 2 && size <= 4096; size *= 2) sizes.push(size);
    return sizes;
  }
  const sizes = [...new Set(batchSizes)].sort((a, b) => a - b);
  if (sizes.length === 0) throw new UsageError("--batch-sizes: give at least one");
  const largest = sizes[sizes.length - 1];
  if (largest > rows) {
    throw new UsageError(
      `--batch-sizes: a batch of ${largest} out of ${rows} examples; give at most ${rows}, or raise --rows`,
    );
  }
  return sizes;
}
