import { cards } from "@etude/papers/cards";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Store } from "../database.ts";
import { findPaper } from "../papers/find.ts";
import { seedCards } from "../papers/seed.ts";
import { upsertPapers } from "../papers/upsert.ts";
import { vote } from "../papers/votes.ts";
import { eachDatabase, type OpenStore } from "../testing/databases.ts";
import { incoming } from "../testing/papers.ts";
import { fold } from "../text.ts";
import { readMarks } from "./marks.ts";
import { search } from "./search.ts";

const now = new Date("2024-06-01T00:00:00Z");

async function openWithCards(open: OpenStore): Promise<Store> {
  const store = await open();
  await seedCards(store, cards, now);
  return store;
}

async function slugs(store: Store, text: string, limit?: number) {
  return (await search(store, text, { limit, now })).map(({ slug }) => slug);
}

eachDatabase("search", (open) => {
  test("finds by title, author, and summary", async () => {
    const store = await openWithCards(open);
    expect((await slugs(store, "data diet"))[0]).toBe("data-diet");
    expect((await slugs(store, "deep learning on a data diet"))[0]).toBe("data-diet");
    expect((await slugs(store, "Dziugaite"))[0]).toBe("data-diet");
    expect(await slugs(store, "wrong labels")).toContain("data-diet");
  });

  test("finds unfinished words", async () => {
    const store = await openWithCards(open);
    for (const typed of ["dat", "data di", "dziug", "distillati"]) {
      const found = await slugs(store, typed);
      expect(found, typed).toContain(typed === "distillati" ? "dataset-distillation" : "data-diet");
    }
  });

  test("finds what was mistyped", async () => {
    const store = await openWithCards(open);
    expect((await slugs(store, "dziugaitte"))[0]).toBe("data-diet");
    expect(await slugs(store, "difusion guidence")).toContain("adaptive-guidance");
    expect((await slugs(store, "dataset destillation"))[0]).toBe("dataset-distillation");
  });

  test("finds by stems, and without accents", async () => {
    const store = await open();
    const paper = incoming({ title: "Étude of Diffusing Samplers", authors: ["Łukasz Schölkopf"] });
    await upsertPapers(store, [paper], now);
    for (const typed of ["etudes", "étude", "DIFFUSION SAMPLER", "lukasz", "Scholkopf", "schölk"]) {
      expect(await search(store, typed, { now }), typed).toHaveLength(1);
    }
  });

  test("understands phrases, exclusions and or", async () => {
    const store = await openWithCards(open);
    expect(await slugs(store, '"data diet"')).toEqual(["data-diet"]);
    expect(await slugs(store, '"diet data"')).not.toContain("data-diet");
    expect(await slugs(store, "distillation -dataset")).not.toContain("dataset-distillation");
    const either = await slugs(store, '"data diet" or "dataset distillation"');
    expect(either).toEqual(expect.arrayContaining(["data-diet", "dataset-distillation"]));
  });

  test("ranks titles above abstracts, and equal papers by votes", async () => {
    const store = await open();
    const mention = "We quantise what others quantise.";
    await upsertPapers(
      store,
      [
        incoming({ arxiv: "2401.00001", title: "Something else", abstract: mention }),
        incoming({ arxiv: "2401.00002", title: "How to quantise" }),
        incoming({ arxiv: "2401.00003", title: "How to quantise" }),
      ],
      now,
    );
    const voted = await findPaper(store, "2401.00002");
    await vote(store, voted?.id ?? 0, "somebody", now);
    const hits = await search(store, "quantise", { now });
    expect(hits.map(({ arxiv }) => arxiv)).toEqual(["2401.00002", "2401.00003", "2401.00001"]);
    expect(hits.every(({ rank }, i) => i === 0 || rank <= hits[i - 1].rank)).toBe(true);
  });

  test("finds an old paper with a rare word behind thousands of new ones", async () => {
    const store = await open();
    const old = incoming({ arxiv: "1001.0001", title: "Adam", published: new Date("2010-01-01") });
    const young = Array.from({ length: 1500 }, (_, i) =>
      incoming({ arxiv: `2401.${10_000 + i}`, title: `Learning to learn, part ${i}` }),
    );
    await upsertPapers(store, [old, ...young], now);
    expect(await search(store, "adam", { now })).toMatchObject([{ title: "Adam" }]);
    expect(await search(store, "learning", { now })).toHaveLength(20);
    expect(await search(store, '"learn part 7"', { now })).toMatchObject([{ title: /part 7$/ }]);
  });

  test("says where the words are, and never in HTML", async () => {
    const store = await open();
    await upsertPapers(
      store,
      [
        incoming({
          title: "Sparse <script>alert(1)</script> & sparser networks",
          abstract: 'Long before. <b>Sparse</b> networks & others are "sparse".',
        }),
      ],
      now,
    );
    const [hit] = await search(store, "sparse", { now });
    const { snippet } = hit;
    const marked = snippet?.matches.map(([start, end]) => snippet.text.slice(start, end));
    expect(marked).toEqual(["Sparse", "sparse"]);
    expect(snippet?.text).not.toContain("<b>");
    await upsertPapers(store, [incoming({ version: 2, title: "Sparse 👩‍🔬 & sparser" })], now);
    const [renamed] = await search(store, "sparse", { now });
    expect(renamed.titleMatches.map(([start, end]) => renamed.title.slice(start, end))).toEqual([
      "Sparse",
      "sparser",
    ]);
  });

  test("empty and hostile queries are harmless", async () => {
    const store = await openWithCards(open);
    const nothing = [
      "",
      "   ",
      "\0",
      "a",
      "!!!",
      "((((",
      "'; drop table papers; --",
      "\u202E\u2066",
    ];
    for (const text of nothing) expect(await search(store, text, { now }), text).toEqual([]);
    const hostile = [
      "\\",
      "'",
      '"',
      '"""',
      "a:*",
      "a & | !",
      "-",
      "--",
      "or or",
      "-a -b",
      ":* <-> ()",
      "%_%",
      "⑴",
      "½",
      "x".repeat(1e6),
      "data ".repeat(1e5),
      "👩‍🔬",
      "\uD800",
      "a".repeat(199),
      "{1,2}",
      "$1 $2",
    ];
    for (const text of hostile) await search(store, text, { now });
    const any = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 40 }),
      fc
        .array(
          fc.constantFrom("data", '"', "-", "(", ")", "&", "|", "!", "<->", ":*", "or", "'", "\\"),
        )
        .map((parts) => parts.join(" ")),
    );
    await fc.assert(
      fc.asyncProperty(any, async (text) => {
        await search(store, text, { now });
      }),
      { numRuns: 60, seed: 1 },
    );
    expect(await store.db.$count(sql`papers`)).toBe(cards.length);
  });

  test("gives as many as asked for", async () => {
    const store = await openWithCards(open);
    expect(await slugs(store, "learning", 3)).toHaveLength(3);
    expect(await slugs(store, "learning", -1)).toHaveLength(1);
  });

  test("folds like the database", async () => {
    const { db } = await open();
    const texts = [
      "Łódź ŒUVRE ﬁne ＡＢ² Ångström ΣΊΣΥ",
      "ИЙ ё 深度 שָׁלוֹם İı",
      "plain ASCII, 1.5!",
      "",
    ];
    for (const text of texts) {
      const { rows } = await db.execute(sql`select folded(${text}) as folded`);
      expect(rows).toEqual([{ folded: fold(text) }]);
    }
  });
});

describe("readMarks", () => {
  test("takes marks out and keeps their places", () => {
    expect(readMarks("a \u0001b\u0002 c \u0001de\u0002")).toEqual({
      text: "a b c de",
      matches: [
        [2, 3],
        [6, 8],
      ],
    });
    expect(readMarks("")).toEqual({ text: "", matches: [] });
  });
});
