import { StoreError } from "../database.ts";
import type { papers } from "../schema/index.ts";
import { cleanLine, cleanText, longest, most } from "../text.ts";
import { topicsOf } from "./topics.ts";

/** A paper as a source tells of it. */
export interface IncomingPaper {
  /** Without version: "2305.18502", or "hep-th/9901001" for papers before April 2007. */
  readonly arxiv: string;
  /** 1, 2, … */
  readonly version: number;
  readonly title: string;
  readonly authors: readonly string[];
  readonly abstract: string;
  /** Of arXiv, the primary one first; empty where the source does not say. */
  readonly categories: readonly string[];
  /** When the first version was submitted. */
  readonly published: Date;
  /** When this version was submitted. */
  readonly updated: Date;
  readonly doi?: string;
  readonly source: "arxiv" | "daily" | "submitted";
  /** Upvotes on the site of the daily list. */
  readonly upvotesElsewhere?: number;
  /** Address of a repository; left out unless it is one of the web. */
  readonly code?: string;
}

export type NewPaper = typeof papers.$inferInsert;

const arxivId = /^(?:\d{4}\.\d{4,5}|[a-z-]{2,20}\/\d{7})$/;
const largestInteger = 2 ** 31 - 1;

/**
 * A paper as it is stored: texts cleaned and cut (see `text.ts`), topics found in them.
 *
 * @throws StoreError if it has no identifier of arXiv, no title, or a date that is none
 */
export function newPaper(paper: IncomingPaper, now: Date): NewPaper {
  const { arxiv, version, published, updated, source, doi, code, upvotesElsewhere } = paper;
  if (!arxivId.test(arxiv)) {
    throw new StoreError(`${JSON.stringify(cleanLine(arxiv, 50))} is no identifier of arXiv`);
  }
  if (!Number.isInteger(version) || version < 1 || version > largestInteger) {
    throw new StoreError(`paper ${arxiv}: version ${version} is not 1, 2, …`);
  }
  if (Number.isNaN(published.getTime()) || Number.isNaN(updated.getTime())) {
    throw new StoreError(`paper ${arxiv}: a date is none`);
  }
  const title = cleanLine(paper.title, longest.title);
  if (title === "") throw new StoreError(`paper ${arxiv} has no title`);
  const abstract = cleanText(paper.abstract, longest.abstract);
  return {
    arxiv,
    version,
    source,
    title,
    authors: lines(paper.authors.slice(0, most.authors), longest.author),
    year: published.getUTCFullYear(),
    abstract: abstract || null,
    topics: topicsOf(title, abstract),
    categories: lines(paper.categories.slice(0, most.categories), longest.word),
    doi: optionalLine(doi),
    code: webAddress(optionalLine(code)),
    published,
    updated,
    firstSeen: now,
    upvotesElsewhere:
      upvotesElsewhere === undefined
        ? null
        : Math.min(Math.max(0, Math.trunc(upvotesElsewhere)), largestInteger),
  };
}

const lines = (texts: readonly string[], length: number): string[] =>
  texts.map((text) => cleanLine(text, length)).filter((text) => text !== "");

const optionalLine = (text: string | undefined): string | null =>
  text === undefined ? null : cleanLine(text, longest.word) || null;

/** Anything else may become a link that runs what it holds. */
const webAddress = (text: string | null): string | null =>
  text !== null && /^https?:\/\//i.test(text) && URL.canParse(text) ? text : null;
