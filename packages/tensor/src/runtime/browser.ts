/** ONNX Runtime in a browser: WebGPU where there is one, WebAssembly everywhere. */
import { openSession } from "./session.ts";
import type { Runtime } from "./types.ts";

const hasWebGpu = "gpu" in navigator;

export const runtime: Runtime = {
  devices: () => (hasWebGpu ? ["wasm", "webgpu"] : ["wasm"]),
  async createSession(model, inputNames, outputNames, { device, threads }) {
    const ort = await import(/* the build without WebGPU is half the size */ "onnxruntime-web");
    // Threads need SharedArrayBuffer, which a page has only when it is cross-origin isolated.
    ort.env.wasm.numThreads = globalThis.crossOriginIsolated
      ? (threads ?? navigator.hardwareConcurrency)
      : 1;
    const providers = device === "webgpu" ? ["webgpu", "wasm"] : ["wasm"];
    return openSession(ort, model, inputNames, outputNames, { executionProviders: providers });
  },
};
