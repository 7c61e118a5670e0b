import { parseCsv } from "@etude/data";
import { array, exportOnnx, type NDArray, random, type Tensor } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { UsageError } from "../contract/errors.ts";
import { finish } from "../contract/events.ts";
import { reportSchema } from "../contract/report.ts";
import type { UserInput } from "../contract/use.ts";
import { use } from "../run/use.ts";
import { testSurroundings } from "../testing.ts";
import { paper } from "./paper.ts";

const generator = random.generator(8);
const rows = 64;
const noise = Array.from({ length: rows }, () => generator.normal());
const xs = Array.from({ length: rows }, () => [generator.normal(), 3 * generator.normal()]);

const run = (inputs: Record<string, UserInput>, options: Record<string, unknown> = {}) =>
  finish(use(paper, { seed: 0, options, inputs }, testSurroundings()));

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function csvOf({ files }: Awaited<ReturnType<typeof run>>, name: string): Record<string, string>[] {
  const file = files.find((each) => each.name === name);
  const [head, ...lines] = text(file?.bytes ?? new Uint8Array())
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  return lines.map((line) => Object.fromEntries(head.map((column, i) => [column, line[i]])));
}

const few = { batches: 4, steps: 10, probes: 2, noiseProbes: 4 };

describe("a linear model of squared error", () => {
  const arrays: UserInput = {
    kind: "arrays",
    file: "data.npz",
    arrays: {
      inputs: array(xs),
      targets: array(noise.map((e, i) => xs[i][0] - 2 * xs[i][1] + 0.1 * e)),
    },
  };
  const bytes = exportOnnx((x: Tensor) => x.matmul(array([[0.4], [1]])), [array(xs) as NDArray], {
    dynamicBatch: true,
    inputNames: ["x"],
    outputNames: ["y"],
  });
  const model: UserInput = { kind: "model", file: "line.onnx", bytes };

  it("has the Hessian 2 X^T X / n, and stable rates of 2 over its top eigenvalue", async () => {
    const outcome = await run(
      { data: arrays, model },
      { ...few, batches: 60, batchSizes: [4, 16, rows], fromBatch: 4, fromRate: 0.01 },
    );
    // The top eigenvalue of a 2 x 2 matrix by hand.
    const entry = (i: number, j: number) =>
      (2 * xs.reduce((sum, x) => sum + x[i] * x[j], 0)) / rows;
    const [a, b, d] = [entry(0, 0), entry(0, 1), entry(1, 1)];
    const top = (a + d) / 2 + Math.hypot((a - d) / 2, b);
    const rates = csvOf(outcome, "learning-rates.csv");
    const whole = rates[2];
    expect(Number(whole.hessian_eigenvalue)).toBeCloseTo(top, 4);
    expect(Number(whole.gauss_newton_eigenvalue)).toBeCloseTo(top, 4);
    expect(Number(whole.sgd_rate)).toBeCloseTo(2 / top, 5);
    expect(whole.effective_batch_size).toBe(""); // infinite: no noise
    expect(Number(whole.hessian_isotropic)).toBeCloseTo(top, 4);
    // Convexity of the largest eigenvalue, as far as 60 batches tell.
    const { hessian_eigenvalue: mean, hessian_stderr: stderr } = rates[0];
    expect(Number(mean)).toBeGreaterThan(top - 2 * Number(stderr));
    // A spectrum of two eigenvalues, each with a share.
    const spectrum = csvOf(outcome, "spectra.csv").filter((row) => row.examples === "all");
    const weights = spectrum.map(({ weight }) => Number(weight));
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(2, 6); // two matrices
    const { report } = outcome;
    expect(report.tables.map(({ id }) => id)).toContain("carried-over");
    reportSchema.parse(JSON.parse(JSON.stringify(report)));
    JSON.parse(text(outcome.files[2].bytes));
  });

  it("is the same when it was exported for one example", async () => {
    const single = exportOnnx((x: Tensor) => x.matmul(array([[0.4], [1]])), [array([xs[0]])], {
      inputNames: ["x"],
      outputNames: ["y"],
    });
    const options = { ...few, batchSizes: [16] };
    const [one, other] = [
      await run({ data: arrays, model }, options),
      await run({ data: arrays, model: { kind: "model", file: "m", bytes: single } }, options),
    ].map((outcome) => Number(csvOf(outcome, "learning-rates.csv")[0].sgd_rate));
    expect(other).toBeCloseTo(one, 5);
  });

  it("names what does not fit", async () => {
    const table = async (csv: string): Promise<UserInput> => ({
      kind: "table",
      file: "wide.csv",
      table: await parseCsv(csv, { name: "wide.csv" }),
    });
    const line = (i: number) => `${i},${i % 3},${i % 5},${i * 0.7}\n`;
    const fits = `a,b,c,y\n${Array.from({ length: 12 }, (_, i) => line(i)).join("")}`;
    await expect(run({ data: await table(fits), model })).rejects.toThrow(
      'examples are [12, 3], but the model\'s input "x" is',
    );
    await expect(
      run({ data: await table(fits.replace("3,0,3", "3,,3")), model }, { exclude: ["c"] }),
    ).rejects.toThrow(/wide.csv, row 5, column "b": the value is missing/);
    await expect(run({ data: await table("a,y\n1,2.5\n2,3.5\n") })).rejects.toThrow("2 examples");
    await expect(run({ data: await table(fits) }, { target: "z" })).rejects.toThrow(
      'there is no column "z"',
    );
    await expect(run({ data: arrays, model }, { batchSizes: [65] })).rejects.toThrow(
      "a batch of 65 out of 64 examples",
    );
    await expect(run({ data: arrays }, { fromBatch: 4 })).rejects.toThrow(UsageError);
    await expect(run({ data: arrays, model }, { output: "z" })).rejects.toThrow("outputs are y");
    await expect(run({ data: arrays }, { network: "vgg16" })).rejects.toThrow("takes images");
    const broken: UserInput = {
      kind: "model",
      file: "broken.onnx",
      bytes: Uint8Array.of(1, 2, 3),
    };
    await expect(run({ data: arrays, model: broken })).rejects.toThrow("broken.onnx");
  });
});

describe("a table of classes", () => {
  const csv = [
    "a,b,colour,kind",
    ...xs.map(([a, b], i) => `${a},${b},${i % 2 ? "red" : "blue"},${a + b > 0 ? "yes" : "no"}`),
  ].join("\n");

  it("gets a network trained without a rate being given, and rates of both optimisers", async () => {
    const data: UserInput = {
      kind: "table",
      file: "t.csv",
      table: await parseCsv(csv, { name: "t.csv" }),
    };
    const options = {
      ...few,
      network: "mlp-6-tanh",
      epochs: 6,
      trainingBatch: 16,
      points: 2,
      batchSizes: [4, 16],
      sweep: true,
      sweepSteps: 40,
    };
    const outcome = await run({ data }, options);
    const rates = csvOf(outcome, "learning-rates.csv");
    expect(rates.map(({ moment }) => moment)).toEqual(["epoch 0", "epoch 0", "epoch 6", "epoch 6"]);
    for (const row of rates) {
      expect(Number(row.sgd_rate)).toBeGreaterThan(0);
      expect(Number(row.adam_rate)).toBeGreaterThan(0);
      expect(Number(row.sgd_rate_by_training)).toBeGreaterThan(0);
    }
    const training = csvOf(outcome, "training.csv").map(({ loss }) => Number(loss));
    expect(training[5]).toBeLessThan(training[0]);
    const again = await run({ data }, options);
    expect(text(again.files[0].bytes)).toBe(text(outcome.files[0].bytes));
  });

  it("may have a model that gives probabilities: the curvature is that of its scores", async () => {
    const arrays = {
      kind: "arrays",
      file: "d.npz",
      arrays: {
        x: array(xs),
        y: array(
          xs.map(([a, b]) => (a + b > 0 ? 1 : 0)),
          { dtype: "int32" },
        ),
      },
    } as const;
    const weight = array([
      [0.5, -0.2],
      [0.1, 0.3],
    ]);
    const scores = (x: Tensor) => x.matmul(weight);
    const file = (f: (x: Tensor) => Tensor) =>
      exportOnnx(f, [array(xs)], { dynamicBatch: true, inputNames: ["x"], outputNames: ["y"] });
    const options = { ...few, batchSizes: [16] };
    const found: Record<string, string>[] = [];
    for (const bytes of [file(scores), file((x) => scores(x).softmax())]) {
      const outcome = await run(
        { data: arrays, model: { kind: "model", file: "m", bytes } },
        options,
      );
      found.push(csvOf(outcome, "learning-rates.csv")[0]);
    }
    expect(Number(found[1].sgd_rate)).toBeCloseTo(Number(found[0].sgd_rate), 4);
    expect(Number(found[1].gauss_newton_eigenvalue)).toBeCloseTo(
      Number(found[0].gauss_newton_eigenvalue),
      4,
    );
  });
});
