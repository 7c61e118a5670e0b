/** The models that are explained: small networks, a linear and a logistic model. */
import {
  accuracy,
  adam,
  applyUpdates,
  initializers,
  type MlpParams,
  mlp,
  type Optimiser,
  r2,
  sgd,
  sigmoidBinaryCrossEntropy,
  squaredError,
} from "@etude/learn";
import {
  grad,
  iota,
  jit,
  type MapLeaves,
  type NDArray,
  random,
  scan,
  type Tensor,
  type TensorTree,
  vmap,
} from "@etude/tensor";
import type { ScalarFunction } from "../scalarFunction.ts";
import type { Examples, Task } from "./data.ts";
import type { Options } from "./options.ts";

export type Trained = MapLeaves<MlpParams, NDArray>;

/** Numbers, or logits: [n]. Without hidden layers a linear model. */
function rawOutput(params: MlpParams, x: Tensor, task: Task): Tensor {
  const sizes = [x.shape[1], 1]; // of the parameters only
  const activation = (h: Tensor): Tensor => (task === "regression" ? h.tanh() : h.relu());
  return mlp(sizes, activation)(params, x).reshape([x.shape[0]]);
}

/** What is explained: the number predicted, or the probability of the second class. */
export const scoreOf =
  (params: MlpParams, task: Task): ScalarFunction =>
  (x) => {
    const output = rawOutput(params, x, task);
    return task === "regression" ? output : output.sigmoid();
  };

/** Against saturation, where gradients vanish. */
const weightDecay = { regression: 0, classification: 1e-2 } as const;
const minibatch = 64;

/** Trained parameters; `hidden` layers of as many units as the options say, none for a linear model. */
export async function trainModel(
  { x, y }: Examples,
  task: Task,
  hidden: number,
  { units, training, epochs }: Options,
  seed: number,
): Promise<Trained> {
  const sizes = [x.shape[1], ...new Array<number>(hidden).fill(units), 1];
  const net = mlp(sizes, undefined, { weight: initializers.torchLinear() });
  const train = jit((key: Tensor, x: Tensor, y: Tensor) => {
    const [startKey, orderKey] = random.split(key);
    const start = net.init(startKey);
    return training === "adam"
      ? descend(start, task, adam(5e-3, { weightDecay: weightDecay[task] }), epochs, () => [x, y])
      : inMinibatches(start, task, epochs, orderKey, x, y);
  });
  return train(random.key(seed), x, y);
}

/** SGD as in the paper: 0.5, with a cosine of 200 epochs that rises again afterwards. */
function inMinibatches(
  start: MlpParams,
  task: Task,
  epochs: number,
  key: Tensor,
  x: Tensor,
  y: Tensor,
): MlpParams {
  const rows = x.shape[0];
  const perEpoch = Math.max(Math.floor(rows / minibatch), 1);
  const orders = vmap((each: Tensor) => random.permutation(each, rows))(
    random.splitKeys(key, epochs),
  );
  const batches = orders
    .slice(null, [0, perEpoch * Math.min(minibatch, rows)])
    .reshape([epochs * perEpoch, -1]);
  const rate = (step: Tensor): Tensor =>
    step
      .div(perEpoch)
      .floor()
      .mul(Math.PI / 200)
      .cos()
      .add(1)
      .mul(0.25);
  const optimiser = sgd(rate, { weightDecay: weightDecay[task] });
  return descend(start, task, optimiser, epochs * perEpoch, (step) => {
    const chosen = batches.gather(step);
    return [x.gather(chosen), y.gather(chosen)];
  });
}

/** One loop over steps, each on the examples that `batch` gives. */
function descend(
  start: MlpParams,
  task: Task,
  optimiser: Optimiser,
  steps: number,
  batch: (step: Tensor) => readonly [x: Tensor, y: Tensor],
): MlpParams {
  type Carry = { params: MlpParams; state: TensorTree };
  const [{ params }] = scan(
    ({ params, state }: Carry, step: Tensor): [Carry, Record<string, never>] => {
      const [x, y] = batch(step);
      const gradients = grad((now: MlpParams) => lossOf(now, x, y, task))(params);
      const next = optimiser.update(gradients as MlpParams, state, params);
      return [{ params: applyUpdates(params, next.updates), state: next.state }, {}];
    },
    { params: start, state: optimiser.init(start) },
    iota(steps),
  );
  return params;
}

function lossOf(params: MlpParams, x: Tensor, y: Tensor, task: Task): Tensor {
  const output = rawOutput(params, x, task);
  return (task === "regression" ? squaredError : sigmoidBinaryCrossEntropy)(output, y).mean();
}

/** R^2, or accuracy, on held-out examples. */
export async function qualityOf(params: Trained, task: Task, { x, y }: Examples): Promise<number> {
  const scores = await predict(params, x, task);
  if (task === "regression") return r2(scores, y);
  return accuracy(
    Array.from(scores.data, (score) => (Number(score) > 0.5 ? 1 : 0)),
    y,
  );
}

const predict = jit((params: MlpParams, x: Tensor, task: Task) => scoreOf(params, task)(x));
