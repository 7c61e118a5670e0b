/** A model file as a function of rows of numbers: differentiable where it can be. */
import {
  array,
  importOnnx,
  jit,
  type LoadedModel,
  loadOnnx,
  type ModelInput,
  NDArray,
  type OnnxModel,
  type Tensor,
  vmap,
} from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import type { UseOptions } from "./options.ts";
import type { Subject } from "./subject.ts";

export interface ExplainedModel {
  /** Scores of rows: [n, inputs] to [n, classes], one class for a number; absent without gradients. */
  readonly traced?: (x: Tensor) => Tensor;
  /** The same outside graphs, for every model. */
  readonly predict: (x: NDArray) => Promise<NDArray>;
  /** Why there are no gradients. */
  readonly withoutGradients?: string;
}

/**
 * The model as it is used on the rows of a subject. Models that cannot be differentiated are run as
 * they are.
 *
 * @throws UsageError when the model does not take such rows, or gives no scores
 */
export async function openModel(
  bytes: Uint8Array,
  file: string,
  subject: Subject,
  output: string | undefined,
): Promise<ExplainedModel> {
  const imported = tryImport(bytes);
  if ("reason" in imported) return openBlackBox(bytes, file, subject, output, imported.reason);
  const feed = feedOf(imported.model.inputs, file, subject);
  const name = outputOf(imported.model, file, output);
  const traced = (x: Tensor): Tensor => asScores(feed(imported.model, x, name), file, name);
  return { traced, predict: jit(traced) };
}

/** The model with its output made a probability, or left as it is. */
export function withScores(model: ExplainedModel, scores: UseOptions["scores"]): ExplainedModel {
  if (scores === "raw") return model;
  const transform = (raw: Tensor): Tensor =>
    scores === "sigmoid" ? raw.sigmoid() : raw.softmax(-1);
  const { traced, predict } = model;
  const outside = jit(transform);
  return {
    ...model,
    ...(traced && { traced: (x: Tensor) => transform(traced(x)) }),
    predict: async (x) => outside(await predict(x)),
  };
}

function tryImport(bytes: Uint8Array): { model: OnnxModel } | { reason: string } {
  try {
    return { model: importOnnx(bytes) };
  } catch (error) {
    return { reason: firstLine(error) };
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0];

function outputOf({ outputs }: OnnxModel, file: string, wanted: string | undefined): string {
  const names = outputs.map(({ name }) => name).join(", ");
  if (wanted !== undefined) {
    if (!outputs.some(({ name }) => name === wanted))
      throw new UsageError(`--output ${wanted}: ${file} has no such output; it has ${names}`);
    return wanted;
  }
  const floats = outputs.find(({ dtype }) => dtype === "float32" || dtype === "float64");
  const open = outputs.find(({ dtype }) => dtype === undefined);
  const chosen = floats ?? open;
  if (chosen === undefined)
    throw new UsageError(
      `${file}: none of its outputs (${names}) holds floats, so nothing can be explained`,
    );
  return chosen.name;
}

/** [n] and [n, 1] are one score, [n, K] those of classes. */
function asScores(output: Tensor, file: string, name: string): Tensor {
  if (output.dtype !== "float32" && output.dtype !== "float64")
    throw new UsageError(`${file}: the output ${name} is ${output.dtype}; explain one of floats`);
  if (output.rank === 1) return output.expandDims(1).astype("float32");
  if (output.rank === 2) return output.astype("float32");
  throw new UsageError(
    `${file}: the output ${name} is [${output.shape.join(", ")}]; scores are [rows] or [rows, classes]`,
  );
}

type Feed = (model: OnnxModel, x: Tensor, output: string) => Tensor;

function feedOf(inputs: readonly ModelInput[], file: string, subject: Subject): Feed {
  const integer = inputs.find(({ dtype }) => dtype !== "float32" && dtype !== "float64");
  if (integer !== undefined)
    throw new UsageError(
      `${file}: the input ${integer.name} is ${integer.dtype}; only numbers that may change a little can be explained`,
    );
  if (inputs.length === 1 && !isSingleColumn(inputs[0], subject))
    return wholeFeed(inputs[0], file, subject);
  const places = inputs.map(({ name }) => placeOfColumn(name, file, subject));
  const unused = subject.inputNames.filter((_, j) => !places.includes(j));
  if (unused.length > 0)
    throw new UsageError(
      `${file} does not take the columns ${unused.join(", ")}; leave them out with --exclude`,
    );
  return (model, x, output) => {
    const parts = inputs.map(({ shape, dtype }, i) => {
      const values = x.slice(null, places[i]).astype(dtype);
      return shape?.length === 2 ? values.expandDims(1) : values;
    });
    return model(parts)[output];
  };
}

const isSingleColumn = ({ shape, name }: ModelInput, { inputNames }: Subject): boolean =>
  shape?.length === 1 || (shape?.[1] === 1 && inputNames.length === 1 && inputNames[0] === name);

function placeOfColumn(input: string, file: string, { inputNames }: Subject): number {
  const exact = inputNames.indexOf(input);
  // Names in files may only have letters, digits and underscores.
  const place =
    exact >= 0 ? exact : inputNames.findIndex((name) => name.replace(/\W/g, "_") === input);
  if (place < 0)
    throw new UsageError(
      `${file} takes an input ${input}, but there is no such column of numbers; there are ${inputNames.join(", ") || "none with a name"}`,
    );
  return place;
}

/** One input for whole rows: [n, inputs], or images with channels first or last. */
function wholeFeed(input: ModelInput, file: string, subject: Subject): Feed {
  const { name, dtype, shape } = input;
  const arrange = arrangement(input, file, subject);
  const fixed = shape?.[0];
  if (typeof fixed === "number" && fixed !== 1)
    throw new UsageError(
      `${file}: the input ${name} takes exactly ${fixed} rows at once; export the model with a batch axis of any length`,
    );
  const run: Feed = (model, x, output) => model({ [name]: arrange(x).astype(dtype) })[output];
  if (fixed !== 1) return run;
  return (model, x, output) =>
    vmap((row: Tensor) => {
      const scores = run(model, row.expandDims(0), output);
      return scores.reshape(scores.shape.slice(1));
    })(x);
}

function arrangement({ name, shape }: ModelInput, file: string, subject: Subject) {
  const width = subject.x.shape[1];
  const { image } = subject;
  const fits = (lengths: readonly number[]): boolean =>
    shape === undefined ||
    (shape.length === lengths.length + 1 &&
      lengths.every((length, i) => typeof shape[i + 1] === "string" || shape[i + 1] === length));
  if (image !== undefined) {
    const { channels, height, width: across } = image;
    if (fits([channels, height, across]))
      return (x: Tensor) => x.reshape([x.shape[0], channels, height, across]);
    if (fits([height, across, channels]))
      return (x: Tensor) =>
        x.reshape([x.shape[0], channels, height, across]).transpose([0, 2, 3, 1]);
    if (channels === 1 && fits([height, across]))
      return (x: Tensor) => x.reshape([x.shape[0], height, across]);
  }
  if (fits([width])) return (x: Tensor) => x;
  const given =
    image === undefined
      ? `${width} numbers a row (${subject.inputNames.slice(0, 6).join(", ")}${width > 6 ? ", ..." : ""}); name those it takes in --columns`
      : `images of ${image.channels} x ${image.height} x ${image.width}`;
  throw new UsageError(
    `${file}: the input ${name} is [${shape?.join(", ") ?? "unknown"}], but the data has ${given}`,
  );
}

/** A model that only runs: with operators that have no derivative here, such as trees. */
async function openBlackBox(
  bytes: Uint8Array,
  file: string,
  subject: Subject,
  wanted: string | undefined,
  reason: string,
): Promise<ExplainedModel> {
  let model: LoadedModel;
  try {
    model = await loadOnnx(bytes);
  } catch (error) {
    throw new UsageError(`${file}: not a model that can be run: ${firstLine(error)}`);
  }
  const { inputs } = model;
  const places =
    inputs.length === 1 ? [] : inputs.map((name) => placeOfColumn(name, file, subject));
  if (wanted !== undefined && !model.outputs.includes(wanted))
    throw new UsageError(
      `--output ${wanted}: ${file} has no such output; it has ${model.outputs.join(", ")}`,
    );
  const { image } = subject;
  const predict = async (x: NDArray): Promise<NDArray> => {
    const [n, d] = x.shape;
    const whole =
      image === undefined ? x : x.reshape([n, image.channels, image.height, image.width]);
    const column = (j: number): NDArray =>
      array(
        Float32Array.from({ length: n }, (_, i) => Number(x.data[i * d + j])),
        { shape: [n, 1] },
      );
    const feeds =
      inputs.length === 1
        ? { [inputs[0]]: whole }
        : Object.fromEntries(inputs.map((name, i) => [name, column(places[i])]));
    const outputs = await model.run(feeds).catch((error: unknown) => {
      throw new UsageError(`${file}: cannot be run on the data: ${firstLine(error)}`);
    });
    const name = wanted ?? model.outputs.find((each) => outputs[each].dtype.startsWith("float"));
    if (name === undefined)
      throw new UsageError(
        `${file}: none of its outputs (${model.outputs.join(", ")}) holds floats`,
      );
    const scores = outputs[name].astype("float32");
    if (scores.shape[0] !== n || scores.rank > 2)
      throw new UsageError(
        `${file}: the output ${name} is [${scores.shape.join(", ")}]; scores are [rows] or [rows, classes]`,
      );
    return new NDArray(scores.data, [n, scores.size / n], "float32");
  };
  return { predict, withoutGradients: reason };
}
