import { loadPaper, runnable } from "@etude/papers";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { describePaper } from "./describe.ts";
import { fieldsOf, labelOf } from "./fields.ts";

describe("fields of options", () => {
  const fields = fieldsOf(
    z.object({
      target: z.string().optional().describe("the column to predict"),
      exclude: z.array(z.string()).default([]),
      learningRates: z
        .array(z.number().gt(0))
        .min(1)
        .default([0.1, 0.5])
        .describe("to choose from"),
      units: z.int().min(1),
      share: z.number().gt(0).lt(1),
      network: z.enum(["mlp", "conv"]),
      baselines: z.boolean().default(true),
      pairs: z.array(z.object({ classes: z.array(z.int()) })),
    }),
  );
  const byName = Object.fromEntries(fields.map((field) => [field.name, field]));

  test("have the kind, the range and the default of their schema", () => {
    expect(byName.units.value).toEqual({ kind: "number", whole: true, range: { least: 1 } });
    expect(byName.share.value).toEqual({
      kind: "number",
      whole: false,
      range: { above: 0, below: 1 },
    });
    expect(byName.learningRates).toEqual({
      name: "learningRates",
      label: "Learning rates",
      describe: "to choose from",
      value: { kind: "list", items: { kind: "number", whole: false, range: { above: 0 } } },
      default: [0.1, 0.5],
    });
    expect(byName.network.value).toEqual({ kind: "choice", of: ["mlp", "conv"] });
    expect(byName.baselines).toMatchObject({ value: { kind: "switch" }, default: true });
    expect(byName.pairs.value).toEqual({ kind: "json" });
  });

  test("that name columns are known by the names papers give them", () => {
    expect(byName.target.columns).toBe("one");
    expect(byName.exclude.columns).toBe("many");
    expect(byName.network.columns).toBeUndefined();
    // A class by its number, in one of the papers.
    expect(fieldsOf(z.object({ target: z.int() }))[0].columns).toBeUndefined();
  });

  test("have names in words", () => {
    expect(labelOf("unitsPerStepMulticlass")).toBe("Units per step multiclass");
    expect(labelOf("l2Decay")).toBe("L2 decay");
  });
});

describe.each(runnable)("%s", (slug) => {
  test("is described as plain data, every option with a sentence", async () => {
    const about = describePaper(await loadPaper(slug), (id) => id === "digits");
    expect(JSON.parse(JSON.stringify(about))).toEqual(about);
    for (const field of [...about.verify.fields, ...about.use.fields])
      expect(field.describe, field.name).not.toBe("");
    for (const { options, data } of Object.values(about.verify.presets)) {
      expect(Object.keys(options)).toEqual(
        expect.arrayContaining(about.verify.fields.map(({ name }) => name)),
      );
      for (const { id, bytes, isMissing } of data) {
        expect(bytes).toBeGreaterThan(0);
        expect(isMissing).toBe(id === "digits");
      }
    }
  });
});

test("an example is offered where a table with a target is enough, with classes the method knows", async () => {
  const exampleOf = async (slug: string) => describePaper(await loadPaper(slug)).use.example;
  expect(await exampleOf("gbnn")).toMatchObject({ set: "wine", slot: "data", target: "cultivar" });
  expect(await exampleOf("convex-relu")).toMatchObject({ set: "breast-cancer-wisconsin" });
  expect(await exampleOf("local-function-approximation")).toBeNull(); // needs a model too
  expect(await exampleOf("schedule-refinement")).toBeNull(); // takes a log
});
