/** Participants in one headless Chromium: a page each, cross-origin isolated so that all have threads. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { createServer } from "vite";
import { openBrowser } from "../../packages/tensor/src/testing/browser.ts";
import { type Entry, type Participant, Unable } from "../participant.ts";
import type { Library } from "./libraries.ts";

interface InBrowser extends Entry {
  readonly library: Pick<Library, "name" | "backend">;
}

const entry = (
  name: Library["name"],
  title: string,
  backend: Library["backend"],
  remark?: string,
): InBrowser => ({
  id: `${name}-${backend}`,
  title: `${title} ${backend}`,
  library: { name, backend },
  ...(remark === undefined ? {} : { remark }),
});

/** Etude on WebAssembly, which every browser has, is what the others are compared with. */
export const inBrowser: readonly [InBrowser, ...InBrowser[]] = [
  entry("etude", "Etude", "wasm"),
  entry("tfjs", "tfjs", "wasm"),
  entry("jaxjs", "jax-js", "wasm", "its WebAssembly backend sets its number of threads itself"),
  entry("etude", "Etude", "webgpu"),
  entry("tfjs", "tfjs", "webgpu"),
  entry("jaxjs", "jax-js", "webgpu"),
];

export interface BrowserLeague {
  readonly version: string;
  openPage(entry: InBrowser, threads: number): Promise<Participant>;
  close(): Promise<void>;
}

export async function openLeague(): Promise<BrowserLeague> {
  const peers = resolve(process.env.ETUDE_BENCH_PEERS ?? join(import.meta.dirname, "../peers"));
  const server = await createServer({
    configFile: false,
    root: import.meta.dirname,
    cacheDir: join(import.meta.dirname, "../../node_modules/.vite/bench"),
    logLevel: "error",
    optimizeDeps: { exclude: ["onnxruntime-web"] },
    server: {
      host: "127.0.0.1",
      fs: { strict: false },
      headers: {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
      },
    },
  });
  await server.listen();
  const browser = await openBrowser({ gpu: true });
  const address = server.resolvedUrls?.local[0] ?? "";
  return {
    version: browser.version(),
    async openPage(entry, threads) {
      const { library } = entry;
      if (library.name !== "etude" && !existsSync(join(peers, "node_modules")))
        throw new Unable("the peers are not installed");
      const page = await browser.newPage();
      await page.goto(`${address}page.html`);
      await page.waitForFunction(() => window.openLibrary !== undefined);
      const wanted = { ...library, threads, modules: `/@fs${peers}/node_modules` };
      const version = await inPage(page.evaluate((one) => window.openLibrary(one), wanted));
      return participant(entry, version, page);
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

const participant = (entry: Entry, version: string, page: Page): Participant => ({
  entry,
  version,
  load: ({ workload }) => inPage(page.evaluate((id) => window.bench.load(id), workload)),
  compile: () => inPage(page.evaluate(() => window.bench.compile())),
  run: (steps) => inPage(page.evaluate((count) => window.bench.run(count), steps)),
  stop: () => page.close(),
});

/** What a page throws is one participant's trouble. */
async function inPage<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new Unable(said.split("\n")[0].replace(/^page\.evaluate: (Error: )?/, ""));
  }
}
