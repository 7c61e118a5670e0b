import { cards } from "@etude/papers/cards";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { findPaper } from "../papers/find.ts";
import { seedCards } from "../papers/seed.ts";
import { upsertPapers } from "../papers/upsert.ts";
import { eachDatabase } from "../testing/databases.ts";
import { incoming } from "../testing/papers.ts";
import { similarPapers } from "./similar.ts";

const now = new Date("2024-06-01T00:00:00Z");

eachDatabase("similarPapers", (open) => {
  async function similarTo(store: Awaited<ReturnType<typeof open>>, key: string, limit = 4) {
    const paper = await findPaper(store, key);
    return similarPapers(store, paper?.id ?? 0, limit, now);
  }

  for (const analysed of [false, true]) {
    test(`shares topics and words, ${analysed ? "with" : "without"} statistics`, async () => {
      const store = await open();
      await seedCards(store, cards, now);
      await upsertPapers(
        store,
        [incoming({ title: "Distilling a dataset into few synthetic images" })],
        now,
      );
      if (analysed) await store.db.execute(sql`analyze papers`);
      const found = await similarTo(store, "dataset-condensation");
      expect(found).toHaveLength(4);
      expect(found.map(({ slug, title }) => slug ?? title).slice(0, 3)).toContain(
        "dataset-distillation",
      );
      const diffusion = await similarTo(store, "adaptive-guidance");
      expect(diffusion[0].topics).toContain("diffusion");
      const plain = await similarTo(store, "2401.00001");
      expect(plain.map(({ slug }) => slug)).toContain("dataset-distillation");
    });
  }

  test("never the paper itself, and nothing of nothing", async () => {
    const store = await open();
    expect(await similarPapers(store, 1, 5, now)).toEqual([]);
    for (const id of [2 ** 40, -1, 0.5, Number.NaN]) {
      expect(await similarPapers(store, id, 5, now)).toEqual([]);
    }
    await upsertPapers(store, [incoming({ title: "'' \\ & | ! <-> :*", abstract: "…" })], now);
    expect(await similarTo(store, "2401.00001")).toEqual([]);
    await seedCards(store, cards, now);
    const all = await similarTo(store, "data-diet", 50);
    expect(all.map(({ slug }) => slug)).not.toContain("data-diet");
    expect(await similarTo(store, "data-diet", 0)).toEqual([]);
  });
});
