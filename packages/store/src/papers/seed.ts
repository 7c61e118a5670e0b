import type { PaperCard } from "@etude/papers/cards";
import { eq, sql } from "drizzle-orm";
import type { Database, Store } from "../database.ts";
import { papers, votes } from "../schema/index.ts";
import type { NewPaper } from "./incoming.ts";
import { differs, given, old } from "./merge.ts";

/**
 * Store the papers that have cards, with the texts of the cards. May be called at every start, and
 * changes only what differs. A paper that was known by its identifier on arXiv gets the slug.
 *
 * @param now when papers that are new were first seen
 */
export async function seedCards(
  { db }: Store,
  cards: readonly PaperCard[],
  now: Date,
): Promise<void> {
  if (cards.length === 0) return;
  await db.transaction(async (transaction) => {
    // Nobody writes papers meanwhile, nor is about to (a vote locks its paper first); reading goes on.
    await transaction.execute(sql`lock table ${papers} in exclusive mode`);
    await giveSlugs(transaction, cards);
    await transaction
      .insert(papers)
      .values(cards.map((card) => fromCard(card, now)))
      .onConflictDoUpdate({ target: papers.slug, set: texts, setWhere: differs(texts) });
  });
}

function fromCard(card: PaperCard, now: Date): NewPaper {
  const published = publishedBy(card);
  return {
    slug: card.slug,
    arxiv: card.arxiv ?? null,
    version: 0,
    source: "card",
    title: card.title,
    authors: [...card.authors],
    year: card.year,
    venue: card.venue,
    summary: card.summary,
    topics: [...card.topics],
    doi: card.doi ?? null,
    code: card.code ?? null,
    published,
    updated: published,
    firstSeen: now,
  };
}

/** The month is in the identifier; the day comes when arXiv is read. */
function publishedBy({ arxiv, year }: PaperCard): Date {
  const [, years, months] = /^(\d\d)(\d\d)\./.exec(arxiv ?? "") ?? [];
  return new Date(
    years === undefined ? Date.UTC(year) : Date.UTC(2000 + Number(years), Number(months) - 1),
  );
}

const hasOtherArxiv = sql`${old(papers.arxiv)} is distinct from ${given(papers.arxiv)}`;

/** What a card says, and nothing of what was read on arXiv. */
const texts = {
  arxiv: given(papers.arxiv),
  version: sql`case when ${hasOtherArxiv} then 0 else ${old(papers.version)} end`,
  title: given(papers.title),
  authors: given(papers.authors),
  year: given(papers.year),
  venue: given(papers.venue),
  summary: given(papers.summary),
  topics: given(papers.topics),
  doi: sql`coalesce(${given(papers.doi)}, ${old(papers.doi)})`,
  code: sql`coalesce(${given(papers.code)}, ${old(papers.code)})`,
};

/** Let papers that arXiv told of have the slugs of their cards. */
async function giveSlugs(db: Database, cards: readonly PaperCard[]): Promise<void> {
  for (const { slug, arxiv } of cards) {
    if (arxiv === undefined) continue;
    const [read] = await db
      .select({ id: papers.id, slug: papers.slug })
      .from(papers)
      .where(eq(papers.arxiv, arxiv));
    if (read === undefined || read.slug === slug) continue;
    const [carded] = await db.select({ id: papers.id }).from(papers).where(eq(papers.slug, slug));
    if (carded !== undefined) await moveVotes(db, carded.id, read.id);
    await db.update(papers).set({ slug }).where(eq(papers.id, read.id));
  }
}

/** Two rows turned out to be one paper: the first goes, and its votes become the second's. */
async function moveVotes(db: Database, from: number, to: number): Promise<void> {
  await db.execute(
    sql`insert into ${votes} select ${to}::int, visitor, created from ${votes} where paper = ${from} on conflict do nothing`,
  );
  await db.delete(papers).where(eq(papers.id, from));
  await db
    .update(papers)
    .set({ votes: sql`(select count(*) from ${votes} where paper = ${to})` })
    .where(eq(papers.id, to));
}
