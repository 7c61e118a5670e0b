/** The harness page, built as the site builds its own pages. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { build } from "vite";

/** @returns the folder of the built page */
export async function buildHarness(): Promise<string> {
  const outDir = await mkdtemp(path.join(tmpdir(), "etude-harness-"));
  await build({
    configFile: false,
    root: fileURLToPath(new URL(".", import.meta.url)),
    logLevel: "error",
    plugins: [svelte({ configFile: false })],
    // Papers are loaded one at a time, and the threads of the engine load its file again.
    worker: { format: "es" },
    build: { outDir, target: "esnext", reportCompressedSize: false },
  });
  return outDir;
}
