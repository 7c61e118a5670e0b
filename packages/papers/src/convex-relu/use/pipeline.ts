/** The whole way from raw columns to predictions as one ONNX file, and back. */
import {
  column,
  encodeTensor,
  type Table,
  type TabularEncoder,
  tabularInputs,
  textAt,
} from "@etude/data";
import {
  array,
  exportOnnx,
  loadOnnx,
  type NDArray,
  stack,
  type Tensor,
  zeros,
} from "@etude/tensor";
import { z } from "zod";
import { UsageError } from "../../contract/errors.ts";
import type { LossName } from "../losses.ts";
import type { ReluNetwork } from "../recovery.ts";
import type { UseTarget } from "./division.ts";

/** What a prediction needs to know beside the graph; it travels in the file. */
export interface PipelineRecord {
  readonly encoder: TabularEncoder;
  readonly target: UseTarget;
  readonly loss: LossName;
  /** The input of the file that takes each column, numbers first. */
  readonly inputs: readonly { readonly column: string; readonly input: string }[];
  readonly units: number;
}

const recordKey = "etude.convex-relu";
const thresholdInput = "threshold";

/**
 * A model that takes raw columns. Inputs, by the names of the columns with other characters than
 * letters, digits and `_` replaced:
 *
 * - numbers as float32 [n], NaN where missing; categories as text [n], empty where missing. A category
 *   that training did not have counts as none of them;
 * - for classes `threshold`, an optional float32 scalar: the score above which the second class is
 *   predicted; 0 when it is left out.
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
  const columns = [...encoder.numeric, ...encoder.categorical].map(({ name }) => name);
  const outputNames = outputsFor(target, loss);
  const inputs = inputNames(columns, [thresholdInput, ...outputNames]).map((input, i) => ({
    column: columns[i],
    input,
  }));
  const numeric = encoder.numeric.length;
  const isClasses = target.task === "binary";
  const layers = splitBias(network);

  const pipeline = (...given: Tensor[]): Tensor[] => {
    const [numbers, codes] = [given.slice(0, numeric), given.slice(numeric, columns.length)];
    const x = encodeTensor(encoder, {
      ...(numbers.length > 0 && { numeric: stack(numbers, 1) }),
      ...(codes.length > 0 && { categorical: stack(codes, 1) }),
    });
    const score = x.matmul(layers.weights).add(layers.bias).relu().matmul(layers.output);
    if (target.task === "regression") return [score.mul(target.scale).add(target.mean)];
    const prediction = score.greater(given[columns.length]).astype("int32");
    return loss === "logistic" ? [prediction, score, score.mul(2).sigmoid()] : [prediction, score];
  };

  const record: PipelineRecord = { encoder, target, loss, inputs, units: network.a.size };
  const names = inputs.map(({ input }) => input);
  return exportOnnx(
    pipeline,
    [
      ...encoder.numeric.map(() => zeros([2])),
      ...encoder.categorical.map(() => zeros([2], "int32")),
      ...(isClasses ? [zeros([])] : []),
    ],
    {
      inputNames: [...names, ...(isClasses ? [thresholdInput] : [])],
      outputNames,
      dynamicBatch: names,
      // The empty text stands for a missing value, whose code is the one after the last category.
      categories: Object.fromEntries(
        encoder.categorical.map(({ categories }, i) => [names[numeric + i], [...categories, ""]]),
      ),
      ...(isClasses && { defaults: { [thresholdInput]: zeros([]) } }),
      parameters: layers,
      metadata: { [recordKey]: JSON.stringify(record) },
    },
  );
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

/** Names an ONNX file can carry, each once. */
function inputNames(columns: readonly string[], reserved: readonly string[]): string[] {
  const taken = new Set(reserved);
  return columns.map((column) => {
    const plain = column.replace(/\W/g, "_") || "column";
    let name = plain;
    for (let i = 2; taken.has(name); i++) name = `${plain}_${i}`;
    taken.add(name);
    return name;
  });
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

/** Rows that run through the file at once. */
const chunk = 16_384;

/**
 * A file of {@link exportPipeline}, ready to predict.
 *
 * @param file its name, for messages
 * @throws UsageError when the file is something else
 */
export async function readPipeline(bytes: Uint8Array, file: string): Promise<Pipeline> {
  const foreign = (reason: string) =>
    new UsageError(
      `--model ${file}: ${reason}; give a model.onnx that "etude use convex-relu --data ... --target ..." wrote`,
    );
  const model = await loadOnnx(bytes).catch(() => {
    throw foreign("not an ONNX model");
  });
  const text: string | undefined = model.metadata[recordKey];
  if (text === undefined) throw foreign("a model without the record that predictions need");
  const parsed = recordSchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw foreign("a model with a damaged record");
  const record: PipelineRecord = parsed.data;
  const names = outputsFor(record.target, record.loss);

  const predict = async (table: Table): Promise<Predicted> => {
    const feed = feedsOf(table, record);
    const whole = names.map(() => new Float64Array(table.rows));
    for (let first = 0; first < table.rows; first += chunk) {
      const outputs = await model.run(feed(first, Math.min(chunk, table.rows - first)));
      names.forEach((name, i) => {
        whole[i].set(outputs[name].data, first);
      });
    }
    const [prediction, score, probability] = whole;
    return { prediction, ...(score && { score }), ...(probability && { probability }) };
  };
  return { ...record, predict };
}

/** The inputs of the file for a run of rows. */
function feedsOf(
  table: Table,
  { encoder, inputs }: PipelineRecord,
): (first: number, rows: number) => Record<string, NDArray | string[]> {
  const { numeric } = tabularInputs(encoder, table); // refuses what does not fit
  const width = encoder.numeric.length;
  return (first, rows) =>
    Object.fromEntries(
      inputs.map(({ column: name, input }, j) => {
        if (j >= width) {
          const texts = column(table, name);
          return [input, Array.from({ length: rows }, (_, i) => textAt(texts, first + i) ?? "")];
        }
        const values = new Float32Array(rows);
        for (let i = 0; i < rows; i++)
          values[i] = numeric?.data[(first + i) * width + j] ?? Number.NaN;
        return [input, array(values)];
      }),
    );
}

const names = z.array(z.string()).readonly();
const numericEncoding = z.object({
  name: z.string(),
  mean: z.number(),
  scale: z.number(),
  fill: z.number(),
  indicator: z.boolean(),
});
const categoricalEncoding = z.object({ name: z.string(), categories: names, missing: z.boolean() });
const recordSchema = z.object({
  encoder: z.object({
    numeric: z.array(numericEncoding).readonly(),
    categorical: z.array(categoricalEncoding).readonly(),
    inputNames: names,
    warnings: names,
  }),
  target: z.discriminatedUnion("task", [
    z.object({
      column: z.string(),
      task: z.literal("regression"),
      mean: z.number(),
      scale: z.number(),
    }),
    z.object({ column: z.string(), task: z.literal("binary"), classes: names }),
  ]),
  loss: z.enum(["squared", "logistic", "hinge"]),
  inputs: z.array(z.object({ column: z.string(), input: z.string() })).readonly(),
  units: z.int(),
});
