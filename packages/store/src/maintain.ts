import { sql } from "drizzle-orm";
import type { Store } from "./database.ts";
import { papers } from "./schema/index.ts";

/** Growth of the table after which it is worth the time: a fifth, and at least this many pages. */
const growth = 1.2;
const fewPages = 50;

/**
 * Do for the embedded database what a server does by itself: free the room of old rows and count
 * which words are frequent, if papers have grown by a fifth since. A store does this when it is
 * opened; a program that runs for long calls it after it has added many papers. Nothing else is
 * answered meanwhile: it takes a second for each ten thousand papers or so.
 *
 * @returns whether it was due
 */
export async function maintain({ db, kind }: Store): Promise<boolean> {
  if (kind === "server") return false;
  const { rows } = await db.execute<{ pages: number; before: number }>(
    sql`select (pg_relation_size(oid) / current_setting('block_size')::int)::int as pages, relpages as before
      from pg_class where oid = 'public.papers'::regclass`,
  );
  const [{ pages, before }] = rows;
  if (pages <= before * growth + fewPages) return false;
  await db.execute(sql`vacuum (analyze) ${papers}`);
  return true;
}
