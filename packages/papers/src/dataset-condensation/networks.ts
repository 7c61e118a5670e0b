/** The networks whose gradients are matched and that are trained on the result: a perceptron and the ConvNet. */
import {
  type ConvParams,
  conv,
  type DenseParams,
  dense,
  featureNorm,
  initializers,
  mlp,
  type NormParams,
  type NormState,
} from "@etude/learn";
import { random, type Tensor, type TensorLike, type TensorTree } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

/** A classifier as a value: parameters and running statistics go in, logits and statistics come out. */
export interface Network {
  /** Of one example: [features] or [channels, height, width]. */
  readonly inputs: readonly number[];
  readonly classes: number;
  /** Whether it keeps running statistics, as batch normalisation does. */
  readonly hasState: boolean;
  /** Multiplications of one forward pass of one example: by these, work is cut into calls. */
  readonly cost: number;
  init(key: TensorLike): TensorTree;
  initState(): TensorTree;
  /**
   * @param x [n, ...inputs]
   * @returns logits [n, classes], and the next statistics while training
   */
  apply(
    params: TensorTree,
    state: TensorTree,
    x: Tensor,
    training: boolean,
  ): [logits: Tensor, nextState: TensorTree];
  /** What the last linear layer sees: [n, features]. */
  features(params: TensorTree, state: TensorTree, x: Tensor): Tensor;
}

/** A network for examples of a shape and a number of classes. */
export type NetFactory = (inputs: readonly number[], classes: number) => Network;

/** Weights and biases uniform on +-1 / sqrt(fan in), as the official code starts them. */
const start = initializers.torchLinear();
const startWith = { weight: start, bias: start };

const product = (lengths: readonly number[]): number => lengths.reduce((size, n) => size * n, 1);

/** Dense layers with relu between them. */
export const perceptron =
  (hidden: readonly number[] = [128, 128]): NetFactory =>
  (inputs, classes) => {
    const sizes = [product(inputs), ...hidden, classes];
    const net = mlp(sizes, (x) => x.relu(), startWith);
    const layers = (params: TensorTree) => params as unknown as DenseParams[];
    const flat = (x: Tensor) => x.reshape([x.shape[0], sizes[0]]);
    return {
      inputs,
      classes,
      hasState: false,
      cost: sizes.slice(1).reduce((sum, units, i) => sum + units * sizes[i], 0),
      init: (key) => net.init(key) as unknown as TensorTree,
      initState: () => ({}),
      apply: (params, state, x) => [net(layers(params), flat(x)), state],
      features: (params, _, x) => net.features(layers(params), flat(x)),
    };
  };

export interface ConvNetOptions {
  /** Channels of every block; 128 by default. */
  readonly width?: number;
  /** Blocks; 3 by default. */
  readonly depth?: number;
  readonly norm?: "instance" | "batch" | "none";
}

interface ConvNetParams {
  readonly blocks: readonly { readonly conv: ConvParams; readonly norm: NormParams }[];
  readonly classifier: DenseParams;
}
type ConvNetState = { readonly norms: readonly NormState[] };

/**
 * Blocks of [3x3 convolution, normalisation, relu, 2x2 average pooling], then one linear layer. Gray
 * images of 28 x 28 are padded to 32 x 32 by the first convolution.
 *
 * @throws UsageError when images are too small to be halved `depth` times
 */
export const convolutional =
  ({ width = 128, depth = 3, norm: kind = "instance" }: ConvNetOptions = {}): NetFactory =>
  (inputs, classes) => {
    if (inputs.length !== 3)
      throw new UsageError(
        `a convolutional network takes images [channels, height, width]; an example here is [${inputs.join(", ")}]`,
      );
    const [channels, height, side] = inputs;
    const padding = channels === 1 && height === 28 && side === 28 ? 3 : 1;
    const sizes = [[height + 2 * padding - 2, side + 2 * padding - 2]];
    for (let block = 1; block <= depth; block++)
      sizes.push(sizes[block - 1].map((length) => Math.floor(length / 2)));
    if (Math.min(...sizes[depth]) < 1)
      throw new UsageError(
        `images of ${height} x ${side} are too small to be halved ${depth} times; give fewer blocks`,
      );
    const norm = featureNorm({ features: width, norm: kind });
    const channelsOf = (block: number) => (block === 0 ? channels : width);
    const tree = (params: TensorTree) => params as unknown as ConvNetParams;

    const body = (
      { blocks }: ConvNetParams,
      { norms }: ConvNetState,
      images: Tensor,
      training: boolean,
    ): [Tensor, ConvNetState] => {
      let x = images;
      const next = blocks.map((block, i) => {
        const z = conv(block.conv, x, { padding: i === 0 ? padding : 1 });
        const [normed, state] = norm(block.norm, norms[i], z, { training });
        x = normed.relu().avgPool(2);
        return state;
      });
      return [x.reshape([x.shape[0], width * product(sizes[depth])]), { norms: next }];
    };
    const stateOf = (state: TensorTree): ConvNetState =>
      kind === "batch"
        ? (state as unknown as ConvNetState)
        : { norms: Array.from({ length: depth }, () => ({})) };

    return {
      inputs,
      classes,
      hasState: kind === "batch",
      cost:
        sizes
          .slice(0, depth)
          .reduce((sum, size, block) => sum + 9 * width * channelsOf(block) * product(size), 0) +
        width * product(sizes[depth]) * classes,
      init: (key) => {
        const keys = random.split(key, depth + 1);
        const params: ConvNetParams = {
          blocks: keys.slice(0, depth).map((blockKey, block) => ({
            conv: conv.init(blockKey, {
              inputs: channelsOf(block),
              outputs: width,
              kernel: 3,
              ...startWith,
            }),
            norm: norm.init(),
          })),
          classifier: dense.init(keys[depth], {
            inputs: width * product(sizes[depth]),
            outputs: classes,
            ...startWith,
          }),
        };
        return params as unknown as TensorTree;
      },
      initState: () =>
        kind === "batch"
          ? ({
              norms: Array.from({ length: depth }, () => norm.initState()),
            } as unknown as TensorTree)
          : {},
      apply: (params, state, x, training) => {
        const [features, next] = body(tree(params), stateOf(state), x, training);
        const logits = dense(tree(params).classifier, features);
        return [logits, kind === "batch" && training ? (next as unknown as TensorTree) : state];
      },
      features: (params, state, x) => body(tree(params), stateOf(state), x, false)[0],
    };
  };
