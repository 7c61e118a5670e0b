/** Normalisations within one example: no state, the same for training and evaluation. */
import { lift, ones, type Tensor } from "@etude/tensor";
import { fail, showShape } from "../errors.ts";
import { batchNorm, type FeatureOptions, type ScaleAndBias } from "./batchNorm.ts";

export interface NormOptions {
  /** Added to the variance; 1e-5 by default. */
  epsilon?: number;
}

/** Ones and zeros, as for batch normalisation. */
const init: (options: FeatureOptions) => ScaleAndBias = batchNorm.init;

/**
 * Layer normalisation of the last axis (Ba et al. 2016, "Layer normalization").
 *
 * @param x [..., features]
 */
export const layerNorm = Object.assign(
  ({ scale, bias }: ScaleAndBias, x: Tensor, { epsilon = 1e-5 }: NormOptions = {}): Tensor =>
    x.layerNorm({ epsilon, scale, bias }),
  { init },
);

/**
 * Division of the last axis by its root mean square, times a scale (Zhang and Sennrich 2019, "Root
 * mean square layer normalization"). No mean is subtracted and there is no bias.
 *
 * @param x [..., features]
 */
export const rmsNorm = Object.assign(
  ({ scale }: { scale: Tensor }, x: Tensor, { epsilon = 1e-5 }: NormOptions = {}): Tensor =>
    x.mul(x.mul(x).mean(-1, { keepDims: true }).add(epsilon).rsqrt()).mul(scale),
  {
    init: ({ features, dtype }: FeatureOptions): { scale: Tensor } => ({
      scale: lift(ones([features], dtype)),
    }),
  },
);

function normalizeGroups(
  layer: string,
  { scale, bias }: ScaleAndBias,
  x: Tensor,
  groups: number,
  epsilon: number,
): Tensor {
  const [features] = scale.shape;
  const [n, channels, ...space] = x.shape;
  if (x.rank < 2 || channels !== features)
    fail(`${layer}: expected [N, ${features}, ...], got ${showShape(x.shape)}`);
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0)
    fail(`${layer}: ${channels} channels do not fall into ${groups} groups`);
  const perFeature = [channels, ...space.map(() => 1)];
  return x
    .reshape([n, groups, x.size / (n * groups)])
    .layerNorm({ epsilon })
    .reshape(x.shape)
    .mul(scale.reshape(perFeature))
    .add(bias.reshape(perFeature));
}

/**
 * Group normalisation: each example's channels in `groups`, each group normalised over its channels
 * and all places (Wu and He 2018, "Group normalization"). One group is layer normalisation of images.
 *
 * @param x [N, C, ...] with C divisible by the groups
 */
export const groupNorm = Object.assign(
  (
    params: ScaleAndBias,
    x: Tensor,
    { groups, epsilon = 1e-5 }: NormOptions & { groups: number },
  ): Tensor => normalizeGroups("groupNorm", params, x, groups, epsilon),
  { init },
);

/**
 * Instance normalisation: every channel of every example by itself, over all places (Ulyanov et al.
 * 2016, "Instance normalization").
 *
 * @param x [N, C, X...] with more than one place
 */
export const instanceNorm = Object.assign(
  (params: ScaleAndBias, x: Tensor, { epsilon = 1e-5 }: NormOptions = {}): Tensor =>
    normalizeGroups("instanceNorm", params, x, x.shape[1], epsilon),
  { init },
);
