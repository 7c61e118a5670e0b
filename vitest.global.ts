/** Before all tests: the types of the site's routes, which its tsconfig.json refers to. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

export async function setup(): Promise<void> {
  const root = import.meta.dirname;
  await promisify(execFile)(
    process.execPath,
    [path.join(root, "node_modules/@sveltejs/kit/svelte-kit.js"), "sync"],
    { cwd: path.join(root, "apps/site") },
  );
}
