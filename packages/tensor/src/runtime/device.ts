/** The device and thread count that graphs compile for. */
import { runtime } from "#runtime";
import { fail } from "../errors.ts";
import type { Device, SessionOptions } from "./types.ts";

let chosen: Device | undefined;
let threads: number | undefined;

/** Devices of this machine, the default first. */
export const devices = (): readonly Device[] => runtime.devices();

/** Where functions compiled from now on run, unless `jit` is told otherwise. */
export function setDefaultDevice(device: Device): void {
  checkDevice(device);
  chosen = device;
}

export const defaultDevice = (): Device => chosen ?? devices()[0];

/** Threads an operator may use in functions compiled from now on; undefined for all cores. */
export function setThreads(count: number | undefined): void {
  if (count !== undefined && (!Number.isInteger(count) || count < 1))
    fail(`setThreads: ${count} is not a positive integer`);
  threads = count;
}

export function checkDevice(device: Device): void {
  if (!devices().includes(device)) {
    fail(
      `device "${device}" is not available here; there is ${devices()
        .map((d) => `"${d}"`)
        .join(", ")}`,
    );
  }
}

export const sessionOptions = (device: Device | undefined): SessionOptions => ({
  device: device ?? defaultDevice(),
  threads,
});
