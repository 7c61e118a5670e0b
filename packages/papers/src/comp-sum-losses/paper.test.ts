import { arrayDataset, parseCsv } from "@etude/data";
import {
  array,
  exportOnnx,
  lift,
  loadOnnx,
  type NDArray,
  random,
  type Tensor,
} from "@etude/tensor";
import { describe, expect, test } from "vitest";
import { finish } from "../contract/events.ts";
import type { UserInput } from "../contract/use.ts";
import { use } from "../run/use.ts";
import { testSurroundings, verified } from "../testing.ts";
import { paper } from "./paper.ts";

describe("verify", () => {
  test("smoke runs the whole path, and the bounds hold there already", async () => {
    const { claims, tables, figures } = await verified(paper, "smoke");
    expect(claims.every(({ mean }) => Number.isFinite(mean))).toBe(true);
    const meanOf = (id: string) => claims.find((claim) => claim.id === id)?.mean;
    expect(meanOf("bound")).toBe(0);
    expect(meanOf("tight")).toBeLessThan(1e-9);
    expect(meanOf("optimum")).toBeLessThan(1e-6);
    expect(meanOf("linear-model")).toBeGreaterThanOrEqual(0);
    expect(meanOf("upper-bound")).toBeGreaterThanOrEqual(0);
    expect(tables).toHaveLength(4);
    expect(figures).toHaveLength(5);
  });
});

const small = {
  taus: [1],
  epochs: 8,
  batchSize: 32,
  learningRates: [0.1],
  attackSteps: 2,
  testSteps: 3,
  restarts: 1,
  hidden: [8],
};

const useOn = (inputs: Readonly<Record<string, UserInput>>, options: object) =>
  finish(use(paper, { seed: 0, options: { ...small, ...options }, inputs }, testSurroundings()));

const text = (bytes: Uint8Array | undefined): string[][] =>
  new TextDecoder()
    .decode(bytes)
    .trim()
    .split("\n")
    .map((line) => line.split(","));

/** A class that depends on a number, some of which are missing, and on a word. */
function csvOf(rows: number): string {
  const draw = random.generator(3);
  const lines = Array.from({ length: rows }, (_, i) => {
    const amount = draw.normal();
    const city = ["Lyon", "Oslo", "Quito"][draw.integer(3)];
    const label = amount + (city === "Oslo" ? 1.5 : 0) > 0.5 ? "yes" : "no";
    return `${i},${i % 17 === 0 ? "" : amount.toFixed(4)},${city},${label}`;
  });
  return ["id,the amount,city,bought", ...lines].join("\n");
}

const asTable = async (csv: string, file = "sales.csv"): Promise<UserInput> => ({
  kind: "table",
  file,
  table: await parseCsv(csv, { name: file }),
});

describe("use on a table", () => {
  test("writes models that take raw columns and say what the report says", async () => {
    const data = await asTable(csvOf(200));
    const { files, report } = await useOn(
      { data },
      { target: "bought", exclude: ["id"], betas: [] },
    );
    expect(files.map(({ name }) => name)).toEqual([
      "best.onnx",
      "tau-1.onnx",
      "tau-1-smooth-0.25.onnx",
      "losses.csv",
      "predictions.csv",
    ]);
    const bytesOf = (name: string) => files.find((file) => file.name === name)?.bytes;
    const [, ...rows] = text(bytesOf("predictions.csv"));
    expect(rows).toHaveLength(40);
    // The held-out rows as they stand in the file, whose first line is the header.
    const lines = csvOf(200).split("\n");
    const cells = rows.map(([row]) => lines[Number(row) - 1].split(","));
    expect(cells.map((row) => row[3])).toEqual(rows.map(([, label]) => label));
    const model = await loadOnnx(bytesOf("best.onnx") ?? new Uint8Array());
    expect(model.inputs).toEqual(["the_amount", "city"]);
    const outputs = await model.run({
      the_amount: array(cells.map((row) => (row[1] === "" ? Number.NaN : Number(row[1])))),
      city: cells.map((row) => row[2]),
    });
    const classes = ["no", "yes"];
    expect(Array.from(outputs.class.data, (c) => classes[c])).toEqual(rows.map((row) => row[2]));
    const right = rows.filter(([, label, prediction]) => label === prediction).length / 40;
    expect(right).toBeGreaterThan(0.8);
    const [, ...losses] = text(bytesOf("losses.csv"));
    expect(losses.some(([, , , clean]) => Number(clean) === right)).toBe(true);
    expect(report.findings.join(" ")).toContain("cannot be perturbed");
  });

  test("takes held-out rows from a file of their own", async () => {
    const all = csvOf(240).split("\n");
    const [data, rest] = [all.slice(0, 201), [all[0], ...all.slice(201)]];
    const { report } = await useOn(
      { data: await asTable(data.join("\n")), test: await asTable(rest.join("\n"), "later.csv") },
      { target: "bought", exclude: ["id"], nus: [], betas: [] },
    );
    expect(report.tables[0].title).toBe("Accuracy on 40 held-out examples");
  });

  test("refuses what it cannot use in one line", async () => {
    const data = await asTable(csvOf(60));
    const refusal = (options: object, given: UserInput = data) =>
      expect(useOn({ data: given }, { nus: [], betas: [], ...options })).rejects;
    await refusal({}).toThrow(/--target is missing: .* id, the amount, city, bought/);
    await refusal({ target: "bougt" }).toThrow(/sales.csv: there is no column "bougt".*"bought"/);
    await refusal({ target: "the amount" }).toThrow(/holds amounts/);
    await refusal({ target: "bought", exclude: ["id", "the amount"] }).toThrow(
      /no column holds numbers/,
    );
    await refusal({ target: "bought", taus: [0], learningRates: [1e20] }).toThrow(
      /every training diverged/,
    );
    await refusal({ target: "bought", taus: [-1] }).toThrow(/option "taus.0"/);
    await refusal({ target: "bought" }, { kind: "text", file: "a.txt", text: "" }).toThrow(
      /--data a.txt/,
    );
  });
});

describe("use on images", () => {
  /** Bright above, or bright below. */
  const images = (count: number, classes: readonly string[] = ["above", "below"]) => {
    const draw = random.generator(8);
    const labels = Int32Array.from({ length: count }, (_, i) => i % classes.length);
    const pixels = Float32Array.from({ length: count * 64 }, (_, i) => {
      const isLower = i % 64 >= 32;
      return draw.uniform() * (isLower === (labels[Math.floor(i / 64)] === 1) ? 1 : 0.6);
    });
    return arrayDataset({
      name: "photos",
      inputs: array(pixels, { shape: [count, 1, 8, 8] }),
      targets: array(labels),
      classes,
    });
  };
  const photos: UserInput = { kind: "images", file: "photos", dataset: images(100) };
  const weights = array(
    Float32Array.from({ length: 128 }, (_, i) => ((i * 7) % 5) / 50 - 0.04),
    { shape: [64, 2] },
  );
  const linear = (x: Tensor): Tensor => x.reshape([x.shape[0], 64]).matmul(lift(weights));
  const modelOf = (f: (x: Tensor) => Tensor, example: NDArray): UserInput => ({
    kind: "model",
    file: "mine.onnx",
    bytes: exportOnnx(f, [example], {
      inputNames: ["pixels"],
      dynamicBatch: true,
      parameters: { weights },
    }),
  });
  const pixels = array(new Float32Array(128), { shape: [2, 1, 8, 8] });

  test("trains a convolutional network, or the user's own classifier from its probabilities", async () => {
    const nets = await useOn({ data: photos }, { nus: [], betas: [], epochs: 3 });
    const own = await useOn(
      { data: photos, model: modelOf((x) => linear(x).softmax(), pixels) },
      { nus: [0.1], betas: [], radius: 0.05 },
    );
    const shapeOf = async (bytes: Uint8Array) =>
      (await (await loadOnnx(bytes)).run({ images: pixels })).probabilities.shape;
    for (const { files } of [nets, own]) expect(await shapeOf(files[0].bytes)).toEqual([2, 2]);
    const cells = own.report.tables[0].rows.map((row) => Number(row[1]));
    expect(Math.max(...cells)).toBeGreaterThan(0.9);
    expect(own.files[0].bytes.length).toBeLessThan(nets.files[0].bytes.length);
  });

  test("refuses models and images that do not fit", async () => {
    const refusal = (inputs: Record<string, UserInput>, options: object = {}) =>
      expect(useOn({ data: photos, ...inputs }, options)).rejects;
    const wide = array(new Float32Array(256), { shape: [2, 1, 8, 16] });
    const other = (x: Tensor) => x.reshape([x.shape[0], 128]).slice(null, [0, 2]);
    await refusal({ model: modelOf((x) => linear(x).slice(null, [0, 1]), pixels) }).toThrow(
      /mine.onnx: expected a model from examples \[n, 1, 8, 8\] to scores \[n, 2\], got \[16, 1\]/,
    );
    await refusal({ model: modelOf((x) => other(x.add(weights.data[0])), wide) }).toThrow(
      /mine.onnx/,
    );
    await refusal({}, { target: "a" }).toThrow(/folders in photos/);
    const test: UserInput = { kind: "images", file: "t", dataset: images(20, ["left", "right"]) };
    await refusal({ test }).toThrow(
      /classes are left, right, but those to learn from are above, below/,
    );
  });
});
