import { expect, it } from "vitest";
import { verified } from "../testing.ts";
import { paper } from "./paper.ts";

it("runs at smoke scale; exact solvers recover a linear model, and groups are apart", async () => {
  const report = await verified(paper, "smoke");
  const mean = (id: string) => report.claims.find((claim) => claim.id === `diabetes-${id}`)?.mean;
  expect(report.claims).toHaveLength(10);
  expect(report.claims.every((claim) => Number.isFinite(claim.mean))).toBe(true);
  expect(mean("recovery-exact")).toBeLessThan(1e-3);
  expect(mean("limit-scale")).toBeLessThan(1);
  expect(mean("continuous")).toBeLessThan(1);
  expect(mean("no-free-lunch")).toBeGreaterThanOrEqual(1);
  expect(report.tables.map(({ id }) => id)).toEqual([
    "models",
    "diabetes-2-diagonal",
    "diabetes-recovery",
  ]);
  expect(report.figures).toHaveLength(8);
  expect(report.findings.length).toBeGreaterThan(3);
});

it("names the option that does not fit", () => {
  const parse = (options: object) =>
    paper.experiment.options.safeParse({ ...paper.experiment.presets.smoke.options, ...options });
  expect(parse({ sigma: 0.2 }).error?.issues[0].path).toEqual(["sigma"]);
  expect(parse({ alphas: [0.5, 0.9] }).error?.issues[0].message).toContain("Integrated Gradients");
  expect(parse({ regression: [], classification: [] }).success).toBe(false);
});
