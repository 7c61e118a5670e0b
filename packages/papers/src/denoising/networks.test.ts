import {
  array,
  evaluate,
  exportOnnx,
  jit,
  loadOnnx,
  NDArray,
  random,
  setThreads,
  type Tensor,
} from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { UsageError } from "../contract/errors.ts";
import { biasFreeBatchNorm } from "./batchNorm.ts";
import {
  type DenoiserArrays,
  type DenoiserOptions,
  denoise,
  initDenoiser,
  parameterCount,
  predictNoise,
  type TrainedDenoiser,
} from "./denoiser.ts";
import { denoiseImages, jacobian } from "./jacobian.ts";
import { noiseLevels } from "./noise.ts";

setThreads(1);

const unetOptions = (channels: number, blocks: number): DenoiserOptions => ({
  architecture: "unet",
  channels,
  blocks,
  imageChannels: 1,
});

const started = (options: DenoiserOptions, seed = 0): Promise<DenoiserArrays> =>
  evaluate(initDenoiser(random.key(seed), options));

const wave = (length: number, shape: number[], f: (i: number) => number): NDArray =>
  new NDArray(
    Float32Array.from({ length }, (_, i) => f(i)),
    shape,
    "float32",
  );

/** The network of truths 11 and 12: every kernel 0.3 sin(1), 0.3 sin(2), ..., every gamma 0.5. */
async function knownNetwork(): Promise<TrainedDenoiser> {
  const options = unetOptions(2, 1);
  const { params, state } = await started(options);
  const kernel = ({ size, shape }: NDArray) => wave(size, [...shape], (i) => 0.3 * Math.sin(i + 1));
  return {
    options,
    params: {
      weights: params.weights.map(kernel),
      gammas: params.gammas.map(({ size, shape }) => wave(size, [...shape], () => 0.5)),
    },
    state,
  };
}

const cosine = wave(16, [1, 1, 4, 4], Math.cos);

describe("bias-free batch normalisation", () => {
  const x = array([1, 2, 3, 6], { shape: [1, 1, 2, 2] });
  const apply = jit((mode: "train" | "evaluate", of: Tensor, gamma: Tensor, running: Tensor) =>
    biasFreeBatchNorm(of, gamma, running, mode),
  );

  it("divides by the deviation about the mean and keeps the mean", async () => {
    const [y, running] = await apply("train", x, array([0.02]), array([1]));
    const expected = [0.0106904344, 0.0213808688, 0.0320713032, 0.0641426064];
    expected.forEach((value, i) => {
      expect(y.data[i]).toBeCloseTo(value, 7);
    });
    expect(running.item()).toBeCloseTo(1.0870831366, 6);
  });

  it("divides by the running deviation when evaluating, and leaves it", async () => {
    const [y, running] = await apply("evaluate", x, array([0.02]), array([2]));
    expect(Array.from(y.data, (value) => Number(value.toFixed(6)))).toEqual([
      0.01, 0.02, 0.03, 0.06,
    ]);
    expect(running.item()).toBe(2);
  });
});

describe("networks", () => {
  it("have as many parameters as the paper's", () => {
    const counts: [DenoiserOptions, number][] = [
      [unetOptions(64, 1), 366_080],
      [unetOptions(64, 2), 1_825_024],
      [unetOptions(64, 3), 7_659_264],
      [unetOptions(64, 4), 30_993_152],
      [unetOptions(16, 2), 114_496],
      [{ ...unetOptions(64, 1), architecture: "bf-cnn" }, 702_784],
    ];
    for (const [options, count] of counts)
      expect(parameterCount(initDenoiser(random.key(0), options))).toBe(count);
  });

  it("start with small gammas of both signs and He-normal kernels", async () => {
    const { params } = await started(unetOptions(64, 1));
    const gammas = params.gammas.flatMap(({ data }) => Array.from(data));
    expect(Math.max(...gammas.map(Math.abs))).toBeLessThan(0.025);
    const square = (of: ArrayLike<number>) =>
      Array.from(of).reduce((sum, value) => sum + value * value, 0) / of.length;
    expect(Math.sqrt(square(gammas)) / 0.003472).toBeCloseTo(1, 0);
    expect(square(params.weights[1].data) * ((9 * 64) / 2)).toBeCloseTo(1, 1);
  });

  it("give the known output in evaluation (truth 11)", async () => {
    const { options, params, state } = await knownNetwork();
    const net = await knownNetwork();
    const predict = jit((x: Tensor) => predictNoise(options, params, state, x, "evaluate"));
    const { noise } = await predict(cosine);
    const expected = [
      0.0446060852, 0.0352093839, -0.0318932896, -0.0574945791, -0.0802990734, -0.0546296099,
      0.0720924746, 0.1197978653,
    ];
    expected.forEach((value, i) => {
      expect(noise.data[i]).toBeCloseTo(value, 6);
    });
    expect(noise.data[15]).toBeCloseTo(0.0771513466, 6);
    const J = await jacobian(net, cosine);
    const trace = Array.from({ length: 16 }, (_, i) => J.data[17 * i]);
    expect(trace.reduce((sum, value) => sum + value, 0)).toBeCloseTo(15.8579082312, 4);
  });

  it("give the known output in training (truth 12)", async () => {
    const { options, params, state } = await knownNetwork();
    const batch = wave(32, [2, 1, 4, 4], (i) => (i < 16 ? Math.cos(i) : Math.sin(i - 16)));
    const predict = jit((x: Tensor) => predictNoise(options, params, state, x, "train"));
    const { noise, state: next } = await predict(batch);
    const expected = [0.1681292524, -0.0811814494, -0.3852078708, -0.4315553068];
    expected.forEach((value, i) => {
      expect(noise.data[i]).toBeCloseTo(value, 5);
    });
    const squares = Array.from(noise.data).reduce((sum, value) => sum + value * value, 0);
    expect(squares).toBeCloseTo(7.6519086318, 4);
    expect(next.deviations[0].data[0]).toBeCloseTo(0.9652552886, 5);
    expect(next.deviations[0].data[1]).toBeCloseTo(0.954744564, 5);
  });

  it.each(["unet", "bf-cnn"] as const)("are homogeneous: %s (truth 10)", async (architecture) => {
    const options = { ...unetOptions(6, 1), architecture, layers: 5 };
    const net: TrainedDenoiser = { options, ...(await started(options, 3)) };
    const draw = random.generator(4);
    const y = wave(64, [1, 1, 8, 8], () => draw.normal());
    const scaled = (c: number) => wave(64, [1, 1, 8, 8], (i) => c * y.data[i]);
    const at = async (image: NDArray) => Array.from((await denoiseImages(net, image)).data);
    const [plain, triple, negative] = [await at(y), await at(scaled(3)), await at(scaled(-1))];
    const size = Math.sqrt(plain.reduce((sum, value) => sum + value * value, 0));
    const away = (a: number[], b: number[], c: number) =>
      Math.sqrt(a.reduce((sum, value, i) => sum + (value - c * b[i]) ** 2, 0)) / size;
    expect(away(triple, plain, 3)).toBeLessThan(1e-5);
    const residual = (image: number[], c: number) => image.map((value, i) => c * y.data[i] - value);
    const [there, back] = [residual(plain, 1), residual(negative, -1)];
    const largest = Math.max(...there.map(Math.abs));
    // Not for a negative factor: the rectifiers let other parts through.
    expect(Math.max(...there.map((r, i) => Math.abs(r + back[i]))) / largest).toBeGreaterThan(0.01);
    const J = await jacobian(net, y);
    const product = plain.map((_, i) =>
      Array.from(y.data).reduce((sum, value, j) => sum + J.data[i * 64 + j] * value, 0),
    );
    expect(away(product, plain, 1)).toBeLessThan(1e-5);
  });

  it("are the same from an ONNX file, with any number of images", async () => {
    const net = await knownNetwork();
    const bytes = exportOnnx(
      (noisy: Tensor) => denoise(net.options, net.params, net.state, noisy),
      [cosine],
      {
        inputNames: ["noisy"],
        outputNames: ["denoised"],
        dynamicBatch: true,
        parameters: net.params,
      },
    );
    const model = await loadOnnx(bytes);
    const three = wave(48, [3, 1, 4, 4], (i) => Math.cos(i % 16) * (1 + Math.floor(i / 16)));
    const { denoised } = await model.run({ noisy: three });
    const expected = await denoiseImages(net, three);
    denoised.data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected.data[i], 6);
    });
    await model.release();
  });

  it("refuse what does not fit, in words", async () => {
    const options = unetOptions(2, 2);
    const { params, state } = await started(options);
    const predict = (shape: number[]) =>
      jit((x: Tensor) => predictNoise(options, params, state, x, "evaluate").noise)(
        wave(
          shape.reduce((a, b) => a * b, 1),
          shape,
          () => 0,
        ),
      );
    await expect(predict([1, 1, 8, 6])).rejects.toThrow(/side of 6 pixels is not divisible by 4/);
    await expect(predict([1, 3, 8, 8])).rejects.toThrow(UsageError);
    expect(() => initDenoiser(random.key(0), unetOptions(0, 1))).toThrow(/channels: 0/);
  });
});

it("noise levels are squares of uniform numbers", async () => {
  const levels = await evaluate(noiseLevels(random.key(1), 20_000));
  const share = (below: number) => levels.data.filter((sigma) => sigma < below).length / 20_000;
  expect(share(0.25)).toBeCloseTo(0.5, 1);
  expect(share(0.01)).toBeCloseTo(0.1, 1);
  expect(share(1)).toBe(1);
});
