import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { arxivById, arxivListing, type ListingQuery } from "./arxiv.ts";
import { arxivEndpoint, type Endpoint } from "./endpoint.ts";
import type { Page } from "./page.ts";
import { arxivApi, errorEntry, feedXml, type TestEntry } from "./testing/arxivServer.ts";
import { type TestClock, testClock } from "./testing/clock.ts";
import * as reply from "./testing/server.ts";
import { atomType, send, startServer, type TestServer } from "./testing/server.ts";

/** 250 papers, one a minute. */
const entries: TestEntry[] = Array.from({ length: 250 }, (_, i) => ({
  id: `2405.${String(i + 1).padStart(5, "0")}v1`,
  published: new Date(Date.UTC(2024, 4, 1, 12, i)).toISOString().replace(".000", ""),
  categories: i % 2 === 0 ? ["cs.LG"] : ["stat.ML", "cs.LG"],
}));
entries.push({ id: "hep-th/9901001v2", categories: ["hep-th"] });

let server: TestServer;
let clock: TestClock;
let endpoint: Endpoint;
beforeAll(async () => {
  server = await startServer(arxivApi(entries));
});
afterAll(() => server.close());
beforeEach(() => {
  server.replies = [];
  server.requests = [];
  clock = testClock(Date.parse("2024-05-03T00:00:00Z"));
  const address = { url: `${server.origin}/api/query`, allowPrivate: [server.origin] };
  endpoint = arxivEndpoint({ address, clock });
});

const aDay = { from: new Date("2024-05-01T00:00:00Z"), to: new Date("2024-05-01T23:59:00Z") };
async function list(query: Partial<ListingQuery> = {}): Promise<Page[]> {
  const pages: Page[] = [];
  const whole = { categories: ["cs.LG"], ...aDay, ...query };
  for await (const page of arxivListing(whole, { endpoint })) pages.push(page);
  return pages;
}
const idsOf = (pages: readonly Page[]): string[] =>
  pages.flatMap(({ papers }) => papers.map(({ arxiv }) => arxiv));
const all = entries.slice(0, 250).map(({ id }) => id.slice(0, -2));
const queries = () => server.requests.map(({ url }) => Object.fromEntries(url.searchParams));

test("papers by identifier come in the order asked for, once each", async () => {
  const ids = [
    "https://arxiv.org/abs/2405.00007",
    "hep-th/9901001v2",
    "arXiv:2405.00002",
    "2405.00007",
  ];
  const { papers, skipped, missing } = await arxivById([...ids, "2405.99999"], { endpoint });
  expect(papers.map(({ arxiv }) => arxiv)).toEqual(["2405.00007", "hep-th/9901001", "2405.00002"]);
  expect(skipped).toEqual([]);
  expect(missing).toEqual(["2405.99999"]);
  expect(queries()).toEqual([
    { id_list: "2405.00007,hep-th/9901001v2,2405.00002,2405.99999", max_results: "4" },
  ]);
});

test("many identifiers are asked for a hundred at a time, three seconds apart", async () => {
  const { papers } = await arxivById(all, { endpoint });
  expect(papers.map(({ arxiv }) => arxiv)).toEqual(all);
  expect(queries().map(({ max_results: n }) => n)).toEqual(["100", "100", "50"]);
  expect(clock.sleeps).toEqual([3_000, 3_000]);
});

test("no identifiers need no request, and a wrong one makes none", async () => {
  expect(await arxivById([], { endpoint })).toEqual({ papers: [], skipped: [], missing: [] });
  await expect(arxivById(["2405.00001", "x"], { endpoint })).rejects.toThrow('"x" is neither');
  expect(server.requests).toEqual([]);
});

test("an entry that cannot be read is reported and not also missing", async () => {
  server.replies = [send(atomType, feedXml([{ id: "2405.00001v1", title: "" }]))];
  const answer = await arxivById(["2405.00001", "2405.00002"], { endpoint });
  expect(answer.missing).toEqual(["2405.00002"]);
  expect(answer.skipped).toEqual([
    { id: "http://arxiv.org/abs/2405.00001v1", problem: "title: empty" },
  ]);
});

test("a listing comes page by page, oldest first, three seconds apart", async () => {
  const pages = await list();
  expect(pages.map(({ papers, next }) => [papers.length, next])).toEqual([
    [100, 100],
    [100, 200],
    [50, null],
  ]);
  expect(idsOf(pages)).toEqual(all);
  expect(queries()[1]).toEqual({
    search_query: "(cat:cs.LG) AND submittedDate:[202405010000 TO 202405012359]",
    start: "100",
    max_results: "100",
    sortBy: "submittedDate",
    sortOrder: "ascending",
  });
  expect(clock.sleeps).toEqual([3_000, 3_000]);
});

test("a listing is of its categories and minutes, and goes on from where it is told", async () => {
  const some = await list({ categories: ["stat.ML", "hep-th"], pageSize: 1_000 });
  expect(some[0]?.papers).toHaveLength(126);
  const to = new Date("2024-05-01T12:09:00Z");
  expect(idsOf(await list({ to, start: 7, pageSize: 2 }))).toEqual(all.slice(7, 10));
  expect(await list({ from: new Date("2024-05-01T23:00:00Z") })).toMatchObject([
    { papers: [], next: null },
  ]);
});

test("concurrent listings and look-ups share the three seconds", async () => {
  await Promise.all([list({ pageSize: 125 }), arxivById(["2405.00001"], { endpoint })]);
  expect(clock.sleeps).toEqual([3_000, 3_000]);
});

test("after a short page the next starts where it ended", async () => {
  const short = feedXml(entries.slice(0, 60), { total: 250 });
  server.replies = [send(atomType, short)];
  const pages = await list();
  expect(pages.map(({ next }) => next)).toEqual([60, 160, null]);
  expect(idsOf(pages)).toEqual(all);
});

test("an empty page in the middle is asked for again", async () => {
  const empty = send(atomType, feedXml([], { total: 250 }));
  server.replies = [arxivApi(entries), empty, empty];
  expect(idsOf(await list())).toEqual(all);
  expect(queries().map(({ start }) => start)).toEqual(["0", "100", "100", "100", "200"]);
});

test("if it stays empty, the error says where", async () => {
  server.replies = Array.from({ length: 5 }, () => send(atomType, feedXml([], { total: 250 })));
  await expect(list()).rejects.toThrow(/^127\.0\.0\.1:\d+: sent no entries from 0 on of 250$/);
  expect(server.requests).toHaveLength(5);
});

test("an error with the status 200 is asked about again, and then reported", async () => {
  const error = send(atomType, feedXml([errorEntry("incorrect id format for x")]));
  server.replies = [error];
  expect(idsOf(await list())).toEqual(all);
  server.replies = Array.from({ length: 5 }, () => error);
  await expect(list()).rejects.toThrow('reports an error: "incorrect id format for x"');
});

test("429 with Retry-After is waited for, 503 backed off from", async () => {
  server.replies = [reply.status(429, { "retry-after": "30" }), reply.status(503)];
  expect(idsOf(await list({ pageSize: 250 }))).toEqual(all);
  // Half of 2 s after the second failure, and the rest of three seconds between requests.
  expect(clock.sleeps).toEqual([30_000, 1_000, 2_000]);
});

test.each([
  ["a reset connection", reply.hangUp],
  ["a connection that breaks", reply.hangUpIn(atomType, feedXml(entries.slice(0, 5)))],
  ["truncated XML", send(atomType, feedXml(entries.slice(0, 5)).slice(0, -30))],
  [
    "truncated gzip",
    send(atomType, gzipSync(feedXml(entries.slice(0, 5))).subarray(0, 300), {
      "content-encoding": "gzip",
    }),
  ],
  ["HTML in place of Atom", send("text/html", "<html><body>Busy</body></html>")],
  ["HTML said to be Atom", send(atomType, "<html><body>Busy</body></html>")],
])("%s is tried again, and reported when it lasts", async (_, broken) => {
  server.replies = [broken];
  expect(idsOf(await list())).toEqual(all);
  server.replies = Array.from({ length: 5 }, () => broken);
  await expect(list()).rejects.toMatchObject({
    name: "SourceError",
    message: expect.stringMatching(/^127\.0\.0\.1:\d+: .+$/),
  });
});

test("400 and a redirect to elsewhere are final", async () => {
  server.replies = [reply.status(400), reply.redirectTo("https://169.254.169.254/")];
  await expect(list()).rejects.toThrow("answered 400 Bad Request; expected application/atom+xml");
  await expect(list()).rejects.toThrow("169.254.169.254: resolves to 169.254.169.254");
  expect(server.requests).toHaveLength(2);
});

test("a page seen before is asked for only if it changed", async () => {
  const url = endpoint.urlOf({
    search_query: "(cat:cs.LG) AND submittedDate:[202405010000 TO 202405012359]",
    start: "0",
    max_results: "100",
    sortBy: "submittedDate",
    sortOrder: "ascending",
  });
  server.replies = [reply.status(304)];
  const [first, ...others] = await list({ seen: { [url]: { etag: '"1"', next: 100 } } });
  expect(first).toEqual({
    url,
    unchanged: true,
    next: 100,
    papers: [],
    skipped: [],
    validators: { etag: '"1"' },
  });
  expect(server.requests[0]?.headers["if-none-match"]).toBe('"1"');
  expect(server.requests[1]?.headers).not.toHaveProperty("if-none-match");
  expect(idsOf(others)).toEqual(all.slice(100));
});

test("a list longer than arXiv pages through ends with an error", async () => {
  const endless = send(atomType, feedXml(entries.slice(0, 1), { total: 50_000 }));
  server.replies = [endless];
  await expect(list({ start: 29_999 })).rejects.toThrow("pages through 30,000 entries at most");
  expect(queries().map(({ max_results: n }) => n)).toEqual(["1"]);
});

test("what is not a category is not put into a query", async () => {
  for (const categories of [[], ["cs.LG) OR (au:x"], ["cs.LG", ""]])
    await expect(list({ categories })).rejects.toThrow(/category/);
  expect(server.requests).toEqual([]);
});

test("an aborted signal ends a listing between pages", async () => {
  const abort = new AbortController();
  const pages = arxivListing(
    { categories: ["cs.LG"], ...aDay },
    { endpoint, signal: abort.signal },
  );
  await pages.next();
  abort.abort(new Error("enough"));
  await expect(pages.next()).rejects.toThrow("enough");
  expect(server.requests).toHaveLength(1);
});
