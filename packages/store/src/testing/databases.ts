/** Tests that hold on both databases: `eachDatabase` runs them on each that this machine has. */
import { getTableName, is, sql } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import type { Store } from "../database.ts";
import * as schema from "../schema/index.ts";
import { embeddedDatabases } from "./embeddedDatabases.ts";
import { findServer, serverDatabases } from "./serverDatabases.ts";

/** A store with empty tables, which a test must not close: the next one gets it, emptied. */
export type OpenStore = () => Promise<Store>;

/** Where new stores of one kind come from. */
export interface Databases {
  open(): Promise<Store>;
  /** Removes everything. */
  stop(): Promise<void>;
}

/**
 * Declare tests once for the embedded database and, where PostgreSQL is installed, for a server that
 * is started for them.
 *
 * @example
 * eachDatabase("votes", (open) => {
 *   test("count once", async () => {
 *     const store = await open();
 *   });
 * });
 */
export function eachDatabase(name: string, tests: (open: OpenStore) => void): void {
  suite(`${name} (embedded)`, embeddedDatabases, tests);
  const server = findServer();
  if (server !== undefined) suite(`${name} (server)`, () => serverDatabases(server), tests);
}

function suite(name: string, start: () => Promise<Databases>, tests: (open: OpenStore) => void) {
  describe(name, () => {
    let databases: Databases | undefined;
    let free: Store[] = [];
    let taken: Store[] = [];
    beforeAll(async () => {
      databases = await start();
    });
    afterEach(async () => {
      await Promise.all(taken.map(empty));
      free = [...free, ...taken];
      taken = [];
    });
    afterAll(async () => {
      for (const store of free) await store.close();
      await databases?.stop();
    });
    tests(async () => {
      const store = free.pop() ?? (await databases?.open());
      if (store === undefined) throw new Error("a store can be opened in a test only");
      taken.push(store);
      return store;
    });
  });
}

const tables = Object.values(schema)
  .filter((each) => is(each, PgTable))
  .map((table) => sql.identifier(getTableName(table)));

async function empty({ db }: Store): Promise<void> {
  await db.execute(sql`truncate ${sql.join(tables, sql`, `)} restart identity`);
}
