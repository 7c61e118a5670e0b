/** Gradient descent on the context, as weights of attention (sections 3.3, 3.4) and as itself. */
import { array, diag, lift, type NDArray, type random, type Tensor, zeros } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import type { AttentionLayer } from "./attention.ts";
import { checkSize } from "./tasks.ts";

export interface DescentLayerOptions {
  /** d */
  readonly inputSize: number;
  /** o: 1. */
  readonly outputSize?: number;
  /** N: the step is taken on the mean over the context. */
  readonly contextLength: number;
  /** eta: a number, or a scalar tensor that is trained. */
  readonly stepSize: number | Tensor;
  /** W_0, [o, d]: 0. */
  readonly initialWeight?: NDArray;
  /** float32 */
  readonly dtype?: random.FloatType;
}

/**
 * The layer whose forward pass is a step of gradient descent from W_0 on
 * L(W) = 1/(2 N) sum_i |W x_i - y_i|^2 (8): with Delta W of (7), every target moves by what the step
 * changes in its prediction,
 *
 *     y_j <- y_j - Delta W x_j,
 *
 * so that minus the last entries of a query that starts at (x_q, -W_0 x_q) are (W_0 + Delta W) x_q.
 * The same layer applied K times makes K steps.
 *
 * @returns matrices of (d + o) x (d + o)
 * @throws UsageError for a step size that is not finite, or W_0 of another shape than [o, d]
 */
export function gradientDescentLayer(options: DescentLayerOptions): AttentionLayer {
  const { inputSize, outputSize = 1, contextLength, initialWeight, dtype = "float32" } = options;
  checkLayer(options);
  const size = inputSize + outputSize;
  const value = new Float64Array(size * size);
  for (let j = 0; j < outputSize; j++) {
    const column = inputSize + j;
    value[column * size + column] = -1;
    for (let i = 0; i < inputSize; i++)
      value[i * size + column] = initialWeight?.data[j * inputSize + i] ?? 0;
  }
  const project = onInputs(inputSize, size, dtype);
  return {
    query: diag(project),
    key: diag(project),
    value: lift(array(value, { shape: [size, size], dtype })),
    output: diag(onTargets(inputSize, size, dtype)).mul(scaled(options.stepSize, contextLength)),
  };
}

export interface PlusPlusLayerOptions extends Omit<DescentLayerOptions, "initialWeight"> {
  /** gamma: how far inputs are pushed along X^T X; a number, or a scalar tensor that is trained. */
  readonly gamma: number | Tensor;
}

/**
 * The layer of GD++ (14): besides the step of (9) from W_0 = 0 it moves all inputs, the query's too,
 *
 *     x_j <- (I - gamma X^T X) x_j,    X^T X = sum_i x_i x_i^T over the context,
 *
 * so that an eigenvalue s of X^T X becomes s (1 - gamma s)^2 (15) and the next step may be longer.
 * Both updates use the inputs as they were before the layer.
 */
export function gdPlusPlusLayer(options: PlusPlusLayerOptions): AttentionLayer {
  const { inputSize, outputSize = 1, contextLength, gamma, dtype = "float32" } = options;
  checkLayer(options);
  if (typeof gamma === "number" && !Number.isFinite(gamma))
    throw new UsageError(`gamma must be finite, got ${gamma}`);
  const size = inputSize + outputSize;
  const [inputs, targets] = [onInputs(inputSize, size, dtype), onTargets(inputSize, size, dtype)];
  const step = diag(targets).mul(scaled(options.stepSize, contextLength));
  return {
    query: diag(inputs),
    key: diag(inputs),
    value: diag(inputs).sub(diag(targets)),
    output: step.sub(diag(inputs).mul(gamma)),
  };
}

function checkLayer(options: DescentLayerOptions): void {
  const { inputSize, outputSize = 1, contextLength, stepSize, initialWeight } = options;
  checkSize("inputSize", inputSize);
  checkSize("outputSize", outputSize);
  checkSize("contextLength", contextLength);
  if (typeof stepSize === "number" && !Number.isFinite(stepSize))
    throw new UsageError(`the step size must be finite, got ${stepSize}`);
  if (initialWeight !== undefined && initialWeight.shape.join() !== `${outputSize},${inputSize}`)
    throw new UsageError(
      `the initial weight is [${initialWeight.shape.join(", ")}]; for ${inputSize} inputs and ${outputSize} outputs it must be [${outputSize}, ${inputSize}]`,
    );
}

const scaled = (step: number | Tensor, n: number): number | Tensor =>
  typeof step === "number" ? step / n : step.div(n);

const onInputs = (inputs: number, size: number, dtype: random.FloatType): NDArray =>
  array(
    Float64Array.from({ length: size }, (_, i) => Number(i < inputs)),
    { dtype },
  );

const onTargets = (inputs: number, size: number, dtype: random.FloatType): NDArray =>
  array(
    Float64Array.from({ length: size }, (_, i) => Number(i >= inputs)),
    { dtype },
  );

export interface DescentOptions {
  readonly stepSize: number | Tensor;
  /** K */
  readonly steps: number;
  /** W_0, [o, d]: 0. */
  readonly initialWeight?: NDArray;
}

/**
 * Gradient descent itself, for many tasks at once: K steps W <- W - eta dL/dW of (7).
 *
 * @param x [B, N, d] @param y [B, N, o] @param xQuery [B, d]
 * @returns after each step the predictions W x_q, [B, o], and W, [B, o, d]
 */
export function inContextGradientDescent(
  x: Tensor,
  y: Tensor,
  xQuery: Tensor,
  { stepSize, steps, initialWeight }: DescentOptions,
): { predictions: Tensor[]; weights: Tensor[] } {
  checkSize("steps", steps);
  const [batch, n, d] = x.shape;
  checkLayer({
    inputSize: d,
    outputSize: y.shape[2],
    contextLength: n,
    stepSize,
    ...(initialWeight && { initialWeight }),
  });
  let weight = lift(zeros([batch, y.shape[2], d], x.dtype));
  if (initialWeight !== undefined) weight = weight.add(initialWeight.astype(x.dtype));
  const weights: Tensor[] = [];
  for (let step = 0; step < steps; step++) {
    const residual = x.matmul(weight.swapAxes(-1, -2)).sub(y);
    const gradient = residual.swapAxes(-1, -2).matmul(x).div(n);
    weight = weight.sub(gradient.mul(stepSize));
    weights.push(weight);
  }
  const predictions = weights.map((w) => w.matmul(xQuery.expandDims(-1)).squeeze(-1));
  return { predictions, weights };
}
