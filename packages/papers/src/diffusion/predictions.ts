/**
 * What networks predict about x_t = a x_0 + b e, and how one prediction becomes another. All of them are
 * linear in each other and x_t.
 */
import type { Tensor } from "@etude/tensor";
import { perSample } from "./model.ts";
import type { NoiseLevel } from "./noisePaths.ts";

/**
 * - "noise": e;
 * - "sample": x_0;
 * - "velocity": e - x_0, the velocity of the flow path;
 * - "score": the gradient of log p_t, which is -e / b;
 * - "v": a e - b x_0 (Salimans and Ho 2022, "Progressive distillation", appendix D).
 */
export const predictionKinds = ["velocity", "noise", "sample", "score", "v"] as const;
export type PredictionKind = (typeof predictionKinds)[number];

/** c_x x + c_p p, a number for each. */
export interface LinearForm {
  readonly x: number;
  readonly prediction: number;
}

/**
 * x_0 and e as combinations of x_t and a prediction. Where the level leaves one of them open (a = 0 for
 * a noise prediction, b = 0 for one of x_0) the numbers are not finite.
 */
export function denoisingForms(
  kind: PredictionKind,
  { signal: a, noise: b }: NoiseLevel,
): { readonly sample: LinearForm; readonly noise: LinearForm } {
  const form = (x: number, prediction: number): LinearForm => ({ x, prediction });
  switch (kind) {
    case "noise":
      return { sample: form(1 / a, -b / a), noise: form(0, 1) };
    case "sample":
      return { sample: form(0, 1), noise: form(1 / b, -a / b) };
    case "velocity":
      return { sample: form(1 / (a + b), -b / (a + b)), noise: form(1 / (a + b), a / (a + b)) };
    case "score":
      return { sample: form(1 / a, (b * b) / a), noise: form(0, -b) };
    case "v": {
      const norm = a * a + b * b;
      return { sample: form(a / norm, -b / norm), noise: form(b / norm, a / norm) };
    }
  }
}

/** Levels of a batch: a and b [B]. */
export interface NoiseLevels {
  readonly signal: Tensor;
  readonly noise: Tensor;
}

/** The prediction of a kind, given what it is about: x_0 and e, both like x. */
export function predictionOf(
  kind: PredictionKind,
  sample: Tensor,
  noise: Tensor,
  levels: NoiseLevels,
): Tensor {
  const [a, b] = [perSample(levels.signal, sample), perSample(levels.noise, sample)];
  switch (kind) {
    case "noise":
      return noise;
    case "sample":
      return sample;
    case "velocity":
      return noise.sub(sample);
    case "score":
      return noise.neg().div(b);
    case "v":
      return noise.mul(a).sub(sample.mul(b));
  }
}

/** x_0 as a prediction at x_t says. */
export function denoised(
  kind: PredictionKind,
  prediction: Tensor,
  x: Tensor,
  levels: NoiseLevels,
): Tensor {
  const [a, b] = [perSample(levels.signal, x), perSample(levels.noise, x)];
  switch (kind) {
    case "noise":
      return x.sub(prediction.mul(b)).div(a);
    case "sample":
      return prediction;
    case "velocity":
      return x.sub(prediction.mul(b)).div(a.add(b));
    case "score":
      return x.add(prediction.mul(b).mul(b)).div(a);
    case "v":
      return x
        .mul(a)
        .sub(prediction.mul(b))
        .div(a.mul(a).add(b.mul(b)));
  }
}

/** e as a prediction at x_t says. */
export function noiseIn(
  kind: PredictionKind,
  prediction: Tensor,
  x: Tensor,
  levels: NoiseLevels,
): Tensor {
  const [a, b] = [perSample(levels.signal, x), perSample(levels.noise, x)];
  switch (kind) {
    case "noise":
      return prediction;
    case "sample":
      return x.sub(prediction.mul(a)).div(b);
    case "velocity":
      return x.add(prediction.mul(a)).div(a.add(b));
    case "score":
      return prediction.mul(b).neg();
    case "v":
      return x
        .mul(b)
        .add(prediction.mul(a))
        .div(a.mul(a).add(b.mul(b)));
  }
}

/** A prediction of one kind as another, at noise levels where both are defined. */
export function convertPrediction(
  from: PredictionKind,
  to: PredictionKind,
  prediction: Tensor,
  x: Tensor,
  levels: NoiseLevels,
): Tensor {
  if (from === to) return prediction;
  const sample = denoised(from, prediction, x, levels);
  return predictionOf(to, sample, noiseIn(from, prediction, x, levels), levels);
}
