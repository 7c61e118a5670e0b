import { column, parseCsv, type Table } from "@etude/data";
import { array, loadOnnx, random } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { finish } from "../contract/events.ts";
import { useReportSchema } from "../contract/report.ts";
import type { UserInput } from "../contract/use.ts";
import { type UseOutcome, use } from "../run/use.ts";
import { testSurroundings } from "../testing.ts";
import { paper } from "./paper.ts";

const run = (options: Record<string, unknown>, table: Table, model?: Uint8Array) => {
  const inputs: Record<string, UserInput> = {
    data: { kind: "table", file: "people.csv", table },
    ...(model && { model: { kind: "model", file: "model.onnx", bytes: model } }),
  };
  return finish(use(paper, { seed: 1, options, inputs }, testSurroundings()));
};

/** Rows with a text column, missing values, a column name that no ONNX file can carry. */
const people = (target: (age: number, town: string) => string): Promise<Table> => {
  const draw = random.generator(4);
  const lines = Array.from({ length: 120 }, (_, row) => {
    const age = 20 + 50 * draw.uniform();
    const town = ["Lyon", "Oslo", "Rome"][draw.integer(3)];
    const cells = [row % 11 === 5 ? "" : age.toFixed(1), row % 13 === 7 ? "" : town];
    return [...cells, draw.normal().toFixed(3), target(age, town)].join(",");
  });
  return parseCsv(["age (years),town,score,outcome", ...lines].join("\n"), { name: "people.csv" });
};

const fileOf = ({ files }: UseOutcome, name: string): Uint8Array => {
  const found = files.find((file) => file.name === name);
  if (found === undefined) throw new Error(`no file ${name}`);
  return found.bytes;
};
const predictionsOf = (outcome: UseOutcome) =>
  parseCsv(new TextDecoder().decode(fileOf(outcome, "predictions.csv")), { name: "predictions" });
const numbers = (table: Table, name: string): Float64Array => {
  const found = column(table, name);
  if (found.kind !== "numeric") throw new Error(`${name} holds no numbers`);
  return found.values;
};
const cell = ({ report }: UseOutcome, id: string, row: string, at = 1): number =>
  Number(report.tables.find((table) => table.id === id)?.rows.find(([name]) => name === row)?.[at]);

/** A band of ages: no linear model finds it. */
const band = (age: number) => (age > 35 && age < 55 ? "yes" : "no");
const small = { target: "outcome", patterns: 12, iterations: 300, neurons: 40 };

describe("use", () => {
  it("two classes: certificate, baselines, and a file that takes raw columns and says the same again", async () => {
    const table = await people(band);
    const trained = await run({ ...small, beta: 0.3, certify: true }, table);
    const { report } = trained;
    expect(useReportSchema.parse(JSON.parse(JSON.stringify(report))).kind).toBe("use");
    const accuracy = cell(trained, "held-out", "convex network", 2);
    expect(accuracy).toBeGreaterThan(cell(trained, "held-out", "constant", 2) + 0.1);
    expect(accuracy).toBeGreaterThan(cell(trained, "held-out", "linear, least squares", 2) + 0.1);
    const objective = cell(trained, "certificate", "objective of the network");
    const everywhere = cell(trained, "certificate", "lower bound over all networks");
    for (const name of ["the same network, Adam", "sampled convex program, 40 units"])
      expect(cell(trained, "held-out", name)).toBeGreaterThan(everywhere);
    expect(Math.abs(cell(trained, "certificate", "relative gap to it"))).toBeLessThan(0.05);
    expect(objective).toBeGreaterThan(everywhere);

    const model = await loadOnnx(fileOf(trained, "model.onnx"));
    expect(model.inputs).toEqual(["age__years_", "score_2", "town"]);
    expect(model.optional).toEqual(["threshold"]);
    expect(model.outputs).toEqual(["prediction", "score"]);
    const rows = {
      age__years_: array([25, 45, Number.NaN]),
      score_2: array([0, 0, 0]),
      town: ["Rome", "Paris", ""],
    };
    const { prediction } = await model.run(rows);
    expect(prediction.tolist()).toEqual([0, 1, expect.any(Number)]);
    const cautious = await model.run({ ...rows, threshold: array(1e6) });
    expect(cautious.prediction.tolist()).toEqual([0, 0, 0]);
    await model.release();

    const again = await run({}, table, fileOf(trained, "model.onnx"));
    const [before, after] = [await predictionsOf(trained), await predictionsOf(again)];
    expect(after.rows).toBe(120);
    const scores = numbers(after, "score");
    numbers(before, "row").forEach((row, i) => {
      expect(scores[row - 2]).toBe(numbers(before, "score")[i]); // the header is row 1
    });
  });

  it("numbers: in the units of the column; patterns of a trained network only lower the objective", async () => {
    const table = await people((age) => String(1000 + 100 * Math.abs(age - 45)));
    const options = { ...small, beta: 1, iterations: 800 };
    const sampled = await run({ ...options, startFrom: "random" }, table);
    const started = await run({ ...options, baselines: false }, table);
    const rmse = cell(sampled, "held-out", "convex network", 2);
    expect(rmse).toBeLessThan(cell(sampled, "held-out", "linear, least squares", 2) / 1.3);
    const adam = cell(sampled, "held-out", "the same network, Adam");
    expect(cell(started, "held-out", "convex network")).toBeLessThan(adam * 1.005);
    const predictions = numbers(await predictionsOf(sampled), "prediction");
    expect(predictions.every((value) => value > 0 && value < 6000)).toBe(true);
  });

  it("sampled units and the logistic loss give probabilities, and weight decay is chosen", async () => {
    const table = await people(band);
    const options = { ...small, method: "sampled", loss: "logistic", baselines: false };
    const outcome = await run(options, table);
    expect(cell(outcome, "held-out", "sampled convex program", 2)).toBeGreaterThan(0.7);
    const choice = outcome.report.tables.find(({ id }) => id === "choice");
    expect(choice?.rows.filter((row) => row[2] === "yes").length).toBe(1);
    const probability = numbers(await predictionsOf(outcome), "P(yes)");
    expect(probability.every((p) => p >= 0 && p <= 1)).toBe(true);
  });

  it("against perturbations: what FGSM and PGD reach stays below the certified bound", async () => {
    const table = await people((age, town) => (age > 45 && town !== "Oslo" ? "1" : "0"));
    const outcome = await run({ ...small, eps: 0.1, baselines: false }, table);
    const bound = cell(outcome, "certificate", "certified bound under attack");
    const reached = cell(outcome, "certificate", "largest that FGSM and PGD reached");
    expect(reached).toBeLessThanOrEqual(bound);
    expect(bound).toBeLessThan(0.8);
    const clean = cell(outcome, "attacks", "convex, robust", 1);
    expect(clean).toBeGreaterThanOrEqual(cell(outcome, "attacks", "convex, robust", 3));
    expect(clean).toBeGreaterThan(0.75);
  });

  it("says what is wrong", async () => {
    const table = await people(band);
    const three = await people((age) => (age > 50 ? "old" : age > 35 ? "middle" : "young"));
    const refused = (options: Record<string, unknown>, data = table, model?: Uint8Array) =>
      expect(run(options, data, model)).rejects;
    await refused({}).toThrow("--target is missing: name the column of");
    await refused({ target: "outcom" }).toThrow('did you mean "outcome"?');
    await refused({ target: "outcome" }, three).toThrow("has 3 classes");
    await refused({ target: "score", loss: "logistic" }).toThrow("needs two classes");
    await refused({ ...small, beta: -1 }).toThrow('option "beta"');
    await refused({ ...small, eps: 0.1, method: "sampled" }).toThrow("leave out --method");
    await refused({ ...small, eps: 0.1, exclude: ["age (years)", "score"] }).toThrow(
      "predicted from categories only",
    );
    await refused({}, table, new Uint8Array([1, 2, 3])).toThrow("--model model.onnx: not an ONNX");
  });
});
