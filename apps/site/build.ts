/** Builds the site when its sources are not those it was last built from. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { glob, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

const here = import.meta.dirname;
const root = path.join(here, "../..");
export const built = path.join(here, "build");
const stamp = path.join(built, "sources.sha256");

const sources = [
  "package-lock.json",
  "apps/site/vite.config.ts",
  "apps/site/{src,static}/**/*",
  "packages/*/src/**/*.{ts,json}",
];

async function fingerprint(): Promise<string> {
  const files: string[] = [];
  for await (const entry of glob(sources, { cwd: root, withFileTypes: true }))
    if (entry.isFile() && !entry.name.endsWith(".test.ts"))
      files.push(path.join(entry.parentPath, entry.name));
  const hash = createHash("sha256");
  for (const file of files.sort()) {
    hash.update(`${path.relative(root, file)}\n`);
    hash.update(await readFile(file));
  }
  return hash.digest("hex");
}

/** @throws Error with what the builder said */
export async function build(log: (line: string) => void): Promise<void> {
  const wanted = await fingerprint();
  const present = await readFile(stamp, "utf8").catch(() => "");
  if (present === wanted) return;
  log("building the site (once, and after changes) ...");
  await run();
  await writeFile(stamp, wanted);
}

function run(): Promise<void> {
  const vite = path.join(root, "node_modules/vite/bin/vite.js");
  const child = spawn(process.execPath, [vite, "build", "--logLevel", "warn"], {
    cwd: here,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data) => {
      said += data;
    });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the site could not be built:\n${said}`));
    });
  });
}
