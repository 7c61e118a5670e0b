/**
 * How data become noise: x_t = a(t) x_0 + b(t) e with e standard normal. A path knows a and b for every
 * time, outside graphs for samplers and inside for training and exact models.
 */
import { array, lift, random, type Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

/** a and b at one time. */
export interface NoiseLevel {
  readonly signal: number;
  readonly noise: number;
}

export interface NoisePath {
  /** Two paths of one name are the same. */
  readonly name: string;
  /** a and b at a time in the path's own unit. */
  at(time: number): NoiseLevel;
  /** a and b [B] at times [B], in their dtype. */
  levels(times: Tensor): { readonly signal: Tensor; readonly noise: Tensor };
  /** Times [count] as training draws them: uniform over the path. */
  draw(key: Tensor, count: number): Tensor;
  /**
   * Times from noise to data for so many steps: steps + 1 of them, falling, the last one clean.
   *
   * @throws UsageError below one step, or for more steps than the path has times
   */
  times(steps: number): number[];
  /** Factor that brings times to about 0 ... 1000, what embeddings of times expect. */
  readonly embeddingScale: number;
}

function checkedSteps(steps: number, most = Number.POSITIVE_INFINITY): number {
  if (Number.isInteger(steps) && steps >= 1 && steps <= most) return steps;
  throw new UsageError(
    `steps must be a whole number from 1${Number.isFinite(most) ? ` to ${most}` : ""}, got ${steps}`,
  );
}

/**
 * Straight lines, t from 1 (noise) to 0 (data): a = 1 - t, b = t. The path of flow matching (Lipman et
 * al. 2023) and rectified flow (Liu et al. 2023); times are evenly spaced, t_k = 1 - k / steps.
 */
export function flowPath(): NoisePath {
  return {
    name: "flow",
    at: (t) => ({ signal: 1 - t, noise: t }),
    levels: (t) => ({ signal: t.neg().add(1), noise: t }),
    draw: (key, count) => random.uniform(key, [count]),
    times: (steps) => {
      const count = checkedSteps(steps);
      return Array.from({ length: count + 1 }, (_, k) => 1 - k / count);
    },
    embeddingScale: 1000,
  };
}

/** betas of `steps` evenly spaced values (Ho et al. 2020, "Denoising diffusion probabilistic models"). */
export function linearBetas(steps = 1000, first = 1e-4, last = 0.02): number[] {
  return Array.from(
    { length: steps },
    (_, i) => first + ((last - first) * i) / Math.max(1, steps - 1),
  );
}

/** Squares of evenly spaced roots: the schedule of latent diffusion models (Rombach et al. 2022). */
export function scaledLinearBetas(steps = 1000, first = 0.00085, last = 0.012): number[] {
  return linearBetas(steps, Math.sqrt(first), Math.sqrt(last)).map((root) => root * root);
}

/**
 * betas whose cumulative product follows cos^2(pi/2 (t + s) / (1 + s)), none above 0.999 (Nichol and
 * Dhariwal 2021, "Improved denoising diffusion probabilistic models", eq. 17).
 */
export function cosineBetas(steps = 1000, offset = 0.008): number[] {
  const f = (t: number) => Math.cos(((t / steps + offset) / (1 + offset)) * (Math.PI / 2)) ** 2;
  return Array.from({ length: steps }, (_, i) => Math.min(0.999, 1 - f(i + 1) / f(i)));
}

/** abar_t = prod_{i <= t} (1 - beta_i). */
export function cumulativeAlphas(betas: readonly number[]): number[] {
  let product = 1;
  return betas.map((beta) => {
    product *= 1 - beta;
    return product;
  });
}

export interface DiscretePathOptions {
  /** A name for the schedule, such as "scaled linear"; the ends of the schedule by default. */
  readonly name?: string;
  /**
   * Where the times of few steps lie among N: "trailing" N - 1, N - 1 - N/T, ... (default), begins at
   * full noise; "leading" begins N/T - 1 below it, as the first DDIM code did.
   */
  readonly spacing?: "trailing" | "leading";
}

/**
 * The N noise levels of a diffusion model: a^2 = abar_t, b^2 = 1 - abar_t for t = 0 ... N - 1, and t = -1
 * for clean data.
 *
 * @param alphasCumulative falling, within (0, 1); see {@link cumulativeAlphas}
 * @throws UsageError for other numbers
 */
export function discretePath(
  alphasCumulative: readonly number[],
  options: DiscretePathOptions = {},
): NoisePath {
  const count = alphasCumulative.length;
  const wrong = alphasCumulative.findIndex(
    (alpha, t) => !(alpha > 0 && alpha < (t === 0 ? 1 : alphasCumulative[t - 1])),
  );
  if (count === 0 || wrong >= 0)
    throw new UsageError(
      `cumulative alphas must fall within (0, 1); number ${Math.max(0, wrong)} is ${alphasCumulative[Math.max(0, wrong)]}`,
    );
  const { spacing = "trailing" } = options;
  const ends = [alphasCumulative[0], alphasCumulative[count - 1]].map((v) => v.toPrecision(6));
  const table = (of: (alpha: number) => number, times: Tensor): Tensor =>
    lift(
      array(alphasCumulative.map(of), { dtype: times.dtype === "float64" ? "float64" : "float32" }),
    );
  return {
    name: `${options.name ?? `discrete ${ends.join(" to ")}`}, ${count} times, ${spacing}`,
    at: (t) => {
      const alpha = t < 0 ? 1 : alphasCumulative[t];
      if (alpha === undefined)
        throw new UsageError(`time ${t} is none of the path's 0 to ${count - 1}`);
      return { signal: Math.sqrt(alpha), noise: Math.sqrt(1 - alpha) };
    },
    levels: (times) => {
      const index = times.astype("int32");
      const read = (of: (alpha: number) => number) => table(of, times).gather(index);
      return { signal: read(Math.sqrt), noise: read((alpha) => Math.sqrt(1 - alpha)) };
    },
    draw: (key, size) => random.randint(key, [size], 0, count).astype("float32"),
    times: (steps) => {
      const stride = count / checkedSteps(steps, count);
      const at = (k: number) =>
        spacing === "trailing"
          ? Math.round(count - k * stride) - 1
          : Math.floor((steps - 1 - k) * Math.floor(stride));
      return [...Array.from({ length: steps }, (_, k) => at(k)), -1];
    },
    embeddingScale: 1000 / count,
  };
}
