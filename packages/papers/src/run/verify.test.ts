import { array, random } from "@etude/tensor";
import { expect, test } from "vitest";
import { z } from "zod";
import { cards } from "../cards/index.ts";
import { finish, progress, type RunEvent } from "../contract/events.ts";
import type { Experiment } from "../contract/experiment.ts";
import type { Paper } from "../contract/paper.ts";
import { reproducible, type VerifyReport } from "../contract/report.ts";
import { testSurroundings, verified } from "../testing.ts";
import { memoryStore, type StepStore } from "./steps.ts";
import { planVerify, verify } from "./verify.ts";

/** A "paper" whose claim is that the mean of uniform numbers is near one half. */
const experiment: Experiment<{ draws: number }, { mean: number; missing: number }> = {
  description: "means of uniform numbers",
  options: z.strictObject({ draws: z.int().min(1).max(100_000).describe("numbers a seed") }),
  presets: {
    smoke: { options: { draws: 10 }, seeds: [0, 1], minutes: 0 },
    quick: { options: { draws: 2000 }, seeds: [0, 1, 2], minutes: 0 },
    full: { options: { draws: 4000 }, seeds: [0, 1, 2, 3], minutes: 0 },
  },
  data: () => [],
  async *run({ draws }, context) {
    yield progress(0, 2, "drawing");
    const sums = yield* context.step("draw", async () => {
      const generator = random.generator(context.seed);
      return array(
        Array.from({ length: draws }, () => generator.uniform()),
        { dtype: "float64" },
      );
    });
    yield progress(1, 2, "adding");
    const mean = yield* context.step("add", async () => {
      return Array.from(sums.data).reduce((a, b) => a + b, 0) / draws;
    });
    return { mean, missing: Number.NaN };
  },
  claims: () => [
    {
      id: "half",
      statement: "the mean is near one half",
      paper: "0.5",
      bar: { between: [0.45, 0.55] },
      measure: (results) => results.map(({ mean }) => mean),
    },
    {
      id: "one",
      statement: "the mean is near one",
      paper: "1",
      bar: { atLeast: 0.9 },
      measure: (results) => results.map(({ mean }) => mean),
    },
    {
      id: "missing",
      statement: "what could not be measured does not hold",
      paper: "unknown",
      bar: { atMost: 1 },
      measure: (results) => results.map(({ missing }) => missing),
    },
  ],
  summarise: (results) => ({
    tables: [
      { id: "t", title: "Means", columns: ["mean"], rows: results.map(({ mean }) => [mean]) },
    ],
    figures: [],
    findings: [`${results.length} seeds`],
  }),
};
const paper: Paper = {
  card: cards[0],
  method: [],
  experiment,
  use: {
    description: "",
    options: z.strictObject({}),
    inputs: {},
    examples: [],
    run: async function* () {
      yield progress(1, 1, "done");
      return { tables: [], figures: [], findings: [], files: [] };
    },
  },
};

const verdicts = ({ claims }: VerifyReport) => claims.map(({ verdict }) => verdict);

test("verdicts come from the interval over seeds and can go either way", async () => {
  const report = await verified(paper, "quick");
  expect(verdicts(report)).toEqual(["holds", "does not hold here", "does not hold here"]);
  expect(report.changed).toBe(false);
  expect(report.timings.map(({ step }) => step)).toContain("seed-2/add");
  expect(report.claims[2].mean).toBeNaN();
  expect((await verified(paper, "quick", { draws: 2 })).changed).toBe(true);
});

test("killed after any save and started again, the report is the same to the bit", async () => {
  const whole = JSON.stringify(reproducible(await verified(paper, "smoke")));
  for (let saves = 0; saves < 4; saves++) {
    const held = memoryStore();
    let left = saves;
    const dying: StepStore = {
      load: held.load,
      save: async (name, bytes) => {
        if (left-- === 0) throw new Error("killed");
        await held.save(name, bytes);
      },
    };
    await expect(verified(paper, "smoke", {}, testSurroundings({ store: dying }))).rejects.toThrow(
      "killed",
    );
    const resumed = await verified(paper, "smoke", {}, testSurroundings({ store: held }));
    expect(JSON.stringify(reproducible(resumed))).toBe(whole);
  }
});

test("progress runs over all seeds, and an abort stops between events", async () => {
  const plan = planVerify(experiment, { preset: "quick" });
  const controller = new AbortController();
  const events: RunEvent[] = [];
  const running = verify(paper, plan, testSurroundings({ signal: controller.signal }));
  const all = (async () => {
    for (let next = await running.next(); !next.done; next = await running.next()) {
      events.push(next.value);
      if (events.length === 3) controller.abort();
    }
  })();
  await expect(all).rejects.toThrow("aborted");
  expect(events).toHaveLength(3);
  expect(events[2]).toEqual({ type: "progress", done: 1, total: 3, label: "seed 1: drawing" });
});

test("bad requests are one line", () => {
  const plan = (set: Record<string, unknown>, seeds?: number[]) => () =>
    planVerify(experiment, { preset: "smoke", set, seeds });
  expect(plan({ draws: 0 })).toThrow('option "draws": Too small');
  expect(plan({ drams: 3 })).toThrow("drams");
  expect(plan({}, [1, 1])).toThrow("each once");
});

test("two steps of one name are a mistake of the experiment", async () => {
  const twice: Paper = {
    ...paper,
    experiment: {
      ...experiment,
      run: async function* (_: object, context) {
        yield* context.step("same", async () => 1);
        return yield* context.step("same", async () => 2);
      },
    },
  };
  const plan = planVerify(twice.experiment, { preset: "smoke" });
  await expect(finish(verify(twice, plan, testSurroundings()))).rejects.toThrow('named "same"');
});
