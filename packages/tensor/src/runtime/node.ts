/** ONNX Runtime in Node: the native library, or its WebAssembly build on request. */
import os from "node:os";
import ort from "onnxruntime-node";
import type { Device, Runtime } from "./types.ts";

// "cuda" and "webgpu" need a build of onnxruntime-node that bundles them: it says so itself.
const bundled = new Set(
  ort
    .listSupportedBackends()
    .filter((backend) => backend.bundled)
    .map(({ name }) => name),
);

export const runtime: Runtime = {
  devices: () => [
    "cpu",
    ...(["cuda", "webgpu"] as Device[]).filter((device) => bundled.has(device)),
    "wasm",
  ],
  async connect({ device, threads }) {
    if (device === "wasm") {
      const web = await import("onnxruntime-web");
      web.env.wasm.numThreads = threads ?? os.availableParallelism();
      return { ort: web, options: { executionProviders: ["wasm"] } };
    }
    const options = {
      executionProviders: device === "cpu" ? ["cpu"] : [device, "cpu"],
      graphOptimizationLevel: "all",
      // Every session has threads of its own. They wait awake for the next operator, which pays in
      // loops, but not for longer: those of one session must not hold the cores while another runs.
      extra: { session: { intra_op: { spin_duration_us: "500" } } },
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    } as const;
    return { ort, options };
  },
};
