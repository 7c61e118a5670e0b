/** Where computations run, as a person asks for it. */
import { UsageError } from "@etude/papers/errors";
import { inWords } from "./checkFlags.ts";

export const deviceNames = ["cpu", "wasm", "webgpu", "cuda"] as const;

/** Flags of every command that computes. */
export const deviceFlags = {
  device: {
    type: "text",
    choices: deviceNames,
    describe: "Where to compute",
    otherwise: "the best of this machine",
  },
  threads: {
    type: "number",
    describe: "Threads an operator may use",
    otherwise: "as many as cores",
  },
} as const;

/**
 * Makes the engine use a device and a number of threads.
 *
 * @returns the name of the device that is used
 * @throws UsageError for a device this machine does not have, or a number that is no count
 */
export async function chooseDevice({
  device,
  threads,
}: {
  device: (typeof deviceNames)[number] | undefined;
  threads: number | undefined;
}): Promise<string> {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 1024)) {
    throw new UsageError(`--threads ${threads}: expected a whole number from 1 to 1024`);
  }
  const { defaultDevice, devices, setDefaultDevice, setThreads } = await import("@etude/tensor");
  if (device !== undefined && !devices().includes(device)) {
    throw new UsageError(
      `--device ${device}: not available on this machine; there is ${inWords(devices())}`,
    );
  }
  if (device !== undefined) setDefaultDevice(device);
  if (threads !== undefined) setThreads(threads);
  return defaultDevice();
}
