import { type SQL, sql } from "drizzle-orm";

/** A text with places in it, as ranges of UTF-16 units that are sorted and do not overlap. */
export interface Marked {
  readonly text: string;
  readonly matches: readonly (readonly [start: number, end: number])[];
}

// No stored text holds control characters.
const start = "\u0001";
const stop = "\u0002";
const options = {
  all: `HighlightAll=true, StartSel="${start}", StopSel="${stop}"`,
  part: `MaxWords=45, MinWords=25, StartSel="${start}", StopSel="${stop}"`,
} as const;

/**
 * All of a text, or the part of it that says most of a query, with the words of the query marked for
 * `readMarks`. What looks like an HTML tag becomes a space.
 */
export const headline = (text: SQL, query: SQL, what: keyof typeof options): SQL<string> =>
  sql<string>`ts_headline('english', ${text}, ${query}, ${options[what]})`;

/** Take the marks out of a headline. */
export function readMarks(headline: string): Marked {
  let text = "";
  const matches: [number, number][] = [];
  for (const [index, part] of headline.split(start).entries()) {
    const [match, rest = ""] = index === 0 ? ["", part] : part.split(stop);
    if (match !== "") matches.push([text.length, text.length + match.length]);
    text += match + rest;
  }
  return { text, matches };
}
