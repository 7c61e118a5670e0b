import { DataError, dataLoader, parseCsv } from "@etude/data";
import { describe, expect, it } from "vitest";
import { finish } from "../contract/events.ts";
import { type RunEnvironment, reportSchema, reproducible } from "../contract/report.ts";
import { memoryStore } from "../run/steps.ts";
import { use } from "../run/use.ts";
import { planVerify, verify } from "../run/verify.ts";
import { paper } from "./paper.ts";

const environment: RunEnvironment = {
  etude: "test",
  runtime: "test",
  platform: "test",
  processor: "test",
  cores: 1,
  device: "cpu",
};
const surroundings = () => ({
  data: dataLoader(),
  store: memoryStore(),
  signal: new AbortController().signal,
  environment,
});

describe("verify", () => {
  it("runs at smoke scale, twice with the same report, which fits the schema", async () => {
    const plan = planVerify(paper.experiment, { preset: "smoke" });
    const report = await finish(verify(paper, plan, surroundings()));
    const again = await finish(verify(paper, plan, surroundings()));
    expect(reproducible(again)).toEqual(reproducible(report));
    expect(reportSchema.parse(JSON.parse(JSON.stringify(report))).kind).toBe("verify");
    expect(report.claims.every(({ mean }) => Number.isFinite(mean))).toBe(true);
  });
});

describe("use", () => {
  // y = 2 a, b is of no use: standardised, the weights are 1 and 0.
  const csv = "a,b,y\n1,1,2\n2,-1,4\n3,-1,6\n4,1,8\n";
  const onTable = async (target: string) => {
    const table = await parseCsv(csv, { name: "small.csv" });
    const inputs = { data: { kind: "table", file: "small.csv", table } } as const;
    return finish(use(paper, { seed: 0, options: { target }, inputs }, surroundings()));
  };

  it("finds the weights of a table that was made with them", async () => {
    const { files, report } = await onTable("y");
    const lines = new TextDecoder().decode(files[0].bytes).trim().split("\n").slice(1);
    const weights = Object.fromEntries(lines.map((line) => line.split(",")));
    expect(Number(weights.a)).toBeCloseTo(1, 5);
    expect(Number(weights.b)).toBeCloseTo(0, 5);
    expect(report.files[0].name).toBe("weights.csv");
  });

  it("names the column that is not there, and the nearest", async () => {
    await expect(onTable("Y2")).rejects.toThrow(DataError);
    await expect(onTable("Y2")).rejects.toThrow(/small.csv: there is no column "Y2".*"y"/);
  });
});
