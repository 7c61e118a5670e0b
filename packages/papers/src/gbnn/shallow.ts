/**
 * Networks with one hidden layer. A part is one, the baselines are, and so is a sum of them: that is
 * why all parts can be merged into one network in the end.
 */
import { array, type NDArray, type random, type Tensor } from "@etude/tensor";
import type { Activation } from "./config.ts";

/** h(x) = sigma(x W + b) V + c with W [d, J], b [J], V [J, K], c [K]. */
export interface Shallow<T> {
  readonly W: T;
  readonly b: T;
  readonly V: T;
  readonly c: T;
}

export const activate: Readonly<Record<Activation, (x: Tensor) => Tensor>> = {
  logistic: (x) => x.sigmoid(),
  tanh: (x) => x.tanh(),
  relu: (x) => x.relu(),
};

/**
 * The outputs h(x): [n, K].
 *
 * @param x [n, d]
 */
export const shallowOutput = (
  network: Shallow<Tensor>,
  x: Tensor,
  activation: Activation,
): Tensor => turnedOutput(turn(network), x, activation).transpose();

/** The same network with all arrays transposed: W [J, d], b [J, 1], V [K, J], c [K, 1]. */
export const turn = ({ W, b, V, c }: Shallow<Tensor>): Shallow<Tensor> => ({
  W: W.transpose(),
  b: b.expandDims(1),
  V: V.transpose(),
  c: c.expandDims(1),
});

/**
 * The outputs of a turned network, with the examples along the last axis: [K, n]. The runtime
 * multiplies one to four rows with a wide matrix two to four times as fast as a tall matrix with as
 * many columns.
 */
export function turnedOutput(
  { W, b, V, c }: Shallow<Tensor>,
  x: Tensor,
  activation: Activation,
): Tensor {
  const hidden = activate[activation](W.matmul(x.transpose()).add(b));
  return V.matmul(hidden).add(c);
}

/**
 * Uniform start of a layer, weights [inputs, outputs] and biases [outputs] alike, within
 * sqrt(2 / (inputs + outputs)) for logistic units and sqrt(6 / (inputs + outputs)) for others (eq. 13).
 */
export function initialLayer(
  generator: random.Generator,
  inputs: number,
  outputs: number,
  activation: Activation,
  dtype: NDArray["dtype"],
): { readonly weight: NDArray; readonly bias: NDArray } {
  const bound = Math.sqrt((activation === "logistic" ? 2 : 6) / (inputs + outputs));
  const draw = (shape: readonly number[]): NDArray => {
    const size = shape.reduce((product, length) => product * length, 1);
    const values = Float64Array.from({ length: size }, () => generator.uniform(-bound, bound));
    return array(values, { shape, dtype });
  };
  return { weight: draw([inputs, outputs]), bias: draw([outputs]) };
}

/** A network before its training, for d features, J hidden units and K outputs. */
export function initialShallow(
  generator: random.Generator,
  [features, units, outputs]: readonly [d: number, J: number, K: number],
  activation: Activation,
  dtype: NDArray["dtype"],
): Shallow<NDArray> {
  const hidden = initialLayer(generator, features, units, activation, dtype);
  const output = initialLayer(generator, units, outputs, activation, dtype);
  return { W: hidden.weight, b: hidden.bias, V: output.weight, c: output.bias };
}
