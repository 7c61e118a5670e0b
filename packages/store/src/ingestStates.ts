import { eq } from "drizzle-orm";
import type { Store } from "./database.ts";
import { ingestState } from "./schema/index.ts";

/** Keeps how far sources have been read; what a state is made of is their business. */
export interface IngestStates {
  /** What was last saved of a source, or undefined. */
  load(source: string): Promise<unknown>;
  /** @param state plain JSON */
  save(source: string, state: unknown): Promise<void>;
}

/**
 * The states of ingestion, kept in the store.
 *
 * @param now when states are saved; asked at each
 */
export function ingestStates({ db }: Store, now: () => Date): IngestStates {
  return {
    async load(source) {
      const [row] = await db.select().from(ingestState).where(eq(ingestState.source, source));
      return row?.state;
    },
    async save(source, state) {
      const row = { state, saved: now() };
      await db
        .insert(ingestState)
        .values({ source, ...row })
        .onConflictDoUpdate({ target: ingestState.source, set: row });
    },
  };
}

/** When each source was last read, by its name. */
export async function lastIngests({ db }: Store): Promise<Map<string, Date>> {
  const rows = await db
    .select({ source: ingestState.source, saved: ingestState.saved })
    .from(ingestState);
  return new Map(rows.map(({ source, saved }) => [source, saved]));
}
