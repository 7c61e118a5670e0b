import { random } from "@etude/tensor";
import { expect, test } from "vitest";
import { verified } from "../testing.ts";
import { paper } from "./paper.ts";
import { compileOptimum, compileRuns } from "./softmaxRegression.ts";
import { linearDecay } from "./standardSchedules.ts";
import { bestOf, ratesOf, refinedFrom } from "./sweep.ts";
import { noisy, shuffled } from "./tableRuns.ts";
import { waveforms } from "./tables.ts";
import { expectClose } from "./testing.ts";
import { numbersInWords } from "./textRun.ts";

test("smoke: the whole path, with every schedule in its table", async () => {
  const report = await verified(paper, "smoke");
  expect(report.claims.map(({ id }) => id)).toEqual([
    "linear-matches-cosine",
    "linear-beats-others",
    "refined-first-glass",
    "refined-last-glass",
    "text-matches-cosine",
    "text-beats-flat",
  ]);
  for (const { samples } of report.claims) expect(samples.every(Number.isFinite)).toBe(true);
  const tables = Object.fromEntries(report.tables.map((table) => [table.id, table]));
  expect(tables.noisy.rows).toHaveLength(3);
  expect(tables.text.rows.map(([name]) => name)).toEqual([
    "flat",
    "cosine",
    "linear",
    "10 % warm-up, linear",
    "refined",
  ]);
  expect(tables.images.rows.map(([name]) => name)).toEqual(["flat", "cosine", "linear", "refined"]);
  expect(report.figures.length).toBeGreaterThan(3);
}, 60_000);

test("runs side by side are the runs alone, and SGD is written out", async () => {
  const draw = random.generator(2);
  const examples = waveforms(60, draw);
  const batches = shuffled(60, 2, draw);
  const [steps] = batches.rows.shape;
  const run = compileRuns("sgd");
  const both = await run(examples, batches, ratesOf([linearDecay(steps)], [0.1, 0.4]));
  const alone = await run(examples, batches, ratesOf([linearDecay(steps)], [0.4]));
  expectClose([both.losses.data[1]], alone.losses.data, 1e-6);

  // The same in plain TypeScript.
  const width = examples.inputs.shape[1];
  const w = Array.from({ length: width }, () => [0, 0, 0]);
  const probabilities = (row: number) => {
    const x = examples.inputs.data.subarray(row * width, (row + 1) * width);
    const z = [0, 1, 2].map((c) => w.reduce((sum, weights, i) => sum + weights[c] * x[i], 0));
    const total = z.reduce((sum, value) => sum + Math.exp(value), 0);
    return { x, p: z.map((value) => Math.exp(value) / total) };
  };
  const norms: number[] = [];
  linearDecay(steps).forEach((multiplier, t) => {
    const g = w.map(() => [0, 0, 0]);
    for (const row of batches.rows.data.subarray(t * 16, (t + 1) * 16)) {
      const { x, p } = probabilities(row);
      for (let c = 0; c < 3; c++) {
        const slope = (p[c] - (examples.targets.data[row] === c ? 1 : 0)) / 16;
        for (let i = 0; i < width; i++) g[i][c] += slope * x[i];
      }
    }
    norms.push(Math.hypot(...g.flat()));
    for (let i = 0; i < width; i++)
      for (let c = 0; c < 3; c++) w[i][c] -= 0.4 * multiplier * g[i][c];
  });
  expectClose(alone.norms.data, norms, 1e-5);
  const rows = Array.from({ length: 60 }, (_, row) => row);
  const loss = rows.reduce(
    (sum, row) => sum - Math.log(probabilities(row).p[examples.targets.data[row]]) / 60,
    0,
  );
  expectClose(alone.losses.data, [loss], 1e-5);
  expect(await compileOptimum()(examples)).toBeLessThan(loss);
});

test("l1 norms of Adam's gradients are recorded; a diverged run is never chosen", async () => {
  const draw = random.generator(4);
  const examples = waveforms(40, draw);
  const batches = shuffled(40, 1, draw);
  const rates = ratesOf([linearDecay(2)], [0.1]);
  const [sgd, adam] = await Promise.all([
    compileRuns("sgd")(examples, batches, rates),
    compileRuns("adam")(examples, batches, rates),
  ]);
  // The first gradient is the same; its l1 norm is larger, by the root of the size at most.
  const ratio = adam.norms.data[0] / sgd.norms.data[0];
  expect(ratio).toBeGreaterThan(1);
  expect(ratio).toBeLessThan(Math.sqrt(41 * 3));
  expect(bestOf([Number.NaN, 2, Number.POSITIVE_INFINITY, 1.5])).toBe(3);
  expect(refinedFrom([1, 0, 1], { norm: "l2", smoothing: 0 })).toBeUndefined();
});

test("batches: every row once an epoch; in the noisy phase a single row counts", () => {
  const { rows, weights } = shuffled(48, 2, random.generator(0));
  expect(rows.shape).toEqual([6, 16]);
  for (const epoch of [0, 1]) {
    const seen = Array.from(rows.data.slice(epoch * 48, (epoch + 1) * 48)).sort((a, b) => a - b);
    expect(seen).toEqual(Array.from({ length: 48 }, (_, row) => row));
  }
  expect(rows.data.slice(0, 48)).not.toEqual(rows.data.slice(48));
  expectClose(weights.data, Array(96).fill(1 / 16));
  const phase = noisy(10, 100, "last 30 %", random.generator(0));
  const counting = Array.from(
    { length: 100 },
    (_, t) => phase.weights.data.slice(t * 32, (t + 1) * 32).filter((weight) => weight > 0).length,
  );
  expect(counting).toEqual([...Array(70).fill(32), ...Array(30).fill(1)]);
});

test("waveforms have their three classes about equally often, and 19 inputs that say nothing", () => {
  const { inputs, targets, classes } = waveforms(3000, random.generator(0));
  expect([inputs.shape, classes]).toEqual([[3000, 41], 3]);
  const means = [0, 1, 2].map((label) => {
    const rows = Array.from(targets.data.keys()).filter((row) => targets.data[row] === label);
    expect(Math.abs(rows.length / 3000 - 1 / 3)).toBeLessThan(0.03);
    return Array.from(
      { length: 41 },
      (_, i) => rows.reduce((sum, row) => sum + inputs.data[row * 41 + i], 0) / rows.length,
    );
  });
  const largest = (i: number) => Math.max(...means.map((mean) => Math.abs(mean[i])));
  for (let i = 21; i < 40; i++) expect(largest(i)).toBeLessThan(0.12);
  expect(largest(6)).toBeGreaterThan(0.5);
  expect(means.every((mean) => mean[40] === 1)).toBe(true);
});

test("numbers in words", () => {
  const words = numbersInWords(1346).split(", ");
  expect([words[0], words[17], words[40], words[99], words[110], words[1345]]).toEqual([
    "zero",
    "seventeen",
    "forty",
    "ninety-nine",
    "one hundred ten",
    "one thousand three hundred forty-five",
  ]);
});
