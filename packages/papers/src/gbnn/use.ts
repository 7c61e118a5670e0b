/** A boosted network for the user's own table: trained, or taken from a file to predict. */
import { gatherRows, selectRows, type Table, type TargetEncoder } from "@etude/data";
import type { NDArray } from "@etude/tensor";
import type { RunContext } from "../contract/context.ts";
import { UsageError } from "../contract/errors.ts";
import { progress, type Running } from "../contract/events.ts";
import type { DataTable } from "../contract/figure.ts";
import { inputOf, type OutputFile, type Use, type UseResult } from "../contract/use.ts";
import { predictionsFile } from "../tabular/predictions.ts";
import { rowsWithTruth, truthOf } from "../tabular/target.ts";
import { mergeGbnn } from "./merge.ts";
import { winners } from "./predict.ts";
import { optionsSchema, type UseOptions } from "./use/options.ts";
import { exportPipeline, type Pipeline, readPipeline } from "./use/pipeline.ts";
import { measuresOf, quality } from "./use/quality.ts";
import { reportOn } from "./use/report.ts";
import { divide, trainOn } from "./use/train.ts";

export const use: Use<UseOptions> = {
  description:
    "Learns to predict a column of a table with a network whose hidden units can be switched off, and writes it as an ONNX file that takes raw columns; or predicts with such a file.",
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
    "--data customers.csv --target churn",
    "--data houses.csv --target price --exclude id,address",
    "--data new.csv --model model.onnx --units 50",
  ],
  async *run(options, inputs, context) {
    const data = inputOf(inputs, "data", "table");
    if (data === undefined) throw new UsageError("--data is missing: give a table");
    const model = inputOf(inputs, "model", "model");
    if (model === undefined) return yield* train(data.table, options, context);
    return yield* predict(data.table, await readPipeline(model.bytes, model.file), options);
  },
};

async function* train(table: Table, options: UseOptions, context: RunContext): Running<UseResult> {
  const division = divide(table, options, context.seed);
  const trained = yield* trainOn(division, options, context);
  const { model, chosen, encoder } = trained;
  const kept = { ...model, parts: model.parts.slice(0, chosen.parts) };
  const bytes = exportPipeline(mergeGbnn(kept), encoder, division.target);

  // Whatever is reported is what the file itself says.
  const pipeline = await readPipeline(bytes, "model.onnx");
  const predicted = await pipeline.predict(division.held);
  const half = await pipeline.predict(division.held, Math.floor(pipeline.units / 2));
  return {
    ...reportOn(division, trained, predicted, half),
    files: [
      {
        name: "model.onnx",
        describe: `the model, from raw columns to predictions; ${pipeline.units} hidden units`,
        bytes,
      },
      written(division.held, division.target, predicted, "predictions for the held-out rows"),
    ],
  };
}

async function* predict(
  table: Table,
  pipeline: Pipeline,
  { units = pipeline.units }: UseOptions,
): Running<UseResult> {
  if (units > pipeline.units)
    throw new UsageError(`--units ${units}: the model has ${pipeline.units} hidden units`);
  const active = units - (units % pipeline.unitsPerStep);
  yield progress(0, 1, `${table.rows} rows`);
  const predicted = await pipeline.predict(table, active);
  const { target } = pipeline;
  const known = rowsWithTruth(table, target);
  const judged = (): DataTable => ({
    id: "given",
    title: `Predictions of ${target.column} for the ${known.length} rows that have it`,
    columns: measuresOf(target),
    rows: [
      quality(target, gatherRows(predicted, known), truthOf(target, selectRows(table, known))),
    ],
  });
  return {
    tables: known.length > 0 ? [judged()] : [],
    figures: [],
    findings: [`${table.rows} rows predicted with ${active} of ${pipeline.units} hidden units.`],
    files: [written(table, target, predicted, "predictions for all rows")],
  };
}

/** @param predicted numbers in the units of the target [n], or probabilities of the classes [n, K] */
function written(
  rows: Table,
  target: TargetEncoder,
  predicted: NDArray,
  describe: string,
): OutputFile {
  if (target.task === "regression")
    return predictionsFile(rows, target, predicted.data, [], describe);
  const { classes } = target;
  const probabilities = classes.map((label, k): [string, Float64Array] => [
    `P(${label})`,
    Float64Array.from({ length: rows.rows }, (_, i) => predicted.data[i * classes.length + k]),
  ]);
  return predictionsFile(rows, target, winners(predicted), probabilities, describe);
}
