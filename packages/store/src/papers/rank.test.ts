import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { papers } from "../schema/index.ts";
import { eachDatabase } from "../testing/databases.ts";
import { incoming } from "../testing/papers.ts";
import { trendingScore, trendingSql } from "./rank.ts";

const anHour = 3_600_000;
const aDay = 24 * anHour;

describe("trendingScore", () => {
  test("is what its formula says", () => {
    expect(trendingScore(0, 0)).toBeCloseTo(1 / 2 ** 1.5, 12);
    expect(trendingScore(11, 36 * anHour)).toBeCloseTo(12 / 3.5 ** 1.5, 12);
  });

  test("a vote is worth a day, nine a week, a hundred six weeks", () => {
    const newcomer = trendingScore(0, 0);
    for (const [votes, days] of [
      [1, 1.17],
      [9, 7.28],
      [100, 41.3],
    ]) {
      expect(trendingScore(votes, (days - 0.1) * aDay)).toBeGreaterThan(newcomer);
      expect(trendingScore(votes, (days + 0.1) * aDay)).toBeLessThan(newcomer);
    }
  });

  test("the future is new", () => {
    expect(trendingScore(3, -aDay)).toBe(trendingScore(3, 0));
  });
});

eachDatabase("trendingSql", (open) => {
  test("is trendingScore to the last bit", async () => {
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
