/** The networks that are scored and trained: one way to call those with running statistics and those without. */
import { initializers, mlp, resNet } from "@etude/learn";
import {
  type ArrayTree,
  jit,
  NDArray,
  type Tensor,
  type TensorLike,
  type TensorTree,
} from "@etude/tensor";
import {
  compileDenseGradientNorms,
  compileDenseTangentKernel,
  type DenseLayers,
  type KernelOf,
} from "./denseGradients.ts";
import { compileGradientNorms, type GradientNorms } from "./gradientNorms.ts";
import { rowsOf } from "./rows.ts";
import { compileTangentKernel } from "./tangentKernel.ts";

export interface Weights<T = TensorTree> {
  /** What is trained. */
  readonly params: T;
  /** What follows from the batches seen, such as running statistics; empty for most networks. */
  readonly state: T;
}

export interface Classifier {
  init(key: TensorLike): Weights;
  /** Logits [N, C], and the next state while training. */
  apply(
    params: TensorTree,
    state: TensorTree,
    x: Tensor,
    training: boolean,
  ): [logits: Tensor, nextState: TensorTree];
  /** Whether {@link Weights.state} means anything. */
  readonly hasState: boolean;
  /** GraNd scores, in the way that suits the network. */
  gradientNorms(): GradientNorms<TensorTree, TensorTree>;
  /** The tangent kernel of a group of examples, for networks without a state. */
  tangentKernel(): KernelOf<TensorTree>;
}

/**
 * Dense layers with relu between them; weights start normal with variance 2 / inputs, biases at 0.
 *
 * @param sizes inputs, hidden layers, classes
 */
export function denseClassifier(sizes: readonly number[]): Classifier {
  const net = mlp(sizes, (x) => x.relu(), { weight: initializers.heNormal() });
  return {
    init: (key) => ({ params: asTree(net.init(key)), state: {} }),
    apply: (params, state, x) => [net(asLayers(params), x), state],
    hasState: false,
    gradientNorms: () =>
      compileDenseGradientNorms() as unknown as GradientNorms<TensorTree, TensorTree>,
    tangentKernel: () => compileDenseTangentKernel() as unknown as KernelOf<TensorTree>,
  };
}

export interface ResidualSizes {
  readonly depth: number;
  readonly width: number;
  readonly channels: number;
  readonly classes: number;
}

/** A residual network for small images, with batch normalisation: the networks of the paper with depth 18 or 50. */
export function residualClassifier(sizes: ResidualSizes): Classifier {
  const net = resNet(sizes);
  const apply: Classifier["apply"] = (params, state, x, training) => {
    const [logits, next] = net(params as never, state as never, x, { training });
    return [logits, asTree(next)];
  };
  const inference = (params: TensorTree, x: Tensor, state: TensorTree): Tensor =>
    apply(params, state, x, false)[0];
  return {
    init: (key) => ({ params: asTree(net.init(key)), state: asTree(net.initState()) }),
    apply,
    hasState: true,
    gradientNorms: () => compileGradientNorms(inference),
    tangentKernel: () =>
      compileTangentKernel((params, x) => inference(params, x, asTree(net.initState()))),
  };
}

const asTree = (tree: unknown): TensorTree => tree as TensorTree;
const asLayers = (params: TensorTree): DenseLayers => params as unknown as DenseLayers;

/** Probabilities float32 [N, C] of all examples. */
export type Predict = (weights: Weights<ArrayTree>, x: NDArray) => Promise<NDArray>;

/**
 * The probabilities p(w, x) of a classifier in inference mode, compiled once.
 *
 * @param batchSize examples at once
 */
export function compileProbabilities(classifier: Classifier, batchSize = 1000): Predict {
  const predict = jit((params: TensorTree, state: TensorTree, x: Tensor) =>
    classifier.apply(params, state, x, false)[0].softmax(),
  );
  return async ({ params, state }, x) => {
    const parts: NDArray[] = [];
    for (let from = 0; from < x.shape[0]; from += batchSize)
      parts.push(await predict(params, state, rowsOf(x, from, batchSize)));
    const classes = parts[0].shape[1];
    const values = new Float32Array(x.shape[0] * classes);
    parts.forEach(({ data }, i) => {
      values.set(data, i * batchSize * classes);
    });
    return new NDArray(values, [x.shape[0], classes], "float32");
  };
}
