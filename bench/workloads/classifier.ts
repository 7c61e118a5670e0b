/** The classifier of several workloads: 784-256-256-10 with relu, softmax cross-entropy. */
import type { Tensor } from "@etude/tensor";
import { source } from "../random.ts";
import type { Arrays, Tensors } from "../workload.ts";

const random = source(2);
const batch = 128;

const dense = (inputs: number, outputs: number) =>
  random.normal([inputs, outputs], Math.sqrt(2 / inputs));

export const parameters: Arrays = {
  w1: dense(784, 256),
  b1: random.normal([256], 0.01),
  w2: dense(256, 256),
  b2: random.normal([256], 0.01),
  w3: dense(256, 10),
  b3: random.normal([10], 0.01),
};

export const examples = {
  x: random.normal([batch, 784]),
  y: random.integers([batch], 10),
};

/** Mean over all leading axes of -log softmax(logits)[label]. */
export function crossEntropy(logits: Tensor, labels: Tensor): Tensor {
  return logits.logSoftmax().takeAlongAxis(labels.expandDims(-1)).mean().neg();
}

export const loss = (p: Tensors, { x, y }: Tensors): Tensor => {
  const hidden = x.matmul(p.w1).add(p.b1).relu().matmul(p.w2).add(p.b2).relu();
  return crossEntropy(hidden.matmul(p.w3).add(p.b3), y);
};
