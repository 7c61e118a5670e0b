import { memoryCheckpoint } from "@etude/learn";
import { evaluate, lift, NDArray, random, setThreads } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { finish, type RunEvent } from "../contract/events.ts";
import type { TrainedDenoiser } from "./denoiser.ts";
import { geometricImages } from "./geometricImages.ts";
import { psnrCurve } from "./psnr.ts";
import { halvedRate, trainDenoiser } from "./training.ts";

setThreads(1);

const options = { architecture: "unet", channels: 4, blocks: 1, imageChannels: 1 } as const;
const images = await geometricImages(random.key(1), 64, { size: 8, alpha: 2 });
const settings = { updates: 30, batch: 8, seed: 3 };
const bits = ({ params, state }: TrainedDenoiser) =>
  [...params.weights, ...params.gammas, ...state.deviations].map(({ data }) => Array.from(data));

describe("training", () => {
  it("takes noise away, and tells its loss on the way", async () => {
    const events: RunEvent[] = [];
    const running = trainDenoiser(
      options,
      images,
      { ...settings, updates: 120 },
      { metric: "loss" },
    );
    let next = await running.next();
    for (; !next.done; next = await running.next()) events.push(next.value);
    const losses = events.flatMap((e) => (e.type === "metric" ? [e.value] : []));
    expect(losses.length).toBe(24);
    expect(losses[23]).toBeLessThan(losses[0]);
    const [at] = await psnrCurve(next.value, images, [0.4], random.key(2));
    expect(at).toBeGreaterThan(8 + 1.5); // 8 dB is what goes in.
  });

  it("that was killed ends with the bits of one that was not", async () => {
    const whole = await finish(trainDenoiser(options, images, settings));
    const checkpoint = memoryCheckpoint();
    const controller = new AbortController();
    const broken = trainDenoiser(options, images, settings, {
      checkpoint,
      signal: controller.signal,
    });
    await broken.next();
    await broken.next();
    controller.abort();
    await expect(finish(broken)).rejects.toThrow();
    const resumed = await finish(trainDenoiser(options, images, settings, { checkpoint }));
    expect(bits(resumed)).toEqual(bits(whole));
    const other = await finish(trainDenoiser(options, images, { ...settings, seed: 4 }));
    expect(bits(other)).not.toEqual(bits(whole));
  });

  it("halves the rate at shares of the updates", async () => {
    const rate = halvedRate(100, 1e-3, [0.6, 0.75, 0.9]);
    const at = async (step: number) => (await evaluate(lift(rate(lift(step))))).item();
    expect(await at(59)).toBeCloseTo(1e-3, 9);
    expect(await at(60)).toBeCloseTo(5e-4, 9);
    expect(await at(99)).toBeCloseTo(1.25e-4, 9);
    expect(() => halvedRate(100, 1e-3, [0.9, 0.6])).toThrow(/ascend/);
  });

  it("refuses images that are not in [0, 1], or do not fit the network", async () => {
    const bytes = new NDArray(Float32Array.of(0, 255, 3, 4), [1, 1, 2, 2], "float32");
    const train = (of: NDArray, change = {}) =>
      finish(trainDenoiser(options, of, { ...settings, ...change }));
    await expect(train(bytes)).rejects.toThrow("images: scale to [0,1] first; found max 255");
    const odd = new NDArray(new Float32Array(9), [1, 1, 3, 3], "float32");
    await expect(train(odd)).rejects.toThrow(/side of 3 pixels/);
    await expect(train(images, { batch: 0 })).rejects.toThrow(/batch: 0/);
    await expect(train(images, { rate: 0 })).rejects.toThrow(/rate: 0/);
  });
});
