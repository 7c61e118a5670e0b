/**
 * Builds the site when its sources are not those it was last built from. Every state of the sources has a
 * folder of its own under `build`, moved there when it is whole: several processes may build at once, and
 * a site that runs keeps its files.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { access, glob, mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";

const here = import.meta.dirname;
const root = path.join(here, "../..");
const builds = path.join(here, "build");

const sources = [
  "package-lock.json",
  "apps/site/*.ts",
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
  return hash.digest("hex").slice(0, 16);
}

const exists = (place: string): Promise<boolean> =>
  access(place).then(
    () => true,
    () => false,
  );

/**
 * The folder of the built site.
 *
 * @throws Error with what the builder said
 */
export async function build(log: (line: string) => void): Promise<string> {
  const wanted = path.join(builds, await fingerprint());
  if (await exists(wanted)) return wanted;
  log("building the site (once, and after changes) ...");
  const making = path.join(builds, `making-${process.pid}`);
  await mkdir(making, { recursive: true });
  try {
    await run(making);
    await rename(path.join(making, "site"), wanted).catch(async (error) => {
      // Somebody else was quicker, with the same.
      if (!(await exists(wanted))) throw error;
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  await removeOld(wanted);
  return wanted;
}

const aDay = 86_400_000;

/** Builds of earlier sources, and what a killed process left, when nobody can be using them any more. */
async function removeOld(kept: string): Promise<void> {
  for (const name of await readdir(builds)) {
    const place = path.join(builds, name);
    if (place === kept || Date.now() - (await stat(place)).mtimeMs < aDay) continue;
    await rm(place, { recursive: true, force: true });
  }
}

/** @param folder for the result, in `site`, and for what comes up on the way */
function run(folder: string): Promise<void> {
  const vite = path.join(root, "node_modules/vite/bin/vite.js");
  const child = spawn(process.execPath, [vite, "build", "--logLevel", "warn"], {
    cwd: here,
    env: { ...process.env, ETUDE_BUILD: path.relative(here, folder) },
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
