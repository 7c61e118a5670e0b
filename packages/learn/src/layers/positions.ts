/** Where, or when, something is, as features. */
import {
  array,
  concat,
  iota,
  type NDArray,
  type random,
  stack,
  type Tensor,
  type TensorLike,
} from "@etude/tensor";
import { fail, showShape } from "../errors.ts";
import { type Initializer, normal } from "../initializers.ts";

const even = (layer: string, features: number): number =>
  Number.isInteger(features) && features > 0 && features % 2 === 0
    ? features / 2
    : fail(`${layer}: ${features} features do not make pairs; an even number is needed`);

/**
 * Sinusoidal positional encodings [length, features], to be added to a sequence: for position p and
 * pair i, sin and cos of p / base^(2 i / features) in columns 2 i and 2 i + 1 (Vaswani et al. 2017,
 * "Attention is all you need", section 3.5).
 */
export function sinusoidalEncoding(
  length: number,
  features: number,
  { base = 10_000 }: { base?: number } = {},
): NDArray {
  const pairs = even("sinusoidalEncoding", features);
  const values = Array.from({ length: length * features }, (_, at) => {
    const [position, column] = [Math.floor(at / features), at % features];
    const angle = position / base ** (Math.floor(column / 2) / pairs);
    return column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  return array(values, { shape: [length, features] });
}

/** weight [length, features]. */
export interface PositionParams {
  weight: Tensor;
}

function init(
  key: TensorLike,
  options: {
    /** The longest sequence. */
    length: number;
    features: number;
    /** Normal with deviation 0.02 by default. */
    weight?: Initializer;
    dtype?: random.FloatType;
  },
): PositionParams {
  const { length, features, weight = normal({ deviation: 0.02 }), dtype } = options;
  return { weight: weight(key, [length, features], { dtype }) };
}

/**
 * Learned positional encodings, added to a sequence that is no longer than they are.
 *
 * @param x [..., time, features]
 */
export const learnedEncoding = Object.assign(
  ({ weight }: PositionParams, x: Tensor): Tensor => {
    const time = x.shape[x.rank - 2];
    if (time > weight.shape[0]) {
      fail(
        `learnedEncoding: a sequence of ${time} in ${showShape(x.shape)}, but positions for ${weight.shape[0]}`,
      );
    }
    return x.add(weight.slice([0, time]));
  },
  { init },
);

/** base^(-i / count) for i = 0 ... count - 1. */
const frequencies = (count: number, base: number, dtype: random.FloatType): NDArray =>
  array(
    Array.from({ length: count }, (_, i) => base ** (-i / count)),
    { dtype },
  );

const floatOf = (x: Tensor): random.FloatType => (x.dtype === "float64" ? "float64" : "float32");

export interface RotaryOptions {
  /** The base of the wavelengths; 10000 by default. */
  base?: number;
  /** Positions of the entries along time, an int32 or float [time]; 0, 1, ... by default. */
  positions?: Tensor;
}

/**
 * Rotary position embedding: the pair of features (2 i, 2 i + 1) turned by the angle p / base^(2 i /
 * features), p the position, so that products of queries and keys depend on their distance only (Su
 * et al. 2021, "RoFormer: enhanced transformer with rotary position embedding", eq. 34).
 *
 * @param x [..., time, features], features even
 */
export function rotary(x: Tensor, { base = 10_000, positions }: RotaryOptions = {}): Tensor {
  const [time, features] = x.shape.slice(-2);
  const pairs = even("rotary", features);
  const dtype = floatOf(x);
  const place = (positions ?? iota(time)).astype(dtype).expandDims(-1);
  const angles = place.mul(frequencies(pairs, base, dtype)); // [time, pairs]
  const [cos, sin] = [angles.cos(), angles.sin()];
  const [a, b] = x.reshape([...x.shape.slice(0, -1), pairs, 2]).unstack(-1);
  const turned = stack([a.mul(cos).sub(b.mul(sin)), a.mul(sin).add(b.mul(cos))], -1);
  return turned.reshape(x.shape);
}

/**
 * Sinusoidal embedding of times for diffusion models: [n] to [n, features], sines and then cosines of
 * t / maximumPeriod^(i / (features / 2 - 1)) (Ho et al. 2020, "Denoising diffusion probabilistic
 * models", appendix B, after Vaswani et al.).
 *
 * @param times [n], integers or floats; steps of 0 ... 1000 suit the default, times in [0, 1] should
 *   be multiplied by about 1000 first
 */
export function timeEmbedding(
  times: Tensor,
  features: number,
  { maximumPeriod = 10_000 }: { maximumPeriod?: number } = {},
): Tensor {
  const half = even("timeEmbedding", features);
  if (half < 2) fail("timeEmbedding: 2 features have one frequency; take 4 or more");
  if (times.rank !== 1) fail(`timeEmbedding: times are [n], got ${showShape(times.shape)}`);
  const dtype = floatOf(times);
  const rates = array(
    Array.from({ length: half }, (_, i) => maximumPeriod ** (-i / (half - 1))),
    { dtype },
  );
  const angles = times.astype(dtype).expandDims(-1).mul(rates);
  return concat([angles.sin(), angles.cos()], -1);
}
