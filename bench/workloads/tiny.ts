/** So small that what a library spends on each operation is all there is to measure. */
import { descent } from "../optimisers.ts";
import { source } from "../random.ts";
import { training } from "../workload.ts";

const random = source(3);

export const tiny = training({
  id: "tiny",
  title: "tiny MLP step",
  parameters: {
    w1: random.normal([2, 64], 0.7),
    b1: random.normal([64], 0.01),
    w2: random.normal([64, 64], 0.12),
    b2: random.normal([64], 0.01),
    w3: random.normal([64, 1], 0.12),
    b3: random.normal([1], 0.01),
  },
  data: { x: random.normal([64, 2]), y: random.normal([64, 1]) },
  optimiser: descent(0.01),
  loss: (p, { x, y }) => {
    const hidden = x.matmul(p.w1).add(p.b1).tanh().matmul(p.w2).add(p.b2).tanh();
    const error = hidden.matmul(p.w3).add(p.b3).sub(y);
    return error.mul(error).mean();
  },
});
