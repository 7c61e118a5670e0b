import type { Report, VerifyReport } from "@etude/papers/report/schema";
import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  boolean,
  date,
  doublePrecision,
  index,
  integer,
  json,
  pgTable,
  primaryKey,
  text,
} from "drizzle-orm/pg-core";
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
    /** Whose token it was; only of "community". */
    token: integer("token").references((): AnyPgColumn => tokens.id, { onDelete: "set null" }),
  },
  (table) => [
    index("reports_paper").on(table.paper, table.origin),
    index("reports_native")
      .on(table.paper, table.preset, table.finished)
      .where(sql`${table.origin} = 'native' and ${table.kind} = 'verify' and not ${table.changed}`),
  ],
);

/** What reports say of claims, so that many can be counted without being read. */
export const verdicts = pgTable(
  "verdicts",
  {
    report: text("report")
      .notNull()
      .references(() => reports.id, { onDelete: "cascade" }),
    claim: text("claim").notNull(),
    verdict: text("verdict").$type<VerifyReport["claims"][number]["verdict"]>().notNull(),
    /** What was measured; null where it is not a number. */
    mean: doublePrecision("mean"),
  },
  (table) => [primaryKey({ columns: [table.report, table.claim] })],
);

/** What lets somebody send reports and jobs; the secret itself is not kept. */
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
