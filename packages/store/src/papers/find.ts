import { eq, or } from "drizzle-orm";
import type { Store } from "../database.ts";
import { papers } from "../schema/index.ts";
import { asListing, detailColumns, type PaperDetails } from "./listing.ts";

/** Whatever a slug or an identifier of arXiv may be made of; the version of the latter is left out. */
const key = /^([a-z0-9][a-z0-9./-]{0,99}?)(?:v\d{1,3})?$/;

/**
 * The paper that a slug or an identifier on arXiv names; the identifier may have a version, of which
 * there is only the newest.
 *
 * @example
 * await findPaper(store, "data-diet"); // the same as
 * await findPaper(store, "2107.07075v2");
 */
export async function findPaper(
  { db }: Store,
  named: string,
  now: Date = new Date(),
): Promise<PaperDetails | undefined> {
  const arxiv = key.exec(named)?.[1];
  if (arxiv === undefined) return undefined;
  const [found] = await db
    .select(detailColumns)
    .from(papers)
    .where(or(eq(papers.slug, named), eq(papers.arxiv, arxiv)))
    .limit(1);
  return found && asListing(found, now);
}
