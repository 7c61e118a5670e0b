import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { dailyList, dailyPapers, dailyRange, parseDaily } from "./dailyPapers.ts";
import { dailyEndpoint, type Endpoint } from "./endpoint.ts";
import { SourceError } from "./errors.ts";
import { type TestClock, testClock } from "./testing/clock.ts";
import { dailyApi, rowJson, type TestRow } from "./testing/dailyServer.ts";
import * as reply from "./testing/server.ts";
import { jsonType, send, startServer, type TestServer } from "./testing/server.ts";

const rows = (n: number, from = 1): TestRow[] =>
  Array.from({ length: n }, (_, i) => ({ id: `2405.${String(from + i).padStart(5, "0")}` }));

let server: TestServer;
let clock: TestClock;
let endpoint: Endpoint;
const days = { "2024-05-01": rows(130), "2024-05-03": rows(2, 200) };
beforeAll(async () => {
  server = await startServer(dailyApi(days));
});
afterAll(() => server.close());
beforeEach(() => {
  server.replies = [];
  server.requests = [];
  clock = testClock();
  const address = { url: `${server.origin}/api/daily_papers`, allowPrivate: [server.origin] };
  endpoint = dailyEndpoint({ address, clock });
});
const parse = (...entries: unknown[]) => parseDaily(JSON.stringify(entries), "daily.test");
const queries = () => server.requests.map(({ url }) => Object.fromEntries(url.searchParams));

test("reads what the list says of a paper", () => {
  const row = rowJson({
    id: "2405.00001",
    title: "Études\nfor machines",
    upvotes: 42,
    authors: ["Ada Lovelace", "Alan Turing"],
    githubRepo: "https://github.com/owner/name",
  });
  expect(parse(row)).toEqual({
    skipped: [],
    papers: [
      {
        arxiv: "2405.00001",
        version: 1,
        title: "Études for machines",
        authors: ["Ada Lovelace", "Alan Turing"],
        abstract: "We study this & that.",
        categories: [],
        published: new Date("2024-05-01T12:00:00Z"),
        updated: new Date("2024-05-01T12:00:00Z"),
        source: "daily",
        upvotesElsewhere: 42,
        code: "https://github.com/owner/name",
      },
    ],
  });
});

test.each<[string, object, string]>([
  ["votes in words", { upvotes: "42" }, "paper.upvotes: Invalid input: expected number"],
  ["votes below zero", { upvotes: -1 }, "upvotesElsewhere: Too small"],
  ["parts of votes", { upvotes: 1.5 }, "upvotesElsewhere: Invalid input: expected int"],
  ["votes beyond counting", { upvotes: 3e9 }, "upvotesElsewhere: Too big"],
  ["no title", { title: undefined }, "paper.title: Invalid input: expected string"],
  ["no authors", { authors: [] }, "authors: none"],
  ["authors without names", { authors: [{}] }, "paper.authors.0.name: Invalid input"],
  ["a date in words", { publishedAt: "today" }, "published: not a date with a time"],
  ["another identifier", { id: "my-paper" }, "id: not an identifier of arXiv"],
])("a row with %s is skipped and named, the others are not", (_, part, problem) => {
  const good = rowJson({ id: "2405.00001" }) as { paper: object };
  const bad = { ...good, paper: { ...good.paper, id: "2405.00002", ...part } };
  const { papers, skipped } = parse(bad, good);
  expect(papers).toHaveLength(1);
  expect(skipped).toEqual([{ id: bad.paper.id, problem: expect.stringContaining(problem) }]);
});

test("rows that are none are named by their place", () => {
  const { papers, skipped } = parse(null, 7, {}, [], rowJson({ id: "2405.00001" }));
  expect(papers).toHaveLength(1);
  expect(skipped.map(({ id }) => id)).toEqual(["entry 1", "entry 2", "entry 3", "entry 4"]);
});

test("doubles in a page are one", () => {
  expect(parse(...[1, 2, 3].map(() => rowJson({ id: "2405.00001" }))).papers).toHaveLength(1);
});

test.each([
  ["broken JSON", '[{"paper": ', "sent JSON that cannot be read"],
  ["nothing", "", "sent JSON that cannot be read"],
  ["an object", '{"error": "Invalid date"}', "sent JSON that is not a list of papers"],
  ["deep nesting", "[".repeat(1_000_000), "sent JSON that cannot be read"],
  ["too long a list", `[${"0,".repeat(2_000)}0]`, "sent JSON that is not a list of papers"],
])("%s is an error of one line", (_, json, problem) => {
  expect(() => parseDaily(json, "daily.test")).toThrow(SourceError);
  expect(() => parseDaily(json, "daily.test")).toThrow(`daily.test: ${problem}`);
});

test("whatever it is given, it throws nothing but SourceErrors", () => {
  const row = JSON.stringify([rowJson({ id: "2405.00001" })]);
  const damaged = fc
    .tuple(fc.nat(row.length), fc.nat(30), fc.oneof(fc.string(), fc.json()))
    .map(([at, length, put]) => row.slice(0, at) + put + row.slice(at + length));
  const field = fc.dictionary(fc.constantFrom("id", "title", "authors", "upvotes"), fc.jsonValue());
  const list = fc.array(fc.record({ paper: field })).map((value) => JSON.stringify(value));
  fc.assert(
    fc.property(fc.oneof(damaged, list, fc.json(), fc.string()), (json) => {
      try {
        parseDaily(json, "daily.test");
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
      }
    }),
    { numRuns: 1_000 },
  );
});

test("a day's list comes to its end, a second between the pages", async () => {
  const { papers, skipped } = await dailyList("2024-05-01", { endpoint });
  expect(papers.map(({ arxiv }) => arxiv)).toEqual(rows(130).map(({ id }) => id));
  expect(skipped).toEqual([]);
  expect(queries()).toEqual(
    ["0", "1", "2"].map((p) => ({ date: "2024-05-01", sort: "publishedAt", p, limit: "100" })),
  );
  expect(clock.sleeps).toEqual([1_000, 1_000]);
});

test("pages that are shorter than asked for do not end a list", async () => {
  server.replies = Array.from({ length: 20 }, () => dailyApi(days, 40));
  expect((await dailyList("2024-05-01", { endpoint })).papers).toHaveLength(130);
  expect(server.requests).toHaveLength(5);
});

test("an API that knows no pages, and repeats the first, ends a list", async () => {
  const same = send(jsonType, JSON.stringify(rows(3).map(rowJson)));
  server.replies = [same, same, same];
  expect((await dailyList("2024-05-01", { endpoint })).papers).toHaveLength(3);
  expect(server.requests).toHaveLength(2);
});

test("an API whose pages never end is an error", async () => {
  server.replies = Array.from({ length: 60 }, (_, i) =>
    send(jsonType, JSON.stringify([rowJson({ id: `2405.${10_000 + i}` })])),
  );
  await expect(dailyList("2024-05-01", { endpoint })).rejects.toThrow("more than 50 pages");
});

test("a range has all its days, also those without papers", async () => {
  const pages: [string, number, number | null][] = [];
  for await (const { day, papers, next } of dailyRange(
    "2024-05-01",
    "2024-05-03",
    {},
    { endpoint },
  ))
    pages.push([day, papers.length, next]);
  expect(pages).toEqual([
    ["2024-05-01", 100, 1],
    ["2024-05-01", 30, 2],
    ["2024-05-01", 0, null],
    ["2024-05-02", 0, null],
    ["2024-05-03", 2, 1],
    ["2024-05-03", 0, null],
  ]);
});

test("what did not change since it was seen comes as such", async () => {
  const seen: Record<string, { etag?: string; next: number | null }> = {};
  for await (const page of dailyPapers("2024-05-03", {}, { endpoint }))
    seen[page.url] = { ...page.validators, next: page.next };
  const again = [];
  for await (const page of dailyPapers("2024-05-03", { seen }, { endpoint })) again.push(page);
  expect(again).toMatchObject([
    { unchanged: true, papers: [], next: 1 },
    { unchanged: true, papers: [], next: null },
  ]);
});

test("errors of a while are got over", async () => {
  server.replies = [
    reply.status(429, { "retry-after": "5" }),
    send(jsonType, '[{"paper"'),
    send("text/html", "<!doctype html>"),
  ];
  expect((await dailyList("2024-05-03", { endpoint })).papers).toHaveLength(2);
  server.replies = [reply.status(400)];
  await expect(dailyList("2024-05-03", { endpoint })).rejects.toMatchObject({ status: 400 });
});

test.each([["2024-02-30"], ["2024-5-1"], ["today"], [""]])("%j is not a day", async (day) => {
  await expect(dailyList(day, { endpoint })).rejects.toThrow(`"${day}" is not a day`);
  expect(server.requests).toEqual([]);
});
