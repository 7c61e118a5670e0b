/** Column types that Drizzle lacks. */
import { customType, timestamp } from "drizzle-orm/pg-core";

/** The lexemes of a text; the database makes and reads it, JavaScript does not. */
export const tsvector = customType<{ data: string }>({ dataType: () => "tsvector" });

/** Bytes. One driver gives a Buffer, the other a Uint8Array; callers always get the latter. */
export const bytea = customType<{ data: Uint8Array }>({
  dataType: () => "bytea",
  fromDriver: (bytes) => Uint8Array.from(bytes as Uint8Array),
});

/** A moment, to the millisecond of a Date. */
export const moment = (name: string) =>
  timestamp(name, { mode: "date", withTimezone: true, precision: 3 });
