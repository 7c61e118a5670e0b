/** Tests that hold on both databases: `eachDatabase` runs them on each that this machine has. */
import { getTableName, is, sql } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";
import { afterAll, afterEach, describe } from "vitest";
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
  afterAll(stopAll);
  suite(`${name} (embedded)`, "embedded", embeddedDatabases, tests);
  const server = findServer();
  if (server !== undefined)
    suite(`${name} (server)`, "server", () => serverDatabases(server), tests);
}

/** Databases of one kind, and their stores that no test has. */
interface Pool {
  readonly databases: Databases;
  readonly free: Store[];
}

/** What the suites of a test file share; a file is a module instance of its own. */
const pools = new Map<Store["kind"], Promise<Pool>>();

function suite(
  name: string,
  kind: Store["kind"],
  start: () => Promise<Databases>,
  tests: (open: OpenStore) => void,
): void {
  const pool = (): Promise<Pool> => {
    const started = pools.get(kind) ?? start().then((databases) => ({ databases, free: [] }));
    pools.set(kind, started);
    return started;
  };
  describe(name, () => {
    let taken: Store[] = [];
    afterEach(async () => {
      await Promise.all(taken.map(empty));
      (await pool()).free.push(...taken);
      taken = [];
    });
    tests(async () => {
      const { databases, free } = await pool();
      const store = free.pop() ?? (await databases.open());
      taken.push(store);
      return store;
    });
  });
}

async function stopAll(): Promise<void> {
  for (const pool of pools.values()) {
    const { databases, free } = await pool;
    for (const store of free) await store.close();
    await databases.stop();
  }
  pools.clear();
}

const tables = Object.values(schema)
  .filter((each) => is(each, PgTable))
  .map((table) => sql.identifier(getTableName(table)));

async function empty({ db }: Store): Promise<void> {
  await db.execute(sql`truncate ${sql.join(tables, sql`, `)} restart identity`);
}
