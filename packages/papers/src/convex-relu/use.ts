/** A two-layer ReLU network for the user's own table: trained with a certificate, or taken from a file. */
import { selectRows, type Table } from "@etude/data";
import type { RunContext } from "../contract/context.ts";
import { UsageError } from "../contract/errors.ts";
import { progress, type Running } from "../contract/events.ts";
import { inputOf, type Use, type UseResult } from "../contract/use.ts";
import { predictionsFile } from "../tabular/predictions.ts";
import { rowsWithTruth, truthOf } from "../tabular/target.ts";
import { predict as outputsOf, type ReluNetwork } from "./recovery.ts";
import { type Baseline, baselinesFor } from "./use/baselines.ts";
import { type Division, divide, samplesOf } from "./use/division.ts";
import { optionsSchema, type UseOptions } from "./use/options.ts";
import { exportPipeline, type Pipeline, type Predicted, readPipeline } from "./use/pipeline.ts";
import { fromOutputs, further, measuresOf, quality } from "./use/predictions.ts";
import { reportOn, robustReport } from "./use/report.ts";
import { attacks, robustBaseline, robustLoss, trainRobust, unperturbed } from "./use/robust.ts";
import { trainPlain } from "./use/train.ts";

export const use: Use<UseOptions> = {
  description:
    "Learns to predict a column of two classes or of numbers with a two-layer ReLU network trained as a convex program, bounds how far it is from the optimum, and writes it as an ONNX file that takes raw columns; or predicts with such a file. With --eps it trains against perturbed inputs.",
  options: optionsSchema,
  inputs: {
    data: { accepts: ["table"], required: true, describe: "the rows to learn from or to predict" },
    model: {
      accepts: ["model"],
      required: false,
      describe: "a model.onnx written by this command; nothing is trained then",
    },
  },
  examples: [
    "--data tumours.csv --target diagnosis --certify",
    "--data houses.csv --target price --patterns 120 --start-from random",
    "--data sensors.csv --target fault --eps 0.1",
    "--data new.csv --model model.onnx",
  ],
  async *run(options, inputs, context) {
    const data = inputOf(inputs, "data", "table");
    if (data === undefined) throw new UsageError("--data is missing: give a table");
    const model = inputOf(inputs, "model", "model");
    if (model !== undefined)
      return yield* predict(data.table, await readPipeline(model.bytes, model.file));
    const division = divide(data.table, options, context.seed);
    return yield* options.eps > 0
      ? robust(division, options, context)
      : plain(division, options, context);
  },
};

async function* plain(
  division: Division,
  options: UseOptions,
  context: RunContext,
): Running<UseResult> {
  const samples = samplesOf(division, division.fit, options.loss);
  const trained = yield* trainPlain(samples, options, context);
  const baselines: Baseline[] = options.baselines
    ? yield* baselinesFor(division, samples, options, trained, context)
    : [];
  const { files, predicted } = await written(division, trained.network, trained.loss);
  return { ...reportOn(division, trained, predicted, baselines, options), files };
}

async function* robust(
  division: Division,
  options: UseOptions,
  context: RunContext,
): Running<UseResult> {
  const { eps } = options;
  if (options.method === "sampled" || options.loss === "logistic")
    throw new UsageError(
      "--eps trains by the robust convex program with hinge or squared loss; leave out --method and --loss",
    );
  const loss = robustLoss(division);
  const bias = unperturbed(division);
  const samples = samplesOf(division, division.fit, loss);
  const trained = yield* trainRobust(division, samples, options, context);
  const networks: [string, ReluNetwork][] = [["convex, robust", trained.network]];
  for (const attacked of options.baselines ? [false, true] : []) {
    const name = attacked ? "Adam, attacked by PGD" : "Adam";
    yield progress(2, 3, `for comparison, ${name}`);
    networks.push([
      name,
      yield* context.step(`baseline-${name}`, () =>
        robustBaseline(division, samples, options, trained, attacked, context.seed),
      ),
    ]);
  }
  const held = samplesOf(division, division.held, loss);
  const judged: [string, Predicted, Predicted, Predicted][] = [];
  for (const [name, network] of networks) {
    const [clean, fgsm, pgd] = [held.X, ...(await attacks(network, held, eps, loss, bias))];
    const on = async (X: typeof clean): Promise<Predicted> =>
      fromOutputs(division.target, (await outputsOf(network, X)).data);
    judged.push([name, await on(clean), await on(fgsm), await on(pgd)]);
  }
  const { files, predicted } = await written(division, trained.network, loss);
  const clean = judged.map(([name, onClean], i) => ({
    name,
    predicted: i === 0 ? predicted : onClean,
    objective: null,
  }));
  return { ...robustReport(division, trained, clean, judged, options), files };
}

/** The files, and what the written model itself says about the held-out rows. */
async function written(
  { encoder, target, held }: Division,
  network: ReluNetwork,
  loss: Parameters<typeof exportPipeline>[3],
): Promise<Pick<UseResult, "files"> & { readonly predicted: Predicted }> {
  const bytes = exportPipeline(network, encoder, target, loss);
  const predicted = await (await readPipeline(bytes, "model.onnx")).predict(held);
  const files = [
    {
      name: "model.onnx",
      describe: `the network, from raw columns to predictions; ${network.a.size} hidden units`,
      bytes,
    },
    predictionsFile(
      held,
      target,
      predicted.prediction,
      further(target, predicted),
      "predictions for the held-out rows",
    ),
  ];
  return { files, predicted };
}

async function* predict(table: Table, pipeline: Pipeline): Running<UseResult> {
  yield progress(0, 1, `${table.rows} rows`);
  const { target } = pipeline;
  const predicted = await pipeline.predict(table);
  const known = rowsWithTruth(table, target);
  const judged = async () => {
    const rows = selectRows(table, known);
    return quality(target, await pipeline.predict(rows), truthOf(target, rows));
  };
  return {
    tables:
      known.length > 0
        ? [
            {
              id: "given",
              title: `Predictions of ${target.column} for the ${known.length} rows that have it`,
              columns: measuresOf(target),
              rows: [await judged()],
            },
          ]
        : [],
    figures: [],
    findings: [`${table.rows} rows predicted with ${pipeline.units} hidden units.`],
    files: [
      predictionsFile(
        table,
        target,
        predicted.prediction,
        further(target, predicted),
        "predictions for all rows",
      ),
    ],
  };
}
