/** Parts of `insert … on conflict do update` for papers. */
import { type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { papers } from "../schema/index.ts";

/** The value in the row that is there. */
export const old = (column: PgColumn): SQL => sql`${papers}.${sql.identifier(column.name)}`;

/** The value that was to be inserted. */
export const given = (column: PgColumn): SQL => sql`excluded.${sql.identifier(column.name)}`;

/** Whether new values of columns differ from the old ones: a row is not rewritten for nothing. */
export function differs(values: Partial<Record<keyof typeof papers.$inferInsert, SQL>>): SQL {
  const columns = Object.keys(values) as (keyof typeof values)[];
  const before = columns.map((column) => old(papers[column]));
  return sql`row(${sql.join(before, sql`, `)}) is distinct from row(${sql.join(Object.values(values), sql`, `)})`;
}
