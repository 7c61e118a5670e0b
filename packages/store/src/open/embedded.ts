import { mkdir } from "node:fs/promises";
import path from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { drizzle } from "drizzle-orm/pglite";
import { migrate } from "drizzle-orm/pglite/migrator";
import type { Store } from "../database.ts";
import { maintain } from "../maintain.ts";
import { lockFolder } from "./lock.ts";
import { migrationsFolder } from "./migrations.ts";

/** PostgreSQL as WebAssembly, in this process. The folder holds its lock and the database. */
export async function openEmbedded(folder: string): Promise<Store> {
  await mkdir(folder, { recursive: true });
  const lock = await lockFolder(folder);
  try {
    const client = await PGlite.create(path.join(folder, "postgres"), { extensions: { pg_trgm } });
    const db = drizzle({ client });
    await migrate(db, { migrationsFolder });
    const store: Store = {
      db,
      kind: "embedded",
      access: { client },
      async close() {
        await client.close();
        await lock.release();
      },
    };
    await maintain(store);
    return store;
  } catch (error) {
    await lock.release();
    throw error;
  }
}
