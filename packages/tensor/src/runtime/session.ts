/** Sessions on any build of ONNX Runtime: its two packages share their interface. */
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-common";
import { type DType, dtypes, type TypedArray } from "../dtype.ts";
import { TensorError } from "../errors.ts";
import { NDArray } from "../ndarray.ts";
import type { Connection, ModelSession, Ort, Session } from "./types.ts";

const viewOf = (ort: Ort, value: NDArray): OrtTensor =>
  NDArray.viewOf(
    value,
    ({ data, dtype, shape }) => new ort.Tensor(dtype as "float32", data as Float32Array, shape),
  );

/**
 * This fusion keeps the factor of a product in a float32 attribute, which costs float64 half of its
 * digits.
 */
const exact = { optimization: { disable_specified_optimizers: "MatMulScaleFusion" } };

async function create({ ort, options }: Connection, model: Uint8Array): Promise<InferenceSession> {
  // Errors reach the caller as exceptions; the runtime need not print them as well.
  const quiet = { logSeverityLevel: 4 } as const;
  const complete = { ...options, ...quiet, extra: { ...options.extra, ...exact } };
  return ort.InferenceSession.create(model, complete).catch((error: unknown) => {
    const [device] = (options.executionProviders ?? ["cpu"]).map(String);
    throw new TensorError(`ONNX Runtime cannot open the graph on "${device}": ${messageOf(error)}`);
  });
}

const failedWhileRunning = (error: unknown): never => {
  throw new TensorError(`the graph failed while running: ${messageOf(error)}`);
};

/** A result as an array; what is fed to the next call needs no new view. */
function arrayOf(view: OrtTensor): NDArray {
  const array = new NDArray(view.data as TypedArray, view.dims, view.type as DType);
  NDArray.viewOf(array, () => view);
  return array;
}

/** A session of a compiled graph: inputs and outputs in the order of these names. */
export async function openSession(
  connection: Connection,
  model: Uint8Array,
  inputNames: readonly string[],
  outputNames: readonly string[],
): Promise<Session> {
  const session = await create(connection, model);
  return {
    async run(inputs) {
      const feeds: Record<string, OrtTensor> = {};
      for (let i = 0; i < inputNames.length; i++)
        feeds[inputNames[i]] = viewOf(connection.ort, inputs[i]);
      const results = await session.run(feeds).catch(failedWhileRunning);
      return outputNames.map((name) => arrayOf(results[name]));
    },
    release: () => session.release(),
  };
}

/** A session of a model from a file, whose inputs have names and may be text. */
export async function openModel(connection: Connection, model: Uint8Array): Promise<ModelSession> {
  const { ort } = connection;
  const session = await create(connection, model);
  return {
    async run(inputs) {
      const feeds = Object.entries(inputs).map(([name, value]) => {
        const view =
          value instanceof NDArray ? viewOf(ort, value) : new ort.Tensor("string", [...value]);
        return [name, view] as const;
      });
      const results = await session.run(Object.fromEntries(feeds)).catch(failedWhileRunning);
      return Object.fromEntries(
        Object.entries(results).map(([name, value]) => [name, plainArray(name, value)]),
      );
    },
    release: () => session.release(),
  };
}

/** A result of a foreign model: 64-bit integers, such as class labels, become int32. */
function plainArray(name: string, value: OrtTensor): NDArray {
  if (value.type === "int64") {
    const numbers = Int32Array.from(value.data as BigInt64Array, Number);
    return new NDArray(numbers, value.dims, "int32");
  }
  if (!(value.type in dtypes))
    throw new TensorError(`the model's output "${name}" is ${value.type}, which is not supported`);
  return arrayOf(value);
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
