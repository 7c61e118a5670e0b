import { and, eq, inArray } from "drizzle-orm";
import { type Database, type Store, StoreError } from "../database.ts";
import { papers, votes } from "../schema/index.ts";

/** What a vote, or its withdrawal, came to. */
export interface Voted {
  /** Votes of the paper now. */
  readonly votes: number;
  /** Whether this call changed their number. */
  readonly counted: boolean;
}

/**
 * Vote for a paper. A visitor has one vote for each, however often and in parallel they vote.
 *
 * @param visitor an unguessable name, 1 to 200 characters
 * @throws StoreError if there is no such paper
 */
export async function vote(
  { db }: Store,
  paper: number,
  visitor: string,
  now: Date,
): Promise<Voted> {
  checkVisitor(visitor);
  return changeVotes(db, paper, async (transaction) => {
    const added = await transaction
      .insert(votes)
      .values({ paper, visitor, created: now })
      .onConflictDoNothing()
      .returning({ paper: votes.paper });
    return added.length;
  });
}

/**
 * Take a vote back; nothing happens if there is none.
 *
 * @throws StoreError if there is no such paper
 */
export async function unvote({ db }: Store, paper: number, visitor: string): Promise<Voted> {
  checkVisitor(visitor);
  return changeVotes(db, paper, async (transaction) => {
    const removed = await transaction
      .delete(votes)
      .where(and(eq(votes.paper, paper), eq(votes.visitor, visitor)))
      .returning({ paper: votes.paper });
    return -removed.length;
  });
}

/** Those of some papers that a visitor voted for. */
export async function votesOf(
  { db }: Store,
  visitor: string,
  ids: readonly number[],
): Promise<Set<number>> {
  checkVisitor(visitor);
  if (ids.length === 0) return new Set();
  const rows = await db
    .select({ paper: votes.paper })
    .from(votes)
    .where(and(eq(votes.visitor, visitor), inArray(votes.paper, [...ids])));
  return new Set(rows.map(({ paper }) => paper));
}

/**
 * Change votes and their counter together. The paper is locked first, so that calls for the same
 * paper come one after another, and no vote is for a paper that is being deleted.
 */
async function changeVotes(
  db: Database,
  paper: number,
  change: (transaction: Database) => Promise<number>,
): Promise<Voted> {
  if (!Number.isInteger(paper) || Math.abs(paper) >= 2 ** 31) throw noPaper(paper);
  return db.transaction(async (transaction) => {
    const [before] = await transaction
      .select({ votes: papers.votes })
      .from(papers)
      .where(eq(papers.id, paper))
      .for("no key update");
    if (before === undefined) throw noPaper(paper);
    const difference = await change(transaction);
    if (difference === 0) return { votes: before.votes, counted: false };
    const after = before.votes + difference;
    await transaction.update(papers).set({ votes: after }).where(eq(papers.id, paper));
    return { votes: after, counted: true };
  });
}

const noPaper = (id: number) => new StoreError(`there is no paper ${id}`);

function checkVisitor(visitor: string): void {
  if (visitor === "" || visitor.length > 200 || /\p{Cc}/u.test(visitor)) {
    throw new StoreError("a visitor is named by 1 to 200 characters without controls");
  }
}
