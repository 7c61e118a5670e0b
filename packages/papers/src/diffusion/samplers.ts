/**
 * Samplers from noise to data. A step of each of them is linear in where one is, what the network
 * predicts there, and fresh noise; a sampler is the three numbers of every step.
 */
import { random, type Shape, type Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { flowPath, type NoisePath } from "./noisePaths.ts";
import { denoisingForms, type LinearForm, type PredictionKind } from "./predictions.ts";

/** x' = x x_t + prediction p + noise z with z standard normal. */
export interface StepCoefficients extends LinearForm {
  readonly noise: number;
}

export interface Sampler {
  /** Path, prediction and rule: two samplers of one name take the same steps. */
  readonly name: string;
  readonly path: NoisePath;
  readonly kind: PredictionKind;
  /** steps + 1 times, from noise to data. */
  times(steps: number): number[];
  coefficients(from: number, to: number): StepCoefficients;
  /** The estimate of x_0 at a time, as a combination of x and the prediction. */
  denoised(time: number): LinearForm;
}

/** What the samplers start from: standard normal, scaled by b at the first time. */
export const initialNoise = (
  sampler: Sampler,
  steps: number,
  key: Tensor,
  shape: Shape,
  dtype: random.FloatType = "float32",
): Tensor => {
  const { noise } = sampler.path.at(sampler.times(steps)[0]);
  const drawn = random.normal(key, shape, { dtype });
  return noise === 1 ? drawn : drawn.mul(noise);
};

/** One step between two times, for samplers without fresh noise. */
export function samplerStep(
  sampler: Sampler,
  x: Tensor,
  prediction: Tensor,
  from: number,
  to: number,
): Tensor {
  const by = sampler.coefficients(from, to);
  if (by.noise !== 0)
    throw new UsageError(`${sampler.name} draws noise at every step; give coefficients and noise`);
  return x.mul(by.x).add(prediction.mul(by.prediction));
}

/** Euler's method on the flow ODE dx/dt = v, t from 1 to 0: x' = x + (t' - t) v. */
export function flowSampler(): Sampler {
  const path = flowPath();
  return {
    name: "flow, Euler, velocity",
    path,
    kind: "velocity",
    times: path.times,
    coefficients: (from, to) => ({ x: 1, prediction: to - from, noise: 0 }),
    denoised: (time) => denoisingForms("velocity", path.at(time)).sample,
  };
}

export interface PathSamplerOptions {
  /** What the network predicts; "noise" by default. */
  readonly kind?: PredictionKind;
  /** 0 (default) without fresh noise, 1 as much as the exact posterior of the forward process has. */
  readonly eta?: number;
}

/**
 * DDIM on any path (Song et al. 2021, "Denoising diffusion implicit models", eq. 12):
 *
 *     x' = a' x_0^ + sqrt(b'^2 - s^2) e^ + s z,    s = eta b' sqrt(1 - (a b' / (a' b))^2)
 *
 * with x_0^ and e^ from the prediction. On variance-preserving paths s^2 is eta^2 (1 - abar') / (1 - abar)
 * (1 - abar / abar'), as published. On the flow path with eta = 0 it is Euler's method.
 *
 * @throws UsageError when eta is outside [0, 1]
 */
export function pathSampler(path: NoisePath, options: PathSamplerOptions = {}): Sampler {
  const { kind = "noise", eta = 0 } = options;
  if (!(eta >= 0 && eta <= 1)) throw new UsageError(`eta must lie between 0 and 1, got ${eta}`);
  return {
    name: `${path.name}; ${eta === 0 ? "DDIM" : eta === 1 ? "DDPM" : `DDIM, eta ${eta}`}, ${kind}`,
    path,
    kind,
    times: path.times,
    coefficients: (from, to) => {
      const [here, there] = [path.at(from), path.at(to)];
      const { sample, noise } = denoisingForms(kind, here);
      const ratio = ((here.signal * there.noise) / (there.signal * here.noise)) ** 2;
      const fresh = there.noise === 0 ? 0 : eta * there.noise * Math.sqrt(Math.max(0, 1 - ratio));
      const kept = Math.sqrt(Math.max(0, there.noise ** 2 - fresh ** 2));
      return {
        x: there.signal * sample.x + kept * noise.x,
        prediction: there.signal * sample.prediction + kept * noise.prediction,
        noise: fresh,
      };
    },
    denoised: (time) => denoisingForms(kind, path.at(time)).sample,
  };
}

export interface DdpmOptions {
  readonly kind?: PredictionKind;
  /** The variance of a step: of the posterior given x_0 (default), or of the forward process, beta. */
  readonly variance?: "posterior" | "forward";
}

/**
 * Ancestral sampling (Ho et al. 2020, algorithm 2): the mean of the posterior q(x' | x, x_0^) and noise of
 * its variance, or of the larger variance of the forward step b^2 - (a b' / a')^2; none at the last step.
 */
export function ddpmSampler(path: NoisePath, options: DdpmOptions = {}): Sampler {
  const { kind = "noise", variance = "posterior" } = options;
  const posterior = pathSampler(path, { kind, eta: 1 });
  if (variance === "posterior") return posterior;
  return {
    ...posterior,
    name: `${posterior.name}, forward variance`,
    coefficients: (from, to) => {
      const [here, there] = [path.at(from), path.at(to)];
      const kept = ((here.signal * there.noise) / there.signal) ** 2;
      const noise = there.noise === 0 ? 0 : Math.sqrt(Math.max(0, here.noise ** 2 - kept));
      return { ...posterior.coefficients(from, to), noise };
    },
  };
}
