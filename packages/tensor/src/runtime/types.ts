import type { NDArray } from "../ndarray.ts";

/** Where graphs run: ONNX Runtime's execution providers, by their usual names. */
export type Device = "cpu" | "wasm" | "webgpu" | "cuda";

/** A compiled model, ready to run. */
export interface Session {
  /** Results in the order of the model's outputs. */
  run(inputs: readonly NDArray[]): Promise<NDArray[]>;
  release(): Promise<void>;
}

export interface SessionOptions {
  device: Device;
  /** Threads an operator may use; undefined leaves it to the runtime. */
  threads: number | undefined;
}

/** What differs between Node and browsers. */
export interface Runtime {
  /** Devices this machine offers, the default first. */
  devices(): readonly Device[];
  createSession(
    model: Uint8Array,
    inputNames: readonly string[],
    outputNames: readonly string[],
    options: SessionOptions,
  ): Promise<Session>;
}
