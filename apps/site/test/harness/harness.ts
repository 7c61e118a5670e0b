/** Everything a test of the panels needs: the built page, its server, a browser. */
import { rm } from "node:fs/promises";
import type { Browser } from "playwright-core";
import { openBrowser } from "../../../../packages/tensor/src/testing/browser.ts";
import { buildHarness } from "./build.ts";
import { type HarnessServer, serveHarness } from "./server.ts";

export interface Harness {
  readonly server: HarnessServer;
  readonly browser: Browser;
  close(): Promise<void>;
}

export async function openHarness(): Promise<Harness> {
  const folder = await buildHarness();
  const server = await serveHarness(folder);
  const browser = await openBrowser();
  return {
    server,
    browser,
    async close() {
      await browser.close();
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}
