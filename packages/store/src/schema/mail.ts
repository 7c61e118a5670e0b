import { sql } from "drizzle-orm";
import {
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { bytea, moment } from "./columns.ts";

export const frequencies = ["daily", "weekly"] as const;
export const subscriberStates = ["pending", "active", "stopped"] as const;
export const deliveryStates = ["queued", "sending", "sent", "failed"] as const;

export const subscribers = pgTable(
  "subscribers",
  {
    id: integer("id").primaryKey().generatedAlwaysAsIdentity(),
    /** As it was given: where mails go. */
    email: text("email").notNull(),
    /** Normalised: what makes two addresses the same. */
    emailKey: text("email_key").notNull().unique(),
    frequency: text("frequency", { enum: frequencies }).notNull(),
    /** Empty for all topics. */
    topics: text("topics").array().notNull().default(sql`'{}'::text[]`),
    status: text("status", { enum: subscriberStates }).notNull(),
    created: moment("created").notNull(),
    confirmed: moment("confirmed"),
    /** When somebody asked for a mail to the address, within the last hour. */
    requests: moment("requests").array().notNull().default(sql`'{}'::timestamptz[]`),
    /** Signs the links in this subscriber's mails. */
    secret: bytea("secret").notNull(),
  },
  (table) => [index("subscribers_due").on(table.status, table.frequency)],
);

/** A mail's content, built once and sent to all. */
export const digests = pgTable(
  "digests",
  {
    id: integer("id").primaryKey().generatedAlwaysAsIdentity(),
    frequency: text("frequency", { enum: frequencies }).notNull(),
    /** The day of the digest, as "2024-05-17". */
    day: date("day", { mode: "string" }).notNull(),
    built: moment("built").notNull(),
    content: jsonb("content").$type<unknown>().notNull(),
  },
  (table) => [uniqueIndex("digests_once").on(table.frequency, table.day)],
);

export const deliveries = pgTable(
  "deliveries",
  {
    digest: integer("digest")
      .notNull()
      .references(() => digests.id, { onDelete: "cascade" }),
    subscriber: integer("subscriber")
      .notNull()
      .references(() => subscribers.id, { onDelete: "cascade" }),
    status: text("status", { enum: deliveryStates }).notNull(),
    attempts: integer("attempts").notNull().default(0),
    messageId: text("message_id"),
    /** When the status last changed. */
    changed: moment("changed").notNull(),
    error: text("error"),
  },
  (table) => [
    primaryKey({ columns: [table.digest, table.subscriber] }),
    index("deliveries_open").on(table.status, table.changed).where(sql`${table.status} <> 'sent'`),
    index("deliveries_subscriber").on(table.subscriber),
    index("deliveries_changed").on(table.changed),
  ],
);
