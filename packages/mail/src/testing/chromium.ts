import { existsSync } from "node:fs";

/** A Chromium of the system: this project downloads none. */
export const chromiumPath: string | undefined = [
  process.env.ETUDE_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
].find((path) => path !== undefined && existsSync(path));
