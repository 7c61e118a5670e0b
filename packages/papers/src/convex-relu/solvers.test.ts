import { array, type NDArray, random } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { convexReluAdmm } from "./admm.ts";
import { backprop } from "./backprop.ts";
import {
  correlation2d,
  correlationBound,
  dualDirection,
  dualityGap,
  searchCorrelation,
} from "./certificate.ts";
import { coneBound, coneMaximum } from "./cones.ts";
import { allPatterns2d, samplePatterns } from "./patterns.ts";
import { convexReluAdmmRbcd } from "./rbcd.ts";
import { networkObjective, recoverNetwork } from "./recovery.ts";
import { sampledConvexProgram } from "./sampled.ts";
import { toy } from "./toy.ts";

const { X, y } = toy;
const optimum = 0.891447203;
const float64 = (values: number[] | number[][]): NDArray => array(values, { dtype: "float64" });

describe("the sampled convex program", () => {
  it("solves the lasso of eight directions", async () => {
    const directions = float64(
      Array.from({ length: 8 }, (_, j) => {
        const t = 0.1 + (j * Math.PI) / 4;
        return [Math.cos(t), Math.sin(t)];
      }),
    );
    const { objective, weights, network, gap } = await sampledConvexProgram(X, y, {
      directions,
      beta: 0.1,
      tolerance: 1e-13,
    });
    expect(objective).toBeCloseTo(1.0962967623, 9);
    expect(gap).toBeLessThan(1e-12);
    const wanted = [
      -0.489619969, 1.273347207, 0, -0.443942139, -0.015667904, 3.649192133, 0, -2.672802768,
    ];
    // Six weights fit five samples, so the optimal weights are not unique; their outputs and their
    // sum of sizes are.
    const outputsFor = (a: ArrayLike<number>) =>
      [-2, -1, 0, 1, 2].map((x) =>
        Array.from(a).reduce((sum, weight, j) => {
          const [c, s] = [directions.data[2 * j], directions.data[2 * j + 1]];
          return sum + weight * Math.max(0, c * x + s);
        }, 0),
      );
    const sizes = (a: ArrayLike<number>) => Array.from(a).reduce((sum, w) => sum + Math.abs(w), 0);
    outputsFor(weights.data).forEach((output, k) => {
      expect(output).toBeCloseTo(outputsFor(wanted)[k], 6);
    });
    expect(sizes(weights.data)).toBeCloseTo(sizes(wanted), 6);
    expect(await networkObjective(X, y, network, 0.1)).toBeCloseTo(objective, 10);
  });

  it("is never below the optimum, and comes nearer with more neurons", async () => {
    const objectives: number[] = [];
    for (const neurons of [5, 40, 300]) {
      const generator = random.generator(neurons);
      objectives.push(
        (await sampledConvexProgram(X, y, { neurons, generator, beta: 0.1 })).objective,
      );
    }
    for (const objective of objectives) expect(objective).toBeGreaterThan(optimum - 1e-8);
    expect(objectives[2]).toBeLessThan(1.01 * optimum);
    expect(objectives[0]).toBeGreaterThan(1.05 * optimum);
  });

  it("takes the logistic loss, and refuses the hinge", async () => {
    const labels = float64(Array.from(y.data, (sign) => (sign + 1) / 2));
    const generator = random.generator(1);
    const options = { neurons: 60, generator, beta: 0.1 };
    const { objective, gap } = await sampledConvexProgram(X, labels, {
      ...options,
      loss: "logistic",
    });
    expect(objective).toBeLessThan(5 * Math.LN2);
    expect(gap).toBeLessThanOrEqual(1e-6 * objective);
    await expect(
      sampledConvexProgram(X, y, { ...options, loss: "hinge" as "squared" }),
    ).rejects.toThrow("kinks");
  });
});

describe("block coordinate descent", () => {
  it("comes to the optimum of the factorised method", async () => {
    const solution = await convexReluAdmmRbcd(X, y, allPatterns2d(X), {
      beta: 0.1,
      rho: 0.1,
      loss: "squared",
      gammaRatio: 1,
      iterations: 80,
      threshold: 1e-6,
      seed: 3,
    });
    const network = await networkObjective(X, y, recoverNetwork(solution), 0.1);
    expect(Math.abs(solution.objective / optimum - 1)).toBeLessThan(0.03);
    expect(network).toBeGreaterThan(optimum - 1e-8);
    expect(network).toBeLessThan(1.03 * optimum);
    expect(solution.history.length).toBe(80);
  });

  it("has a certificate with the logistic loss too", async () => {
    const labels = float64(Array.from(y.data, (sign) => (sign + 1) / 2));
    const patterns = allPatterns2d(X);
    const solution = await convexReluAdmmRbcd(X, labels, patterns, {
      beta: 0.1,
      rho: 0.1,
      loss: "logistic",
      gammaRatio: 1,
      iterations: 80,
      threshold: 1e-6,
      seed: 3,
    });
    const { primal, dual } = await dualityGap(X, labels, solution, 0.1, { loss: "logistic" });
    expect(dual).toBeLessThanOrEqual(primal);
    expect((primal - dual) / primal).toBeLessThan(0.05);
    await expect(
      convexReluAdmmRbcd(X, y, patterns, { beta: 0.1, rho: 0.1, loss: "logistic", seed: 0 }),
    ).rejects.toThrow("0 and 1");
  });
});

describe("certificates", () => {
  it("a projection on a cone is what a scan over the circle finds", () => {
    const generator = random.generator(6);
    for (let trial = 0; trial < 20; trial++) {
      const rows = Float64Array.from({ length: 12 }, () => generator.normal());
      const sides = Float64Array.from({ length: 6 }, (_, k) => (rows[2 * k] >= 0 ? 1 : -1));
      const q = [generator.normal(), generator.normal()];
      // The cone of the pattern of (1, 0): not empty.
      const cone = { X: rows, sides, n: 6, d: 2 };
      let best = 0;
      for (let i = 0; i < 40_000; i++) {
        const [c, s] = [Math.cos(i * 1.5708e-4), Math.sin(i * 1.5708e-4)];
        const inside = sides.every(
          (side, k) => side * (rows[2 * k] * c + rows[2 * k + 1] * s) >= 0,
        );
        if (inside) best = Math.max(best, q[0] * c + q[1] * s);
      }
      const exact = coneMaximum(cone, q);
      expect(exact).toBeGreaterThanOrEqual(best - 1e-12);
      expect(exact - best).toBeLessThan(1e-3);
      const any = Float64Array.from({ length: 6 }, () => generator.uniform());
      expect(coneBound(cone, q, any)).toBeGreaterThanOrEqual(exact - 1e-12);
    }
  });

  it("search <= exact <= bound, and no descent goes below the lower bound", async () => {
    const networks = await backprop(X, y, {
      units: 8,
      beta: 0.1,
      loss: "squared",
      over: "sum",
      rule: "adam",
      rate: 0.02,
      steps: 1500,
      starts: 4,
      seed: 5,
    });
    for (const network of networks) {
      const nu = await dualDirection(X, y, network, "squared");
      const exact = correlation2d(X, nu);
      expect(await searchCorrelation(X, nu, 1)).toBeLessThanOrEqual(exact + 1e-12);
      expect(await searchCorrelation(X, nu, 1)).toBeGreaterThan(0.9 * exact);
      expect(await correlationBound(X, nu)).toBeGreaterThanOrEqual(exact - 1e-12);
      expect(await networkObjective(X, y, network, 0.1)).toBeGreaterThan(optimum - 1e-8);
    }
  });

  it("in many columns the bound over sampled patterns meets their optimum, that over all lies below", async () => {
    const generator = random.generator(9);
    const rows = Array.from({ length: 24 }, () => [
      generator.normal(),
      generator.normal(),
      generator.normal(),
      1,
    ]);
    const data = float64(rows);
    const targets = float64(rows.map(([a, b, c]) => Math.max(a, 0) - Math.max(b + c, 0)));
    const patterns = samplePatterns(data, 16, random.generator(2));
    const solution = await convexReluAdmm(data, targets, patterns, {
      beta: 0.5,
      iterations: 4000,
      tolerance: 1e-11,
    });
    const exact = await dualityGap(data, targets, solution, 0.5, { patterns, cones: "exact" });
    const cheap = await dualityGap(data, targets, solution, 0.5, { patterns });
    const all = await dualityGap(data, targets, solution, 0.5);
    expect(exact.gap / exact.primal).toBeLessThan(1e-7);
    expect(cheap.gap / exact.primal).toBeLessThan(1e-7);
    // Bounds of unfinished runs are bounds too, and good ones early.
    const early = await convexReluAdmm(data, targets, patterns, { beta: 0.5, iterations: 60 });
    const { dual } = await dualityGap(data, targets, early, 0.5, { patterns });
    expect(dual).toBeLessThanOrEqual(solution.objective + 1e-9);
    expect(dual).toBeGreaterThan(0.9 * solution.objective);
    expect(all.dual).toBeLessThan(exact.dual);
    expect(all.dual).toBeGreaterThan(0);
    const more = samplePatterns(data, 60, random.generator(2));
    const better = await convexReluAdmm(data, targets, more, {
      beta: 0.5,
      iterations: 4000,
      tolerance: 1e-10,
    });
    expect(better.objective).toBeLessThanOrEqual(solution.objective + 1e-9);
    expect(all.dual).toBeLessThanOrEqual(better.objective);
  });
});
