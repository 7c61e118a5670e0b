import type { InferenceSession, TensorConstructor } from "onnxruntime-common";
import type { NDArray } from "../ndarray.ts";

/** Where graphs run: ONNX Runtime's execution providers, by their usual names. */
export type Device = "cpu" | "wasm" | "webgpu" | "cuda";

/** A compiled model, ready to run. */
export interface Session {
  /** Results in the order of the model's outputs. */
  run(inputs: readonly NDArray[]): Promise<NDArray[]>;
  release(): Promise<void>;
}

/** A model from a file, ready to run. */
export interface ModelSession {
  run(
    inputs: Readonly<Record<string, NDArray | readonly string[]>>,
  ): Promise<Record<string, NDArray>>;
  release(): Promise<void>;
}

export interface SessionOptions {
  device: Device;
  /** Threads an operator may use; undefined leaves it to the runtime. */
  threads: number | undefined;
}

/** A build of ONNX Runtime, and how to make sessions of it. */
export interface Connection {
  readonly ort: Ort;
  readonly options: InferenceSession.SessionOptions;
}

/** The part of ONNX Runtime that all of its packages share. */
export interface Ort {
  InferenceSession: {
    create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  Tensor: TensorConstructor;
}

/** What differs between Node and browsers. */
export interface Runtime {
  /** Devices this machine offers, the default first. */
  devices(): readonly Device[];
  connect(options: SessionOptions): Promise<Connection>;
}
