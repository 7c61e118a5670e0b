/** Sessions on any build of ONNX Runtime: its two packages share their interface. */
import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from "onnxruntime-common";
import type { DType, TypedArray } from "../dtype.ts";
import { TensorError } from "../errors.ts";
import { NDArray } from "../ndarray.ts";
import type { Session } from "./types.ts";

export interface Ort {
  InferenceSession: {
    create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  Tensor: TensorConstructor;
}

/** The runtime's view of an array, made once: arrays are immutable and often fed again. */
const views = new WeakMap<NDArray, OrtTensor>();

function viewOf(ort: Ort, value: NDArray): OrtTensor {
  let view = views.get(value);
  if (view === undefined) {
    view = new ort.Tensor(value.dtype as "float32", value.data as Float32Array, value.shape);
    views.set(value, view);
  }
  return view;
}

/**
 * This fusion keeps the factor of a product in a float32 attribute, which costs float64 half of its
 * digits.
 */
const exact = { optimization: { disable_specified_optimizers: "MatMulScaleFusion" } };

export async function openSession(
  ort: Ort,
  model: Uint8Array,
  inputNames: readonly string[],
  outputNames: readonly string[],
  options: InferenceSession.SessionOptions,
): Promise<Session> {
  // Errors reach the caller as exceptions; the runtime need not print them as well.
  const quiet = { logSeverityLevel: 4 } as const;
  const complete = { ...options, ...quiet, extra: { ...options.extra, ...exact } };
  const session = await ort.InferenceSession.create(model, complete).catch((error: unknown) => {
    const [device] = (options.executionProviders ?? ["cpu"]).map(String);
    throw new TensorError(`ONNX Runtime cannot open the graph on "${device}": ${messageOf(error)}`);
  });
  return {
    async run(inputs) {
      const feeds: Record<string, OrtTensor> = {};
      for (let i = 0; i < inputNames.length; i++) feeds[inputNames[i]] = viewOf(ort, inputs[i]);
      const results = await session.run(feeds).catch((error: unknown) => {
        throw new TensorError(`the graph failed while running: ${messageOf(error)}`);
      });
      return outputNames.map((name) => {
        const { data, dims, type } = results[name];
        return new NDArray(data as TypedArray, dims, type as DType);
      });
    },
    release: () => session.release(),
  };
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
