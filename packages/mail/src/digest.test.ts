import { cards } from "@etude/papers/cards";
import { digests, type Store, seedCards, upsertPapers, vote } from "@etude/store";
import { eachDatabase } from "@etude/store/testing";
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { contentSchema, papersAbout } from "./content.ts";
import { buildDigest, type Issue } from "./digest.ts";
import { digestPapers, incomingPaper } from "./testing/papers.ts";
import { addReaders, morning, outbox } from "./testing/readers.ts";

const hours = (count: number) => new Date(morning.getTime() + count * 3_600_000);
const daily = (day: string): Issue => ({ frequency: "daily", day });

async function papersOf(store: Store, { day, frequency }: Issue) {
  const rows = await store.db.select().from(digests).where(eq(digests.day, day));
  const row = rows.find((each) => each.frequency === frequency);
  return contentSchema.parse(row?.content).papers;
}

test("topics choose papers", () => {
  const ids = (topics: string[]) => papersAbout(digestPapers, topics).map(({ id }) => id);
  expect(ids([])).toEqual([1, 2, 3]);
  expect(ids(["tabular", "pruning"])).toEqual([1]);
  expect(ids(["pruning"])).toEqual([]);
});

eachDatabase("buildDigest", (open) => {
  test("freezes what trends, by rank, as it is then", async () => {
    const store = await open();
    await upsertPapers(
      store,
      [1, 2, 3].map((number) => incomingPaper(number)),
      hours(-2),
    );
    const issue = daily("2026-11-24");
    const { rows } = await store.db.execute<{ id: number }>("select id from papers order by arxiv");
    await vote(store, rows[1].id, "a visitor", hours(-1));
    expect(await buildDigest(store, issue, morning)).toEqual({ ...issue, papers: 3, queued: 0 });
    await vote(store, rows[2].id, "a visitor", hours(1));
    const papers = await papersOf(store, issue);
    expect(papers[0]).toEqual({
      id: rows[1].id,
      title: "Paper 2",
      authors: ["Ada Lovelace"],
      venue: null,
      year: 2026,
      excerpt: "The abstract of paper 2. It has two sentences.",
      topics: [],
      votes: 1,
      path: "/papers/2611.00002",
      runnable: false,
    });
    expect(papers.map(({ votes }) => votes)).toEqual([1, 0, 0]);
  });

  test("says which papers can be run", async () => {
    const store = await open();
    await seedCards(store, cards, hours(-2));
    // A card whose publication is recent is news.
    await store.db.execute("update papers set published = first_seen where slug in ('gbnn')");
    const issue = daily("2026-11-24");
    await buildDigest(store, issue, morning);
    const papers = await papersOf(store, issue);
    expect(papers.find(({ path }) => path === "/papers/gbnn")?.runnable).toBe(true);
  });

  test("is built once, however many try", async () => {
    const store = await open();
    await addReaders(store, 3);
    await upsertPapers(store, [incomingPaper(1)], hours(-2));
    const issue = daily("2026-11-24");
    const built = await Promise.all(
      Array.from({ length: 8 }, () => buildDigest(store, issue, morning)),
    );
    expect(built.filter((each) => each !== undefined)).toEqual([
      { ...issue, papers: 1, queued: 3 },
    ]);
    expect(await buildDigest(store, issue, hours(1))).toBeUndefined();
    expect(await outbox(store)).toHaveLength(3);
  });

  test("is queued for those who want it and would find something in it", async () => {
    const store = await open();
    const add = (name: string, about: Parameters<typeof addReaders>[2]) =>
      addReaders(store, 1, { email: name, emailKey: name, ...about });
    await add("all", {});
    await add("topic", { topics: ["diffusion", "optimisation"] });
    await add("other-topic", { topics: ["diffusion"] });
    await add("weekly", { frequency: "weekly" });
    await add("pending", { status: "pending" });
    await add("stopped", { status: "stopped" });
    const title = "Faster stochastic gradient descent";
    await upsertPapers(store, [incomingPaper(1), incomingPaper(2, { title })], hours(-2));
    await buildDigest(store, daily("2026-11-24"), morning);
    expect(await outbox(store)).toEqual(
      ["all", "topic"].map((to) => ({ to, status: "queued", attempts: 0, error: null })),
    );
  });

  test("without anything new is not sent", async () => {
    const store = await open();
    await addReaders(store, 2);
    const issue = daily("2026-11-24");
    expect(await buildDigest(store, issue, morning)).toEqual({ ...issue, papers: 0, queued: 0 });
    await upsertPapers(store, [incomingPaper(1)], morning);
    expect(await buildDigest(store, issue, hours(1))).toBeUndefined();
    expect(await outbox(store)).toEqual([]);
  });

  test("holds each paper once, also after days without any", async () => {
    const store = await open();
    await upsertPapers(store, [incomingPaper(1)], hours(-2));
    await buildDigest(store, daily("2026-11-24"), morning);
    await upsertPapers(store, [incomingPaper(2)], hours(1));
    await upsertPapers(store, [incomingPaper(3)], hours(50));
    // Three days later: the day's feed alone would lack the second paper.
    await buildDigest(store, daily("2026-11-27"), hours(72.01));
    await buildDigest(store, daily("2026-11-28"), hours(96));
    const titles = async (day: string) =>
      (await papersOf(store, daily(day))).map(({ title }) => title);
    expect(await titles("2026-11-24")).toEqual(["Paper 1"]);
    expect((await titles("2026-11-27")).sort()).toEqual(["Paper 2", "Paper 3"]);
    expect(await titles("2026-11-28")).toEqual([]);
  });

  test("of a week looks back a week", async () => {
    const store = await open();
    await upsertPapers(store, [incomingPaper(1)], hours(-6 * 24));
    await upsertPapers(store, [incomingPaper(2)], hours(-8 * 24));
    const issue: Issue = { frequency: "weekly", day: "2026-11-23" };
    await buildDigest(store, issue, morning);
    expect((await papersOf(store, issue)).map(({ title }) => title)).toEqual(["Paper 1"]);
  });
});
