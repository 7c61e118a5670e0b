import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import type { Store } from "../database.ts";
import { votes } from "../schema/index.ts";
import { eachDatabase } from "../testing/databases.ts";
import { incoming } from "../testing/papers.ts";
import { findPaper } from "./find.ts";
import { upsertPapers } from "./upsert.ts";
import { unvote, vote, votesOf } from "./votes.ts";

const now = new Date("2024-01-02T00:00:00Z");

async function onePaper(store: Store): Promise<number> {
  await upsertPapers(store, [incoming()], now);
  return (await findPaper(store, "2401.00001"))?.id ?? 0;
}

async function counts(store: Store, paper: number) {
  const counter = (await findPaper(store, "2401.00001"))?.votes;
  return { counter, rows: await store.db.$count(votes, eq(votes.paper, paper)) };
}

eachDatabase("votes", (open) => {
  test("a visitor votes once, and takes the vote back once", async () => {
    const store = await open();
    const paper = await onePaper(store);
    expect(await vote(store, paper, "a", now)).toEqual({ votes: 1, counted: true });
    expect(await vote(store, paper, "a", now)).toEqual({ votes: 1, counted: false });
    expect(await vote(store, paper, "b", now)).toEqual({ votes: 2, counted: true });
    expect(await votesOf(store, "a", [paper, paper + 1])).toEqual(new Set([paper]));
    expect(await votesOf(store, "a", [])).toEqual(new Set());
    expect(await unvote(store, paper, "a")).toEqual({ votes: 1, counted: true });
    expect(await unvote(store, paper, "a")).toEqual({ votes: 1, counted: false });
    expect(await votesOf(store, "a", [paper])).toEqual(new Set());
  });

  test("the same visitor in parallel counts once", async () => {
    const store = await open();
    const paper = await onePaper(store);
    const cast = await Promise.all(
      Array.from({ length: 20 }, () => vote(store, paper, "one", now)),
    );
    expect(cast.filter(({ counted }) => counted)).toHaveLength(1);
    expect(await counts(store, paper)).toEqual({ counter: 1, rows: 1 });
  });

  test("different visitors in parallel all count", async () => {
    const store = await open();
    const paper = await onePaper(store);
    const cast = await Promise.all(
      Array.from({ length: 40 }, (_, i) => vote(store, paper, `visitor ${i}`, now)),
    );
    expect(cast.map((each) => each.votes).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
    expect(await counts(store, paper)).toEqual({ counter: 40, rows: 40 });
  });

  test("votes, withdrawals and an update of the paper at once leave the counter right", async () => {
    const store = await open();
    const paper = await onePaper(store);
    await Promise.all(
      Array.from({ length: 60 }, (_, i) => {
        if (i % 10 === 0) return upsertPapers(store, [incoming({ version: 2 + i })], now);
        const visitor = `visitor ${i % 7}`;
        return i % 3 === 0 ? unvote(store, paper, visitor) : vote(store, paper, visitor, now);
      }),
    );
    const { counter, rows } = await counts(store, paper);
    expect(counter).toBe(rows);
  });

  test("papers that are none, and visitors without a name", async () => {
    const store = await open();
    for (const id of [1, -1, 2 ** 40, 1.5, Number.NaN]) {
      await expect(vote(store, id, "a", now)).rejects.toThrow(`there is no paper ${id}`);
    }
    for (const visitor of ["", "\0", "x".repeat(201)]) {
      await expect(vote(store, 1, visitor, now)).rejects.toThrow("a visitor is named");
    }
  });
});
