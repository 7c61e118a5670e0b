import { createHash } from "node:crypto";
import { jsonType, type Reply, status } from "./server.ts";

/** A row of the daily list. */
export interface TestRow {
  id: string;
  title?: string;
  upvotes?: number;
  authors?: string[];
  githubRepo?: string;
  publishedAt?: string;
}

/** A row with the fields of the real API, those nobody reads included. */
export function rowJson(row: TestRow): object {
  const { id, title = `Paper ${id}`, upvotes = 1, authors = ["Ada Lovelace"], githubRepo } = row;
  const { publishedAt = "2024-05-01T12:00:00.000Z" } = row;
  return {
    paper: {
      id,
      authors: authors.map((name, i) => ({ _id: `${id}-${i}`, name, hidden: false })),
      publishedAt,
      submittedOnDailyAt: "2024-05-02T00:00:00.000Z",
      title,
      summary: "We study\nthis & that.",
      upvotes,
      discussionId: "66326f0d6e6d6a6f6d6a6f6d",
      ...(githubRepo !== undefined && { githubRepo, githubStars: 12 }),
      ai_keywords: ["etudes"],
    },
    publishedAt,
    title,
    numComments: 3,
    submittedBy: { fullname: "Ada Lovelace", isPro: false },
    isAuthorParticipating: false,
  };
}

/**
 * Answers as the daily-papers API does, with entity tags.
 *
 * @param days rows of each day; read at each request
 * @param longest rows of a page, whatever was asked for
 */
export const dailyApi =
  (days: Readonly<Record<string, readonly TestRow[]>>, longest = 100): Reply =>
  (request, response) => {
    const query = new URL(request.url ?? "", "http://daily.test").searchParams;
    const day = query.get("date");
    if (day === null) return status(400)(request, response);
    const limit = Math.min(Number(query.get("limit") ?? 50), longest);
    const start = Number(query.get("p") ?? 0) * limit;
    const rows = (days[day] ?? []).slice(start, start + limit);
    const body = JSON.stringify(rows.map(rowJson));
    const etag = `W/"${createHash("sha256").update(body).digest("hex").slice(0, 16)}"`;
    if (request.headers["if-none-match"] === etag) response.writeHead(304, { etag }).end();
    else response.writeHead(200, { "content-type": jsonType, etag }).end(body);
  };
