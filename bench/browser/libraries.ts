/** How each library is loaded and set up in a page. */
import { devices, setThreads } from "@etude/tensor";
import { etudeProgram } from "../etudeProgram.ts";
import { jaxjsWorkloads } from "../peers/jaxjs-workloads.js";
import { tfjsWorkloads } from "../peers/tfjs-workloads.js";
import type { Inputs, Program } from "../program.ts";
import { workloadOf } from "../workloads/index.ts";

export interface Library {
  readonly name: "etude" | "tfjs" | "jaxjs";
  readonly backend: "wasm" | "webgpu";
  readonly threads: number;
  /** Where the server has the folder `node_modules` of the peers. */
  readonly modules: string;
}

/** What is used of TensorFlow.js to set it up; its script puts it into the window. */
interface TensorFlow {
  readonly version: { readonly tfjs: string };
  readonly wasm: {
    setWasmPaths(folder: string): void;
    setThreadsCount(threads: number): void;
  };
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
}

/** The same of jax-js, a module. */
interface JaxJs {
  init(...devices: string[]): Promise<readonly string[]>;
  defaultDevice(device: string): void;
}

declare global {
  interface Window {
    tf: TensorFlow;
  }
}

interface Opened {
  readonly version: string;
  prepare(inputs: Inputs): Promise<Program> | Program;
}

export async function open(library: Library): Promise<Opened> {
  const opened = await { etude, tfjs, jaxjs }[library.name](library);
  if (library.backend === "wasm") return opened;
  return { ...opened, version: `${opened.version} on ${await adapter()}`.trim() };
}

/** The name of what WebGPU computes on, which may be software. */
async function adapter(): Promise<string> {
  if (!("gpu" in navigator)) throw new Error("this browser has no WebGPU");
  const found = await navigator.gpu.requestAdapter();
  if (found === null) throw new Error("WebGPU finds no adapter on this machine");
  const { vendor, architecture, description } = found.info;
  return description || `${vendor} ${architecture}`;
}

function etude({ backend, threads }: Library): Opened {
  if (!devices().includes(backend)) throw new Error(`there is no device ${backend}`);
  setThreads(threads);
  return { version: "", prepare: ({ workload }) => etudeProgram(workloadOf(workload), backend) };
}

async function tfjs({ backend, threads, modules }: Library): Promise<Opened> {
  await script(`${modules}/@tensorflow/tfjs/dist/tf.es2017.js`);
  await script(
    `${modules}/@tensorflow/tfjs-backend-${backend}/dist/tf-backend-${backend}.es2017.js`,
  );
  const { tf } = window;
  if (backend === "wasm") {
    tf.wasm.setWasmPaths(`${modules}/@tensorflow/tfjs-backend-wasm/dist/`);
    tf.wasm.setThreadsCount(threads);
  }
  if (!(await tf.setBackend(backend))) throw new Error(`its ${backend} backend does not start`);
  await tf.ready();
  const workloads = tfjsWorkloads(tf);
  return { version: tf.version.tfjs, prepare: (inputs) => workloads[inputs.workload](inputs) };
}

async function jaxjs({ backend, modules }: Library): Promise<Opened> {
  const from = `${modules}/@jax-js/jax`;
  const jax: JaxJs = await import(/* @vite-ignore */ `${from}/dist/index.js`);
  const manifest = await fetch(`${from}/package.json`);
  const { version } = (await manifest.json()) as { version: string };
  if (!(await jax.init(backend)).includes(backend))
    throw new Error(`its ${backend} backend does not start`);
  jax.defaultDevice(backend);
  const workloads = jaxjsWorkloads(jax);
  return { version, prepare: (inputs) => workloads[inputs.workload](inputs) };
}

const script = (url: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = url;
    element.onload = () => resolve();
    element.onerror = () => reject(new Error("it is not installed"));
    document.head.append(element);
  });
