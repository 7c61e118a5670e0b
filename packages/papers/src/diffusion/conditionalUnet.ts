/** A small U-shaped network for images that knows the time and the class. */
import {
  type ConvParams,
  conv,
  type DenseParams,
  dense,
  type EmbeddingParams,
  embedding,
  groupNorm,
  initializers,
  type ScaleAndBias,
  timeEmbedding,
} from "@etude/learn";
import { concat, random, type Tensor, type TensorLike, type TensorTree } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import type { ConditionalNet } from "./conditionalNet.ts";

export interface ConditionalUnetOptions {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly classes: number;
  /** Channels of the first resolution, divisible by 8; every further one has twice as many: 32. */
  readonly features?: number;
  /** Resolutions, each half of the one before: 3. */
  readonly levels?: number;
  readonly timeFeatures?: number;
  readonly timeScale: number;
}

interface BlockParams {
  norm1: ScaleAndBias;
  conv1: ConvParams;
  condition: DenseParams;
  norm2: ScaleAndBias;
  conv2: ConvParams;
  shortcut?: ConvParams;
}

interface UnetParams {
  in: ConvParams;
  time: DenseParams;
  labels: EmbeddingParams;
  down: BlockParams[];
  middle: BlockParams;
  up: BlockParams[];
  norm: ScaleAndBias;
  out: ConvParams;
}

const groups = 8;

/**
 * One residual block a resolution on the way down, one in the middle, one a resolution on the way up, which
 * also sees what the way down had there (Ronneberger et al. 2015; Ho et al. 2020, appendix B). Between
 * resolutions: means over 2 x 2 places, and each place repeated. Blocks are group norm, silu, convolution,
 * twice, with scale and shift of the second norm from time and class.
 *
 * @throws UsageError when the sides are not divisible by 2^(levels - 1), or the features not by 8
 */
export function conditionalUnet(options: ConditionalUnetOptions): ConditionalNet {
  const { channels, height, width, classes, features = 32, levels = 3, timeScale } = options;
  const { timeFeatures = 64 } = options;
  const stride = 2 ** (levels - 1);
  if (height % stride !== 0 || width % stride !== 0)
    throw new UsageError(
      `images of ${height} x ${width} cannot be halved ${levels - 1} times; pad them or take fewer levels`,
    );
  if (features % groups !== 0)
    throw new UsageError(`features must be divisible by ${groups}, got ${features}`);
  const depth = 4 * features;
  const wide = Array.from({ length: levels }, (_, level) => features * 2 ** level);
  const deepest = wide[levels - 1];
  const small = initializers.varianceScaling({ scale: 0.01 });

  const initBlock = (key: TensorLike, inputs: number, outputs: number): BlockParams => {
    const [a, b, c, d] = random.split(key, 4);
    return {
      norm1: groupNorm.init({ features: inputs }),
      conv1: conv.init(a, { inputs, outputs, kernel: 3 }),
      condition: dense.init(b, { inputs: depth, outputs: 2 * outputs, weight: small }),
      norm2: groupNorm.init({ features: outputs }),
      conv2: conv.init(c, { inputs: outputs, outputs, kernel: 3, weight: small }),
      ...(inputs === outputs ? {} : { shortcut: conv.init(d, { inputs, outputs, kernel: 1 }) }),
    };
  };
  const init = (key: TensorLike): UnetParams => {
    const keys = random.split(key, 5 + 2 * levels);
    return {
      in: conv.init(keys[0], { inputs: channels, outputs: features, kernel: 3 }),
      time: dense.init(keys[1], { inputs: timeFeatures, outputs: depth }),
      labels: embedding.init(keys[2], { symbols: classes + 1, features: depth }),
      down: wide.map((outputs, level) =>
        initBlock(keys[5 + level], level === 0 ? features : wide[level - 1], outputs),
      ),
      middle: initBlock(keys[3], deepest, deepest),
      up: wide.map((outputs, level) =>
        initBlock(keys[5 + levels + level], outputs + (wide[level + 1] ?? deepest), outputs),
      ),
      norm: groupNorm.init({ features }),
      out: conv.init(keys[4], { inputs: features, outputs: channels, kernel: 3, weight: small }),
    };
  };

  const block = (params: BlockParams, x: Tensor, z: Tensor): Tensor => {
    const first = groupNorm(params.norm1, x, { groups }).silu();
    const inner = groupNorm(params.norm2, conv(params.conv1, first, { padding: 1 }), { groups });
    const outputs = inner.shape[1];
    const [scale, shift] = dense(params.condition, z)
      .reshape([-1, 2 * outputs, 1, 1])
      .split(2, 1);
    const second = inner.mul(scale.add(1)).add(shift).silu();
    const shown = params.shortcut === undefined ? x : conv(params.shortcut, x);
    return shown.add(conv(params.conv2, second, { padding: 1 }));
  };

  return {
    classes,
    shape: [channels, height, width],
    init: (key) => init(key) as unknown as TensorTree,
    apply: (tree, x, t, labels) => {
      const params = tree as unknown as UnetParams;
      const sinusoids = timeEmbedding(t.mul(timeScale), timeFeatures);
      const z = dense(params.time, sinusoids).add(embedding(params.labels, labels)).silu();
      let h = conv(params.in, x, { padding: 1 });
      const seen = params.down.map((each, level) => {
        h = block(each, level === 0 ? h : h.avgPool(2), z);
        return h;
      });
      h = block(params.middle, h, z);
      for (let level = levels - 1; level >= 0; level--) {
        const here = level === levels - 1 ? h : h.repeat(2, 2).repeat(2, 3);
        h = block(params.up[level], concat([here, seen[level]], 1), z);
      }
      return conv(params.out, groupNorm(params.norm, h, { groups }).silu(), { padding: 1 });
    },
  };
}
