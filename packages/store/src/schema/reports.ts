import type { Report, VerifyReport } from "@etude/papers/report/schema";
import { sql } from "drizzle-orm";
import { boolean, date, index, integer, json, pgTable, text } from "drizzle-orm/pg-core";
import { bytea, moment } from "./columns.ts";

/** Who ran it: us, a visitor's browser, or somebody with a token. */
export const reportOrigins = ["native", "browser", "community"] as const;

export const reports = pgTable(
  "reports",
  {
    /** Unguessable: whoever knows it may read the report. */
    id: text("id").primaryKey(),
    origin: text("origin", { enum: reportOrigins }).notNull(),
    kind: text("kind").$type<Report["kind"]>().notNull(),
    /** The slug of the paper. */
    paper: text("paper").notNull(),
    /** Of a report of `verify`. */
    preset: text("preset").$type<VerifyReport["preset"]>(),
    /** Whether options differ from those of the preset. */
    changed: boolean("changed").notNull(),
    finished: moment("finished").notNull(),
    saved: moment("saved").notNull(),
    /** Text, not jsonb: jsonb refuses U+0000, which a report may hold. */
    body: json("body").$type<unknown>().notNull(),
  },
  (table) => [
    index("reports_native")
      .on(table.paper, table.preset, table.finished)
      .where(sql`${table.origin} = 'native' and ${table.kind} = 'verify' and not ${table.changed}`),
  ],
);

/** What lets somebody send reports; the secret itself is not kept. */
export const tokens = pgTable("tokens", {
  id: integer("id").primaryKey().generatedAlwaysAsIdentity(),
  /** SHA-256 of the secret. */
  hash: bytea("hash").notNull().unique(),
  label: text("label").notNull(),
  /** Uses a day, by UTC. */
  quota: integer("quota").notNull(),
  created: moment("created").notNull(),
  expires: moment("expires"),
  /** The day that `used` counts, as "2024-05-17". */
  usedOn: date("used_on", { mode: "string" }),
  used: integer("used").notNull().default(0),
});
