import { describe, expect, test } from "vitest";
import { trendingScore } from "./rank.ts";

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
