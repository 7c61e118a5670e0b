import { describe, expect, it } from "vitest";
import { reproducible } from "../contract/report.ts";
import { verified } from "../testing.ts";
import { logSlope } from "./experiment/claims.ts";
import { namedNetwork } from "./networks.ts";
import { paper } from "./paper.ts";

describe("verify", () => {
  it("runs at smoke scale, twice with the same report", async () => {
    const report = await verified(paper, "smoke");
    expect(report.claims.every(({ mean }) => Number.isFinite(mean))).toBe(true);
    expect(report.tables.length).toBe(5);
    expect(new Set(report.figures.map(({ id }) => id)).size).toBe(report.figures.length);
    // Convexity of the largest eigenvalue: with v.H_B v taken off, the excess is never negative.
    const { rows } = report.tables[1];
    for (const row of rows) expect(Number(row[4])).toBeGreaterThanOrEqual(0);
    expect(reproducible(await verified(paper, "smoke"))).toEqual(reproducible(report));
  });
});

describe("a slope in log-log", () => {
  it("is the power, and nothing where a rate is missing", () => {
    expect(logSlope([2, 4, 8, 16], [3, 6, 12, 24])).toBeCloseTo(1, 12);
    expect(logSlope([2, 8], [5, 10])).toBeCloseTo(0.5, 12);
    expect(logSlope([2, 8], [null, 10])).toBeNaN();
  });
});

describe("networks by name", () => {
  it("are refused where the name is none", () => {
    const shape = { inputs: [1, 8, 8], outputs: 10 };
    expect(() => namedNetwork("lenet", shape, "float32")).toThrow('no network "lenet"');
    expect(namedNetwork("mlp-16-tanh", shape, "float64").dtype).toBe("float64");
    expect(namedNetwork("vgg16-quarter", shape, "float64").dtype).toBe("float32");
    expect(namedNetwork("resnet-8", shape, "float64").dtype).toBe("float32");
  });
});
