import { array, jit, random, type Tensor } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { classifierFreeGuidance, editingGuidance } from "./guidance.ts";
import {
  cosineBetas,
  cumulativeAlphas,
  discretePath,
  flowPath,
  linearBetas,
  scaledLinearBetas,
} from "./noisePaths.ts";
import { convertPrediction, denoisingForms, predictionKinds, predictionOf } from "./predictions.ts";
import { ddpmSampler, flowSampler, initialNoise, pathSampler, samplerStep } from "./samplers.ts";

const float64 = (values: number[]) =>
  array(Float64Array.from(values), { shape: [1, values.length] });

describe("noise paths", () => {
  it("have the published betas", () => {
    const linear = linearBetas();
    expect([linear[0], linear[999]]).toEqual([1e-4, 0.02]);
    expect(cumulativeAlphas(linear)[999]).toBeCloseTo(4.0358e-5, 8);
    const scaled = scaledLinearBetas();
    expect(scaled[0]).toBeCloseTo(0.00085, 12);
    expect(scaled[999]).toBeCloseTo(0.012, 12);
    expect(cumulativeAlphas(scaled)[999]).toBeCloseTo(0.00466, 5);
    const cosine = cosineBetas(100);
    expect(cosine[99]).toBe(0.999);
    // Before the cap the product is the squared cosine over its value at 0.
    const f = (t: number) => Math.cos(((t / 100 + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
    expect(cumulativeAlphas(cosine)[49]).toBeCloseTo(f(50) / f(0), 12);
  });

  it("agree inside graphs and outside, and keep the variance where they should", async () => {
    const path = discretePath(cumulativeAlphas(linearBetas(50, 1e-3, 0.2)));
    const times = [0, 17, 49];
    const { signal, noise } = await jit((t: Tensor) => path.levels(t))(
      array(Float64Array.from(times)),
    );
    times.forEach((t, i) => {
      const level = path.at(t);
      expect(signal.data[i]).toBeCloseTo(level.signal, 14);
      expect(noise.data[i]).toBeCloseTo(level.noise, 14);
      expect(level.signal ** 2 + level.noise ** 2).toBeCloseTo(1, 14);
    });
    expect(path.at(-1)).toEqual({ signal: 1, noise: 0 });
    expect(flowPath().at(0.3)).toEqual({ signal: 0.7, noise: 0.3 });
  });

  it("space few steps from noise to data", () => {
    expect(flowPath().times(4)).toEqual([1, 0.75, 0.5, 0.25, 0]);
    const alphas = cumulativeAlphas(linearBetas(1000));
    expect(discretePath(alphas).times(5)).toEqual([999, 799, 599, 399, 199, -1]);
    expect(discretePath(alphas, { spacing: "leading" }).times(5)).toEqual([
      800, 600, 400, 200, 0, -1,
    ]);
    expect(() => flowPath().times(0)).toThrow(/whole number from 1/);
    expect(() => discretePath(alphas).times(1001)).toThrow(/1 to 1000/);
    expect(() => discretePath([0.9, 0.95])).toThrow(/must fall.*number 1 is 0.95/);
    expect(() => discretePath(alphas).at(1000)).toThrow(/none of the path's/);
  });
});

describe("predictions", () => {
  const sample = float64([0.5, -1.25, 2]);
  const noise = float64([-0.75, 0.5, 1.5]);
  const levels = { signal: array(Float64Array.of(0.8)), noise: array(Float64Array.of(0.5)) };
  const x = float64([0.5, -1.25, 2].map((v, i) => 0.8 * v + 0.5 * [-0.75, 0.5, 1.5][i]));

  it("convert into each other, all ways", async () => {
    for (const from of predictionKinds) {
      for (const to of predictionKinds) {
        const [converted, expected] = await jit(
          (x0: Tensor, e: Tensor, xt: Tensor, a: Tensor, b: Tensor) => {
            const at = { signal: a, noise: b };
            const given = predictionOf(from, x0, e, at);
            return [convertPrediction(from, to, given, xt, at), predictionOf(to, x0, e, at)];
          },
        )(sample, noise, x, levels.signal, levels.noise);
        converted.data.forEach((value, i) => {
          expect(value).toBeCloseTo(expected.data[i], 12);
        });
      }
    }
  });

  it("have the same meaning as numbers", async () => {
    for (const kind of predictionKinds) {
      const forms = denoisingForms(kind, { signal: 0.8, noise: 0.5 });
      const given = await jit((x0: Tensor, e: Tensor, a: Tensor, b: Tensor) =>
        predictionOf(kind, x0, e, { signal: a, noise: b }),
      )(sample, noise, levels.signal, levels.noise);
      for (let i = 0; i < 3; i++) {
        const value = (form: { x: number; prediction: number }) =>
          form.x * x.data[i] + form.prediction * given.data[i];
        expect(value(forms.sample)).toBeCloseTo(sample.data[i], 12);
        expect(value(forms.noise)).toBeCloseTo(noise.data[i], 12);
      }
    }
  });
});

describe("samplers", () => {
  const path = discretePath(cumulativeAlphas(linearBetas(100, 1e-3, 0.1)));
  const ab = (t: number) => path.at(t).signal ** 2;

  it("Euler on the flow is DDIM on the flow path", () => {
    const [euler, ddim] = [flowSampler(), pathSampler(flowPath(), { kind: "velocity" })];
    const [a, b] = [euler.coefficients(0.6, 0.35), ddim.coefficients(0.6, 0.35)];
    expect(a.x).toBe(1);
    expect(b.x).toBeCloseTo(1, 14);
    expect(b.prediction).toBeCloseTo(a.prediction, 14);
    expect(a.prediction).toBeCloseTo(-0.25, 14);
    expect(euler.denoised(0.6)).toEqual({ x: 1, prediction: -0.6 });
  });

  it("DDIM has the published step for noise predictions", () => {
    const { x, prediction, noise } = pathSampler(path).coefficients(70, 40);
    expect(x).toBeCloseTo(Math.sqrt(ab(40) / ab(70)), 12);
    const direct = Math.sqrt(1 - ab(40)) - Math.sqrt((ab(40) * (1 - ab(70))) / ab(70));
    expect(prediction).toBeCloseTo(direct, 12);
    expect(noise).toBe(0);
  });

  it("DDPM has the mean and the variances of Ho et al.", () => {
    const alpha = ab(70) / ab(69);
    const beta = 1 - alpha;
    const posterior = pathSampler(path, { eta: 1 }).coefficients(70, 69);
    expect(posterior.x).toBeCloseTo(1 / Math.sqrt(alpha), 12);
    expect(posterior.prediction).toBeCloseTo(-beta / Math.sqrt(alpha * (1 - ab(70))), 12);
    expect(posterior.noise ** 2).toBeCloseTo((beta * (1 - ab(69))) / (1 - ab(70)), 12);
    const forward = ddpmSampler(path, { variance: "forward" }).coefficients(70, 69);
    expect(forward.noise ** 2).toBeCloseTo(beta, 12);
    expect(forward.x).toBe(posterior.x);
    expect(ddpmSampler(path).coefficients(0, -1).noise).toBe(0);
  });

  it("do the same whatever the network predicts, for one Gaussian that all kinds know exactly", async () => {
    // x_0 ~ N(0, 4): every exact prediction is a multiple of x.
    const run = async (kind: (typeof predictionKinds)[number]) => {
      const sampler = pathSampler(path, { kind });
      return jit((key: Tensor) => {
        let x = initialNoise(sampler, 10, key, [5, 2], "float64");
        const times = sampler.times(10);
        for (let k = 0; k < 10; k++) {
          const t = array(new Float64Array(5).fill(times[k]));
          const levels = path.levels(x.mul(0).sum(-1).add(t));
          const [a, b] = [levels.signal.expandDims(-1), levels.noise.expandDims(-1)];
          const mean = x
            .mul(a)
            .mul(4)
            .div(a.mul(a).mul(4).add(b.mul(b)));
          const prediction = predictionOf(kind, mean, x.sub(mean.mul(a)).div(b), levels);
          x = samplerStep(sampler, x, prediction, times[k], times[k + 1]);
        }
        return x;
      })(random.key(3));
    };
    const reference = await run("noise");
    for (const kind of predictionKinds) {
      const { data } = await run(kind);
      data.forEach((value, i) => {
        expect(value).toBeCloseTo(reference.data[i], 9);
      });
    }
    expect(() => pathSampler(path, { eta: 2 })).toThrow(/eta/);
    expect(() =>
      samplerStep(ddpmSampler(path), reference as never, reference as never, 50, 49),
    ).toThrow(/draws noise/);
  });
});

describe("guidance", () => {
  it("goes beyond the conditional prediction (and editing has two strengths)", async () => {
    const [c, n] = [float64([1, 2, -1]), float64([0.5, 2.5, -0.5])];
    const guided = await jit((a: Tensor, b: Tensor) => classifierFreeGuidance(a, b, 7.5))(c, n);
    expect(Array.from(guided.data)).toEqual([4.25, -1.25, -4.25]);
    const edited = await jit((a: Tensor, b: Tensor) => editingGuidance(a, b, a.mul(0), 2, 3))(c, n);
    // 2 n + 3 (c - n)
    expect(Array.from(edited.data)).toEqual([2.5, 3.5, -2.5]);
  });
});
