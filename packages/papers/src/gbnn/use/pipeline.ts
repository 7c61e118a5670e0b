/** The whole way from raw columns to predictions as one ONNX file, and back. */
import {
  column,
  encodeTensor,
  type Table,
  type TabularEncoder,
  type TargetEncoder,
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
import { probabilities } from "../losses.ts";
import { applyMerged, type MergedNetwork } from "../merge.ts";

/** What a prediction needs to know beside the graph; it travels in the file. */
export interface PipelineRecord {
  readonly encoder: TabularEncoder;
  readonly target: TargetEncoder;
  /** The input of the file that takes each column, numbers first. */
  readonly inputs: readonly { readonly column: string; readonly input: string }[];
  /** Hidden units, and how many are switched off together. */
  readonly units: number;
  readonly unitsPerStep: number;
}

const recordKey = "etude.gbnn";
const unitsInput = "units";
const outputNames = { numbers: ["prediction"], classes: ["prediction", "probabilities", "score"] };

/**
 * A model that takes raw columns. Inputs, by the names of the columns with other characters than
 * letters, digits and `_` replaced:
 *
 * - numbers as float32 [n], NaN where missing; categories as text [n], empty where missing. A category
 *   that training did not have counts as none of them;
 * - `units`, an optional int32 scalar: how many hidden units are active, in the order of training,
 *   rounded down to a multiple of J; all of them when it is left out.
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
  const units = network.b.size;
  const columns = [...encoder.numeric, ...encoder.categorical].map(({ name }) => name);
  const reserved = [unitsInput, ...outputNames.classes];
  const inputs = inputNames(columns, reserved).map((input, i) => ({ column: columns[i], input }));
  const numeric = encoder.numeric.length;
  const single = inSinglePrecision(network);

  const pipeline = (...given: Tensor[]): Tensor[] => {
    const [numbers, codes] = [given.slice(0, numeric), given.slice(numeric, columns.length)];
    const x = encodeTensor(encoder, {
      ...(numbers.length > 0 && { numeric: stack(numbers, 1) }),
      ...(codes.length > 0 && { categorical: stack(codes, 1) }),
    });
    const outputs = applyMerged(single, x, given[columns.length]);
    if (target.task === "regression")
      return [outputs.reshape([-1]).mul(target.scale).add(target.mean)];
    const isBinary = target.task === "binary";
    return [
      isBinary ? outputs.reshape([-1]).greater(0).astype("int32") : outputs.argmax(-1),
      probabilities(target.task, isBinary ? outputs.div(2) : outputs),
      outputs,
    ];
  };

  const record: PipelineRecord = {
    encoder,
    target,
    inputs,
    units,
    unitsPerStep: network.unitsPerStep,
  };
  const names = inputs.map(({ input }) => input);
  const all = array(new Int32Array([units]), { shape: [] });
  return exportOnnx(
    pipeline,
    [
      ...encoder.numeric.map(() => zeros([2])),
      ...encoder.categorical.map(() => zeros([2], "int32")),
      all,
    ],
    {
      inputNames: [...names, unitsInput],
      outputNames: target.task === "regression" ? outputNames.numbers : outputNames.classes,
      dynamicBatch: names,
      // The empty text stands for a missing value, whose code is the one after the last category.
      categories: Object.fromEntries(
        encoder.categorical.map(({ categories }, i) => [names[numeric + i], [...categories, ""]]),
      ),
      defaults: { [unitsInput]: all },
      metadata: { [recordKey]: JSON.stringify(record) },
    },
  );
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
      `--model ${file}: ${reason}; give a model.onnx that "etude use gbnn --data ... --target ..." wrote`,
    );
  const model = await loadOnnx(bytes).catch(() => {
    throw foreign("not an ONNX model");
  });
  const text: string | undefined = model.metadata[recordKey];
  if (text === undefined) throw foreign("a model without the record that predictions need");
  const parsed = recordSchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw foreign("a model with a damaged record");
  const record: PipelineRecord = parsed.data;
  const isRegression = record.target.task === "regression";

  const predict = async (table: Table, units = record.units): Promise<NDArray> => {
    const feed = feedsOf(table, record);
    const active = array(new Int32Array([units]), { shape: [] });
    const pieces: NDArray[] = [];
    for (let first = 0; first < table.rows; first += chunk) {
      const rows = Math.min(chunk, table.rows - first);
      const outputs = await model.run({ ...feed(first, rows), [unitsInput]: active });
      pieces.push(isRegression ? outputs.prediction : outputs.probabilities);
    }
    const width = isRegression ? 1 : record.target.classes.length;
    const values = new Float64Array(table.rows * width);
    pieces.forEach(({ data }, i) => {
      values.set(data, i * chunk * width);
    });
    return array(values, { shape: isRegression ? [table.rows] : [table.rows, width] });
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
const recordSchema = z.object({
  encoder: z.object({
    numeric: z
      .array(
        z.object({
          name: z.string(),
          mean: z.number(),
          scale: z.number(),
          fill: z.number(),
          indicator: z.boolean(),
        }),
      )
      .readonly(),
    categorical: z
      .array(z.object({ name: z.string(), categories: names, missing: z.boolean() }))
      .readonly(),
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
    z.object({ column: z.string(), task: z.enum(["binary", "multiclass"]), classes: names }),
  ]),
  inputs: z.array(z.object({ column: z.string(), input: z.string() })).readonly(),
  units: z.int(),
  unitsPerStep: z.int(),
});
