/** ONNX files as they are, to run: what a program that deploys a model does. */
import { runtime } from "#runtime";
import { fail } from "../errors.ts";
import { decodeModel, encodeModel, type ModelProto } from "../lower/proto.ts";
import type { NDArray } from "../ndarray.ts";
import { sessionOptions } from "../runtime/device.ts";
import { openModel } from "../runtime/session.ts";
import { tensorArray } from "./elements.ts";

/** Text for inputs of strings, arrays for all others. */
export type ModelFeeds = Readonly<Record<string, NDArray | readonly string[]>>;

export interface LoadedModel {
  /** Names of the inputs that must be given. */
  readonly inputs: readonly string[];
  /** Names of the inputs that have a value when they are not given. */
  readonly optional: readonly string[];
  readonly outputs: readonly string[];
  /** Further entries of the file. */
  readonly metadata: Readonly<Record<string, string>>;
  /** @throws when an input is missing, unknown, or does not fit */
  run(inputs: ModelFeeds): Promise<Record<string, NDArray>>;
  release(): Promise<void>;
}

/**
 * An ONNX model ready to run on the default device, as ONNX Runtime runs it: any operator it knows,
 * inputs of text included. To differentiate a model or build on it, use `importOnnx`.
 *
 * @throws when the bytes are no model
 * @example
 * const model = await loadOnnx(await readFile("model.onnx"));
 * const { prediction } = await model.run({ age: array([41]), city: ["Lyon"] });
 */
export async function loadOnnx(bytes: Uint8Array): Promise<LoadedModel> {
  const model = decode(bytes);
  const names = model.graph.inputs.map(({ name }) => name);
  const defaults = defaultsOf(model);
  const inputs = names.filter((name) => !defaults.has(name));
  const connection = await runtime.connect(sessionOptions(undefined));
  const session = await openModel(connection, defaults.size > 0 ? takingAll(model) : bytes);
  return {
    inputs,
    optional: [...defaults.keys()],
    outputs: model.graph.outputs.map(({ name }) => name),
    metadata: Object.fromEntries((model.metadata ?? []).map(({ key, value }) => [key, value])),
    async run(feeds) {
      const missing = inputs.find((name) => !Object.hasOwn(feeds, name));
      if (missing !== undefined)
        fail(`the model takes ${inputs.join(", ")}; ${missing} is missing`);
      const unknown = Object.keys(feeds).find((name) => !names.includes(name));
      if (unknown !== undefined)
        fail(`the model has no input ${unknown}; it takes ${names.join(", ")}`);
      return session.run({ ...Object.fromEntries(defaults), ...feeds });
    },
    release: () => session.release(),
  };
}

/** Before IR version 4 every initializer was also listed as an input, and none was meant to be given. */
const hasDefaults = ({ irVersion }: ModelProto): boolean => irVersion >= 4;

function defaultsOf(model: ModelProto): Map<string, NDArray> {
  if (!hasDefaults(model)) return new Map();
  const names = new Set(model.graph.inputs.map(({ name }) => name));
  const given = (model.graph.initializers ?? []).filter(({ name }) => names.has(name));
  return new Map(given.map((tensor) => [tensor.name, tensorArray(tensor)]));
}

/**
 * The model without its inputs' values: ONNX Runtime's JavaScript binding drops a value that is given
 * for an input that has one, so they are all given here.
 */
function takingAll(model: ModelProto): Uint8Array {
  const names = new Set(model.graph.inputs.map(({ name }) => name));
  const initializers = (model.graph.initializers ?? []).filter(({ name }) => !names.has(name));
  return encodeModel({ ...model, graph: { ...model.graph, initializers } });
}

function decode(bytes: Uint8Array): ModelProto {
  try {
    return decodeModel(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(`loadOnnx: these ${bytes.length} bytes are not an ONNX model: ${reason}`);
  }
}
