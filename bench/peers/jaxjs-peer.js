/** jax-js in Node, on its WebAssembly backend. */
import { serve, silence } from "../protocol.ts";
import { jaxjsWorkloads } from "./jaxjs-workloads.js";
import { load } from "./resolve.js";

silence();
const [jax, version] = load("@jax-js/jax");
await jax.init("wasm");
jax.defaultDevice("wasm");

const workloads = jaxjsWorkloads(jax);

await serve({ name: "jax-js", version }, (inputs) => workloads[inputs.workload](inputs));
