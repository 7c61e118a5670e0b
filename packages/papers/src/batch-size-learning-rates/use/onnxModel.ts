/** The user's ONNX model as a function of its weights. */
import {
  type ArrayTree,
  importOnnx,
  jit,
  type ModelInputs,
  type NDArray,
  type OnnxModel,
  type Tensor,
  type TensorLike,
  type TensorTree,
  vmap,
} from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import { type Examples, examplesAt, type Model } from "../curvature.ts";
import type { UseOptions } from "./options.ts";
import { type Labelled, lossFor, lossOf, type Weighted } from "./problem.ts";

/** How many examples are run to see what the model gives. */
const looked = 64;

export async function problemOfModel(
  bytes: Uint8Array,
  file: string,
  labelled: Labelled,
  { output, modelGives }: UseOptions,
): Promise<{ problem: Weighted; findings: string[] }> {
  const imported = opened(bytes, file);
  const params = imported.parameters;
  if (Object.keys(imported.parameters).length === 0)
    throw new UsageError(`${file}: the model has no weights of floats to take derivatives in`);
  const examples = fitted(labelled, imported, file);
  const raw = callable(imported, chosenOutput(imported, output, file), file);

  const few = examplesAt(
    examples,
    Int32Array.from({ length: Math.min(looked, examples.targets.shape[0]) }, (_, i) => i),
  );
  const seen = await firstOutputs(raw, params, few, file);
  const { classes } = labelled;
  const isProbability = classes !== null && (modelGives ?? guess(seen)) === "probabilities";
  const model: Model = isProbability ? (p, x) => asScores(raw(p, x)) : raw;
  const { lossOnOutputs, lossName } = lossFor(classes, seen.shape);
  const findings =
    classes === null
      ? []
      : [
          `${file}: its outputs are taken as ${isProbability ? "probabilities" : "scores"}${modelGives === undefined ? ", by their values (--model-gives to say otherwise)" : ""}.`,
        ];
  const loss = lossOf(model, lossOnOutputs);
  return { problem: { examples, params, model, loss, lossOnOutputs, lossName }, findings };
}

function opened(bytes: Uint8Array, file: string): OnnxModel {
  try {
    return importOnnx(bytes);
  } catch (error) {
    throw new UsageError(
      `${file}: ${error instanceof Error ? error.message.split("\n")[0] : error}`,
    );
  }
}

function chosenOutput({ outputs }: OnnxModel, wanted: string | undefined, file: string): string {
  const names = outputs.map(({ name }) => name);
  const floats = outputs.filter(({ dtype }) => dtype === undefined || dtype.startsWith("float"));
  const name = wanted ?? floats[0]?.name;
  if (name !== undefined && names.includes(name)) return name;
  throw new UsageError(
    wanted === undefined
      ? `${file}: none of its outputs (${names.join(", ")}) holds floats`
      : `--output ${wanted}: the model's outputs are ${names.join(", ")}`,
  );
}

/** The examples in the type the model takes. */
function fitted({ examples, file: data }: Labelled, { inputs }: OnnxModel, file: string): Examples {
  if (inputs.length !== 1) {
    throw new UsageError(
      `${file}: the model has ${inputs.length} inputs (${inputs.map(({ name }) => name).join(", ")}); curvature is measured for models of one`,
    );
  }
  const [{ name, shape, dtype }] = inputs;
  const given = examples.inputs.shape;
  const fits =
    shape === undefined ||
    (shape.length === given.length &&
      shape.every(
        (length, axis) => axis === 0 || typeof length === "string" || length === given[axis],
      ));
  if (!fits) {
    throw new UsageError(
      `${data}: examples are [${given.join(", ")}], but the model's input "${name}" is [${shape.join(", ")}]; columns that are not inputs can be left out with --exclude`,
    );
  }
  return { inputs: examples.inputs.astype(dtype), targets: examples.targets };
}

/** A model exported for one example is applied to each of a batch. */
function callable(imported: OnnxModel, output: string, file: string): Model {
  const [{ shape }] = imported.inputs;
  const length = shape?.[0];
  const whole = (params: TensorTree, x: Tensor): Tensor =>
    imported.apply(params as unknown as Record<string, TensorLike>, [x] as ModelInputs)[output];
  if (typeof length !== "number") return whole;
  if (length === 1) {
    return (params, x) =>
      vmap((example: Tensor) => {
        const one = whole(params, example.expandDims(0));
        return one.rank > 0 && one.shape[0] === 1 ? one.squeeze(0) : one;
      })(x);
  }
  throw new UsageError(
    `${file}: the model was exported for batches of ${length}; export it with a first axis of any length`,
  );
}

async function firstOutputs(
  model: Model,
  params: ArrayTree,
  { inputs }: Examples,
  file: string,
): Promise<NDArray> {
  let seen: NDArray;
  try {
    seen = await jit((p: TensorTree, x: Tensor) => model(p, x))(params, inputs);
  } catch (error) {
    throw new UsageError(
      `${file}: ${error instanceof Error ? error.message.split("\n")[0] : error}`,
    );
  }
  if (!seen.data.every(Number.isFinite))
    throw new UsageError(`${file}: the model gives outputs that are not finite for these examples`);
  if (seen.rank > 2 || seen.shape[0] !== inputs.shape[0]) {
    throw new UsageError(
      `${file}: for ${inputs.shape[0]} examples the model gives [${seen.shape.join(", ")}]; one row of outputs an example is needed`,
    );
  }
  return seen;
}

/** Numbers of [0, 1] that add up to 1 in every row (or are alone in it) are probabilities. */
function guess({ data, shape }: NDArray): "scores" | "probabilities" {
  if (!data.every((value) => value >= 0 && value <= 1)) return "scores";
  const width = shape.length > 1 ? shape[1] : 1;
  if (width === 1) return "probabilities";
  for (let row = 0; row < shape[0]; row++) {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += data[row * width + k];
    if (Math.abs(sum - 1) > 1e-3) return "scores";
  }
  return "probabilities";
}

/** Smallest probability told from 0. */
const least = 1e-12;

/** Logarithms, whose softmax (or sigmoid of their difference) is the probability again. */
function asScores(p: Tensor): Tensor {
  const logarithm = p.maximum(least).log();
  const alone = p.rank === 1 || p.shape[1] === 1;
  return alone ? logarithm.sub(p.neg().add(1).maximum(least).log()) : logarithm;
}
