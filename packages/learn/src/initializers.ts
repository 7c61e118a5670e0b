/**
 * How parameters start. Each function here makes an {@link Initializer}, a function of a key and a
 * shape, so that the choices for a layer are plain values: `dense.init(key, { ..., weight:
 * heNormal() })`.
 *
 * The fans of a weight are how many values enter and leave one unit: for a matrix [inputs, outputs]
 * its lengths, for a convolution kernel [O, I, K...] I and O times the size of the window.
 */
import {
  full,
  lift,
  linalg,
  random,
  type Shape,
  type Tensor,
  type TensorLike,
} from "@etude/tensor";
import { fail, showShape } from "./errors.ts";

export interface Fans {
  readonly inputs: number;
  readonly outputs: number;
}

export interface InitializerOptions {
  /** float32 by default. */
  dtype?: random.FloatType;
  /** Where the shape alone does not tell them: those of a bias are its weight's. */
  fans?: Fans;
}

/** Parameters of a shape from a key; an expression, for use inside `jit`, `vmap` and `evaluate`. */
export type Initializer = (key: TensorLike, shape: Shape, options?: InitializerOptions) => Tensor;

/** The fans of a matrix [inputs, outputs] or of a convolution kernel [O, I, K...]. */
export function fansOf(shape: Shape): Fans {
  if (shape.length < 2) {
    fail(
      `initializer: the shape ${showShape(shape)} has no fans; a matrix or a kernel has, or give { fans }`,
    );
  }
  const [first, second, ...window] = shape;
  if (shape.length === 2) return { inputs: first, outputs: second };
  const reach = window.reduce((size, length) => size * length, 1);
  return { inputs: second * reach, outputs: first * reach };
}

/** The same number everywhere. */
export const constant =
  (value: number): Initializer =>
  (_, shape, { dtype = "float32" } = {}) =>
    lift(full(shape, value, dtype));

export const zeros = (): Initializer => constant(0);

export const ones = (): Initializer => constant(1);

/** Normal with the given mean (0) and standard deviation (0.01). */
export const normal =
  ({ deviation = 0.01, mean = 0 } = {}): Initializer =>
  (key, shape, { dtype = "float32" } = {}) =>
    random.normal(key, shape, { dtype }).mul(deviation).add(mean);

/**
 * Normal, with what falls outside `lower` and `upper` standard deviations drawn again. `deviation`
 * (0.01) is that of the normal distribution before anything is cut off: for the usual bounds -2 and 2
 * that of the result is 0.8796 times as large.
 */
export const truncatedNormal =
  ({ deviation = 0.01, lower = -2, upper = 2 } = {}): Initializer =>
  (key, shape, { dtype = "float32" } = {}) =>
    random.truncatedNormal(key, lower, upper, shape, { dtype }).mul(deviation);

/** Uniform on [low, high), [-0.01, 0.01) by default. */
export const uniform =
  ({ low = -0.01, high = 0.01 } = {}): Initializer =>
  (key, shape, { dtype = "float32" } = {}) =>
    random.uniform(key, shape, { low, high, dtype });

export interface VarianceScalingOptions {
  /** The variance is `scale` over the fan; 1 by default. */
  scale?: number;
  /** Which fan; the inputs by default, "average" is the mean of both. */
  fan?: "inputs" | "outputs" | "average";
  /** Of which kind; truncated at two standard deviations by default. */
  distribution?: "truncatedNormal" | "normal" | "uniform";
}

/** The standard deviation of a standard normal variable cut off at -2 and 2. */
const truncatedDeviation = 0.87962566103423978;

/**
 * Variance scale / fan, whatever the distribution: the family most of the named initialisers belong
 * to. A truncated normal is widened, so that what is left after the cut has that variance.
 *
 * @throws if the shape has no fans.
 */
export function varianceScaling(options: VarianceScalingOptions = {}): Initializer {
  const { scale = 1, fan = "inputs", distribution = "truncatedNormal" } = options;
  if (!(scale > 0)) fail(`varianceScaling: scale ${scale} is not positive`);
  return (key, shape, { dtype = "float32", fans = fansOf(shape) } = {}) => {
    const count = fan === "average" ? (fans.inputs + fans.outputs) / 2 : fans[fan];
    const deviation = Math.sqrt(scale / Math.max(1, count));
    switch (distribution) {
      case "normal":
        return random.normal(key, shape, { dtype }).mul(deviation);
      case "uniform": {
        const bound = Math.sqrt(3) * deviation;
        return random.uniform(key, shape, { low: -bound, high: bound, dtype });
      }
      case "truncatedNormal":
        return random
          .truncatedNormal(key, -2, 2, shape, { dtype })
          .mul(deviation / truncatedDeviation);
    }
  };
}

/** Variance 1 / inputs, truncated normal (LeCun et al. 1998, "Efficient BackProp", section 4.6). */
export const lecunNormal = (): Initializer => varianceScaling();

/** Variance 1 / inputs, uniform. */
export const lecunUniform = (): Initializer => varianceScaling({ distribution: "uniform" });

/**
 * Variance 2 / (inputs + outputs), truncated normal, also known as Xavier (Glorot and Bengio 2010,
 * "Understanding the difficulty of training deep feedforward neural networks", eq. 12).
 */
export const glorotNormal = (): Initializer => varianceScaling({ fan: "average" });

/** Variance 2 / (inputs + outputs), uniform (eq. 16 there). */
export const glorotUniform = (): Initializer =>
  varianceScaling({ fan: "average", distribution: "uniform" });

/**
 * Variance 2 / inputs, truncated normal, also known as Kaiming (He et al. 2015, "Delving deep into
 * rectifiers", eq. 10): keeps the scale of activations through rectified layers.
 */
export const heNormal = (): Initializer => varianceScaling({ scale: 2 });

/** Variance 2 / inputs, uniform. */
export const heUniform = (): Initializer => varianceScaling({ scale: 2, distribution: "uniform" });

/**
 * Uniform on [-b, b) with b = 1 / sqrt(inputs): what PyTorch's linear and convolution layers start
 * from, weights and biases alike (there written as Kaiming uniform with a = sqrt 5). For experiments
 * that reproduce code which never chose an initialiser.
 */
export const torchLinear = (): Initializer =>
  varianceScaling({ scale: 1 / 3, distribution: "uniform" });

/**
 * Orthonormal rows or columns, whichever are fewer, times `gain`; axes after the first count as one.
 * Distributed evenly over all such matrices (Saxe et al. 2014, "Exact solutions to the nonlinear
 * dynamics of learning in deep linear neural networks").
 *
 * @throws if the shape has fewer than two axes.
 */
export const orthogonal =
  ({ gain = 1 } = {}): Initializer =>
  (key, shape, { dtype = "float32" } = {}) => {
    if (shape.length < 2)
      fail(`orthogonal: the shape ${showShape(shape)} is no matrix; it needs two axes or more`);
    const rows = shape[0];
    const columns = shape.slice(1).reduce((size, length) => size * length, 1);
    const tall = [Math.max(rows, columns), Math.min(rows, columns)];
    // With the diagonal of R positive, as the engine's is, Q is evenly distributed (Mezzadri 2007).
    const [q] = linalg.qr(random.normal(key, tall, { dtype }));
    return (rows < columns ? q.transpose() : q).reshape(shape).mul(gain);
  };
