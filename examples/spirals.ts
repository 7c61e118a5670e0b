/**
 * Two spirals: a network of three layers learns to tell them apart, in Node, and leaves an ONNX model
 * that any runtime can load. Run it with `npm start`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import {
  array,
  constant,
  exportOnnx,
  jit,
  type NDArray,
  random,
  type Tensor,
  treeMap,
  valueAndGrad,
  zeros,
} from "@etude/tensor";

interface Layer<T> {
  weight: T;
  bias: T;
}

const layers = [2, 64, 64, 1];
const pointsPerArm = 200;

/** Points of both arms with a little noise, [400, 2], and the arm each belongs to, [400, 1]. */
function spirals(noise: NDArray): { points: NDArray; arms: NDArray } {
  const points = new Float32Array(pointsPerArm * 4);
  const arms = new Float32Array(pointsPerArm * 2);
  for (let i = 0; i < arms.length; i++) {
    const arm = i % 2;
    const turn = (Math.floor(i / 2) / pointsPerArm) * 3 * Math.PI + 0.5;
    const angle = turn + arm * Math.PI;
    points[2 * i] = (turn * Math.cos(angle)) / 5 + 0.12 * noise.data[2 * i];
    points[2 * i + 1] = (turn * Math.sin(angle)) / 5 + 0.12 * noise.data[2 * i + 1];
    arms[i] = arm;
  }
  return { points: array(points, { shape: [-1, 2] }), arms: array(arms, { shape: [-1, 1] }) };
}

/** Glorot-scaled weights. */
const initialize = jit((key: Tensor) =>
  random.split(key, layers.length - 1).map((layerKey, i) => {
    const shape = [layers[i], layers[i + 1]];
    const weight = random.normal(layerKey, shape).mul(Math.sqrt(2 / (layers[i] + layers[i + 1])));
    return { weight, bias: constant(zeros([layers[i + 1]])) };
  }),
);

function logits(network: Layer<Tensor>[], x: Tensor): Tensor {
  return network.reduce((hidden, { weight, bias }, i) => {
    const next = hidden.matmul(weight).add(bias);
    return i === network.length - 1 ? next : next.tanh();
  }, x);
}

/** Cross-entropy of the logits z with labels y: softplus(z) - y z. */
function loss(network: Layer<Tensor>[], x: Tensor, y: Tensor): Tensor {
  const z = logits(network, x);
  return z.softplus().sub(y.mul(z)).mean();
}

/** One step of Adam; the state is the network with running means of gradients and of their squares. */
const step = jit(
  (
    state: { network: Layer<Tensor>[]; mean: Layer<Tensor>[]; square: Layer<Tensor>[] },
    correction: Tensor,
    x: Tensor,
    y: Tensor,
  ) => {
    const [value, gradient] = valueAndGrad(loss)(state.network, x, y);
    const mean = treeMap(
      (m: Tensor, g: Tensor) => m.mul(0.9).add(g.mul(0.1)),
      state.mean,
      gradient,
    );
    const square = treeMap(
      (s: Tensor, g: Tensor) => s.mul(0.99).add(g.mul(g).mul(0.01)),
      state.square,
      gradient,
    );
    const network = treeMap(
      (w: Tensor, m: Tensor, s: Tensor) =>
        w.sub(m.mul(correction).mul(0.01).div(s.sqrt().add(1e-6))),
      state.network,
      mean,
      square,
    );
    return [{ network, mean, square }, value] as const;
  },
);

const accuracy = jit((network: Layer<Tensor>[], x: Tensor, y: Tensor) =>
  logits(network, x).greater(0).equal(y.greater(0.5)).astype("float32").mean(),
);

const noise = await jit((key: Tensor) => random.normal(key, [pointsPerArm * 4]))(random.key(1));
const { points, arms } = spirals(noise);
const network = await initialize(random.key(0));
const still = treeMap((w: NDArray) => zeros(w.shape), network);
let state = { network, mean: still, square: still };

console.log(`Two spirals, ${arms.size} points; a network ${layers.join("-")}, Adam.\n`);
console.log("  step      loss   accuracy");
const started = performance.now();
const steps = 1000;
for (let i = 1; i <= steps; i++) {
  const [next, value] = await step(state, Math.sqrt(1 - 0.99 ** i) / (1 - 0.9 ** i), points, arms);
  state = next;
  if (i === 1 || i % 125 === 0) {
    const share = await accuracy(state.network, points, arms);
    const row = [String(i).padStart(6), value.item().toFixed(5).padStart(10)];
    console.log(`${row.join("")}${`${(100 * share.item()).toFixed(1)} %`.padStart(11)}`);
  }
}
const perStep = (performance.now() - started) / steps;
console.log(`\n${perStep.toFixed(2)} ms a step, gradients and Adam included.`);

const trained = state.network;
const model = exportOnnx((x: Tensor) => logits(treeMap(constant, trained), x).sigmoid(), [points], {
  inputNames: ["points"],
  outputNames: ["probability"],
});
mkdirSync("out", { recursive: true });
writeFileSync("out/spirals.onnx", model);
console.log(`The trained network is in out/spirals.onnx (${model.length} bytes).`);
