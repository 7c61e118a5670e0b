/** Headless Chromium, without anything that it would ask the network for by itself. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** A Chromium of the system: this project downloads none. */
const chromiumPath: string | undefined = [
  process.env.ETUDE_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
].find((path) => path !== undefined && existsSync(path));

/** Continuous integration installs a Chromium and says so; elsewhere tests run where there is one. */
export const browserExpected =
  chromiumPath !== undefined || process.env.ETUDE_EXPECT_BROWSER === "1";

export const openBrowser = ({ gpu = false } = {}): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath ?? "no Chromium found: set ETUDE_CHROMIUM to its path",
    args: [
      "--no-sandbox",
      gpu ? "--enable-unsafe-webgpu" : "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
    ],
  });
