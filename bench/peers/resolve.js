/** Peers in JavaScript live in a folder of their own, named by ETUDE_BENCH_PEERS. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const folder = resolve(process.env.ETUDE_BENCH_PEERS ?? import.meta.dirname);
const require = createRequire(join(folder, "package.json"));

/** A package from that folder, and its version. */
export function load(name) {
  const loaded = require(name);
  const manifest = join(folder, "node_modules", name, "package.json");
  return [loaded, JSON.parse(readFileSync(manifest, "utf8")).version];
}

/** Where the main file of a package of that folder lies. */
export const pathOf = (name) => require.resolve(name);
