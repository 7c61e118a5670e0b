/** Where and with what a run is made, for its report; in Node. */
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { arch, availableParallelism, cpus, platform } from "node:os";
import manifest from "../../package.json" with { type: "json" };
import type { RunEnvironment } from "../contract/report.ts";

/**
 * @param threads as many as cores, where not said
 * @param atOnce seeds computed at a time
 */
export function runEnvironment(
  device: string,
  threads: number | undefined,
  atOnce = 1,
): RunEnvironment {
  const cores = availableParallelism();
  const count = threads ?? cores;
  return {
    etude: manifest.version,
    runtime: `Node ${process.versions.node}, ONNX Runtime ${onnxRuntimeVersion()}`,
    platform: `${platform()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores,
    device: `${device}, ${count} ${count === 1 ? "thread" : "threads"}${atOnce > 1 ? `, ${atOnce} seeds at a time` : ""}`,
  };
}

/** The engine's, as nothing else here depends on it. */
function onnxRuntimeVersion(): string {
  const manifest = findPackageJSON("onnxruntime-common", import.meta.resolve("@etude/tensor"));
  return manifest === undefined ? "unknown" : JSON.parse(readFileSync(manifest, "utf8")).version;
}
