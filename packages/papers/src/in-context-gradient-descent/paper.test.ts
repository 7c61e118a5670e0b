import { parseCsv, parseNpz } from "@etude/data";
import { array, loadOnnx, type NDArray, random } from "@etude/tensor";
import { describe, expect, test } from "vitest";
import { finish } from "../contract/events.ts";
import { reproducible } from "../contract/report.ts";
import type { UserInput } from "../contract/use.ts";
import { use } from "../run/use.ts";
import { testSurroundings, verified } from "../testing.ts";
import { paper } from "./paper.ts";

describe("verify", () => {
  test("smoke runs the whole path, and again with the same bits", async () => {
    const report = await verified(paper, "smoke");
    expect(report.claims.every(({ mean }) => Number.isFinite(mean))).toBe(true);
    expect(report.tables.map(({ id }) => id)).toEqual(["losses", "alignment", "steps", "starts"]);
    expect(new Set(report.figures.map(({ id }) => id)).size).toBe(report.figures.length);
    const again = await verified(paper, "smoke");
    expect(reproducible(again)).toEqual(reproducible(report));
  });
});

const useOn = (
  options: Record<string, unknown>,
  inputs: Readonly<Record<string, UserInput>> = {},
) => finish(use(paper, { seed: 0, options, inputs }, testSurroundings()));

const bytesOf = (files: readonly { name: string; bytes: Uint8Array }[], name: string): Uint8Array =>
  files.find((file) => file.name === name)?.bytes ?? new Uint8Array();

const tableOf = async (files: readonly { name: string; bytes: Uint8Array }[], name: string) => {
  const { columns } = await parseCsv(new TextDecoder().decode(bytesOf(files, name)), { name });
  return Object.fromEntries(
    columns.map((column) => [column.name, column.kind === "numeric" ? column.values : []]),
  );
};

/** Devices whose readings are lines of four inputs, each with slopes of its own, as the paper's tasks. */
function devices(count: number, rows: number): string {
  const draw = random.generator(4);
  const lines = ["device,site,heat,load,wind,age,reading"];
  for (let device = 0; device < count; device++) {
    const slopes = Array.from({ length: 4 }, () => draw.normal());
    for (let i = 0; i < rows; i++) {
      const x = Array.from({ length: 4 }, () => draw.uniform());
      const reading = 10 + x.reduce((sum, value, j) => sum + 3 * slopes[j] * (value - 0.5), 0);
      lines.push(`d${device},north,${[...x, reading].map((v) => v.toFixed(5)).join(",")}`);
    }
  }
  return lines.join("\n");
}

const asTable = async (csv: string): Promise<UserInput> => ({
  kind: "table",
  file: "devices.csv",
  table: await parseCsv(csv, { name: "devices.csv" }),
});

const onDevices = {
  task: "device",
  target: "reading",
  exclude: ["site"],
  contextLength: 8,
  intercept: false,
  batch: 64,
  steps: 1200,
  starts: 1,
  learningRate: 2e-3,
};

describe("use on a table", () => {
  test("finds gradient descent, and writes a model that says what the report says", async () => {
    const csv = devices(200, 10);
    const { files, report } = await useOn(onDevices, { tasks: await asTable(csv) });
    expect(files.map(({ name }) => name)).toEqual([
      "model.onnx",
      "predictions.csv",
      "weights.npz",
      "history.csv",
    ]);
    const rows = report.tables[0].rows;
    expect(rows.map(([name]) => name)).toEqual([
      "trained model",
      "gradient descent",
      "weights half-way between",
      "gradient descent with a step size for each input",
    ]);
    expect(Math.abs(Number(rows[1][2]) - 1)).toBeLessThan(0.1);
    expect(Number(rows[1][3])).toBeGreaterThan(0.95);

    // The written model on one held-out row, with the other rows of its device as the context.
    const predicted = await tableOf(files, "predictions.csv");
    expect(predicted.row.length).toBe(50 * 10);
    const lines = csv.split("\n").map((line) => line.split(","));
    const numbers = (row: readonly string[]): number[] => row.slice(2).map(Number);
    const query = lines[predicted.row[0] - 1];
    expect(Number(query[6])).toBeCloseTo(predicted.truth[0], 3);
    const context = lines
      .filter((line) => line[0] === query[0] && line !== query)
      .slice(0, 8)
      .map(numbers);
    const model = await loadOnnx(bytesOf(files, "model.onnx"));
    const feeds = (queries: number[][]) => ({
      inputs: array(queries.map(() => context.map((row) => row.slice(0, 4)))),
      targets: array(queries.map(() => context.map((row) => row[4]))),
      query: array(queries),
    });
    const [heat, ...others] = numbers(query).slice(0, 4);
    const out = await model.run(
      feeds([
        [heat, ...others],
        [heat + 1, ...others],
      ]),
    );
    const [here, moved] = Array.from(out.prediction.data);
    expect(Math.abs(here - out.gradient_descent.data[0])).toBeLessThan(0.5);
    // One layer is linear in its query, so the sensitivity is its slope.
    expect(moved - here).toBeCloseTo(out.sensitivity.data[0], 3);
    const weights: Record<string, NDArray> = parseNpz(bytesOf(files, "weights.npz"));
    expect(weights.KQ.shape).toEqual([5, 5]);
  });

  test("refuses what it cannot use in one line", async () => {
    const tasks = await asTable(devices(6, 10));
    const refusal = (options: Record<string, unknown>, given: UserInput = tasks) =>
      expect(useOn({ ...onDevices, ...options }, { tasks: given })).rejects;
    await refusal({ task: undefined }).toThrow(/--task, the column that names the task/);
    await refusal({ target: "readng" }).toThrow(
      /devices.csv: there is no column "readng".*"reading"/,
    );
    await refusal({ exclude: [] }).toThrow(/devices.csv, column "site": holds no numbers/);
    await refusal({ contextLength: 12 }).toThrow(/0 tasks with more than 12 rows, of 6/);
    await refusal({ exclude: ["site", "heat", "load", "wind", "age"] }).toThrow(
      /no column to predict "reading" from/,
    );
    await refusal({ target: "device" }).toThrow(/both "device"/);
    const gap = await asTable(devices(6, 10).replace(/,[\d.-]+$/m, ","));
    await refusal({}, gap).toThrow(/devices.csv, row 2, column "reading"/);
    const text: UserInput = { kind: "text", file: "a.txt", text: "" };
    await refusal({}, text).toThrow(/--tasks a.txt/);
  });
});

describe("use without a table", () => {
  const tiny = {
    steps: 4,
    starts: 2,
    batch: 8,
    evaluationTasks: 20,
    contextLength: 3,
    measurements: 2,
  };

  test.each([
    { inputSize: 2, layers: 2, starts: 2 },
    { inputSize: 2, layers: 2, shared: false, model: "softmax" },
    { inputSize: 2, model: "separate" },
    { family: "sine", model: "features" },
  ])("%o", async (options) => {
    const { files, report } = await useOn({ ...tiny, ...options });
    const model = await loadOnnx(bytesOf(files, "model.onnx"));
    const width = "inputSize" in options ? 2 : 1;
    const numbers = (...shape: number[]): NDArray =>
      array(
        Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)),
        { shape },
      );
    const out = await model.run({
      inputs: numbers(5, 3, width),
      targets: numbers(5, 3),
      query: numbers(5, width),
    });
    expect(out.prediction.shape).toEqual([5]);
    expect(out.sensitivity.shape).toEqual([5, width]);
    expect(report.findings.length).toBeGreaterThan(0);
    const predicted = await tableOf(files, "predictions.csv");
    expect(predicted.trained.length).toBe(20);
  });

  test("refuses options that do not go together", async () => {
    const refusal = (options: Record<string, unknown>) =>
      expect(useOn({ ...tiny, ...options })).rejects;
    await refusal({ family: "sine" }).toThrow(/--model features/);
    await refusal({ model: "features", layers: 2 }).toThrow(/--layers 2/);
    await refusal({ model: "separate", layers: 1 }).toThrow(/--layers 1/);
    await refusal({ model: "separate", heads: 2 }).toThrow(/--heads/);
    await refusal({ target: "y" }).toThrow(/--tasks/);
    await refusal({ contextLength: 0 }).toThrow(/contextLength/);
    await refusal({ inputRange: 0 }).toThrow(/inputRange/);
  });
});
