/** Papers of the store as lists show them to a visitor. */
import { isRunnable } from "@etude/papers/registry";
import { type PaperListing, type Store, votesOf } from "@etude/store";
import type { ListedPaper } from "#lib/ui/listed.ts";

export async function listed(
  store: Store,
  papers: readonly PaperListing[],
  visitor: string | undefined,
): Promise<ListedPaper[]> {
  const ids = papers.map(({ id }) => id);
  const voted = visitor === undefined ? new Set<number>() : await votesOf(store, visitor, ids);
  return papers.map((paper) => ({
    ...paper,
    runnable: paper.slug !== null && isRunnable(paper.slug),
    voted: voted.has(paper.id),
  }));
}
