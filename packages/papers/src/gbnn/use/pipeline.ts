/** The whole way from raw columns to predictions as one ONNX file, and back. */
import type { Table, TabularEncoder, TargetEncoder } from "@etude/data";
import { array, type NDArray, type Tensor } from "@etude/tensor";
import { z } from "zod";
import { exportColumns, loadColumns } from "../../tabular/columns.ts";
import { targetSchema } from "../../tabular/schemas.ts";
import { probabilities } from "../losses.ts";
import { applyMerged, type MergedNetwork } from "../merge.ts";

const recordSchema = z.object({
  target: targetSchema,
  /** Hidden units, and how many are switched off together. */
  units: z.int(),
  unitsPerStep: z.int(),
});

/** What a prediction needs to know beside the graph; it travels in the file. */
export type PipelineRecord = Readonly<z.infer<typeof recordSchema>>;

const recordKey = "etude.gbnn";
const outputNames = { numbers: ["prediction"], classes: ["prediction", "probabilities", "score"] };

const count = (units: number): NDArray => array(new Int32Array([units]), { shape: [] });

/**
 * A model that takes raw columns, as {@link exportColumns} says, and `units`, an optional int32 scalar:
 * how many hidden units are active, in the order of training, rounded down to a multiple of J; all of
 * them when it is left out.
 *
 * Outputs: `prediction` [n]; for classes `probabilities` [n, K] and `score`, the logits [n, 1] or
 * [n, K], too, and `prediction` is the position in `classes` of the file's record.
 *
 * The encoding and the network are computed in float32.
 */
export function exportPipeline(
  network: MergedNetwork,
  encoder: TabularEncoder,
  target: TargetEncoder,
): Uint8Array {
  const single = inSinglePrecision(network);
  const predict = (x: Tensor, units: Tensor): Tensor[] => {
    const outputs = applyMerged(single, x, units);
    if (target.task === "regression")
      return [outputs.reshape([-1]).mul(target.scale).add(target.mean)];
    const isBinary = target.task === "binary";
    return [
      isBinary ? outputs.reshape([-1]).greater(0).astype("int32") : outputs.argmax(-1),
      probabilities(target.task, isBinary ? outputs.div(2) : outputs),
      outputs,
    ];
  };
  const record = { target, units: network.b.size, unitsPerStep: network.unitsPerStep };
  return exportColumns(encoder, predict, {
    outputNames: target.task === "regression" ? outputNames.numbers : outputNames.classes,
    scalars: { units: count(network.b.size) },
    metadata: { [recordKey]: JSON.stringify(record) },
  });
}

const inSinglePrecision = (network: MergedNetwork): MergedNetwork => ({
  ...network,
  W: network.W.astype("float32"),
  b: network.b.astype("float32"),
  V: network.V.astype("float32"),
  prefixBias: network.prefixBias.astype("float32"),
});

/** Predictions for rows: numbers in the units of the target [n], or probabilities of classes [n, K]. */
export interface Pipeline extends PipelineRecord {
  /**
   * @param units hidden units that are active; all where it is not given
   * @throws DataError when a column is missing or a value does not fit
   */
  predict(table: Table, units?: number): Promise<NDArray>;
}

/**
 * A file of {@link exportPipeline}, ready to predict.
 *
 * @param file its name, for messages
 * @throws UsageError when the file is something else
 */
export async function readPipeline(bytes: Uint8Array, file: string): Promise<Pipeline> {
  const wanted = { file, slug: "gbnn", key: recordKey, schema: recordSchema };
  const { record, run } = await loadColumns(bytes, wanted);
  const { target } = record;
  return {
    ...record,
    async predict(table, units = record.units) {
      const { prediction, probabilities } = await run(table, { units: count(units) });
      return target.task === "regression"
        ? array(prediction)
        : array(probabilities, { shape: [table.rows, target.classes.length] });
    },
  };
}
