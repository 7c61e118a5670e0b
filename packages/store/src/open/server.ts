import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import { type Store, StoreError } from "../database.ts";
import { migrationsFolder } from "./migrations.ts";

/** Any number; two processes that start at once must only use the same one. */
const migrationLock = 7_083_411;

/** A PostgreSQL server of version 13 or newer. */
export async function openServer(url: string): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: "etude",
    max: 10,
    connectionTimeoutMillis: 10_000,
  });
  // A connection that breaks while idle has left the pool already; unheard, the event would end the
  // process. A query that meets a server that is gone fails by itself.
  pool.on("error", () => {});
  try {
    await prepare(pool, url);
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    db: drizzle({ client: pool }),
    kind: "server",
    access: { url },
    close: () => pool.end(),
  };
}

async function prepare(pool: pg.Pool, url: string): Promise<void> {
  const client = await connect(pool, url);
  try {
    await checkServer(client);
    await client.query("select pg_advisory_lock($1)", [migrationLock]);
    try {
      await migrate(drizzle({ client }), { migrationsFolder });
    } finally {
      await client.query("select pg_advisory_unlock($1)", [migrationLock]);
    }
  } finally {
    client.release();
  }
}

async function connect(pool: pg.Pool, url: string): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (cause) {
    const reason = cause instanceof AggregateError ? cause.errors[0] : cause;
    throw new StoreError(`cannot connect to PostgreSQL at ${place(url)}: ${reason.message}`, {
      cause,
    });
  }
}

/** Where the server is, without the password. */
function place(url: string): string {
  if (!URL.canParse(url)) return "the given address";
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

async function checkServer(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ version: number; encoding: string }>(
    "select current_setting('server_version_num')::int as version, " +
      "current_setting('server_encoding') as encoding",
  );
  const [{ version, encoding }] = rows;
  if (version < 130_000) {
    throw new StoreError(
      `PostgreSQL 13 or newer is needed, the server has ${Math.floor(version / 10_000)}`,
    );
  }
  if (encoding !== "UTF8") {
    throw new StoreError(`the database's encoding must be UTF8, it is ${encoding}`);
  }
}
