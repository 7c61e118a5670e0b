/** ONNX Runtime in a browser: WebGPU where there is one, WebAssembly everywhere. */
import type { Runtime } from "./types.ts";

const hasWebGpu = "gpu" in navigator;

export const runtime: Runtime = {
  devices: () => (hasWebGpu ? ["wasm", "webgpu"] : ["wasm"]),
  async connect({ device, threads }) {
    const onGpu = device === "webgpu";
    // Two builds: the one with WebGPU is twice as large, so only those who use it load it.
    const ort = onGpu
      ? await import("onnxruntime-web/webgpu")
      : await import("onnxruntime-web/wasm");
    // Threads need SharedArrayBuffer, which a page has only when it is cross-origin isolated.
    ort.env.wasm.numThreads = globalThis.crossOriginIsolated
      ? (threads ?? navigator.hardwareConcurrency)
      : 1;
    return { ort, options: { executionProviders: onGpu ? ["webgpu", "wasm"] : ["wasm"] } };
  },
};
