import { json, pgTable, text } from "drizzle-orm/pg-core";
import { moment } from "./columns.ts";

/** How far each source of papers has been read. */
export const ingestState = pgTable("ingest_state", {
  source: text("source").primaryKey(),
  /** ETags, dates of modification, the place to go on from: the source's own business. */
  state: json("state").$type<unknown>().notNull(),
  saved: moment("saved").notNull(),
});
