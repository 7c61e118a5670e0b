import { parseNpz } from "@etude/data";
import { array, exportOnnx, loadOnnx, NDArray, random, type Tensor, zeros } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { finish } from "../contract/events.ts";
import { reproducible, useReportSchema } from "../contract/report.ts";
import type { UserInput } from "../contract/use.ts";
import { type UseOutcome, use } from "../run/use.ts";
import { testSurroundings, verified } from "../testing.ts";
import { paper } from "./paper.ts";
import { readPolicy } from "./use/policyFile.ts";
import { pathOf } from "./use/subject.ts";

describe("verify", () => {
  it("runs at smoke scale, twice with the same report", async () => {
    const report = await verified(paper, "smoke");
    const again = await verified(paper, "smoke");
    expect(reproducible(again)).toEqual(reproducible(report));
    expect(report.claims.every(({ mean }) => Number.isFinite(mean))).toBe(true);
    expect(report.pictures.length).toBeGreaterThan(0);
  });
});

const run = (inputs: Record<string, UserInput>, options: Record<string, unknown> = {}) =>
  finish(use(paper, { seed: 1, options, inputs }, testSurroundings()));

const bytesOf = ({ files }: UseOutcome, name: string): Uint8Array => {
  const found = files.find((file) => file.name === name);
  if (found === undefined) throw new Error(`no ${name} among ${files.map((file) => file.name)}`);
  return found.bytes;
};
const textOf = (outcome: UseOutcome, name: string): string =>
  new TextDecoder().decode(bytesOf(outcome, name));

/** Two classes of noisy pictures: bright above, or bright on the left. */
function pictures(count = 80, side = 8): UserInput {
  const draw = random.generator(6);
  const labels = Int32Array.from({ length: count }, (_, i) => 3 + 4 * (i % 2));
  const values = Float32Array.from({ length: count * side * side }, (_, at) => {
    const [pixel, image] = [at % (side * side), Math.floor(at / (side * side))];
    const bright = image % 2 === 0 ? pixel < (side * side) / 2 : pixel % side < side / 2;
    return Math.min(1, Math.max(0, (bright ? 0.8 : 0.2) + 0.15 * draw.normal()));
  });
  return {
    kind: "arrays",
    file: "pictures.npz",
    arrays: {
      images: array(values, { shape: [count, side, side] }),
      labels: array(labels),
    },
  };
}

const modelFile = (bytes: Uint8Array, file = "model.onnx"): UserInput => ({
  kind: "model",
  file,
  bytes,
});
const textFile = (text: string): UserInput => ({ kind: "text", file: "policy.json", text });

const quick = { steps: 8, samples: 12, trajectories: 20, thresholds: [0.9], components: 6 };

describe("use", async () => {
  const outcome = await run({ data: pictures() }, { ...quick, network: "gaussian" });

  it("finds policies that cost what they say, and writes what it found", () => {
    expect(useReportSchema.parse(JSON.parse(JSON.stringify(outcome.report))).kind).toBe("use");
    const [table] = outcome.report.tables;
    const evaluations = new Map(table.rows.map(([name, value]) => [name, Number(value)]));
    expect(evaluations.get("full guidance")).toBe(16);
    expect(evaluations.get("conditional only")).toBe(8);
    expect(evaluations.get("LinearAG")).toBe(10);
    expect(evaluations.get("adaptive guidance")).toBeLessThan(14.5);
    const similarity = new Map(table.rows.map(([name, , , , value]) => [name, Number(value)]));
    expect(similarity.get("full guidance")).toBeCloseTo(1, 5);
    expect(similarity.get("LinearAG")).toBeGreaterThan(Number(similarity.get("conditional only")));
    expect(textOf(outcome, "policies.csv").split("\n")[0]).toMatch(
      /^policy,evaluations,saved_percent/,
    );
    const { full, adaptive } = parseNpz(bytesOf(outcome, "samples.npz"));
    expect(full.shape).toEqual([12, 6]);
    expect(adaptive.shape).toEqual([12, 6]);
    expect(Array.from(bytesOf(outcome, "samples.png").subarray(1, 4))).toEqual([80, 78, 71]);
  });

  it("gives a file that samples the same again without flags, by policy too", async () => {
    const model = modelFile(bytesOf(outcome, "model.onnx"));
    const again = await run({ model }, quick);
    const rows = (of: UseOutcome) => of.report.tables[0].rows.map((row) => row.slice(0, 2));
    expect(rows(again)).toEqual(rows(outcome));
    const policy = textFile(textOf(outcome, "policy.json"));
    const sampled = await run({ model, policy }, { samples: 12 });
    const { samples, evaluations } = parseNpz(bytesOf(sampled, "samples.npz"));
    const { adaptive } = parseNpz(bytesOf(outcome, "samples.npz"));
    samples.data.forEach((value, i) => {
      expect(value).toBeCloseTo(adaptive.data[i], 4);
    });
    const mean = Array.from(evaluations.data).reduce((a, b) => a + b, 0) / 12;
    expect(mean).toBeCloseTo(
      Number(outcome.report.tables[0].rows.find(([name]) => name === "adaptive guidance")?.[1]),
      6,
    );
    const linear = textFile(textOf(outcome, "linear-policy.json"));
    await expect(run({ model, policy: linear }, { strength: 2 })).rejects.toThrow(
      /fitted with strength 3, not 2/,
    );
  });

  it("writes samples whose pictures show their class", async () => {
    const model = modelFile(bytesOf(outcome, "model.onnx"));
    const sampled = await run(
      { model, policy: textFile(textOf(outcome, "policy.json")) },
      { samples: 10 },
    );
    const { pictures: shown } = parseNpz(bytesOf(sampled, "samples.npz"));
    for (let i = 0; i < 10; i++) {
      const at = (row: number, column: number) => Number(shown.data[i * 64 + row * 8 + column]);
      // Upper right is bright in the first class, lower left in the second.
      expect(at(1, 6) > at(6, 1)).toBe(i % 2 === 0);
    }
  });

  it("trains a network, whose file gives what it gave, and searches", async () => {
    const small = { ...quick, trainSteps: 150, width: 32, blocks: 1, searchIterations: 5 };
    const trained = await run({ data: pictures() }, { ...small, search: true });
    const file = bytesOf(trained, "model.onnx");
    const model = await loadOnnx(file);
    const feeds = { t: array([0.5, 0.5]), condition: array(Int32Array.of(0, 2)) };
    const { prediction, image } = await model.run({ x: zeros([2, 6]), ...feeds });
    expect(prediction.shape).toEqual([2, 6]);
    expect(image.shape).toEqual([2, 1, 8, 8]);
    expect(readPolicy(textFile(textOf(trained, "searched-policy.json")) as never).steps).toBe(8);
    const again = await run({ model: modelFile(file) }, quick);
    const sample = (of: UseOutcome) => parseNpz(bytesOf(of, "samples.npz")).full;
    sample(again).data.forEach((value, i) => {
      expect(value).toBeCloseTo(sample(trained).data[i], 3);
    });
  });

  it("trains a U-net on pixels", async () => {
    const { files } = await run(
      { data: pictures(24) },
      {
        ...quick,
        steps: 4,
        samples: 4,
        trajectories: 4,
        network: "unet",
        width: 8,
        blocks: 1,
        trainSteps: 3,
        batchSize: 4,
      },
    );
    expect(files.map(({ name }) => name)).toContain("model.onnx");
  });

  it("takes a foreign model: noise, embeddings as conditions, a negative one, names of its own", async () => {
    const path = pathOf("linear", 100);
    // Exact for Gaussians of variance 0.25 about the embedding.
    const model = (x: Tensor, t: Tensor, embedding: Tensor): Tensor => {
      const { signal, noise } = path.levels(t.astype("float32"));
      const [a, b] = [signal.reshape([-1, 1]), noise.reshape([-1, 1])];
      const apart = x.sub(a.mul(embedding));
      return apart.mul(b).div(a.mul(a).mul(0.25).add(b.mul(b)));
    };
    const bytes = exportOnnx(model, [zeros([2, 3]), zeros([2], "int32"), zeros([2, 3])], {
      inputNames: ["sample", "timestep", "embedding"],
      outputNames: ["noise"],
      dynamicBatch: true,
    });
    const condition = array([
      [2, 0, 0],
      [0, 2, 0],
    ]);
    const conditions = {
      kind: "arrays",
      file: "c.npz",
      arrays: { condition, negative: array([[0, 0, 3]]) },
    } as const;
    const options = { ...quick, predicts: "noise", schedule: "linear", times: 100 };
    const given = { model: modelFile(bytes, "foreign.onnx"), conditions };
    const outcome = await run(given, options);
    const { full } = parseNpz(bytesOf(outcome, "samples.npz"));
    // Beyond the embedding, away from the negative one.
    const mean = (column: number, parity: number) =>
      [0, 1, 2, 3, 4, 5].reduce((sum, i) => sum + full.data[3 * (2 * i + parity) + column] / 6, 0);
    expect(mean(0, 0)).toBeGreaterThan(2);
    expect(mean(1, 1)).toBeGreaterThan(2);
    expect(mean(2, 0)).toBeLessThan(-1);
    expect(JSON.parse(textOf(outcome, "policy.json")).policy.firstCheck).toBe(2);
    // Without that, a threshold that would be right later fires at the very first step.
    const trapped = await run(given, { ...options, firstCheck: 0, threshold: 0.9 });
    expect(trapped.report.findings.join()).toMatch(/stops for 100 % of the samples at step 0/);
    await expect(run({ model: given.model }, options)).rejects.toThrow(/--conditions/);
    await expect(
      run(
        {
          model: given.model,
          conditions: { ...conditions, arrays: { a: condition, b: condition } },
        },
        options,
      ),
    ).rejects.toThrow(/expected an array "condition"/);
  });

  it("refuses what is not enough, in one line", async () => {
    const data = pictures();
    const model = modelFile(bytesOf(outcome, "model.onnx"));
    await expect(run({})).rejects.toThrow(/either --data.*or --model/);
    await expect(run({ data, model })).rejects.toThrow(/either --data.*or --model/);
    await expect(run({ data, policy: textFile("{}") })).rejects.toThrow(/--policy says how/);
    await expect(run({ model, policy: textFile("no") })).rejects.toThrow(/policy.json: .*not JSON/);
    await expect(run({ model, policy: textFile("{}") })).rejects.toThrow(/policy.json: .*format/);
    await expect(run({ model: modelFile(new Uint8Array(9), "x.onnx") })).rejects.toThrow(
      /x.onnx: /,
    );
    await expect(run({ model }, { ...quick, firstCheck: 9 })).rejects.toThrow(/beyond the 8 steps/);
    await expect(run({ model }, { threshold: -1.5 })).rejects.toThrow(/threshold/);
    const policy = textFile(textOf(outcome, "policy.json"));
    await expect(run({ model, policy }, { predicts: "noise" })).rejects.toThrow(
      /found with the sampler/,
    );
  });

  it("refuses images that are none, naming the file and the place", async () => {
    const given = (arrays: Record<string, NDArray>): Record<string, UserInput> => ({
      data: { kind: "arrays", file: "a.npz", arrays },
    });
    const images = zeros([4, 8, 8]);
    const labels = array(Int32Array.of(0, 0, 1, 1));
    await expect(run(given({ images }))).rejects.toThrow(/a.npz: no array of labels/);
    await expect(run(given({ images, labels: array(Int32Array.of(0, 1)) }))).rejects.toThrow(
      /a.npz: 4 images, but labels of shape \[2\]/,
    );
    await expect(run(given({ images: zeros([4, 8]), labels }))).rejects.toThrow(
      /a.npz: images are/,
    );
    await expect(run(given({ images: zeros([4, 8, 8, 3]), labels }))).rejects.toThrow(
      /channels to the front/,
    );
    await expect(run(given({ images, labels: array(Int32Array.of(0, 0, 0, 1)) }))).rejects.toThrow(
      /a.npz: class "1" has 1 images/,
    );
    await expect(run(given({ images, labels: array(new Int32Array(4)) }))).rejects.toThrow(
      /one class only/,
    );
    await expect(run(given({ images, labels: array([0, 0.5, 1, 1]) }))).rejects.toThrow(
      /image 1, from 0, is 0.5/,
    );
    const hole = new NDArray(new Float32Array(256).fill(Number.NaN, 70, 71), [4, 8, 8], "float32");
    await expect(run(given({ images: hole, labels }))).rejects.toThrow(
      /image 1, from 0, holds NaN/,
    );
  });
});
