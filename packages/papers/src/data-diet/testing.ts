/** What the tests of this folder share: a network of two layers small enough to check by hand. */
import { batchNorm, type DenseParams, dense, mlp } from "@etude/learn";
import {
  array,
  type MapLeaves,
  type NDArray,
  type NestedList,
  random,
  type Tensor,
  type TensorLike,
  type TensorTree,
} from "@etude/tensor";
import type { Classifier } from "./classifier.ts";
import { compileGradientNorms } from "./gradientNorms.ts";

export const float64 = (values: NestedList): NDArray => array(values, { dtype: "float64" });

export const tanhNet = mlp([2, 3, 2], (x) => x.tanh());

/** Weights [inputs, outputs]. */
export const toyLayers: MapLeaves<DenseParams[], NDArray> = [
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
];

export const toyNet = {
  x: float64([
    [1, 2],
    [-0.5, 0.25],
    [0.3, -1.2],
  ]),
  labels: [0, 1, 1],
};

/** Two dense layers with batch normalisation between: the least network with a state. */
export function normedClassifier(inputs: number, features: number, classes: number): Classifier {
  type Params = { first: DenseParams; norm: ReturnType<typeof batchNorm.init>; last: DenseParams };
  type State = ReturnType<typeof batchNorm.initState>;
  const asTree = (tree: unknown) => tree as TensorTree;
  const apply: Classifier["apply"] = (params, state, x, training) => {
    const { first, norm, last } = params as unknown as Params;
    const held = state as unknown as State;
    const [normed, next] = batchNorm(norm, held, dense(first, x), { training });
    return [dense(last, normed.relu()), asTree(next)];
  };
  return {
    init: (key: TensorLike) => {
      const [firstKey, lastKey] = random.split(key);
      const params: Params = {
        first: dense.init(firstKey, { inputs, outputs: features, bias: false }),
        norm: batchNorm.init({ features }),
        last: dense.init(lastKey, { inputs: features, outputs: classes }),
      };
      return { params: asTree(params), state: asTree(batchNorm.initState({ features })) };
    },
    apply,
    hasState: true,
    gradientNorms: () =>
      compileGradientNorms(
        (params: TensorTree, x: Tensor, state: TensorTree) => apply(params, state, x, false)[0],
      ),
    tangentKernel: () => {
      throw new Error("not needed here");
    },
  };
}
