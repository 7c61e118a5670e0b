/** The whole way from raw columns to predictions as one ONNX file, and back. */
import type { Table, TabularEncoder } from "@etude/data";
import { array, type Tensor, zeros } from "@etude/tensor";
import { z } from "zod";
import { exportColumns, loadColumns } from "../../tabular/columns.ts";
import { binaryTargetSchema, regressionTargetSchema } from "../../tabular/schemas.ts";
import type { LossName } from "../losses.ts";
import type { ReluNetwork } from "../recovery.ts";
import type { UseTarget } from "./division.ts";

const recordSchema = z.object({
  target: z.discriminatedUnion("task", [regressionTargetSchema, binaryTargetSchema]),
  loss: z.enum(["squared", "logistic", "hinge"]),
  units: z.int(),
});

/** What a prediction needs to know beside the graph; it travels in the file. */
export type PipelineRecord = Readonly<z.infer<typeof recordSchema>>;

const recordKey = "etude.convex-relu";

/**
 * A model that takes raw columns, as {@link exportColumns} says, and for classes `threshold`, an
 * optional float32 scalar: the score above which the second class is predicted; 0 when it is left out.
 *
 * Outputs: `prediction` [n], a number or the position in `classes` of the file's record; for classes
 * `score` [n], the output of the network, and with the logistic loss `probability` [n] of the second.
 */
export function exportPipeline(
  network: ReluNetwork,
  encoder: TabularEncoder,
  target: UseTarget,
  loss: LossName,
): Uint8Array {
  const layers = splitBias(network);
  const predict = (x: Tensor, threshold?: Tensor): Tensor[] => {
    const score = x.matmul(layers.weights).add(layers.bias).relu().matmul(layers.output);
    if (target.task === "regression") return [score.mul(target.scale).add(target.mean)];
    const prediction = score.greater(threshold ?? 0).astype("int32");
    return loss === "logistic" ? [prediction, score, score.mul(2).sigmoid()] : [prediction, score];
  };
  const record: PipelineRecord = { target, loss, units: network.a.size };
  return exportColumns(encoder, predict, {
    outputNames: outputsFor(target, loss),
    ...(target.task === "binary" && { scalars: { threshold: zeros([]) } }),
    parameters: layers,
    metadata: { [recordKey]: JSON.stringify(record) },
  });
}

const outputsFor = ({ task }: UseTarget, loss: LossName): string[] => {
  if (task === "regression") return ["prediction"];
  return ["prediction", "score", ...(loss === "logistic" ? ["probability"] : [])];
};

/** First-layer weights [d, m], their biases [m] and the second layer [m], float32. */
function splitBias({ U, a }: ReluNetwork) {
  const [m, width] = U.shape;
  // A network without units says 0: a unit of zeros.
  const units = Math.max(m, 1);
  const d = width - 1;
  const at = (j: number, i: number): number => (j < m ? U.data[j * width + i] : 0);
  const weights = Float32Array.from({ length: d * units }, (_, e) =>
    at(e % units, Math.floor(e / units)),
  );
  return {
    weights: array(weights, { shape: [d, units] }),
    bias: array(Float32Array.from({ length: units }, (_, j) => at(j, d))),
    output: array(Float32Array.from({ length: units }, (_, j) => (j < m ? a.data[j] : 0))),
  };
}

/** What the file says about rows. */
export interface Predicted {
  /** Numbers in the units of the target, or positions of classes. */
  readonly prediction: Float64Array;
  /** Of classes. */
  readonly score?: Float64Array;
  readonly probability?: Float64Array;
}

export interface Pipeline extends PipelineRecord {
  /** @throws DataError when a column is missing or a value does not fit */
  predict(table: Table): Promise<Predicted>;
}

/**
 * A file of {@link exportPipeline}, ready to predict.
 *
 * @param file its name, for messages
 * @throws UsageError when the file is something else
 */
export async function readPipeline(bytes: Uint8Array, file: string): Promise<Pipeline> {
  const wanted = { file, slug: "convex-relu", key: recordKey, schema: recordSchema };
  const { record, run } = await loadColumns(bytes, wanted);
  return {
    ...record,
    async predict(table) {
      const { prediction, ...further } = await run(table);
      return { prediction, ...further };
    },
  };
}
