import type { VerifyReport } from "@etude/papers/report/schema";
import { sql } from "drizzle-orm";
import {
  bigint,
  index,
  integer,
  json,
  pgTable,
  primaryKey,
  real,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytea, moment } from "./columns.ts";
import { tokens } from "./reports.ts";

/** "dead" is a job that failed too often: it waits for somebody to look at it. */
export const jobStates = ["waiting", "running", "done", "dead", "cancelled"] as const;

/** What was submitted together: an experiment with each setting of its options and each seed. */
export const sweeps = pgTable("sweeps", {
  id: text("id").primaryKey(),
  paper: text("paper").notNull(),
  preset: text("preset").$type<VerifyReport["preset"]>().notNull(),
  /** Of each setting: a name that tells it from the others, and the options that are not the preset's. */
  settings: json("settings").$type<unknown>().notNull(),
  seeds: json("seeds").$type<unknown>().notNull(),
  /** The greater, the earlier. */
  priority: integer("priority").notNull(),
  /** Of an attempt at a job. */
  minutes: integer("minutes").notNull(),
  /** Of memory, for a job. */
  megabytes: integer("megabytes").notNull(),
  /** Whose token it was, where it came from outside. */
  token: integer("token").references(() => tokens.id, { onDelete: "set null" }),
  created: moment("created").notNull(),
});

/** One setting and one seed. */
export const jobs = pgTable(
  "jobs",
  {
    id: uuid("id").primaryKey(),
    sweep: text("sweep")
      .notNull()
      .references(() => sweeps.id, { onDelete: "cascade" }),
    /** The place of its setting in the sweep. */
    setting: integer("setting").notNull(),
    seed: bigint("seed", { mode: "number" }).notNull(),
    state: text("state", { enum: jobStates }).notNull(),
    /** How often it was begun. Whoever begins it gets the next number, and is obeyed until the one after. */
    attempt: integer("attempt").notNull().default(0),
    /** How often it failed by itself; a worker that died is not its fault. */
    failures: integer("failures").notNull().default(0),
    /** Workers that died while they had it. */
    deaths: integer("deaths").notNull().default(0),
    /** Why it failed last. */
    error: text("error"),
    /** The machine and process that has it, or had it last. */
    worker: text("worker"),
    /** The queue's message that stands for it now. */
    message: uuid("message"),
    done: real("done").notNull().default(0),
    total: real("total").notNull().default(1),
    label: text("label"),
    begun: moment("begun"),
    /** When state or progress last changed. */
    changed: moment("changed").notNull(),
    /** What it measured, encoded. */
    outcome: bytea("outcome"),
  },
  (table) => [
    // What makes a result come once.
    uniqueIndex("jobs_once").on(table.sweep, table.setting, table.seed),
    index("jobs_open").on(table.state).where(sql`${table.state} in ('waiting', 'running')`),
  ],
);

/** Finished steps of jobs that are not done. */
export const checkpoints = pgTable(
  "checkpoints",
  {
    job: uuid("job")
      .notNull()
      .references(() => jobs.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    bytes: bytea("bytes").notNull(),
  },
  (table) => [primaryKey({ columns: [table.job, table.name] })],
);
