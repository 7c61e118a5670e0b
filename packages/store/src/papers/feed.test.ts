import { card } from "@etude/papers/cards";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { papers } from "../schema/index.ts";
import { eachDatabase } from "../testing/databases.ts";
import { incoming } from "../testing/papers.ts";
import { type FeedQuery, feed } from "./feed.ts";
import { findPaper } from "./find.ts";
import { trendingScore, trendingSql } from "./rank.ts";
import { seedCards } from "./seed.ts";
import { upsertPapers } from "./upsert.ts";
import { vote } from "./votes.ts";

const now = new Date("2024-03-01T00:00:00Z");
const anHour = 3_600_000;
const aDay = 24 * anHour;
const daysAgo = (days: number) => new Date(now.getTime() - days * aDay);
const all: FeedQuery = { period: "all", page: 1, now };

eachDatabase("feed", (open) => {
  /** Papers named by how many days ago they were published and first seen. */
  async function openWith(...ages: [published: number, seen: number][]) {
    const store = await open();
    for (const [i, [published, seen]] of ages.entries()) {
      const paper = incoming({
        arxiv: `2401.0000${i}`,
        title: `${published} ${seen}`,
        published: daysAgo(published),
      });
      await upsertPapers(store, [paper], daysAgo(seen));
    }
    return store;
  }
  const titles = (found: { papers: readonly { title: string }[] }) =>
    found.papers.map(({ title }) => title);

  test("a period holds what came up in it", async () => {
    const store = await openWith([3, 0.5], [6, 2], [20, 19], [200, 0.1]);
    const period = async (period: FeedQuery["period"]) =>
      titles(await feed(store, { ...all, period }));
    expect(await period("day")).toEqual(["3 0.5"]);
    expect(await period("week")).toEqual(["3 0.5", "6 2"]);
    expect(await period("month")).toEqual(["3 0.5", "6 2", "20 19"]);
    // Found long after it was published, which does not make it new.
    expect(await period("all")).toEqual(["3 0.5", "6 2", "20 19", "200 0.1"]);
  });

  test("ranks by votes and age", async () => {
    const store = await openWith([0.5, 0.5], [2, 2], [6, 6]);
    const old = await findPaper(store, "2401.00002");
    for (let i = 0; i < 9; i++) await vote(store, old?.id ?? 0, String(i), now);
    const { papers } = await feed(store, all);
    expect(titles({ papers })).toEqual(["6 6", "0.5 0.5", "2 2"]);
    expect(papers.map(({ isNew }) => isNew)).toEqual([false, true, false]);
    expect(papers.map(({ score }) => score)).toEqual(
      papers.map(({ score }) => score).toSorted((a, b) => b - a),
    );
  });

  test("can be asked for some papers with cards only", async () => {
    const store = await openWith([1, 1]);
    await seedCards(store, [card("gbnn"), card("data-diet")], now);
    const some = await feed(store, { ...all, slugs: ["gbnn", "odice"] });
    expect([some.total, ...some.papers.map(({ slug }) => slug)]).toEqual([1, "gbnn"]);
    expect((await feed(store, { ...all, slugs: [] })).total).toBe(0);
  });

  test("pages", async () => {
    const store = await openWith(...Array.from({ length: 5 }, (_, i): [number, number] => [i, i]));
    const page = (page: number) => feed(store, { ...all, page, perPage: 2 });
    expect(await page(1)).toMatchObject({ page: 1, pages: 3, total: 5 });
    expect([await page(1), await page(2), await page(3)].flatMap(titles)).toHaveLength(5);
    expect(await page(4)).toEqual({ papers: [], page: 4, pages: 3, total: 5 });
    for (const wrong of [0, -1, 1.5, Number.NaN, 1e9]) {
      await expect(page(wrong)).rejects.toThrow("page must be a whole number from 1");
    }
    await expect(feed(store, { ...all, perPage: 101 })).rejects.toThrow("perPage must be");
  });

  test("an empty store has one page", async () => {
    expect(await feed(await open(), all)).toEqual({ papers: [], page: 1, pages: 1, total: 0 });
  });

  test("topics, which are found in title and abstract", async () => {
    const store = await openWith();
    await upsertPapers(
      store,
      [
        incoming({ arxiv: "2401.00001", title: "Guidance for diffusion models" }),
        incoming({ arxiv: "2401.00002", title: "Offline reinforcement learning" }),
      ],
      now,
    );
    const found = await feed(store, { ...all, topic: "diffusion" });
    expect(titles(found)).toEqual(["Guidance for diffusion models"]);
    expect(found.papers[0].topics).toEqual(["diffusion", "generative-models"]);
    expect(titles(await feed(store, { ...all, topic: 'x\' or "1"={}' }))).toEqual([]);
  });

  test("trendingSql is trendingScore to the last bit", async () => {
    const { db } = await open();
    const now = new Date("2024-06-01T00:00:00.123Z");
    const ages = [-anHour, 0, 1, 999, anHour, 12_345_678, aDay, 7 * aDay, 400 * aDay];
    const cases = ages.flatMap((age) => [0, 1, 7, 12_345].map((votes) => ({ age, votes })));
    await db.insert(papers).values(
      cases.map(({ age, votes }, index) => {
        const at = new Date(now.getTime() - age);
        const { abstract: _, ...paper } = incoming();
        return {
          ...paper,
          authors: [],
          categories: [],
          arxiv: String(index),
          year: 2024,
          published: at,
          firstSeen: at,
          votes,
        };
      }),
    );
    const rows = await db
      .select({ arxiv: papers.arxiv, score: trendingSql(now) })
      .from(papers)
      .orderBy(sql`arxiv::int`);
    expect(rows.map(({ score }) => score)).toEqual(
      cases.map(({ age, votes }) => trendingScore(votes, age)),
    );
  });
});
