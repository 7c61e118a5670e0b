import type { Tensor } from "@etude/tensor";
import { momentum } from "../optimisers.ts";
import { source } from "../random.ts";
import { training } from "../workload.ts";
import { crossEntropy } from "./classifier.ts";

const random = source(4);
const batch = 64;

/** 3x3 convolution that keeps the image size, relu, then the largest of each 2x2 square. */
const block = (x: Tensor, kernel: Tensor, bias: Tensor): Tensor =>
  x
    .conv(kernel, { padding: "same" })
    .add(bias.reshape([-1, 1, 1]))
    .relu()
    .maxPool(2);

export const cnn = training({
  id: "cnn",
  title: "CNN step",
  parameters: {
    k1: random.normal([32, 1, 3, 3], Math.sqrt(2 / 9)),
    b1: random.normal([32], 0.01),
    k2: random.normal([64, 32, 3, 3], Math.sqrt(2 / 288)),
    b2: random.normal([64], 0.01),
    w: random.normal([64 * 7 * 7, 10], 0.005),
    b: random.normal([10], 0.01),
  },
  data: { x: random.normal([batch, 1, 28, 28]), y: random.integers([batch], 10) },
  optimiser: momentum(0.001),
  loss: (p, { x, y }) => {
    const features = block(block(x, p.k1, p.b1), p.k2, p.b2).reshape([batch, -1]);
    return crossEntropy(features.matmul(p.w).add(p.b), y);
  },
});
