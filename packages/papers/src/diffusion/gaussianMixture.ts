/**
 * A diffusion model without a network: for a Gaussian mixture, one component a class, everything a
 * denoising network could predict has a closed form. Exact where trained networks are near.
 */
import { array, jit, linalg, NDArray, random, type Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { classesOf, type Predict, perSample } from "./model.ts";
import { flowPath, type NoisePath } from "./noisePaths.ts";
import { type PredictionKind, predictionOf } from "./predictions.ts";

/** C components in d dimensions, float64; each covariance as basis diag(variances) basis^T. */
export interface GaussianMixture {
  /** [C, d] */
  readonly means: NDArray;
  /** [C, d], positive. */
  readonly variances: NDArray;
  /** Orthonormal columns, [C, d, d]. */
  readonly bases: NDArray;
  /** Probabilities of the classes, [C]. */
  readonly weights: NDArray;
}

const float64 = (values: ArrayLike<number>, shape: readonly number[]): NDArray =>
  array(Float64Array.from(values), { shape });

/**
 * A mixture from means [C, d] and covariances [C, d, d].
 *
 * @param weights positive, made to add up to 1; equal by default
 * @throws UsageError for shapes that do not fit, or a covariance that is not positive definite
 */
export async function gaussianMixture(parts: {
  readonly means: NDArray;
  readonly covariances: NDArray;
  readonly weights?: readonly number[];
}): Promise<GaussianMixture> {
  const { means, covariances } = parts;
  const [classes, d] = means.shape;
  const weights = parts.weights ?? new Array<number>(classes).fill(1);
  if (means.rank !== 2 || covariances.shape.join() !== `${classes},${d},${d}`)
    throw new UsageError(
      `means are [C, d] and covariances [C, d, d]; got [${means.shape.join(", ")}] and [${covariances.shape.join(", ")}]`,
    );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (weights.length !== classes || !weights.every((weight) => weight > 0))
    throw new UsageError(`weights must be ${classes} positive numbers, got ${weights.join(", ")}`);
  const [variances, bases] = await decompose(covariances.astype("float64"));
  const flat = variances.data.findIndex((value) => !(value > 0));
  if (flat >= 0)
    throw new UsageError(`covariance ${Math.floor(flat / d)} is not positive definite`);
  return {
    means: means.astype("float64"),
    variances,
    bases,
    weights: float64(
      weights.map((weight) => weight / total),
      [classes],
    ),
  };
}

const decompose = jit((covariances: Tensor) => linalg.eigh(covariances));

/**
 * The mixture with the mean and the full covariance of every class, ridge on the diagonal.
 *
 * @param latents [N, d]
 * @param labels class numbers 0 ... C - 1, each occurring twice at least
 * @throws UsageError for a class with fewer
 */
export async function fitGaussianMixture(
  latents: NDArray,
  labels: ArrayLike<number>,
  { ridge = 1e-3, weights = "equal" }: { ridge?: number; weights?: "equal" | "frequencies" } = {},
): Promise<GaussianMixture> {
  const [n, d] = latents.shape;
  let classes = 0;
  for (let i = 0; i < labels.length; i++) classes = Math.max(classes, labels[i] + 1);
  const counts = new Float64Array(classes);
  for (let i = 0; i < n; i++) counts[labels[i]]++;
  const few = counts.findIndex((count) => count < 2);
  if (few >= 0)
    throw new UsageError(`class ${few} has ${counts[few]} examples; a covariance needs two`);
  const means = new Float64Array(classes * d);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < d; j++)
      means[labels[i] * d + j] += latents.data[i * d + j] / counts[labels[i]];
  const covariances = new Float64Array(classes * d * d);
  const centred = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    const at = labels[i];
    for (let j = 0; j < d; j++) centred[j] = latents.data[i * d + j] - means[at * d + j];
    for (let j = 0; j < d; j++) {
      const [row, scaled] = [(at * d + j) * d, centred[j] / counts[at]];
      for (let k = 0; k <= j; k++) covariances[row + k] += scaled * centred[k];
    }
  }
  for (let at = 0; at < classes; at++)
    for (let j = 0; j < d; j++) {
      covariances[(at * d + j) * d + j] += ridge;
      for (let k = 0; k < j; k++)
        covariances[(at * d + k) * d + j] = covariances[(at * d + j) * d + k];
    }
  return gaussianMixture({
    means: float64(means, [classes, d]),
    covariances: float64(covariances, [classes, d, d]),
    weights: weights === "equal" ? undefined : Array.from(counts),
  });
}

export interface MixtureModel {
  /** A float64 "network" of latents [B, d] and classes int32 [B]. */
  readonly predict: Predict;
  /** p(class | x_t), [B, C]. */
  posterior(x: Tensor, t: Tensor): Tensor;
  /** E[x_0 | x_t, class] for each sample's class, or E[x_0 | x_t] with null: [B, d]. */
  expectation(x: Tensor, t: Tensor, classes: Tensor | null): Tensor;
}

/**
 * The exact model of a mixture on a noise path. With V_c = a^2 S_c + b^2 I:
 *
 *     E[x_0 | x_t, c] = m_c + a S_c V_c^-1 (x_t - a m_c)
 *     p(c | x_t) ~ w_c N(x_t; a m_c, V_c)
 *     E[x_0 | x_t] = sum_c p(c | x_t) E[x_0 | x_t, c],    E[e | x_t] = (x_t - a E[x_0 | x_t]) / b
 *
 * and the prediction follows from E[x_0] and E[e], as all kinds are linear in them.
 */
export function gaussianMixtureModel(
  mixture: GaussianMixture,
  { path = flowPath(), kind = "velocity" }: { path?: NoisePath; kind?: PredictionKind } = {},
): MixtureModel {
  const { means, variances, weights } = mixture;
  const [classes, d] = means.shape;
  const { across, back, meansInBases } = turned(mixture);
  const logWeights = float64(Array.from(weights.data, Math.log), [classes]);

  const parts = (x: Tensor, t: Tensor) => {
    const { signal, noise } = path.levels(t);
    const a = signal.reshape([-1, 1, 1]);
    const spread = noise.mul(noise).reshape([-1, 1, 1]);
    const variance = a.mul(a).mul(variances).add(spread); // [B, C, d]
    const centred = x.matmul(across).reshape([-1, classes, d]).sub(a.mul(meansInBases));
    const whitened = centred.div(variance);
    const logits = centred.mul(whitened).add(variance.log()).sum(-1).mul(-0.5).add(logWeights);
    return { a, whitened, posterior: logits.softmax(), signal, noise };
  };
  const expectation = (x: Tensor, t: Tensor, labels: Tensor | null): Tensor => {
    const { a, whitened, posterior } = parts(x, t);
    const share = labels === null ? posterior : labels.oneHot(classes, { dtype: "float64" });
    const pulled = whitened.mul(a.mul(variances)).mul(share.expandDims(-1));
    return share.matmul(means).add(pulled.reshape([-1, classes * d]).matmul(back));
  };
  return {
    posterior: (x, t) => parts(x, t).posterior,
    expectation,
    predict: (x, t, condition) => {
      const sample = expectation(x, t, condition === null ? null : classesOf(condition));
      const levels = path.levels(t);
      const [a, b] = [perSample(levels.signal, x), perSample(levels.noise, x)];
      return predictionOf(kind, sample, x.sub(sample.mul(a)).div(b), levels);
    },
  };
}

/**
 * All bases side by side: `across` [d, C d] takes x into each of them, `back` [C d, d] adds up what comes
 * out of them, and the means [C, d] stand in the basis of their own class.
 */
function turned({ means, bases }: GaussianMixture) {
  const [classes, d] = means.shape;
  const across = new Float64Array(d * classes * d);
  const back = new Float64Array(classes * d * d);
  const meansInBases = new Float64Array(classes * d);
  for (let c = 0; c < classes; c++)
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++) {
        const entry = bases.data[(c * d + i) * d + j];
        across[(i * classes + c) * d + j] = entry;
        back[(c * d + j) * d + i] = entry;
        meansInBases[c * d + j] += means.data[c * d + i] * entry;
      }
  return {
    across: float64(across, [d, classes * d]),
    back: float64(back, [classes * d, d]),
    meansInBases: float64(meansInBases, [classes, d]),
  };
}

/** Samples [count, d] of the classes int32 [count], from the mixture itself. */
export function drawFromMixture(
  { means, variances, bases }: GaussianMixture,
  classes: ArrayLike<number>,
  seed: number,
): NDArray {
  const [, d] = means.shape;
  const draw = random.generator(seed);
  const values = new Float64Array(classes.length * d);
  const inBasis = new Float64Array(d);
  for (let i = 0; i < classes.length; i++) {
    const c = classes[i];
    for (let j = 0; j < d; j++) inBasis[j] = Math.sqrt(variances.data[c * d + j]) * draw.normal();
    for (let k = 0; k < d; k++) {
      let sum = means.data[c * d + k];
      for (let j = 0; j < d; j++) sum += bases.data[(c * d + k) * d + j] * inBasis[j];
      values[i * d + k] = sum;
    }
  }
  return new NDArray(values, [classes.length, d], "float64");
}
