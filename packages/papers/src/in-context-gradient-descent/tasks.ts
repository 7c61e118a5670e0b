/** Families of regression tasks, drawn inside the graph, and the tokens a task is written as (section 3.1). */
import { array, concat, random, type Shape, type Tensor, type TensorLike } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

/** Noiseless linear regressions. */
export interface LinearTask {
  /** d: numbers in an input. */
  readonly inputSize: number;
  /** N: pairs in the context. */
  readonly contextLength: number;
  /** r: inputs are uniform on (-r/2, r/2) in every coordinate. */
  readonly inputRange: number;
  /** Standard deviation of the entries of the hidden weights. */
  readonly weightScale: number;
}

/**
 * Tasks as sequences of pairs.
 *
 * tokens: [B, N + 1, d + o], row i < N holds (x_i, y_i), the last row the query (x_q, 0);
 * target: [B], what belongs at the query.
 */
export interface Tasks {
  readonly tokens: Tensor;
  readonly target: Tensor;
}

/** Draws tasks from a key; used inside compiled functions. */
export type TaskSampler = (key: Tensor, batch: number) => Tasks;

/** @throws UsageError for a size that is no whole number >= 1, or a range or scale that is not positive */
export function checkLinearTask(task: LinearTask): void {
  checkSize("inputSize", task.inputSize);
  checkSize("contextLength", task.contextLength);
  checkPositive("inputRange", task.inputRange);
  checkPositive("weightScale", task.weightScale);
}

/** @throws UsageError for what is no whole number >= 1: a context without pairs says nothing */
export function checkSize(name: string, value: number): void {
  if (!(Number.isInteger(value) && value >= 1))
    throw new UsageError(`${name} must be a whole number of at least 1, got ${value}`);
}

/** @throws UsageError for what is not positive and finite */
export function checkPositive(name: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value)))
    throw new UsageError(`${name} must be positive and finite, got ${value}`);
}

/**
 * Linear tasks: w ~ N(0, weightScale^2 I), x_i and x_q uniform on (-r/2, r/2)^d, y = w . x (1), as
 * tokens (2). Besides the tokens and targets [B] the hidden weights [B, d].
 */
export function sampleLinearTasks(
  key: TensorLike,
  batch: number,
  task: LinearTask,
): Tasks & { readonly weight: Tensor } {
  checkLinearTask(task);
  const { inputSize, contextLength, inputRange: r, weightScale } = task;
  const [weightKey, inputKey] = random.split(key);
  const weight = random.normal(weightKey, [batch, inputSize]).mul(weightScale);
  const x = centredUniform(inputKey, [batch, contextLength + 1, inputSize], r);
  return { ...pairTokens(x, x.mul(weight.expandDims(1)).sum(-1)), weight };
}

/**
 * Uniform on (-range / 2, range / 2), on a grid of 2^-16 of the range: two numbers from each random
 * word. Drawing inputs is most of a training step of one layer, and this halves it.
 */
function centredUniform(key: Tensor, shape: Shape, range: number): Tensor {
  const count = shape.reduce((product, n) => product * n, 1);
  const words = random.bits(key, [Math.ceil(count / 2)]);
  const halves = [words.shiftRight(16), words.bitwiseAnd(0xffff)].map((w) => w.astype("float32"));
  // Half a step up, so that the grid has its centre at 0.
  return concat(halves)
    .slice([0, count])
    .mul(range / 2 ** 16)
    .sub((range * (2 ** 16 - 1)) / 2 ** 17)
    .reshape(shape);
}

export const linearSampler =
  (task: LinearTask): TaskSampler =>
  (key, batch) =>
    sampleLinearTasks(key, batch, task);

/** What the sine tasks are (section 3.8), with the numbers of the official code. */
const sine = { amplitude: [0.1, 0.5], halfRange: 5 } as const;

/**
 * Sine tasks: y = a sin(x + p), a ~ U(0.1, 0.5), p ~ U(0, pi), x ~ U(-5, 5); tokens [B, n + 1, 2].
 *
 * @param n pairs in the context
 */
export function sampleSineTasks(key: TensorLike, batch: number, n: number): Tasks {
  checkSize("contextLength", n);
  const [amplitudeKey, phaseKey, inputKey] = random.split(key, 3);
  const [low, high] = sine.amplitude;
  const amplitude = random.uniform(amplitudeKey, [batch, 1], { low, high });
  const phase = random.uniform(phaseKey, [batch, 1]).mul(Math.PI);
  const { halfRange } = sine;
  const x = random.uniform(inputKey, [batch, n + 1], { low: -halfRange, high: halfRange });
  return pairTokens(x.expandDims(-1), x.add(phase).sin().mul(amplitude));
}

/**
 * Linear tasks with inputs of another kind than in training (20): each task draws all of its inputs
 * from one of the exponential, the normal and the Laplace distribution; then all are divided by the
 * norm of its context matrix and multiplied with `inputRange`.
 */
export function sampleShiftedTasks(key: TensorLike, batch: number, task: LinearTask): Tasks {
  checkLinearTask(task);
  const { inputSize, contextLength, inputRange, weightScale } = task;
  const keys = random.split(key, 5);
  const shape = [batch, contextLength + 1, inputSize];
  const family = random.randint(keys[0], [batch], 0, 3);
  const draws = [
    random.exponential(keys[1], shape),
    random.normal(keys[2], shape),
    random.laplace(keys[3], shape),
  ];
  const drawn = draws
    .map((draw, i) => draw.mul(family.equal(i).astype("float32").reshape([batch, 1, 1])))
    .reduce((sum, part) => sum.add(part));
  const context = drawn.slice(null, [0, contextLength]);
  const norm = context.mul(context).sum([1, 2]).sqrt().reshape([batch, 1, 1]);
  const x = drawn.div(norm).mul(inputRange);
  const weight = random.normal(keys[4], [batch, 1, inputSize]).mul(weightScale);
  return pairTokens(x, x.mul(weight).sum(-1));
}

/**
 * The tokens of inputs x [B, N + 1, d] with targets y [B, N + 1], the query last (2): its target is
 * taken out of the sequence.
 */
export function pairTokens(x: Tensor, y: Tensor): Tasks {
  const last = x.shape[1] - 1;
  const known = array(Float32Array.from({ length: last + 1 }, (_, i) => Number(i < last)));
  const tokens = concat([x, y.mul(known.astype(dtypeOf(y))).expandDims(-1)], -1);
  return { tokens, target: y.slice(null, last) };
}

const dtypeOf = ({ dtype }: Tensor): random.FloatType =>
  dtype === "float64" ? "float64" : "float32";

/**
 * The same tasks with x and y in tokens of their own (section 3.9): x_1, (0, ..., 0, y_1), x_2, ...,
 * x_q; [B, 2 N + 1, d] from pairs [B, N + 1, d + 1].
 */
export function separateTokens(tokens: Tensor): Tensor {
  const [batch, length, width] = tokens.shape;
  const [n, d] = [length - 1, width - 1];
  const x = tokens.slice(null, [0, n], [0, d]).expandDims(2);
  const y = tokens.slice(null, [0, n], [d, width]).expandDims(2);
  const padded = y.pad([
    [0, 0],
    [0, 0],
    [0, 0],
    [d - 1, 0],
  ]);
  const context = concat([x, padded], 2).reshape([batch, 2 * n, d]);
  return concat([context, tokens.slice(null, [n, length], [0, d])], 1);
}
