import { expect, test } from "vitest";
import type { Bar } from "./bar.ts";
import { type Claim, judge } from "./claim.ts";

const claim = (bar: Bar): Claim<number> => ({
  id: "c",
  statement: "",
  paper: "",
  bar,
  measure: (results) => results,
});
const verdict = (bar: Bar, ...samples: number[]) => judge(claim(bar), samples).verdict;

test("the interval over seeds decides, not the mean", () => {
  // Mean 2, standard error 1 / sqrt 3, t = 2.920 for 2 degrees of freedom: 2 +- 1.686.
  const { mean, interval } = judge(claim({ atLeast: 0 }), [1, 2, 3]);
  expect(mean).toBe(2);
  expect(interval?.[0]).toBeCloseTo(0.3141, 4);
  expect(interval?.[1]).toBeCloseTo(3.6859, 4);
  expect(verdict({ atLeast: 0.31 }, 1, 2, 3)).toBe("holds");
  expect(verdict({ atLeast: 0.32 }, 1, 2, 3)).toBe("inconclusive");
  expect(verdict({ atLeast: 3.7 }, 1, 2, 3)).toBe("does not hold here");
  expect(verdict({ atMost: 3.7 }, 1, 2, 3)).toBe("holds");
  expect(verdict({ atMost: 0.3 }, 1, 2, 3)).toBe("does not hold here");
  expect(verdict({ between: [0, 4] }, 1, 2, 3)).toBe("holds");
  expect(verdict({ between: [1, 4] }, 1, 2, 3)).toBe("inconclusive");
});

test("equal measurements decide exactly, one seed decides nothing, NaN never holds", () => {
  expect(verdict({ atLeast: 1 }, 1, 1, 1)).toBe("holds");
  expect(verdict({ atMost: 0.99 }, 1, 1)).toBe("does not hold here");
  expect(verdict({ atLeast: 0 }, 5)).toBe("inconclusive");
  expect(verdict({ atLeast: 0 }, 5, Number.NaN)).toBe("does not hold here");
});

test("a claim measures one number a seed", () => {
  const short = { ...claim({ atLeast: 0 }), measure: () => [1] };
  expect(() => judge(short, [1, 2])).toThrow("1 numbers over 2 seeds");
});
