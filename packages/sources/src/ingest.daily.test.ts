import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { dailyEndpoint } from "./endpoint.ts";
import { type IngestEvent, ingest } from "./ingest.ts";
import { dailySource, type IngestSource } from "./ingestSource.ts";
import { testClock } from "./testing/clock.ts";
import { dailyApi, type TestRow } from "./testing/dailyServer.ts";
import { startServer, status, type TestServer } from "./testing/server.ts";
import { type MemoryStore, memoryStore } from "./testing/store.ts";

let server: TestServer;
let days: Record<string, TestRow[]>;
let store: MemoryStore;
let daily: IngestSource;
beforeAll(async () => {
  server = await startServer((request, response) => dailyApi(days)(request, response));
});
afterAll(() => server.close());
beforeEach(() => {
  days = {};
  server.replies = [];
  server.requests = [];
  store = memoryStore();
  const address = { url: `${server.origin}/api/daily_papers`, allowPrivate: [server.origin] };
  const endpoint = dailyEndpoint({ address, clock: testClock(), attempts: 2 });
  daily = dailySource({ endpoint, overlap: 2 });
});

const run = async (now: string) => {
  const events: IngestEvent[] = [];
  const since = new Date("2024-05-01T09:00:00Z");
  const options = { since, state: store.state, now: new Date(now) };
  for await (const event of ingest(daily, store.sink, options)) events.push(event);
  return events;
};

test("the daily lists are read day by day; later votes are brought in", async () => {
  days["2024-05-01"] = [{ id: "2405.00001", upvotes: 3 }];
  days["2024-05-03"] = [{ id: "2405.00003", upvotes: 5 }];
  const first = await run("2024-05-03T08:00:00Z");
  expect(first.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(2);
  days["2024-05-03"] = [
    { id: "2405.00003", upvotes: 50 },
    { id: "2405.00004", upvotes: 1 },
  ];
  const second = await run("2024-05-04T08:00:00Z");
  expect(second.filter(({ papers }) => papers > 0)).toMatchObject([
    { papers: 2, inserted: 1, updated: 1 },
  ]);
  expect(store.papers.get("2405.00003")?.upvotesElsewhere).toBe(50);
});

test("pages that did not change are not handed over again, nor sent", async () => {
  days["2024-05-01"] = [{ id: "2405.00001" }];
  days["2024-05-02"] = [{ id: "2405.00002" }];
  const now = "2024-05-02T08:00:00Z";
  const first = await run(now);
  expect(first.map(({ papers, notModified }) => [papers, notModified])).toEqual([
    [1, false],
    [0, false],
    [1, false],
    [0, false],
  ]);
  store.sink = () => Promise.reject(new Error("nothing should come"));
  const second = await run(now);
  expect(second.map(({ papers, notModified }) => [papers, notModified])).toEqual(
    Array.from({ length: 4 }, () => [0, true]),
  );
  expect(server.requests).toHaveLength(8);
});

test("a page is asked for in full again if the sink had refused it", async () => {
  days["2024-05-01"] = [{ id: "2405.00001" }];
  const now = "2024-05-01T08:00:00Z";
  const { sink } = store;
  store.sink = () => Promise.reject(new Error("the disk is full"));
  await expect(run(now)).rejects.toThrow("the disk is full");
  store.sink = sink;
  const [event] = await run(now);
  expect(event).toMatchObject({ papers: 1, inserted: 1, notModified: false });
});

test("a daily run that was killed goes on with the day and page it was at", async () => {
  days["2024-05-01"] = [{ id: "2405.00001" }];
  days["2024-05-02"] = [{ id: "2405.00002" }];
  server.replies = Array.from({ length: 3 }, () => dailyApi(days));
  server.replies.push(status(500), status(500));
  const now = "2024-05-03T08:00:00Z";
  await expect(run(now)).rejects.toThrow("answered 500");
  server.requests = [];
  await run(now);
  const asked = server.requests.map(
    ({ url }) => `${url.searchParams.get("date")} ${url.searchParams.get("p")}`,
  );
  expect(asked).toEqual(["2024-05-02 1", "2024-05-03 0"]);
  expect([...store.papers.keys()]).toEqual(["2405.00001", "2405.00002"]);
});

test("entries that cannot be read, and papers from the future, are reported and left out", async () => {
  days["2024-05-01"] = [
    { id: "my-paper" },
    { id: "2405.00001", publishedAt: "2124-05-01T00:00:00.000Z" },
    { id: "2405.00002" },
  ];
  const [event] = await run("2024-05-01T08:00:00Z");
  expect(event).toMatchObject({
    papers: 1,
    inserted: 1,
    skipped: [
      { id: "my-paper", problem: "id: not an identifier of arXiv" },
      { id: "2405.00001", problem: "published: in the future, 2124-05-01T00:00:00.000Z" },
    ],
  });
});
