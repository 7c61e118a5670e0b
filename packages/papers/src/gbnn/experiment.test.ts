import { dataLoader } from "@etude/data";
import { expect, it } from "vitest";
import { finish } from "../contract/events.ts";
import { reportSchema, reproducible } from "../contract/report.ts";
import { memoryStore, type StepStore } from "../run/steps.ts";
import { planVerify, type Surroundings, verify } from "../run/verify.ts";
import { experiment } from "./experiment.ts";
import { paper } from "./paper.ts";

const surroundings = (store: StepStore, signal = new AbortController().signal): Surroundings => ({
  data: dataLoader(),
  store,
  signal,
  environment: {
    etude: "test",
    runtime: "test",
    platform: "test",
    processor: "test",
    cores: 1,
    device: "cpu",
  },
});
const plan = planVerify(paper.experiment, { preset: "smoke" });

it("runs from end to end, and a run that was stopped in the middle ends with the same report", async () => {
  const whole = await finish(verify(paper, plan, surroundings(memoryStore())));
  expect(reportSchema.parse(JSON.parse(JSON.stringify(whole))).kind).toBe("verify");
  expect(whole.claims.map(({ id }) => id)).toEqual([
    "iris-generalises",
    "iris-three-quarters",
    "iris-half",
    "iris-control",
    "iris-2x",
    "diabetes-repaired",
    "merged",
  ]);
  const merged = whole.claims[whole.claims.length - 1];
  expect(merged.mean).toBeLessThan(1e-12);
  for (const { samples } of whole.claims) expect(samples.every(Number.isFinite)).toBe(true);
  expect(whole.figures.map(({ id }) => id)).toContain("iris-staged");

  const store = memoryStore();
  const stop = new AbortController();
  const interrupted = verify(paper, plan, surroundings(store, stop.signal));
  await expect(
    (async () => {
      for await (const event of interrupted)
        if (event.type === "progress" && event.label.includes("diabetes")) stop.abort();
    })(),
  ).rejects.toThrow();
  const resumed = await finish(verify(paper, plan, surroundings(store)));
  expect(reproducible(resumed)).toEqual(reproducible(whole));
});

it("says before the run which data it takes and what it will decide", () => {
  const { quick } = experiment.presets;
  expect(experiment.data(quick.options)).toEqual(quick.options.tables);
  const tables = ["breast-cancer-wisconsin", "vehicle", "diabetes", "concrete"];
  const shipped = planVerify(paper.experiment, { preset: "quick", set: { tables } });
  const claims = paper.experiment.claims(shipped.options);
  // Five on each of three tables, the repair of the fourth, and the merger.
  expect(claims).toHaveLength(3 * 5 + 1 + 1);
  expect(claims.find(({ id }) => id === "diabetes-generalises")?.bar).toEqual({ atMost: 1.05 });
  expect(() => planVerify(paper.experiment, { preset: "quick", set: { units: 0 } })).toThrow(
    'option "units"',
  );
  const unknown = planVerify(paper.experiment, { preset: "quick", set: { tables: ["viehcle"] } });
  expect(() => paper.experiment.claims(unknown.options)).toThrow('did you mean "vehicle"?');
});
