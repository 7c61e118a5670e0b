import type { PGlite } from "@electric-sql/pglite";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";

/** What both drivers give of a raw statement. */
interface RowsHKT extends PgQueryResultHKT {
  type: Rows<this["row"]>;
}
interface Rows<Row> {
  readonly rows: Row[];
}

/** Drizzle over either driver, or a transaction of it. */
export type Database = PgDatabase<RowsHKT>;

/** An opened store: what every function of this package takes first. */
export interface Store {
  readonly db: Database;
  readonly kind: "embedded" | "server";
  /** For what speaks to the database by itself, such as a queue. */
  readonly access: { readonly url: string } | { readonly client: PGlite };
  /** Ends connections and gives the folder free. Calls that are under way fail. */
  close(): Promise<void>;
}

/** Something a person can act on: a lock, an unreachable server, a value that cannot be stored. */
export class StoreError extends Error {
  override name = "StoreError";
}
