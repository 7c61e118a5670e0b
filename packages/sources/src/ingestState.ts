import { z } from "zod";
import { checkDay, type Day } from "./days.ts";
import { quote, SourceError } from "./errors.ts";
import { type Page, seenPage } from "./page.ts";
import { problemOf } from "./paper.ts";

const day = z.string().refine((text) => {
  try {
    return checkDay(text) === text;
  } catch {
    return false;
  }
}, "not a day");

const ingestState = z.object({
  /** The day of the run; of what is not in `open`, all was read up to it. */
  asOf: day,
  /** What that run left: these days from this place on, and then those after them. */
  open: z.object({ from: day, to: day, start: z.int().min(0) }).optional(),
  /** The pages of that run, to ask later only for those that changed. */
  seen: z.record(z.string(), seenPage),
});

/** How far a source has been read; plain JSON. */
export type IngestState = z.infer<typeof ingestState>;

/** Where states are kept, by the names of sources. */
export interface StateStore {
  /** What was last saved, or undefined. */
  load(source: string): Promise<unknown>;
  save(source: string, state: IngestState): Promise<void>;
}

/**
 * The saved state of a source; undefined for one that was never read.
 *
 * @throws SourceError when what was saved is something else
 */
export async function loadState(
  store: StateStore,
  source: string,
): Promise<IngestState | undefined> {
  const saved = await store.load(source);
  if (saved === undefined || saved === null) return undefined;
  const result = ingestState.safeParse(saved);
  if (result.success) return result.data;
  throw new SourceError(
    `the saved state of ${quote(source)} cannot be read, ${problemOf(result.error)}; ` +
      "without it the source is read from the start",
  );
}

/** What to keep of a page, if the source gave anything to ask by later. */
export const seenOf = ({ url, validators, next }: Page): IngestState["seen"] =>
  validators.etag === undefined && validators.lastModified === undefined
    ? {}
    : { [url]: { ...validators, next } };

/** Days still to read, and the place in the first of them. */
export interface Span {
  readonly from: Day;
  readonly to: Day;
  readonly start: number;
}
