import { evaluate, NDArray, random, setThreads, type Tensor } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { compileSampler } from "./coarseToFine.ts";
import { initDenoiser, type TrainedDenoiser } from "./denoiser.ts";
import { injectedShare, runSampler, sampleImages, stepSize } from "./sampling.ts";

setThreads(1);

/** The denoiser of a single image x0: whatever it sees, the noise is y - x0. */
const clean = new NDArray(
  Float32Array.from({ length: 4096 }, (_, i) => 0.5 + 0.4 * Math.sin(i)),
  [1, 1, 64, 64],
  "float32",
);
const oneImage = compileSampler((x0: Tensor, y: Tensor) => y.sub(x0));
const shape = [3, 1, 64, 64];
const key = random.key(5);

describe("the steps", () => {
  it("grow as in the official code (truth 5)", () => {
    const expected: [number, number][] = [
      [1, 0.01],
      [2, 0.0198019802],
      [10, 0.0917431193],
      [100, 0.5025125628],
    ];
    for (const [t, h] of expected) expect(stepSize(0.01, t)).toBeCloseTo(h, 10);
    expect(stepSize(0.01, 100, false)).toBe(0.01);
  });

  it("inject the noise of equation 15 (truth 6)", () => {
    expect(injectedShare(0.01, 0.1)).toBeCloseTo(0.1337946187, 9);
    expect(injectedShare(0.5, 0.1)).toBeCloseTo(0.807774721, 9);
    expect(injectedShare(0.3, 1)).toBe(0);
  });
});

describe("a sample", () => {
  it.each([
    [0.01, false, 299, 0.0495363],
    [0.01, true, 25, 0.0481967],
    [0.05, true, 12, 0.0327428],
  ])("with h0 %f, growing %s, takes %i steps", async (h0, growStep, count, share) => {
    // The level falls by exactly 1 - h at each step, whatever the noise was at the start.
    const probe = { key, h0, beta: 1, growStep, sigmaStart: 1, sigmaEnd: 1e-9, maxSteps: 1 };
    const begun = await runSampler(oneImage, clean, shape, probe);
    const sigmas = begun.sigmas[0];
    for (const sample of [0, 1, 2]) {
      const settings = { ...probe, sigmaEnd: 0.05 * sigmas[sample], maxSteps: 2000 };
      const result = await runSampler(oneImage, clean, shape, settings);
      expect(result.steps[sample]).toBe(count);
      expect(result.sigmas[count][sample] / sigmas[sample]).toBeCloseTo(share, 5);
      expect(result.converged[sample]).toBe(true);
      for (let i = 0; i < 4096; i += 97)
        expect(result.images.data[sample * 4096 + i]).toBeCloseTo(clean.data[i], 5);
    }
  });

  it("with injected noise loses as much of it as equation 15 says", async () => {
    const { sigmas } = await runSampler(oneImage, clean, [1, 1, 64, 64], { key, beta: 0.1 });
    const ratio = 1 - 0.1 * stepSize(0.01, 9);
    expect(sigmas[9][0] / sigmas[8][0] / ratio).toBeCloseTo(1, 1);
  });

  it("depends on its key alone", async () => {
    const at = (seed: number) => runSampler(oneImage, clean, shape, { key: random.key(seed) });
    expect(Array.from((await at(1)).images.data)).toEqual(Array.from((await at(1)).images.data));
    expect((await at(1)).sigmas[0]).not.toEqual((await at(2)).sigmas[0]);
  });

  it("that does not converge is marked, not hidden", async () => {
    const growing = compileSampler((_: Tensor, y: Tensor) => y.neg());
    const far = await runSampler(growing, 0, [2, 1, 4, 4], {
      key,
      beta: 1,
      mean: 0,
    });
    expect(far.converged).toEqual([false, false]);
    expect(Math.max(...far.sigmas[far.sigmas.length - 1])).toBeGreaterThan(2);
    const slow = await runSampler(oneImage, clean, shape, { key, maxSteps: 5 });
    expect(slow.converged).toEqual([false, false, false]);
    expect(slow.steps).toEqual([5, 5, 5]);
    const broken = compileSampler((_: Tensor, y: Tensor) => y.mul(Number.NaN));
    const none = await runSampler(broken, 0, [1, 1, 4, 4], { key });
    expect(none.converged).toEqual([false]);
  });

  it("agrees with linear measurements", async () => {
    const directions = new NDArray(
      Float32Array.from({ length: 2 * 4096 }, (_, i) => Number(i === 7 || i === 4096 + 90)),
      [2, 4096],
      "float32",
    );
    const values = new NDArray(Float32Array.of(0.9, 0.1, 0.2, 0.3), [2, 2], "float32");
    const measurement = { directions, values };
    const { images } = await runSampler(oneImage, clean, [2, 1, 64, 64], { key, measurement });
    expect(images.data[7]).toBeCloseTo(0.9, 5);
    expect(images.data[90]).toBeCloseTo(0.1, 5);
    expect(images.data[4096 + 7]).toBeCloseTo(0.2, 5);
    expect(images.data[8]).toBeCloseTo(clean.data[8], 5);
  });
});

it("two copies of a network draw the same images, and wrong settings are refused", async () => {
  const options = { architecture: "unet", channels: 2, blocks: 1, imageChannels: 1 } as const;
  const made = await evaluate(initDenoiser(random.key(0), options));
  const net: TrainedDenoiser = { options, ...made };
  const settings = { size: [4, 4], key, maxSteps: 30 } as const;
  const [a, b] = [await sampleImages(net, 2, settings), await sampleImages(net, 2, settings)];
  expect(Array.from(a.images.data)).toEqual(Array.from(b.images.data));
  const refused = (change: object) => async () => sampleImages(net, 2, { ...settings, ...change });
  await expect(refused({ beta: 0 })).rejects.toThrow(/beta: 0 is not in \(0, 1\]/);
  await expect(refused({ h0: 1.5 })).rejects.toThrow(/h0: 1.5/);
  await expect(refused({ sigmaEnd: 2 })).rejects.toThrow(/sigmaEnd/);
  await expect(refused({ size: [5, 4] })).rejects.toThrow(/side of 5/);
});
