import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { openEmbedded } from "../open/embedded.ts";
import { migrationsFolder } from "../open/migrations.ts";
import type { Databases } from "./databases.ts";
import { scratchFolder } from "./scratch.ts";

const cache = fileURLToPath(
  new URL("../../../../node_modules/.cache/etude-store", import.meta.url),
);

/** Embedded databases in temporary folders. */
export async function embeddedDatabases(): Promise<Databases> {
  const folders = await scratchFolder("etude-store-");
  let count = 0;
  return {
    async open() {
      count += 1;
      const folder = path.join(folders, String(count));
      await copyEmptyDatabase(folder);
      return openEmbedded(folder);
    },
    stop: () => rm(folders, { recursive: true, force: true }),
  };
}

/**
 * Put an empty database into a folder. To make one takes seconds, to copy one a moment, so one is kept
 * for each state of the migrations.
 */
export async function copyEmptyDatabase(folder: string): Promise<void> {
  await cp(await emptyDatabase(), folder, { recursive: true });
}

async function emptyDatabase(): Promise<string> {
  await mkdir(cache, { recursive: true });
  const name = await fingerprint();
  const names = await readdir(cache);
  const template = path.join(cache, name);
  if (names.includes(name)) return template;
  const draft = await mkdtemp(path.join(cache, "draft-"));
  const store = await openEmbedded(draft);
  await store.close();
  try {
    await rename(draft, template);
  } catch (error) {
    // Another test was quicker.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    await rm(draft, { recursive: true });
  }
  // Those of migrations as they were; a draft is being made by another test.
  for (const other of names.filter((each) => !each.startsWith("draft-"))) {
    await rm(path.join(cache, other), { recursive: true, force: true });
  }
  return template;
}

/** Of all that an empty database is made of: PGlite and the migrations. */
async function fingerprint(): Promise<string> {
  const hash = createHash("sha256");
  const pglite = createRequire(import.meta.url).resolve("@electric-sql/pglite");
  hash.update(await readFile(path.join(path.dirname(pglite), "../package.json")));
  for (const file of (await readdir(migrationsFolder)).filter((name) => name.endsWith(".sql"))) {
    hash.update(file).update(await readFile(path.join(migrationsFolder, file)));
  }
  return hash.digest("hex").slice(0, 16);
}
