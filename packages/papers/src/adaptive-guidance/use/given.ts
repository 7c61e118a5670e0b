/** A model of the user's, from an ONNX file with inputs x, t and condition. */
import { DataError } from "@etude/data";
import {
  full,
  importOnnx,
  lift,
  loadOnnx,
  type ModelInput,
  type NDArray,
  type OnnxModel,
  type Tensor,
} from "@etude/tensor";
import { z } from "zod";
import { UsageError } from "../../contract/errors.ts";
import type { UserInput } from "../../contract/use.ts";
import { classesOf, cyclingClasses, type Predict, predictionKinds } from "../../diffusion/index.ts";
import { type Show, showPixels } from "../pictures.ts";
import { schedules, type UseOptions } from "./options.ts";
import { cycled, pathOf, type Subject, samplerOf } from "./subject.ts";
import { metadataKey } from "./trained.ts";

const metadata = z.object({
  predicts: z.enum(predictionKinds),
  schedule: z.enum(schedules),
  classes: z.int().min(1),
  names: z.array(z.string()),
});

type ModelFile = Extract<UserInput, { kind: "model" }>;
type ArraysFile = Extract<UserInput, { kind: "arrays" }>;

/**
 * The model of a file, with what its metadata or the options say about it.
 *
 * @throws DataError for a file that is no such model, UsageError for options that are missing
 */
export async function givenSubject(
  { bytes, file }: ModelFile,
  conditions: ArraysFile | undefined,
  options: UseOptions,
): Promise<Subject> {
  const model = readModel(bytes, file);
  const [x, t, condition] = threeInputs(model, file);
  const about = await metadataOf(bytes);
  const kind = options.predicts ?? about?.predicts ?? "velocity";
  const path = pathOf(options.schedule ?? about?.schedule ?? "flow", options.times);
  const shape = sampleShape(x, options, file);
  const embedded = condition.dtype === "float32" || condition.dtype === "float64";
  const classes = options.classes ?? about?.classes;
  if (!embedded && classes === undefined)
    throw new UsageError(
      `--model ${file} takes class numbers: say how many classes with --classes`,
    );
  if (embedded && conditions === undefined)
    throw new UsageError(
      `--model ${file} takes conditions of shape [${condition.shape?.join(", ")}]: give them with --conditions`,
    );
  const empty = options.empty ?? classes ?? 0;
  const output = model.outputs[0].name;
  const wanted = model.outputs.some(({ name }) => name === "prediction") ? "prediction" : output;

  const predict: Predict = (xt, time, given) => {
    const scaled = options.timeScale === 1 ? time : time.mul(options.timeScale);
    const inputs = {
      [x.name]: xt.astype(x.dtype),
      [t.name]: (t.shape?.length === 0 ? scaled.slice(0) : scaled).astype(t.dtype),
      [condition.name]: conditionFor(given, condition, xt.shape[0], empty),
    };
    const prediction = model(inputs)[wanted];
    if (prediction.shape.join() !== xt.shape.join())
      throw new DataError(
        `the prediction has shape [${prediction.shape.join(", ")}] for x of [${xt.shape.join(", ")}]`,
        { file },
      );
    return prediction.astype("float32");
  };
  const files = conditions === undefined ? undefined : conditionArrays(conditions);
  return {
    predict,
    sampler: samplerOf(path, kind, options.sampler),
    shape,
    show: showOf(model, [x, t, condition], shape),
    condition: (samples) =>
      files === undefined
        ? cyclingClasses(samples, classes ?? 1)
        : cycled(files.condition, samples),
    negative: (samples) => (files?.negative === undefined ? null : cycled(files.negative, samples)),
    names: about?.names ?? [],
    notes: [
      `${file} predicts ${kind} on the path "${path.name}"${about === undefined && options.predicts === undefined ? ", as nothing else was said (--predicts, --schedule)" : ""}.`,
    ],
  };
}

function readModel(bytes: Uint8Array, file: string): OnnxModel {
  try {
    return importOnnx(bytes);
  } catch (error) {
    throw new DataError(error instanceof Error ? error.message : String(error), { file });
  }
}

/** By their names, or in this order. */
function threeInputs(model: OnnxModel, file: string): [ModelInput, ModelInput, ModelInput] {
  const { inputs } = model;
  const named = ["x", "t", "condition"].map((name) => inputs.find((input) => input.name === name));
  const [x, t, condition] = named.every((input) => input !== undefined) ? named : inputs;
  if (inputs.length === 3 && x && t && condition) return [x, t, condition];
  throw new DataError(
    `a conditional model has the inputs x, t and condition; this one has ${inputs.map(({ name }) => name).join(", ")}`,
    { file },
  );
}

async function metadataOf(bytes: Uint8Array): Promise<z.infer<typeof metadata> | undefined> {
  const loaded = await loadOnnx(bytes);
  const text = loaded.metadata[metadataKey];
  await loaded.release();
  if (text === undefined) return undefined;
  const read = metadata.safeParse(JSON.parse(text));
  return read.success ? read.data : undefined;
}

function sampleShape(x: ModelInput, { shape }: UseOptions, file: string): readonly number[] {
  if (shape !== undefined) return shape;
  const lengths = x.shape?.slice(1);
  if (lengths?.every((length): length is number => typeof length === "number")) return lengths;
  throw new UsageError(
    `--model ${file} leaves the shape of x open ([${x.shape?.join(", ") ?? "?"}]): give that of one sample with --shape`,
  );
}

function conditionFor(
  given: Parameters<Predict>[2],
  { dtype, shape }: ModelInput,
  samples: number,
  empty: number,
): Tensor {
  if (given !== null) return classesOf(given).astype(dtype);
  const rest = (shape ?? [samples])
    .slice(1)
    .map((length) => (typeof length === "number" ? length : 1));
  const isNumber = dtype !== "float32" && dtype !== "float64";
  return lift(full([samples, ...rest], isNumber ? empty : 0, dtype));
}

/** Arrays named condition and, where there is one, negative. */
function conditionArrays({ arrays, file }: ArraysFile) {
  const names = Object.keys(arrays);
  const condition = arrays.condition ?? (names.length === 1 ? arrays[names[0]] : undefined);
  if (condition === undefined || condition.rank === 0 || condition.shape[0] === 0)
    throw new UsageError(
      `--conditions ${file}: expected an array "condition" [n, ...] and perhaps "negative", got ${names.join(", ")}`,
    );
  const negative: NDArray | undefined = arrays.negative;
  if (negative !== undefined && negative.shape.slice(1).join() !== condition.shape.slice(1).join())
    throw new UsageError(
      `--conditions ${file}: "negative" has shape [${negative.shape.join(", ")}], "condition" [${condition.shape.join(", ")}]`,
    );
  return { condition, negative };
}

/** The model's own picture of x where it has one, else x itself where that looks like pictures. */
function showOf(
  model: OnnxModel,
  [x, t, condition]: readonly ModelInput[],
  shape: readonly number[],
): Show | undefined {
  if (model.outputs.some(({ name }) => name === "image"))
    return (samples) => {
      const n = samples.shape[0];
      const inputs = {
        [x.name]: samples,
        [t.name]: lift(full([n], 0, t.dtype)),
        [condition.name]: lift(full([n], 0, condition.dtype)),
      };
      return model(inputs).image;
    };
  return shape.length === 3 && [1, 3].includes(shape[0]) ? showPixels : undefined;
}
