/** The first convolutional net that read digits. */
import { random, type Tensor, type TensorLike } from "@etude/tensor";
import { fail } from "../errors.ts";
import { type ConvParams, conv } from "../layers/conv.ts";
import { type DenseParams, dense, type WeightOptions } from "../layers/dense.ts";
import type { Net } from "../layers/sequential.ts";
import type { Activation } from "./mlp.ts";

export interface LeNetOptions extends WeightOptions {
  /** Height and width of the images, 28 (padded to 32) or 32; 28 by default. */
  size?: 28 | 32;
  /** Their channels; 1 by default. */
  channels?: number;
  /** 10 by default. */
  classes?: number;
  /** relu by default; tanh at first publication. */
  activation?: Activation;
  /** "max" by default; averages at first publication. */
  pooling?: "average" | "max";
}

export interface LeNetParams {
  convolutions: ConvParams[];
  denses: DenseParams[];
}

export interface LeNet extends Net<LeNetParams> {
  /** The last hidden layer's activations [N, 84]. */
  features(params: LeNetParams, x: Tensor): Tensor;
}

/**
 * LeNet-5: convolutions of window 5 to 6 and 16 channels, each followed by pooling, then dense layers
 * of 120, 84 and the classes (LeCun et al. 1998, "Gradient-based learning applied to document
 * recognition", section II.B; with every channel connected, and a linear last layer).
 */
export function leNet(options: LeNetOptions = {}): LeNet {
  const { size = 28, channels = 1, classes = 10, activation = (x: Tensor) => x.relu() } = options;
  const { pooling = "max", weight, bias, dtype } = options;
  const common = { weight, bias, dtype };
  const pool = (x: Tensor): Tensor => (pooling === "max" ? x.maxPool(2) : x.avgPool(2));
  const features = ({ convolutions, denses }: LeNetParams, x: Tensor): Tensor => {
    const seen = convolutions.reduce((y, layer, place) => {
      const padding = place === 0 && size === 28 ? 2 : 0;
      return pool(activation(conv(layer, y, { padding })));
    }, x);
    return denses
      .slice(0, -1)
      .reduce((y, layer) => activation(dense(layer, y)), seen.reshape([x.shape[0], -1]));
  };
  return Object.assign(
    (params: LeNetParams, x: Tensor): Tensor => {
      const last = params.denses.at(-1) ?? fail("leNet: the parameters have no dense layers");
      return dense(last, features(params, x));
    },
    {
      features,
      init: (key: TensorLike): LeNetParams => {
        const keys = random.split(key, 5);
        const layer = (place: number, inputs: number, outputs: number) =>
          dense.init(keys[place], { inputs, outputs, ...common });
        const window = (place: number, inputs: number, outputs: number) =>
          conv.init(keys[place], { inputs, outputs, kernel: 5, ...common });
        return {
          convolutions: [window(0, channels, 6), window(1, 6, 16)],
          denses: [layer(2, 16 * 5 * 5, 120), layer(3, 120, 84), layer(4, 84, classes)],
        };
      },
    },
  );
}
