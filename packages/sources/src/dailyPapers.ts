import { z } from "zod";
import type { AskOptions } from "./arxiv.ts";
import { addDays, checkDay, type Day } from "./days.ts";
import { sharedEndpoints } from "./endpoint.ts";
import { count, quote, reasonOf, SourceError, unreadable } from "./errors.ts";
import { type Page, readPage, type SeenPages } from "./page.ts";
import { type Described, type Papers, problemOf, readEntries } from "./paper.ts";
import { codeLink } from "./text.ts";

const perPage = 100; // the most that the API gives at once
const mostPages = 50; // of a day: some fifty papers are usual

/** A row of the list: what is used of it; all else may come, go and change. */
const row = z
  .object({
    paper: z.object({
      id: z.string(),
      title: z.string(),
      summary: z.string(),
      authors: z.array(z.object({ name: z.string() })),
      publishedAt: z.string(),
      upvotes: z.number(),
      githubRepo: z.string().nullish(),
    }),
  })
  .transform(
    ({ paper }): Described => ({
      id: paper.id,
      title: paper.title,
      authors: paper.authors.map(({ name }) => name),
      abstract: paper.summary,
      categories: [],
      published: paper.publishedAt,
      updated: paper.publishedAt,
      source: "daily",
      upvotesElsewhere: paper.upvotes,
      code: codeLink(paper.githubRepo ?? undefined, paper.summary),
    }),
  );

const rows = z.array(z.unknown()).max(1_000);
const identified = z.object({ paper: z.object({ id: z.string() }) });
const idOf = (entry: unknown): string | undefined => identified.safeParse(entry).data?.paper.id;

/**
 * Read an answer of the daily-papers API.
 *
 * @throws SourceError when it is not a list in JSON; bad rows are only skipped
 */
export function parseDaily(json: string, host: string): Papers {
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch (error) {
    throw unreadable(host, `sent JSON that cannot be read: ${quote(reasonOf(error))}`, error);
  }
  const result = rows.safeParse(content);
  if (!result.success)
    throw unreadable(host, `sent JSON that is not a list of papers; ${problemOf(result.error)}`);
  return readEntries(result.data, row, idOf);
}

export interface DailyQuery {
  /** The first page to ask for, from 0. */
  readonly start?: number;
  /** Pages read before, asked for only where they changed. */
  readonly seen?: SeenPages;
}

/**
 * The papers of one day's list, page by page, until a page has nothing that the pages before had not.
 *
 * A page may hold fewer papers than asked for although others follow, so only an empty one, or one
 * that repeats, ends the list; it is given too, as the page after which nothing comes.
 *
 * @param day `2024-05-01`, in UTC, not after today
 * @throws SourceError when a page cannot be had
 */
export async function* dailyPapers(
  day: Day,
  { start = 0, seen }: DailyQuery = {},
  { endpoint = sharedEndpoints.daily(), signal }: AskOptions = {},
): AsyncGenerator<Page> {
  checkDay(day);
  const known = new Set<string>();
  for (let p = start; ; p++) {
    const query = { date: day, sort: "publishedAt", p: String(p), limit: String(perPage) };
    const url = endpoint.urlOf(query);
    const read = (json: string, host: string) => {
      const { papers, skipped } = parseDaily(json, host);
      const ids = [...papers.map(({ arxiv }) => arxiv), ...skipped.map(({ id }) => id)];
      const isLast = ids.every((id) => known.has(id));
      for (const id of ids) known.add(id);
      return { papers, skipped, next: isLast ? null : p + 1 };
    };
    const page = await readPage(endpoint, url, read, { seen, signal });
    yield page;
    if (page.next === null) return;
    if (page.next >= mostPages)
      throw new SourceError(`the list of ${day} has more than ${count(mostPages)} pages`);
  }
}

/** The whole list of one day. @throws SourceError when a page cannot be had */
export async function dailyList(day: Day, options?: AskOptions): Promise<Papers> {
  const papers = new Map<string, Papers["papers"][number]>();
  const skipped = new Map<string, Papers["skipped"][number]>();
  for await (const page of dailyPapers(day, {}, options)) {
    for (const paper of page.papers) papers.set(paper.arxiv, paper);
    for (const entry of page.skipped) skipped.set(entry.id, entry);
  }
  return { papers: [...papers.values()], skipped: [...skipped.values()] };
}

/**
 * The lists of some days, oldest first, page by page.
 *
 * @param from first day
 * @param to last day, included
 * @throws SourceError when a page cannot be had
 */
export async function* dailyRange(
  from: Day,
  to: Day,
  { start = 0, seen }: DailyQuery = {},
  options?: AskOptions,
): AsyncGenerator<Page & { readonly day: Day }> {
  let first = start;
  for (let day = checkDay(from); day <= checkDay(to); day = addDays(day, 1)) {
    for await (const page of dailyPapers(day, { start: first, seen }, options))
      yield { ...page, day };
    first = 0;
  }
}
