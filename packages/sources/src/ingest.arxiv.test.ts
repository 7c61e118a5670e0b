import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { arxivEndpoint } from "./endpoint.ts";
import { type IngestEvent, type IngestOptions, ingest } from "./ingest.ts";
import { arxivSource, type IngestSource } from "./ingestSource.ts";
import { arxivApi, type TestEntry } from "./testing/arxivServer.ts";
import { testClock } from "./testing/clock.ts";
import { startServer, status, type TestServer } from "./testing/server.ts";
import { type MemoryStore, memoryStore } from "./testing/store.ts";

let server: TestServer;
let entries: TestEntry[];
let store: MemoryStore;
let arxiv: IngestSource;
beforeAll(async () => {
  server = await startServer((request, response) => arxivApi(entries)(request, response));
});
afterAll(() => server.close());
beforeEach(() => {
  entries = [];
  server.replies = [];
  server.requests = [];
  store = memoryStore();
  const address = { url: `${server.origin}/api/query`, allowPrivate: [server.origin] };
  const endpoint = arxivEndpoint({ address, clock: testClock(), attempts: 2 });
  arxiv = arxivSource({ categories: ["cs.LG"], pageSize: 10, endpoint });
});

const addEntries = (day: string, first: number, n: number) => {
  for (let i = first; i < first + n; i++)
    entries.push({ id: `2405.${String(i).padStart(5, "0")}v1`, published: `${day}T12:00:00Z` });
};
const run = async (now: string, options: Partial<IngestOptions> = {}) => {
  const events: IngestEvent[] = [];
  const since = new Date("2024-05-01T09:00:00Z");
  const rest = { since, state: store.state, now: new Date(now), ...options };
  for await (const event of ingest(arxiv, store.sink, rest)) events.push(event);
  return events;
};
/** First day, last day and first entry of each request. */
const searches = () =>
  server.requests.map(({ url: { searchParams: query } }) => [
    /\d{8}(?=0000 TO)/.exec(query.get("search_query") ?? "")?.[0],
    /TO (\d{8})2359/.exec(query.get("search_query") ?? "")?.[1],
    query.get("start"),
  ]);

test("the first run reads from the first day on, a week at a time, and reports each page", async () => {
  addEntries("2024-05-01", 1, 15);
  addEntries("2024-05-09", 16, 3);
  const events = await run("2024-05-10T08:00:00Z");
  const page = { source: "arxiv", updated: 0, unchanged: 0, skipped: [], notModified: false };
  expect(events).toEqual([
    { ...page, page: 1, papers: 10, inserted: 10 },
    { ...page, page: 2, papers: 5, inserted: 5 },
    { ...page, page: 3, papers: 3, inserted: 3 },
  ]);
  expect(searches()).toEqual([
    ["20240501", "20240507", "0"],
    ["20240501", "20240507", "10"],
    ["20240508", "20240510", "0"],
  ]);
  expect([...store.papers.keys()]).toEqual(entries.map(({ id }) => id.slice(0, -2)));
});

test("the next run reads a week again, so papers announced late are not missed", async () => {
  addEntries("2024-05-08", 1, 1);
  await run("2024-05-10T08:00:00Z");
  addEntries("2024-05-06", 2, 1); // held by a moderator
  addEntries("2024-05-11", 3, 1);
  server.requests = [];
  const events = await run("2024-05-11T08:00:00Z");
  expect(searches()[0]).toEqual(["20240503", "20240509", "0"]);
  expect(events.map(({ inserted, unchanged }) => [inserted, unchanged])).toEqual([
    [1, 1],
    [1, 0],
  ]);
  expect((await run("2024-05-11T20:00:00Z")).every(({ inserted }) => inserted === 0)).toBe(true);
});

test("a new version of a paper updates it, and the old one does not come back", async () => {
  entries.push({ id: "2405.00001v1", published: "2024-05-01T12:00:00Z" });
  await run("2024-05-02T08:00:00Z");
  entries.push({ id: "2405.00001v2", published: "2024-05-01T12:00:00Z", title: "Better" });
  const [event] = await run("2024-05-02T09:00:00Z");
  expect(event).toMatchObject({ papers: 1, inserted: 0, updated: 1 });
  expect(store.papers.get("2405.00001")).toMatchObject({ version: 2, title: "Better" });
});

test("after a kill between any two steps a run goes on where it stopped, and all is there", async () => {
  addEntries("2024-05-01", 1, 25);
  addEntries("2024-05-09", 26, 12);
  const now = "2024-05-10T08:00:00Z";
  const whole = entries.map(({ id }) => id.slice(0, -2));
  for (let kill = 1; kill <= 10; kill++) {
    store = memoryStore();
    let steps = 0;
    const step = () => {
      steps += 1;
      if (steps === kill) throw new Error("killed");
    };
    const { sink, state } = store;
    const killed: Pick<MemoryStore, "sink" | "state"> = {
      async sink(papers) {
        step(); // before the papers are stored
        const stored = await sink(papers);
        return stored;
      },
      state: {
        load: state.load,
        async save(source, saved) {
          step(); // between the papers and the state
          await state.save(source, saved);
        },
      },
    };
    const first = async () => {
      const since = new Date("2024-05-01T00:00:00Z");
      const options = { since, state: killed.state, now: new Date(now) };
      for await (const _ of ingest(arxiv, killed.sink, options));
    };
    await expect(first()).rejects.toThrow("killed");
    const pagesSaved = Math.floor((kill - 1) / 2);
    const before = store.papers.size;
    server.requests = [];
    const events = await run(now);
    expect([...store.papers.keys()].sort()).toEqual(whole);
    expect(server.requests).toHaveLength(5 - pagesSaved);
    const inserted = events.reduce((sum, event) => sum + event.inserted, 0);
    expect(inserted).toBe(whole.length - before);
  }
});

test("what was begun on another day is finished first, then what may have changed since", async () => {
  addEntries("2024-05-01", 1, 15);
  addEntries("2024-05-09", 16, 15);
  const working = arxivApi(entries);
  server.replies = [working, working, working, status(500), status(500)];
  await expect(run("2024-05-10T08:00:00Z")).rejects.toThrow("answered 500");
  expect(store.papers.size).toBe(25);
  addEntries("2024-05-06", 31, 1); // held by a moderator
  // A second failure there does not make it forget since when.
  server.replies = [working, status(500), status(500)];
  addEntries("2024-05-09", 32, 10);
  await expect(run("2024-05-12T08:00:00Z")).rejects.toThrow("answered 500");
  server.requests = [];
  await run("2024-05-12T08:00:00Z");
  expect(searches()).toEqual([
    ["20240508", "20240510", "20"],
    ["20240503", "20240509", "0"],
    ["20240503", "20240509", "10"],
    ["20240503", "20240509", "20"],
    ["20240510", "20240512", "0"],
  ]);
  expect(store.papers.size).toBe(41);
});

test("nothing is read before the day of interest, however far back a run was", async () => {
  await run("2024-05-02T08:00:00Z");
  server.requests = [];
  await run("2024-06-20T08:00:00Z", { since: new Date("2024-06-18T00:00:00Z") });
  expect(searches()).toEqual([["20240618", "20240620", "0"]]);
  const since = new Date("2024-06-21T00:00:00Z");
  expect(await run("2024-06-20T08:00:00Z", { since })).toEqual([]);
});

test("a saved state that is none is an error that says what to do", async () => {
  store.saved.set("arxiv", '{"asOf": "2024-02-30", "seen": {}}');
  await expect(run("2024-05-02T08:00:00Z")).rejects.toThrow(
    'the saved state of "arxiv" cannot be read, asOf: not a day; without it the source is read',
  );
});

test("an aborted signal ends a run after the page at hand is stored", async () => {
  addEntries("2024-05-01", 1, 30);
  const abort = new AbortController();
  const { sink } = store;
  store.sink = async (papers) => {
    const stored = await sink(papers);
    abort.abort(new Error("enough"));
    return stored;
  };
  const now = "2024-05-02T08:00:00Z";
  await expect(run(now, { signal: abort.signal })).rejects.toThrow("enough");
  expect(store.papers.size).toBe(10);
  store.sink = sink;
  await run(now);
  expect(store.papers.size).toBe(30);
});
