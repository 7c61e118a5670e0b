import { quote, SourceError } from "./errors.ts";

/** A day of UTC, `2024-05-01`. */
export type Day = string;

export const dayOf = (time: Date): Day => time.toISOString().slice(0, 10);

/** Midnight at the start of a day. */
export const startOf = (day: Day): Date => new Date(`${day}T00:00:00Z`);

/** The day some days later, or earlier. */
export function addDays(day: Day, days: number): Day {
  const time = startOf(day);
  time.setUTCDate(time.getUTCDate() + days);
  return dayOf(time);
}

/** @throws SourceError when a text is not a day of the calendar */
export function checkDay(text: string): Day {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(startOf(text).getTime());
  if (isDay && dayOf(startOf(text)) === text) return text;
  throw new SourceError(`${quote(text)} is not a day, such as 2024-05-01`);
}
