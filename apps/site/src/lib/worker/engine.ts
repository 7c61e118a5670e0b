/** The engine inside the worker: where it computes, and that all of it is here before anything runs. */
import { array, type Device, devices, jit, setDefaultDevice, type Tensor } from "@etude/tensor";
import type { ComputeDevice } from "./protocol.ts";

export interface Engine {
  readonly device: Device;
  /** In words, as reports carry it: "wasm, 4 threads". */
  readonly describe: string;
}

/**
 * Makes the engine use a device, and loads it: after this nothing of it is fetched any more.
 *
 * @param wanted "webgpu" is taken where it computes all that papers need; else it is "wasm"
 */
export async function startEngine(wanted: ComputeDevice): Promise<Engine> {
  const device = wanted === "webgpu" && (await hasAdapter()) && (await works()) ? wanted : "wasm";
  setDefaultDevice(device);
  // The runtime comes with the first session, and its threads with it.
  await jit((x: Tensor) => x.add(1))(array([0]));
  return { device, describe: device === "webgpu" ? device : `${device}, ${threadsInWords()}` };
}

/** A browser may know of WebGPU and still have no adapter for it. */
async function hasAdapter(): Promise<boolean> {
  if (!devices().includes("webgpu")) return false;
  const { gpu } = navigator as Navigator & { gpu?: { requestAdapter(): Promise<object | null> } };
  return (await gpu?.requestAdapter().catch(() => null)) != null;
}

/**
 * Graphics processors have no float64, so the runtime must leave such parts of a graph to the
 * processor. Not every build of it does, and then it is better known before a run begins.
 */
async function works(): Promise<boolean> {
  const mixed = (x: Tensor, y: Tensor) =>
    [x.mul(x).expandDims(0).add(1), y.matmul(y).exp()] as const;
  const one = array([1, 2], { dtype: "float64" });
  try {
    await jit(mixed, { device: "webgpu" })(
      one,
      array([
        [1, 2],
        [3, 4],
      ]),
    );
    return true;
  } catch {
    return false;
  }
}

/** As many as there are cores, where memory may be shared between threads. */
export const threads = (): number =>
  globalThis.crossOriginIsolated ? navigator.hardwareConcurrency : 1;

const threadsInWords = (): string => (threads() === 1 ? "1 thread" : `${threads()} threads`);
