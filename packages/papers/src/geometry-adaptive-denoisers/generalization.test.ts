import { type NDArray, random, setThreads } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { UsageError } from "../contract/errors.ts";
import { finish } from "../contract/events.ts";
import {
  geometricImages,
  imageRange,
  inputPsnr,
  type TrainedDenoiser,
  trainDenoiser,
} from "../denoising/index.ts";
import { compareSamples, disjointSubsets, generalizationReport } from "./generalization.ts";
import { harmonicOrder, localBasis, residualEnergy } from "./localBasis.ts";
import { psnrSlope } from "./psnrSlope.ts";
import { judgeModels } from "./verdict.ts";

setThreads(1);

const options = { architecture: "unet", channels: 4, blocks: 1, imageChannels: 1 } as const;
const images = await geometricImages(random.key(1), 40, { size: 8, alpha: 2 });
const key = random.key(9);
const settings = { sigmas: [0.1, 0.4], samples: 5, beta: 1, maxSteps: 80, key };
const trained = (set: NDArray, seed: number): Promise<TrainedDenoiser> =>
  finish(trainDenoiser(options, set, { updates: 60, batch: 8, seed }));

describe("subsets", () => {
  it("are the first and the last images, and never overlap", () => {
    const [first, last] = disjointSubsets(images, 20);
    expect(first.data[0]).toBe(images.data[0]);
    expect(last.data[0]).toBe(images.data[20 * 64]);
    expect(() => disjointSubsets(images, 21)).toThrow(
      /subsets would overlap: two of 21 images need 42, there are 40/,
    );
    expect(() => disjointSubsets(images, 21)).toThrow(UsageError);
  });
});

describe("two models", () => {
  it("that are one agree entirely, and with themselves only from the same noise", async () => {
    const [set] = disjointSubsets(images, 16);
    const model = await trained(set, 1);
    const { comparison } = await compareSamples([model, model], [set, set], settings);
    expect(comparison.unconverged).toBe(0);
    for (const pair of comparison.pairs) expect(pair).toBeCloseTo(1, 10);
    expect(comparison.nearestA).toEqual(comparison.nearestB);
  });

  it("are measured by fresh noise on their own and on other images", async () => {
    const sets = disjointSubsets(imageRange(images, 8, 40), 16);
    const test = imageRange(images, 0, 8);
    const models = [await trained(sets[0], 1), await trained(sets[1], 2)] as const;
    const { report } = await generalizationReport(models, sets, test, settings);
    const gap = report.trainPsnr.map((value, i) => value - report.testPsnr[i]);
    expect(report.psnrGap).toBeCloseTo((gap[0] + gap[1]) / 2, 9);
    expect(report.testNearest).toBeGreaterThan(0);
    expect(report.testNearest).toBeLessThan(1);
    expect(report.comparison.pairs.length + report.comparison.unconverged).toBe(5);
  });

  it("that do not converge are counted, not averaged", async () => {
    const [a, b] = disjointSubsets(images, 4);
    const model = await trained(a, 1);
    const { comparison } = await compareSamples([model, model], [a, b], {
      ...settings,
      maxSteps: 2,
    });
    expect(comparison.unconverged).toBe(5);
    expect(comparison.pairs).toEqual([]);
    expect(comparison.pairCorrelation).toBeNaN();
  });
});

describe("the verdict", () => {
  const judged = (
    pairCorrelation: number,
    nearestTrain: number,
    testNearest: number,
    psnrGap: number,
  ) =>
    judgeModels({
      sigmas: [],
      trainPsnr: [],
      testPsnr: [],
      psnrGap,
      testNearest,
      comparison: {
        beta: 1,
        pairs: [],
        pairCorrelation,
        nearestA: [],
        nearestB: [],
        nearestTrain,
        unconverged: 0,
      },
    }).verdict;

  it("follows equation 20", () => {
    // The three rows of the specification's pilot.
    expect(judged(0.226, 0.838, 0.496, 12.4)).toBe("copies");
    expect(judged(0.937, 0.676, 0.785, 0.06)).toBe("generalises");
    expect(judged(0.96, 0.778, 0.87, -0.05)).toBe("generalises");
    expect(judged(0.6, 0.62, 0.6, 1)).toBe("in between");
    expect(judged(0.9, 0.95, 0.8, 0)).toBe("in between");
    expect(judged(Number.NaN, Number.NaN, 0.8, 0)).toBe("in between");
  });
});

describe("bases and slopes", () => {
  it("order, residual and identities fit together at an image", async () => {
    const [set] = disjointSubsets(images, 16);
    const model = await trained(set, 3);
    const image = imageRange(images, 0, 1);
    const basis = await localBasis(model, image, 0.1, 64, random.generator(1));
    expect(basis.shrinkage.length).toBe(64);
    expect(basis.posteriorVariance).toBeCloseTo(0.01 * basis.effectiveDimension, 9);
    expect(residualEnergy(image, basis.leading.data, 64)).toBeCloseTo(0, 6);
    expect(residualEnergy(image, basis.leading.data, 0)).toBe(1);
    expect(Math.abs(harmonicOrder(basis))).toBeLessThanOrEqual(1);
    expect(harmonicOrder({ ...basis, energies: [1, 2, 3, 5] })).toBe(1);
  });

  it("the slope of a line is its slope, over the levels asked for", () => {
    const sigmas = [0.05, 0.1, 0.2, 0.4];
    const outputs = sigmas.map((sigma) => 3 + 0.6 * inputPsnr(sigma));
    expect(psnrSlope(sigmas, outputs)).toBeCloseTo(0.6, 12);
    outputs[0] = 100;
    expect(psnrSlope(sigmas, outputs, [0.1, 0.2, 0.4])).toBeCloseTo(0.6, 12);
  });
});
