/** From the word a person typed to a paper. */
import { nearNames } from "@etude/data/names";
import type { Paper } from "@etude/papers";
import type { PaperCard } from "@etude/papers/cards";
import { UsageError } from "@etude/papers/errors";
import type { PaperSource } from "./session.ts";

/**
 * The card of a paper.
 *
 * @throws UsageError with the nearest names if there is none
 */
export function chooseCard(papers: PaperSource, slug: string): PaperCard {
  const found = papers.cards.find((card) => card.slug === slug);
  if (found !== undefined) return found;
  const slugs = papers.cards.map((card) => card.slug);
  const near = nearNames(slug, slugs);
  const hint =
    near.length > 0 ? `did you mean ${near.join(" or ")}?` : "`etude list` shows all of them";
  throw new UsageError(`there is no paper "${slug}"; ${hint}`);
}

/**
 * A paper that can be run.
 *
 * @throws UsageError for a name no paper has, and for a paper that so far can only be read
 */
export async function choosePaper(papers: PaperSource, slug: string): Promise<Paper> {
  const { title } = chooseCard(papers, slug);
  if (!papers.isRunnable(slug)) {
    throw new UsageError(
      `${slug} ("${title}") can only be read so far; \`etude list --runnable\` shows what can be run`,
    );
  }
  return papers.load(slug);
}
