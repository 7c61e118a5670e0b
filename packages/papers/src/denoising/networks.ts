/** The two architectures of bias-free denoisers. */
import { concat, conv, full, type Tensor } from "@etude/tensor";
import type { Layers, Network } from "./layers.ts";

/**
 * Encoder and decoder with skip connections (Ronneberger et al. 2015, without biases): `blocks`
 * levels, each halving the sides and doubling the channels. Sides must be divisible by 2^blocks.
 *
 * @param channels of the first level, 64 in the paper
 * @param imageChannels of the input and the output
 */
export function unet(channels: number, blocks: number, imageChannels: number): Network {
  return (layers, image) => {
    const normed = (x: Tensor, outputs: number): Tensor =>
      layers.norm(layers.conv(x, outputs)).relu();
    const skips: Tensor[] = [];
    let x = image;
    for (let level = 0; level < blocks; level++) {
      const width = channels * 2 ** level;
      // The very first convolution sees pixels and is not normalised.
      x = level === 0 ? layers.conv(x, width).relu() : normed(x, width);
      x = normed(x, width);
      skips.push(x);
      x = halved(x);
    }
    const middle = channels * 2 ** blocks;
    x = normed(normed(x, middle), middle);
    for (let level = blocks - 1; level >= 0; level--) {
      const width = channels * 2 ** level;
      x = normed(concat([layers.up(x, width), skips[level]], 1), width);
      x = level === 0 ? layers.conv(x, imageChannels) : normed(x, width);
    }
    return x;
  };
}

/** Means of 2x2 squares: [B, C, H, W] to [B, C, H/2, W/2]. As a convolution it is three times as fast. */
function halved(x: Tensor): Tensor {
  const [batch, channels, height, width] = x.shape;
  const planes = x.reshape([-1, 1, height, width]);
  return conv(planes, full([1, 1, 2, 2], 0.25), { stride: 2 }).reshape([
    batch,
    channels,
    height / 2,
    width / 2,
  ]);
}

/**
 * A chain of convolutions without subsampling (the bias-free DnCNN of Mohan et al. 2020): the first
 * linear, then `layers - 2` with normalisation and ReLU, the last linear.
 *
 * @param depth convolutions in all, 21 in the paper
 */
export function bfCnn(channels: number, depth: number, imageChannels: number): Network {
  return (layers: Layers, image) => {
    let x = layers.conv(image, channels);
    for (let layer = 1; layer < depth - 1; layer++)
      x = layers.norm(layers.conv(x, channels)).relu();
    return layers.conv(x, imageChannels);
  };
}
