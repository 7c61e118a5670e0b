import { papers } from "../schema/index.ts";
import { trendingScore } from "./rank.ts";

/** A paper as lists show it. */
export interface PaperListing {
  readonly id: number;
  /** The name of a paper that has a card. */
  readonly slug: string | null;
  readonly arxiv: string | null;
  readonly title: string;
  readonly authors: readonly string[];
  readonly year: number;
  readonly venue: string | null;
  readonly summary: string | null;
  readonly abstract: string | null;
  readonly topics: readonly string[];
  readonly published: Date;
  readonly firstSeen: Date;
  readonly votes: number;
  /** Came up within a day. */
  readonly isNew: boolean;
  /** How much it trends: see `trendingScore`. */
  readonly score: number;
  /** Path on the site: `/papers/` and the slug, or else the identifier on arXiv. */
  readonly url: string;
}

/** A paper with all that its page shows. */
export interface PaperDetails extends PaperListing {
  /** On arXiv; 0 while only the card is known. */
  readonly version: number;
  /** When this version was submitted. */
  readonly updated: Date;
  readonly categories: readonly string[];
  readonly doi: string | null;
  /** Address of a repository. */
  readonly code: string | null;
  readonly upvotesElsewhere: number | null;
}

/** The columns that a listing is made of. */
export const listingColumns = {
  id: papers.id,
  slug: papers.slug,
  arxiv: papers.arxiv,
  title: papers.title,
  authors: papers.authors,
  year: papers.year,
  venue: papers.venue,
  summary: papers.summary,
  abstract: papers.abstract,
  topics: papers.topics,
  published: papers.published,
  firstSeen: papers.firstSeen,
  appeared: papers.appeared,
  votes: papers.votes,
};

/** The columns that a paper's page is made of. */
export const detailColumns = {
  ...listingColumns,
  version: papers.version,
  updated: papers.updated,
  categories: papers.categories,
  doi: papers.doi,
  code: papers.code,
  upvotesElsewhere: papers.upvotesElsewhere,
};

interface Dated {
  readonly slug: string | null;
  readonly arxiv: string | null;
  readonly appeared: Date;
  readonly votes: number;
}

const aDay = 86_400_000;

/** What a row says at a time. */
export function asListing<Row extends Dated>({ appeared, ...row }: Row, now: Date) {
  const age = now.getTime() - appeared.getTime();
  return {
    ...row,
    isNew: age < aDay,
    score: trendingScore(row.votes, age),
    url: `/papers/${row.slug ?? row.arxiv}`,
  };
}
