import { arrayDataset, parseNpz } from "@etude/data";
import { array, loadOnnx, NDArray, setThreads } from "@etude/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../contract/errors.ts";
import { finish } from "../contract/events.ts";
import { reproducible } from "../contract/report.ts";
import type { UserInput } from "../contract/use.ts";
import { type UseOutcome, use } from "../run/use.ts";
import { planVerify } from "../run/verify.ts";
import { testSurroundings, verified } from "../testing.ts";
import { paper } from "./paper.ts";
import { toyImages } from "./testing.ts";

// Two threads of small work wait for each other where other test files run beside this one.
setThreads(1);

describe("verify", () => {
  it("runs the whole path at smoke scale, twice with the same report", async () => {
    const report = await verified(paper, "smoke");
    const again = await verified(paper, "smoke");
    expect(reproducible(again)).toEqual(reproducible(report));
    expect(report.claims.map(({ id }) => id)).toEqual([
      "dcc-beats-dc",
      "dcc-beats-dc-in-most",
      "dc-no-better-than-random",
      "dcc-beats-random",
      "common-signal",
      "kernel-slows-down",
      "replay",
    ]);
    expect(report.claims.every(({ mean }) => Number.isFinite(mean))).toBe(true);
    expect(report.figures.map(({ id }) => id)).toContain("losses");
  });

  it("trains on the random images with augmentation where a method has it", async () => {
    const report = await verified(paper, "smoke", {
      methods: ["DC", "DCC", "DSAC"],
      furtherIpc: 0,
      betas: [],
      replaySteps: 0,
      velocityEpochs: 0,
    });
    expect(report.tables[0].rows.map(([name]) => name)).toEqual([
      "real images, drawn at random",
      "real images, drawn at random, augmented",
      "DC",
      "DCC",
      "DSAC",
      "all images",
    ]);
    expect(report.claims.length).toBe(4);
  });

  it("refuses options that contradict each other", () => {
    const plan = (set: Record<string, unknown>) => () =>
      planVerify(paper.experiment, { preset: "smoke", set });
    expect(plan({ outerWarmup: 9 })).toThrow(/"outerWarmup": must not be above the 4 outerLoops/);
    expect(plan({ innerWarmup: 3 })).toThrow(/must not be above the 2 innerLoops/);
    expect(plan({ methods: ["DSA", "DC"] })).toThrow(/DCC must be among them/);
    expect(plan({ judgedBeta: 0.1 })).toThrow(/must be one of betas/);
    expect(plan({ classes: [3] })).toThrow(UsageError);
  });
});

const used = (input: UserInput, options: Record<string, unknown> = {}): Promise<UseOutcome> =>
  finish(use(paper, { seed: 0, options, inputs: { data: input } }, testSurroundings()));

const few = {
  outerLoops: 12,
  innerLoops: 2,
  netEpochs: 2,
  hidden: [16],
  evalNetworks: 2,
  evalEpochs: 100,
  fullEpochs: 5,
};

const fileOf = ({ files }: UseOutcome, name: string): Uint8Array => {
  const found = files.find((file) => file.name === name);
  if (found === undefined) throw new Error(`no ${name} among ${files.map((file) => file.name)}`);
  return found.bytes;
};

describe("use on arrays", () => {
  const side = 12;
  let outcome: UseOutcome;
  // Two classes that differ in the half that is bright, in units of 0 to 255, labelled 3 and 7.
  const { x, y } = toyImages(200, 2, { side });
  const images = new NDArray(
    Float32Array.from(x.data, (value) => 100 + 30 * Number(value)),
    [200, side, side],
    "float32",
  );
  const labels = array(y.map((label) => (label === 0 ? 3 : 7)));

  beforeAll(async () => {
    outcome = await used(
      { kind: "arrays", file: "halves.npz", arrays: { images, labels } },
      { ...few, ipc: 2 },
    );
  });

  it("gives sets in the units and labels of the data", () => {
    const set = parseNpz(fileOf(outcome, "condensed-DCC.npz"));
    expect(set.images.shape).toEqual([4, 1, side, side]);
    expect([...set.labels.data]).toEqual([3, 3, 7, 7]);
    const values = Array.from(set.images.data, Number);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean).toBeGreaterThan(80);
    expect(mean).toBeLessThan(180);
    expect(set.standardised.shape).toEqual(set.images.shape);
  });

  it("networks trained on them tell the classes apart", () => {
    const [table] = outcome.report.tables;
    expect(table.rows.map(([name]) => name)).toEqual([
      "real images, drawn at random",
      "DC",
      "DCC",
      "all training images",
    ]);
    for (const [, , accuracy] of table.rows) expect(Number(accuracy)).toBeGreaterThan(75);
    expect(outcome.report.findings[0]).toMatch(/^Best is DCC?: \d+\.\d % with 4 synthetic images/);
    const { accuracy } = JSON.parse(
      new TextDecoder().decode(fileOf(outcome, "condensed.json")),
    ) as { accuracy: Record<string, number[]> };
    expect(accuracy.DCC.length).toBe(2);
  });

  it("and are models that take images as they are: the same accuracy when loaded", async () => {
    const model = await loadOnnx(fileOf(outcome, "network-DCC.onnx"));
    const { logits } = await model.run({ images: images.reshape([200, 1, side, side]) });
    await model.release();
    const right = Array.from(y).filter(
      (label, i) => Number(logits.data[2 * i + 1]) > Number(logits.data[2 * i]) === (label === 1),
    ).length;
    expect(right / 200).toBeGreaterThan(0.75);
  });

  it("and the same bits a second time", async () => {
    const again = await used(
      { kind: "arrays", file: "halves.npz", arrays: { images, labels } },
      { ...few, ipc: 2 },
    );
    expect(reproducible(again.report)).toEqual(reproducible(outcome.report));
    for (const { name, bytes } of outcome.files) expect(fileOf(again, name)).toEqual(bytes);
  });
});

describe("use on a folder", () => {
  it("of colored pictures runs with augmentation and a convolutional network", async () => {
    const { x, y } = toyImages(60, 3, { channels: 3, side: 8 });
    const unit = Float32Array.from(x.data, (value) => Math.min(Math.max(Number(value) / 3, 0), 1));
    const dataset = arrayDataset({
      name: "flags",
      inputs: new NDArray(unit, x.shape, "float32"),
      targets: array(y),
      classes: ["left", "middle", "right"],
    });
    const outcome = await used(
      { kind: "images", file: "flags", dataset },
      {
        ...few,
        outerLoops: 2,
        evalEpochs: 20,
        evalNetworks: 1,
        methods: ["DSAC"],
        mirror: false,
        network: "convolutional",
        width: 4,
        depth: 1,
        size: 4,
        init: "noise",
        fullEpochs: 0,
      },
    );
    expect(outcome.files.map(({ name }) => name)).toEqual([
      "condensed-DSAC.npz",
      "condensed-DSAC.png",
      "network-DSAC.onnx",
      "condensed.json",
    ]);
    expect(outcome.report.pictures.map(({ id }) => id)).toEqual(["random, augmented", "DSAC"]);
    expect(outcome.report.findings.at(-1)).toMatch(/averaged down to 4 x 4/);
  });
});

describe("use refuses", () => {
  const { x, y } = toyImages(20, 2, { side: 6 });
  const arrays = (parts: Record<string, NDArray>): UserInput => ({
    kind: "arrays",
    file: "a.npz",
    arrays: parts,
  });
  const images = x.reshape([20, 6, 6]);
  const labels = array(y);

  it("settings without sense, before anything is computed", async () => {
    const fine = arrays({ images, labels });
    await expect(used(fine, { ipc: 5 })).rejects.toThrow(/--ipc 5: .* give --inner-loops/);
    await expect(used(fine, { ipc: 10 })).rejects.toThrow(/class "0" has 8 training images/);
    await expect(used(fine, { ...few, outerWarmup: 13 })).rejects.toThrow(/outerWarmup 13/);
    await expect(used(fine, { ...few, methods: ["DC", "DC"] })).rejects.toThrow(
      /DC is there twice/,
    );
    await expect(used(fine, { ...few, methods: [] })).rejects.toThrow(UsageError);
    await expect(used(fine, { ...few, network: "convolutional", depth: 3 })).rejects.toThrow(
      /too small to be halved 3 times/,
    );
  });

  it("arrays that are no labelled images", async () => {
    await expect(used(arrays({ images }))).rejects.toThrow(/no array of labels/);
    await expect(used(arrays({ labels }))).rejects.toThrow(/no array of images/);
    await expect(used(arrays({ images: x.reshape([20, 36]), labels }))).rejects.toThrow(
      /these are \[20, 36\]/,
    );
    const halves = array(Float32Array.from(y, (label) => label / 2));
    await expect(used(arrays({ images, labels: halves }))).rejects.toThrow(
      /image 1, from 0, is 0.5/,
    );
    const one = array(new Int32Array(20));
    await expect(used(arrays({ images, labels: one }))).rejects.toThrow(/one class only/);
    const hole = array(Float32Array.from(x.data).fill(Number.NaN, 40, 41), { shape: [20, 6, 6] });
    await expect(used(arrays({ images: hole, labels }))).rejects.toThrow(
      /image 1, from 0, holds NaN/,
    );
    const flat = array(new Float32Array(720), { shape: [20, 6, 6] });
    await expect(used(arrays({ images: flat, labels }))).rejects.toThrow(/all pixels .* the same/);
    const two = array(new Float32Array(1440), { shape: [20, 2, 6, 6] });
    await expect(used(arrays({ images: two, labels }))).rejects.toThrow(/1, 3 or 4 channels/);
  });
});
