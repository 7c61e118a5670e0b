import { describe, expect, test } from "vitest";
import { hConsistencyBound, hConsistencyTransform } from "./bounds.ts";
import {
  conditionalOptimum,
  deterministicOptimum,
  gapUpperBound,
  minimizabilityGap,
  zeroOneGap,
  zeroOneOptimum,
} from "./gaps.ts";
import { phi } from "./transform.ts";

const taus = [0, 0.5, 1, 1.5, 2, 3];

describe("the transform of the bound", () => {
  test("T, its simple form and its inverse for three classes", () => {
    const atThird = [0.046060799, 0.043350239, 0.045700542, 0.050842216, 0.1, 0.016666667];
    const atOne = [1, 0.828427125, Math.LN2, 0.478292623, 0.333333333, 0.055555556];
    const simple = [0.045, 0.042426407, 0.045, 0.025980762, 0.1, 0.016666667];
    const inverse = [0.3122499, 0.321649595, 0.313563197, 0.297451745, 0.15];
    taus.forEach((tau, i) => {
      const { T, gamma, gammaSimple } = hConsistencyTransform(tau, 3);
      expect(T(0.3)).toBeCloseTo(atThird[i], 9);
      expect(T(1)).toBeCloseTo(atOne[i], 9);
      expect(gammaSimple(simple[i])).toBeCloseTo(0.3, 7);
      if (i < inverse.length) expect(gamma(0.05)).toBeCloseTo(inverse[i], 9);
      expect(gamma(T(0.3))).toBeCloseTo(0.3, 12);
      expect(gamma(0)).toBeLessThan(1e-7);
      expect(gamma(T(1) + 0.01)).toBe(1);
    });
  });

  test("the simple form is never the smaller, and T has no jump where its formula changes", () => {
    for (const n of [2, 3, 10])
      for (const tau of [0, 0.2, 0.9, 1, 1.1, 1.7, 1.99, 2, 2.5])
        for (let beta = 0.05; beta < 1; beta += 0.05) {
          const { T, gammaSimple } = hConsistencyTransform(tau, n);
          expect(gammaSimple(T(beta))).toBeGreaterThanOrEqual(beta - 1e-9);
        }
    const T = (tau: number) => hConsistencyTransform(tau, 2).T(0.6);
    expect(T(1 - 1e-5)).toBeCloseTo(T(1), 5);
    expect(T(1 + 1e-5)).toBeCloseTo(T(1), 5);
    expect(T(2 - 1e-9)).toBeCloseTo(T(2), 8);
  });

  test("two classes of equal scores attain it", () => {
    for (const tau of [0, 0.3, 1])
      for (const n of [2, 5])
        for (const beta of [0.1, 0.5, 0.9]) {
          const q = [(1 + beta) / 2, (1 - beta) / 2, ...new Array<number>(n - 2).fill(0)];
          const excess = phi(1, tau) - conditionalOptimum(q, tau);
          expect(excess).toBeCloseTo(hConsistencyTransform(tau, n).T(beta), 12);
        }
    const excess = phi(1, 1.6) - conditionalOptimum([0.75, 0.25], 1.6);
    expect(excess).toBeCloseTo(hConsistencyTransform(1.6, 2).T(0.5), 12);
  });
});

test("conditional optima", () => {
  const expected = [1.89695015, 1.384594455, 1.029653014, 0.767117199, 0.5, 0.25];
  taus.forEach((tau, i) => {
    expect(conditionalOptimum([0.5, 0.3, 0.2], tau)).toBeCloseTo(expected[i], 9);
    expect(conditionalOptimum([1, 0, 0], tau)).toBeCloseTo(0, 12);
  });
  expect(conditionalOptimum([0.7, 0.3], 2 - 1e-9)).toBeCloseTo(0.3, 8);
  expect(zeroOneOptimum([0.5, 0.3, 0.2])).toBe(0.5);
});

describe("constant scorings of two points", () => {
  const distribution = {
    conditional: [
      [0.8, 0.2],
      [0.4, 0.6],
    ],
    weights: [0.5, 0.5],
  };
  const best = [0.979795897, 0.809392952, 0.673011667, 0.55777949, 0.4, 0.2];
  const gaps = [0.089897949, 0.083964271, 0.086304622, 0.10351087, 0.1, 0.05];
  const upper = [0.089897949, 0.088675722, 0.096286712, 0.124320008, 0.194897428, 0.222435695];
  // The best constant scores are those of the mean distribution.
  const bestOf = (tau: number) => conditionalOptimum([0.6, 0.4], tau);

  test("best risks, gaps and their upper bounds", () => {
    taus.forEach((tau, i) => {
      expect(bestOf(tau)).toBeCloseTo(best[i], 9);
      const gap = minimizabilityGap({ ...distribution, bestInClassRisk: bestOf(tau), tau });
      expect(gap).toBeCloseTo(gaps[i], 9);
      expect(gapUpperBound({ ...distribution, bestSumExponential: bestOf(0), tau })).toBeCloseTo(
        upper[i],
        8,
      );
    });
    expect(zeroOneGap({ ...distribution, bestInClassRisk: 0.4 })).toBeCloseTo(0.1, 12);
  });

  test("the bound on the zero-one error of every constant scoring", () => {
    for (const tau of taus)
      for (const p of [0.1, 0.3, 0.49, 0.51, 0.9]) {
        // Class 0 is chosen for p > 1/2 and is wrong with probability 0.4.
        const loss = (r: number) => phi(1 / r - 1, tau);
        const excess01 = (p > 0.5 ? 0.4 : 0.6) - 0.4;
        const bound = hConsistencyBound({
          surrogateRisk: 0.6 * loss(p) + 0.4 * loss(1 - p),
          bestSurrogate: bestOf(tau),
          gap: minimizabilityGap({ ...distribution, bestInClassRisk: bestOf(tau), tau }),
          gap01: 0.1,
          tau,
          n: 2,
        });
        expect(bound).toBeGreaterThanOrEqual(excess01 - 1e-12);
      }
  });
});

test("certain labels and bounded scores: optima fall with tau", () => {
  const expected = [0.16484075, 0.158555767, 0.152584382, 0.146909123, 0.14151355];
  expected.forEach((value, i) => {
    expect(deterministicOptimum(taus[i], 10, 2)).toBeCloseTo(value, 9);
  });
});

test("what makes no sense is refused", () => {
  expect(() => hConsistencyTransform(-1, 3)).toThrow(/tau/);
  expect(() => hConsistencyTransform(1, 1)).toThrow(/classes/);
  expect(() => hConsistencyTransform(1, 3).T(1.1)).toThrow(/\[0, 1\]/);
  expect(() => hConsistencyTransform(1, 3).gamma(-0.1)).toThrow(/>= 0/);
  expect(() => conditionalOptimum([0.5, 0.6], 1)).toThrow(/add up to 1/);
  expect(() =>
    minimizabilityGap({ bestInClassRisk: 1, tau: 1, conditional: [], weights: [1] }),
  ).toThrow(/0 conditional distributions for 1/);
});
