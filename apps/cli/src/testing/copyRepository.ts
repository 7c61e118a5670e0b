/** A copy of the repository to change, with the same dependencies. */
import { cp, mkdir, readdir, symlink } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../../../../", import.meta.url));

/** Workspaces come from the copy itself, everything else from the original's node_modules. */
export async function copyRepository(target: string): Promise<void> {
  const parts = ["packages", "apps", "package.json", "tsconfig.json", "vitest.config.ts"];
  for (const part of [...parts, "vitest.setup.ts"]) {
    await cp(path.join(repository, part), path.join(target, part), {
      recursive: true,
      filter: (file) => !/[\\/](node_modules|sets|golden)$/.test(file),
    });
  }
  await symlink(
    path.join(repository, "packages/data/sets"),
    path.join(target, "packages/data/sets"),
  );
  const modules = path.join(target, "node_modules");
  await mkdir(path.join(modules, "@etude"), { recursive: true });
  for (const name of await readdir(path.join(repository, "node_modules"))) {
    if (name === "@etude" || name === "etude" || name === ".vite") continue;
    await symlink(path.join(repository, "node_modules", name), path.join(modules, name));
  }
  for (const name of await readdir(path.join(target, "packages"))) {
    await symlink(path.join(target, "packages", name), path.join(modules, "@etude", name));
    const own = path.join(repository, "packages", name, "node_modules");
    const present = await readdir(own).catch(() => []);
    if (present.length > 0) {
      await symlink(own, path.join(target, "packages", name, "node_modules"));
    }
  }
}
