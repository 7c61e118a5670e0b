/** What the tests of this folder share: the small network of the specification's truths, and tiny images. */
import { array, type NDArray, type NestedList, random, type TensorTree } from "@etude/tensor";
import type { Labelled } from "./labelled.ts";
import { type Network, perceptron } from "./networks.ts";

export const float64 = (values: NestedList): NDArray => array(values, { dtype: "float64" });

/** 2 inputs, 3 hidden units with relu, 2 classes. */
export const toyNet: Network = perceptron([3])([2], 2);

/** Weights [inputs, outputs]. */
export const toyTheta = [
  {
    weight: float64([
      [0.5, 0.2, -0.6],
      [-0.3, 0.8, 0.1],
    ]),
    bias: float64([0.1, 0, -0.2]),
  },
  {
    weight: float64([
      [0.7, -0.4],
      [-0.5, 0.3],
      [0.2, 0.9],
    ]),
    bias: float64([0, 0.05]),
  },
] as unknown as TensorTree;

export const toyReal = [
  float64([
    [1, 2],
    [0.5, 1],
  ]),
  float64([
    [-1, 0.5],
    [-2, -0.5],
  ]),
];
export const toySynthetic = float64([
  [0.8, 0.6],
  [-0.7, 0.4],
]);

/**
 * Images with noise, brighter in a part of their own for each class, and a bright frame that all share.
 *
 * @returns [n, channels, side, side]
 */
export function toyImages(
  n: number,
  classes: number,
  { side = 6, channels = 1, seed = 0 } = {},
): Labelled {
  const draw = random.generator(seed);
  const y = Int32Array.from({ length: n }, (_, i) => i % classes);
  const values = Float32Array.from({ length: n * channels * side * side }, (_, i) => {
    const image = Math.floor(i / (channels * side * side));
    const column = i % side;
    const own = Math.floor((column * classes) / side) === y[image];
    return 0.5 * draw.normal() + (own ? 1.5 : 0) + (column === 0 ? 1 : 0);
  });
  return { x: array(values, { shape: [n, channels, side, side] }), y, numClasses: classes };
}
