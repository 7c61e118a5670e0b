import { arrayDataset, DataError, decodeImage, parseNpz } from "@etude/data";
import { array, loadOnnx, NDArray, random, setThreads } from "@etude/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../contract/errors.ts";
import { finish } from "../contract/events.ts";
import { reproducible } from "../contract/report.ts";
import type { UserInput } from "../contract/use.ts";
import { geometricImages, imageRange } from "../denoising/index.ts";
import { type UseOutcome, use } from "../run/use.ts";
import { planVerify } from "../run/verify.ts";
import { testSurroundings, verified } from "../testing.ts";
import { paper } from "./paper.ts";

setThreads(1);

const bytesOf = ({ files }: UseOutcome, name: string): Uint8Array => {
  const file = files.find((one) => one.name === name);
  if (file === undefined) throw new Error(`no file ${name}`);
  return file.bytes;
};
const used = (input: UserInput, options: Record<string, unknown> = {}): Promise<UseOutcome> =>
  finish(use(paper, { seed: 0, options, inputs: { data: input } }, testSurroundings()));
const asArrays = (images: NDArray): UserInput => ({
  kind: "arrays",
  file: "mine.npz",
  arrays: { images },
});
const small = { blocks: 1, channels: 4, batch: 8, samples: 6, maxSteps: 150 };

describe("verify", () => {
  it("runs the whole path at smoke scale, twice with the same report", async () => {
    const tiny = { updates: 12, channels: 4 };
    const report = await verified(paper, "smoke", tiny);
    const again = await verified(paper, "smoke", tiny);
    expect(reproducible(again)).toEqual(reproducible(report));
    expect(report.claims.length).toBe(12);
    expect(report.claims.every(({ mean }) => Number.isFinite(mean))).toBe(true);
    expect(report.pictures.length).toBe(4);
  });

  it("takes the parts that only the full preset has, and images of the catalogue", async () => {
    const disks = await verified(paper, "smoke", {
      updates: 2,
      disks: true,
      nearOptimal: true,
      samples: 2,
      basisImages: 1,
    });
    expect(disks.claims.map(({ id }) => id)).toContain("disk-slope");
    expect(disks.claims.map(({ id }) => id)).toContain("slope-theory");
    const digits = await verified(paper, "smoke", {
      images: "digits",
      alphas: [],
      deduplicate: true,
      shuffled: false,
      updates: 2,
      samples: 2,
    });
    expect(digits.claims.length).toBe(7);
  });

  it("refuses options that contradict each other", async () => {
    const plan = (set: Record<string, unknown>) => () =>
      planVerify(paper.experiment, { preset: "smoke", set });
    expect(plan({ sizes: [256, 4] })).toThrow(/must ascend/);
    expect(plan({ alphas: [3, 4] })).toThrow(/2 must be among them/);
    expect(plan({ slopeSigmas: [0.3, 0.4] })).toThrow(UsageError);
    expect(plan({ size: 9 })).toThrow(/9 is not divisible by 2/);
    const overlapping = verified(paper, "smoke", {
      images: "digits",
      alphas: [],
      sizes: [4, 1000],
    });
    await expect(overlapping).rejects.toThrow(/subsets would overlap/);
  });
});

describe("use on few images of contours", () => {
  let outcome: UseOutcome;
  let images: NDArray;

  beforeAll(async () => {
    // Six images for each model, and four that neither sees: what is left to learn is the images.
    images = await geometricImages(random.key(3), 16, { size: 8, alpha: 1 });
    const trained = { blocks: 2, channels: 12, updates: 300, learningRate: 2e-3 };
    outcome = await used(asArrays(images), { ...small, ...trained });
  });

  it("finds that the model copies", () => {
    const verdict = JSON.parse(new TextDecoder().decode(bytesOf(outcome, "verdict.json")));
    expect(verdict.verdict).toBe("copies");
    expect(verdict.psnrGap).toBeGreaterThan(1);
    expect(verdict.nearestTrain).toBeGreaterThan(verdict.pairCorrelation);
    expect(outcome.report.findings[0]).toMatch(/the model copies/);
  });

  it("writes a denoiser that takes noise away outside, with any number of images", async () => {
    const model = await loadOnnx(bytesOf(outcome, "denoiser.onnx"));
    const some = imageRange(images, 0, 3);
    const { denoised } = await model.run({ noisy: some });
    expect(denoised.shape).toEqual([3, 1, 8, 8]);
    // Bias-free: twice the image, twice the answer.
    const doubled = new NDArray(
      some.data.map((value) => 2 * value),
      some.shape,
      "float32",
    );
    const { denoised: twice } = await model.run({ noisy: doubled });
    twice.data.forEach((value, i) => {
      expect(value).toBeCloseTo(2 * denoised.data[i], 4);
    });
    await model.release();
  });

  it("writes samples, a basis and sheets that can be read again", () => {
    const samples = parseNpz(bytesOf(outcome, "samples.npz"));
    expect(samples.a.shape).toEqual([6, 1, 8, 8]);
    expect(samples.nearest_a.shape).toEqual([6]);
    const basis = parseNpz(bytesOf(outcome, "basis.npz"));
    expect(basis.basis.shape).toEqual([36, 1, 8, 8]);
    const lines = new TextDecoder().decode(bytesOf(outcome, "basis.csv")).trim().split("\n");
    expect(lines.length).toBe(65);
    expect(decodeImage(bytesOf(outcome, "samples.png")).height).toBeGreaterThan(4 * 48);
    expect(decodeImage(bytesOf(outcome, "basis.png")).width).toBeGreaterThan(6 * 48);
  });
});

describe("use", () => {
  it("takes a folder in colour, grayed and averaged down to a size that fits", async () => {
    const draw = random.generator(1);
    const inputs = new NDArray(
      Float32Array.from({ length: 14 * 3 * 13 * 11 }, () => draw.uniform()),
      [14, 3, 13, 11],
      "float32",
    );
    const dataset = arrayDataset({
      name: "photos",
      inputs,
      targets: array(new Int32Array(14)),
      classes: ["all"],
    });
    const options = { ...small, updates: 2, size: 10, colours: "gray" };
    const { report } = await used({ kind: "images", file: "photos", dataset }, options);
    expect(report.findings.join(" ")).toMatch(/14 images, used at 10 x 8 with 1 channel/);
  });

  it("leaves near-duplicates out and says so", async () => {
    const images = await geometricImages(random.key(4), 14, { size: 8, alpha: 1 });
    const doubled = new NDArray(
      Float32Array.from([...images.data, ...images.data]),
      [28, 1, 8, 8],
      "float32",
    );
    const { report } = await used(asArrays(doubled), { ...small, updates: 2 });
    expect(report.findings.join(" ")).toMatch(/1[4-9] near-duplicates were left out/);
  });

  it("refuses what cannot be used, with the file and what to do", async () => {
    const images = await geometricImages(random.key(4), 14, { size: 8, alpha: 1 });
    const changed = (change: (values: Float32Array) => void, shape = images.shape) => {
      const values = Float32Array.from(images.data);
      change(values);
      return asArrays(new NDArray(values, shape, "float32"));
    };
    const bytes = changed((values) => {
      values[5] = 255;
    });
    await expect(used(bytes, small)).rejects.toThrow(
      /mine.npz: images: scale to \[0,1\] first; found max 255/,
    );
    await expect(used(bytes, small)).rejects.toThrow(DataError);
    const holes = changed((values) => {
      values[70] = Number.NaN;
    });
    await expect(used(holes, small)).rejects.toThrow(/image 1 \(from 0\) holds NaN/);
    const flat = changed((values) => {
      values.fill(0.5, 64, 128);
    });
    await expect(used(flat, small)).rejects.toThrow(/image 1 \(from 0\) is constant/);
    await expect(used(asArrays(imageRange(images, 0, 5)), small)).rejects.toThrow(
      /5 different images/,
    );
    await expect(used(asArrays(images), { ...small, blocks: 4 })).rejects.toThrow(/--blocks 4/);
    const strange = changed(() => undefined, [14, 2, 16, 2]);
    await expect(used(strange, small)).rejects.toThrow(/"images" is \[14, 2, 16, 2\]/);
    await expect(used({ kind: "text", file: "a.txt", text: "" })).rejects.toThrow(UsageError);
  });
});
