import { column, dataLoader, parseCsv, type Table } from "@etude/data";
import { array, loadOnnx, random } from "@etude/tensor";
import { expect, it } from "vitest";
import { finish } from "../contract/events.ts";
import { useReportSchema } from "../contract/report.ts";
import type { UserInput } from "../contract/use.ts";
import { memoryStore } from "../run/steps.ts";
import { type UseOutcome, use } from "../run/use.ts";
import { paper } from "./paper.ts";

const environment = {
  etude: "test",
  runtime: "test",
  platform: "test",
  processor: "test",
  cores: 1,
  device: "cpu",
};

const run = (options: Record<string, unknown>, table: Table, model?: Uint8Array) => {
  const inputs: Record<string, UserInput> = {
    data: { kind: "table", file: "people.csv", table },
    ...(model && { model: { kind: "model", file: "model.onnx", bytes: model } }),
  };
  const { signal } = new AbortController();
  const surroundings = { data: dataLoader(), store: memoryStore(), signal, environment };
  return finish(use(paper, { seed: 1, options, inputs }, surroundings));
};

/** Rows with a text column, missing values, a column name that no ONNX file can carry. */
const people = (target: (row: number, age: number, town: string) => string): Promise<Table> => {
  const draw = random.generator(4);
  const lines = Array.from({ length: 150 }, (_, row) => {
    const age = 20 + 50 * draw.uniform();
    const town = ["Lyon", "Oslo", "Rome"][draw.integer(3)];
    const cells = [row % 11 === 5 ? "" : age.toFixed(1), row % 13 === 7 ? "" : town];
    return [...cells, draw.normal().toFixed(3), target(row, age, town)].join(",");
  });
  return parseCsv(["age (years),town,score,outcome", ...lines].join("\n"), { name: "people.csv" });
};

const fileOf = ({ files }: UseOutcome, name: string): Uint8Array => {
  const found = files.find((file) => file.name === name);
  if (found === undefined) throw new Error(`no file ${name}`);
  return found.bytes;
};
const tableOf = (outcome: UseOutcome) =>
  parseCsv(new TextDecoder().decode(fileOf(outcome, "predictions.csv")), { name: "predictions" });
const numbers = (table: Table, name: string): Float64Array => {
  const found = column(table, name);
  if (found.kind !== "numeric") throw new Error(`${name} holds no numbers`);
  return found.values;
};

const small = { units: 16, maxIter: 30, target: "outcome", learningRates: [0.3, 0.5] };

it("three classes: model, predictions and report; the file says the same again", async () => {
  const table = await people((_, age, town) =>
    age > 50 ? "old" : town === "Oslo" ? "north" : "south",
  );
  const trained = await run(small, table);
  const { report } = trained;
  expect(useReportSchema.parse(JSON.parse(JSON.stringify(report))).kind).toBe("use");
  const [held] = report.tables;
  const score = (model: string) => Number(held.rows.find(([name]) => name === model)?.[1]);
  expect(score("GBNN")).toBeGreaterThan(score("constant") + 0.2);

  // The held-out rows, found in the file by the row that is written beside each prediction.
  const predictions = await tableOf(trained);
  const again = await run({}, table, fileOf(trained, "model.onnx"));
  const all = await tableOf(again);
  expect(all.rows).toBe(150);
  const rows = numbers(predictions, "row");
  for (const label of ["north", "old", "south"]) {
    const before = numbers(predictions, `P(${label})`);
    const after = numbers(all, `P(${label})`);
    rows.forEach((row, i) => {
      expect(after[row - 2]).toBe(before[i]); // the header is row 1
    });
  }
});

it("two classes: raw columns go in by name, units can be switched off", async () => {
  const table = await people((_, age) => (age > 45 ? "1" : "0"));
  const trained = await run({ ...small, exclude: ["score"] }, table);
  const model = await loadOnnx(fileOf(trained, "model.onnx"));
  expect(model.inputs).toEqual(["age__years_", "town"]);
  expect(model.optional).toEqual(["units"]);
  expect(model.outputs).toEqual(["prediction", "probabilities", "score"]);
  const rows = { age__years_: array([25, 65, Number.NaN]), town: ["Rome", "Paris", ""] };
  const whole = await model.run(rows);
  expect(whole.prediction.tolist()).toEqual([0, 1, expect.any(Number)]);
  expect([...whole.probabilities.data].every((p) => p >= 0 && p <= 1)).toBe(true);
  const none = await model.run({ ...rows, units: array(new Int32Array([0]), { shape: [] }) });
  expect(new Set(none.score.data).size).toBe(1); // the constant
  const [summary] = (await run({ units: 1 }, table, fileOf(trained, "model.onnx"))).report.findings;
  expect(summary).toMatch(/^150 rows predicted with 1 of \d+ hidden units\.$/);
});

it("numbers: predictions are in the units of the column", async () => {
  const table = await people((row, age) => (row === 3 ? "" : String(1000 + 100 * age)));
  const trained = await run({ ...small, baselines: false }, table);
  const [held] = trained.report.tables;
  expect(held.rows.map(([name]) => name)).toEqual(["GBNN", "GBNN, half of its units", "constant"]);
  expect(Number(held.rows[0][1])).toBeLessThan(Number(held.rows[2][1]) / 1.5);
  expect(trained.report.findings).toContain("Rows left out because outcome is missing: 1.");
  const prediction = numbers(await tableOf(trained), "prediction");
  expect(prediction.every((value) => value > 2000 && value < 9000)).toBe(true);
});

it("says what is wrong", async () => {
  const table = await people((row) => (row < 2 ? "rare" : "usual"));
  const model = new Uint8Array([1, 2, 3]);
  await expect(run({}, table)).rejects.toThrow("--target is missing: name the column of");
  await expect(run({ target: "outcom" }, table)).rejects.toThrow('did you mean "outcome"?');
  await expect(run({ target: "outcome" }, table)).rejects.toThrow(
    'the class "rare" has 2 rows only',
  );
  await expect(run({ target: "town", task: "regression" }, table)).rejects.toThrow("holds texts");
  await expect(run({ ...small, subsample: 2 }, table)).rejects.toThrow('option "subsample"');
  const none = { ...small, target: "town", units: 0 };
  await expect(run(none, table)).rejects.toThrow("--units 0: training needs");
  await expect(run({}, table, model)).rejects.toThrow("--model model.onnx: not an ONNX model");
});
