/** Blocks of convolution, normalisation, rectifier and pooling, then a linear classifier. */
import { random, type Tensor, type TensorLike } from "@etude/tensor";
import { fail } from "../errors.ts";
import { heNormal, type Initializer } from "../initializers.ts";
import { type ConvParams, conv } from "../layers/conv.ts";
import { type DenseParams, dense } from "../layers/dense.ts";
import { featureNorm, type NormParams } from "../layers/featureNorm.ts";
import type { Net } from "../layers/sequential.ts";
import type { Activation } from "./mlp.ts";

export interface ConvNetOptions {
  /** Height and width of the images; 32 by default. */
  size?: number;
  /** Their channels; 3 by default. */
  channels?: number;
  classes: number;
  /** How many blocks; 3 by default. */
  depth?: number;
  /** Channels of every block; 128 by default. */
  width?: number;
  /** Instance normalisation by default; those with a state are not for this net. */
  norm?: "instance" | "group" | "none";
  /** For group normalisation; 8 by default. */
  groups?: number;
  pooling?: "average" | "max" | "none";
  /** relu by default. */
  activation?: Activation;
  /** Of the convolutions; {@link heNormal} by default. */
  weight?: Initializer;
  dtype?: random.FloatType;
}

export interface ConvNetParams {
  blocks: { conv: ConvParams; norm: NormParams }[];
  classifier: DenseParams;
}

export interface ConvNet extends Net<ConvNetParams> {
  /** What the classifier sees [N, features]. */
  features(params: ConvNetParams, x: Tensor): Tensor;
}

/**
 * The small convolutional net of the literature on data set distillation, "ConvNet-3": three blocks
 * of a convolution (window 3, 128 channels), instance normalisation, relu and average pooling of
 * window 2, then a linear layer (Gidaris and Komodakis 2018; Zhao et al. 2021, "Dataset condensation
 * with gradient matching", section 4).
 *
 * Images of size 28 are padded to 32 by the first convolution, as it is done there, so that each
 * pooling halves.
 *
 * @example
 * const net = convNet({ classes: 10 });
 * const logits = net(params, images); // [N, 3, 32, 32] -> [N, 10]
 */
export function convNet(options: ConvNetOptions): ConvNet {
  const { size = 32, channels = 3, classes, depth = 3, width = 128, dtype } = options;
  const {
    pooling = "average",
    activation = (x: Tensor) => x.relu(),
    weight = heNormal(),
  } = options;
  const norm = featureNorm({
    features: width,
    norm: options.norm ?? "instance",
    groups: options.groups,
    dtype,
  });
  const firstPadding = size === 28 ? 3 : 1;
  const start = size + 2 * firstPadding - 2;
  const end = pooling === "none" ? start : Math.floor(start / 2 ** depth);
  if (end < 1)
    fail(`convNet: images of ${size} x ${size} are too small to be halved ${depth} times`);

  const pool = (x: Tensor): Tensor => {
    if (pooling === "none") return x;
    return pooling === "average" ? x.avgPool(2) : x.maxPool(2);
  };
  const features = ({ blocks }: ConvNetParams, x: Tensor): Tensor => {
    const last = blocks.reduce((y, block, place) => {
      const z = conv(block.conv, y, { padding: place === 0 ? firstPadding : 1 });
      return pool(activation(norm(block.norm, {}, z)[0]));
    }, x);
    return last.reshape([last.shape[0], -1]);
  };
  return Object.assign(
    (params: ConvNetParams, x: Tensor): Tensor => dense(params.classifier, features(params, x)),
    {
      features,
      init: (key: TensorLike): ConvNetParams => {
        const keys = random.split(key, depth + 1);
        const blocks = keys.slice(0, depth).map((blockKey, place) => ({
          conv: conv.init(blockKey, {
            inputs: place === 0 ? channels : width,
            outputs: width,
            kernel: 3,
            weight,
            dtype,
          }),
          norm: norm.init(),
        }));
        const inputs = width * end * end;
        return {
          blocks,
          classifier: dense.init(keys[depth], { inputs, outputs: classes, dtype }),
        };
      },
    },
  );
}
