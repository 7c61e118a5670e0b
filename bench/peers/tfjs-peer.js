/** TensorFlow.js in Node, on its WebAssembly backend. */
import { dirname, join } from "node:path";
import { serve, silence } from "../protocol.ts";
import { load, pathOf } from "./resolve.js";
import { tfjsWorkloads } from "./tfjs-workloads.js";

silence();
const [tf, version] = load("@tensorflow/tfjs");
const [wasm] = load("@tensorflow/tfjs-backend-wasm");
wasm.setWasmPaths(join(dirname(pathOf("@tensorflow/tfjs-backend-wasm")), "/"));
await tf.setBackend("wasm");
await tf.ready();

const workloads = tfjsWorkloads(tf);

await serve({ name: "tfjs", version }, (inputs) => workloads[inputs.workload](inputs));
