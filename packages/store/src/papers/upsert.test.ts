import { cards } from "@etude/papers/cards";
import { expect, test } from "vitest";
import { StoreError } from "../database.ts";
import { papers } from "../schema/index.ts";
import { eachDatabase } from "../testing/databases.ts";
import { incoming } from "../testing/papers.ts";
import { findPaper } from "./find.ts";
import { seedCards } from "./seed.ts";
import { upsertPapers } from "./upsert.ts";
import { vote } from "./votes.ts";

const now = new Date("2024-01-02T00:00:00Z");
const later = new Date("2024-02-01T00:00:00Z");
const dataDiet = "2107.07075";

eachDatabase("upsertPapers", (open) => {
  test("inserts, updates, and leaves alone", async () => {
    const store = await open();
    const one = incoming();
    const two = incoming({ arxiv: "hep-th/9901001", title: "Strings" });
    expect(await upsertPapers(store, [one, two], now)).toEqual({
      inserted: 2,
      updated: 0,
      unchanged: 0,
    });
    const renamed = { ...two, version: 2, title: "Branes" };
    expect(await upsertPapers(store, [one, renamed], later)).toEqual({
      inserted: 0,
      updated: 1,
      unchanged: 1,
    });
    const found = await findPaper(store, "hep-th/9901001", later);
    expect(found).toMatchObject({ title: "Branes", version: 2, firstSeen: now, slug: null });
    expect(found?.url).toBe("/papers/hep-th/9901001");
    expect(await upsertPapers(store, [], now)).toEqual({ inserted: 0, updated: 0, unchanged: 0 });
  });

  test("an older version never overwrites a newer one", async () => {
    const store = await open();
    await upsertPapers(store, [incoming({ version: 3, title: "Third" })], now);
    const old = incoming({ version: 2, title: "Second" });
    expect(await upsertPapers(store, [old], now)).toMatchObject({ unchanged: 1 });
    // Of two versions in one call the newer is looked at.
    const both = [incoming({ version: 5, title: "Fifth" }), incoming({ version: 4 })];
    expect(await upsertPapers(store, both, now)).toEqual({
      inserted: 0,
      updated: 1,
      unchanged: 0,
    });
    expect((await findPaper(store, "2401.00001"))?.title).toBe("Fifth");
  });

  test("the daily list adds upvotes and code, and replaces nothing that arXiv said", async () => {
    const store = await open();
    await upsertPapers(store, [incoming({ version: 2, doi: "10.1000/1" })], now);
    const daily = incoming({
      version: 1,
      source: "daily",
      title: "a method",
      abstract: "",
      categories: [],
      upvotesElsewhere: 17,
      code: "https://github.com/a/b",
    });
    await upsertPapers(store, [daily], now);
    await upsertPapers(store, [{ ...daily, version: 2 }], now);
    expect(await findPaper(store, "2401.00001")).toMatchObject({
      version: 2,
      title: "A Method",
      abstract: "We measure what it does.",
      categories: ["cs.LG"],
      doi: "10.1000/1",
      upvotesElsewhere: 17,
      code: "https://github.com/a/b",
    });
    await upsertPapers(store, [{ ...daily, upvotesElsewhere: 5e12 }], now);
    expect((await findPaper(store, "2401.00001"))?.upvotesElsewhere).toBe(2 ** 31 - 1);
    const script = incoming({ arxiv: "2401.00002", code: "javascript:alert(1)//https://" });
    await upsertPapers(store, [script], now);
    expect((await findPaper(store, "2401.00002"))?.code).toBeNull();
  });

  test("arXiv corrects what the daily list said", async () => {
    const store = await open();
    const daily = incoming({ source: "daily", title: "a method", categories: [] });
    await upsertPapers(store, [daily], now);
    expect(await upsertPapers(store, [incoming()], now)).toMatchObject({ updated: 1 });
    expect(await upsertPapers(store, [daily], now)).toMatchObject({ unchanged: 1 });
    expect(await findPaper(store, "2401.00001")).toMatchObject({ title: "A Method" });
  });

  test("many calls at once with the same papers insert each once", async () => {
    const store = await open();
    const batch = Array.from({ length: 50 }, (_, i) => incoming({ arxiv: `2401.${10_000 + i}` }));
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        upsertPapers(store, i % 2 === 0 ? batch : batch.toReversed(), now),
      ),
    );
    const total = (key: "inserted" | "updated" | "unchanged") =>
      results.reduce((sum, result) => sum + result[key], 0);
    expect([total("inserted"), total("updated"), total("unchanged")]).toEqual([50, 0, 350]);
    expect(await store.db.$count(papers)).toBe(50);
  });

  test("a thousand and more are stored in several statements", async () => {
    const store = await open();
    const many = Array.from({ length: 1203 }, (_, i) => incoming({ arxiv: `2401.${10_000 + i}` }));
    expect(await upsertPapers(store, many, now)).toMatchObject({ inserted: 1203 });
  });

  test("takes hostile texts", async () => {
    const store = await open();
    const hostile = incoming({
      title: "x'; drop table papers; -- \0\u202E\"{}\\ $1 %s <script>",
      authors: ["", "\0", "{\"a\",'b'}", "NULL", "\\", 'O\'Neil, "Bob"'],
      abstract: `\0${"long ".repeat(200_000)}`,
      categories: ["cs.LG", "a,b", "{}"],
    });
    await upsertPapers(store, [hostile], now);
    const found = await findPaper(store, "2401.00001");
    expect(found?.title).toBe("x'; drop table papers; -- \"{}\\ $1 %s <script>");
    expect(found?.authors).toEqual(["{\"a\",'b'}", "NULL", "\\", 'O\'Neil, "Bob"']);
    expect(found?.categories).toEqual(["cs.LG", "a,b", "{}"]);
    expect(found?.abstract).toHaveLength(20_000);
    expect(found?.abstract?.endsWith("…")).toBe(true);
  });

  test("takes the longest of everything", async () => {
    const store = await open();
    const word = () => Math.random().toString(36).slice(2);
    const longest = incoming({
      title: Array.from({ length: 500 }, word).join(" "),
      authors: Array.from({ length: 20_000 }, () => `${word()} ${"é".repeat(400)}`),
      abstract: Array.from({ length: 5000 }, word).join(" "),
    });
    await upsertPapers(
      store,
      [longest, incoming({ arxiv: "2401.00002", title: "y".repeat(9e6) })],
      now,
    );
    expect((await findPaper(store, "2401.00001"))?.authors).toHaveLength(10_000);
  });

  test("refuses what is no paper, and then stores none", async () => {
    const store = await open();
    const refused: [Partial<Parameters<typeof incoming>[0]>, string][] = [
      [{ arxiv: "2401.00001v2" }, '"2401.00001v2" is no identifier of arXiv'],
      [{ arxiv: "x".repeat(1e6) }, "is no identifier of arXiv"],
      [{ title: " \0\u202E " }, "paper 2401.00001 has no title"],
      [{ version: 0 }, "paper 2401.00001: version 0 is not 1, 2, …"],
      [{ published: new Date("soon") }, "paper 2401.00001: a date is none"],
    ];
    for (const [different, message] of refused) {
      const papers = [incoming({ arxiv: "2401.00009" }), incoming(different)];
      const attempt = upsertPapers(store, papers, now);
      await expect(attempt).rejects.toThrow(message);
      await expect(attempt).rejects.toBeInstanceOf(StoreError);
    }
    expect(await store.db.$count(papers)).toBe(0);
  });
});

eachDatabase("seedCards", (open) => {
  test("stores every card once, and nothing changes the second time", async () => {
    const store = await open();
    await seedCards(store, cards, now);
    const before = await store.db.select().from(papers).orderBy(papers.id);
    expect(before).toHaveLength(cards.length);
    await seedCards(store, cards, later);
    expect(await store.db.select().from(papers).orderBy(papers.id)).toEqual(before);
    const found = await findPaper(store, "data-diet", later);
    expect(found).toMatchObject({ arxiv: dataDiet, year: 2021, venue: "NeurIPS", abstract: null });
    expect(found?.url).toBe("/papers/data-diet");
    expect(await findPaper(store, `${dataDiet}v2`, later)).toEqual(found);
  });

  test("starts at once do not collide, with each other, votes or a source", async () => {
    const store = await open();
    await Promise.all(Array.from({ length: 5 }, () => seedCards(store, cards, now)));
    expect(await store.db.$count(papers)).toBe(cards.length);
    const changed = cards.map((card) => ({ ...card, summary: `${card.summary} Changed.` }));
    const { id = 0 } = (await findPaper(store, dataDiet)) ?? {};
    await Promise.all(
      Array.from({ length: 30 }, (_, i) => {
        if (i % 10 === 0) return seedCards(store, i % 20 === 0 ? changed : cards, now);
        if (i % 10 === 5)
          return upsertPapers(store, [incoming({ arxiv: dataDiet, version: i })], now);
        return vote(store, id, `visitor ${i}`, now);
      }),
    );
    expect(await findPaper(store, dataDiet)).toMatchObject({ slug: "data-diet", votes: 24 });
  });

  test("a paper with a card keeps the card's texts and gains the abstract", async () => {
    const store = await open();
    await seedCards(store, cards, now);
    const read = incoming({
      arxiv: dataDiet,
      title: "deep learning on a data diet",
      code: "https://github.com/x/y",
    });
    await upsertPapers(store, [read], later);
    await seedCards(store, cards, later);
    const card = cards.find(({ slug }) => slug === "data-diet");
    expect(await findPaper(store, dataDiet)).toMatchObject({
      slug: "data-diet",
      title: card?.title,
      authors: card?.authors,
      summary: card?.summary,
      topics: card?.topics,
      code: card?.code,
      abstract: read.abstract,
      published: read.published,
      version: 1,
    });
  });

  test("a paper that arXiv told of first gets the slug", async () => {
    const store = await open();
    await upsertPapers(store, [incoming({ arxiv: dataDiet })], now);
    await seedCards(store, cards, later);
    expect(await store.db.$count(papers)).toBe(cards.length);
    expect(await findPaper(store, "data-diet")).toMatchObject({
      abstract: "We measure what it does.",
      firstSeen: now,
    });
  });

  test("a card that names its arXiv identifier later becomes one with the paper, votes and all", async () => {
    const store = await open();
    const [card] = cards.filter(({ slug }) => slug === "data-diet");
    await seedCards(store, [{ ...card, arxiv: undefined }], now);
    await upsertPapers(store, [incoming({ arxiv: dataDiet })], now);
    const both = [await findPaper(store, "data-diet"), await findPaper(store, dataDiet)];
    for (const [index, paper] of both.entries()) {
      await vote(store, paper?.id ?? 0, "both", now);
      await vote(store, paper?.id ?? 0, `only ${index}`, now);
    }
    await seedCards(store, [card], now);
    expect(await store.db.$count(papers)).toBe(1);
    expect(await findPaper(store, "data-diet")).toMatchObject({ arxiv: dataDiet, votes: 3 });
  });
});
