/** Residual nets for small images. */
import { random, type Tensor, type TensorLike } from "@etude/tensor";
import { fail } from "../errors.ts";
import type { Initializer } from "../initializers.ts";
import type { BatchNormOptions } from "../layers/batchNorm.ts";
import { type DenseParams, dense } from "../layers/dense.ts";
import type { NormChoice, NormState } from "../layers/featureNorm.ts";
import {
  basicBlock,
  bottleneckBlock,
  type NormedConvParams,
  normedConv,
  type ResidualOptions,
  type ResidualParams,
  type ResidualState,
  type StatefulNet,
} from "../layers/residual.ts";

export interface ResNetOptions {
  /**
   * The number of layers with weights. 6 n + 2 (8, 14, 20, 32, 44, 56, 110): the nets for CIFAR of
   * the paper's section 4.2, three stages of 16, 32 and 64 channels. 18, 34, 50, 101, 152: those for
   * ImageNet (table 1), four stages of 64 to 512 channels, from 50 on with bottlenecks; their first
   * layer is adapted to small images, a window of 3 and no pooling.
   */
  depth: number;
  classes: number;
  /** Channels of the images; 3 by default. */
  channels?: number;
  /** Channels of the first stage; 16 or 64 by default, see `depth`. */
  width?: number;
  /** Batch normalisation by default. */
  norm?: NormChoice;
  groups?: number;
  /** Padding (option A) for depths 6 n + 2, as in the paper, projection otherwise, by default. */
  shortcut?: ResidualOptions["shortcut"];
  /** Of the convolutions. */
  weight?: Initializer;
  dtype?: random.FloatType;
}

export interface ResNetParams {
  stem: NormedConvParams;
  blocks: ResidualParams[];
  classifier: DenseParams;
}

export interface ResNetState {
  stem: NormState;
  blocks: ResidualState[];
}

export interface ResNet extends StatefulNet<ResNetParams, ResNetState> {
  /** What the classifier sees: the mean over all places [N, features]. */
  features(
    params: ResNetParams,
    state: ResNetState,
    x: Tensor,
    options?: BatchNormOptions,
  ): [y: Tensor, nextState: ResNetState];
}

/** Blocks of each stage by depth, for the nets of four stages. */
const largeNets: Readonly<Record<number, readonly number[]>> = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
};

function stagesOf(depth: number): readonly number[] {
  if (depth in largeNets) return largeNets[depth];
  const each = (depth - 2) / 6;
  if (Number.isInteger(each) && each >= 1) return [each, each, each];
  return fail(
    `resNet: depth ${depth} is neither 6 n + 2 (8, 14, 20, ...) nor one of ${Object.keys(largeNets).join(", ")}`,
  );
}

/**
 * A residual net (He et al. 2016, "Deep residual learning for image recognition") for images of about
 * 32 x 32: [N, channels, H, W] to logits [N, classes].
 *
 * @throws for a depth that no such net has.
 *
 * @example
 * const net = resNet({ depth: 20, classes: 10 });
 * const [logits, nextState] = net(params, state, images, { training: true });
 */
export function resNet(options: ResNetOptions): ResNet {
  const { depth, classes, channels = 3, norm, groups, weight, dtype } = options;
  const stages = stagesOf(depth);
  const isLarge = depth in largeNets;
  const { width = isLarge ? 64 : 16, shortcut = isLarge ? "projection" : "padding" } = options;
  const common = { norm, groups, weight, dtype };
  const block = depth >= 50 && isLarge ? bottleneckBlock : basicBlock;

  const stem = normedConv({ inputs: channels, outputs: width, kernel: 3, ...common });
  let inputs = width;
  const blocks = stages.flatMap((count, stage) =>
    Array.from({ length: count }, (_, place) => {
      const stride = stage > 0 && place === 0 ? 2 : 1;
      const next = block({ inputs, width: width * 2 ** stage, stride, shortcut, ...common });
      inputs = next.outputs;
      return next;
    }),
  );

  const features = (
    params: ResNetParams,
    state: ResNetState,
    x: Tensor,
    mode: BatchNormOptions = {},
  ): [Tensor, ResNetState] => {
    const [first, stemState] = stem(params.stem, state.stem, x, mode);
    const blockStates: ResidualState[] = [];
    const last = blocks.reduce((y, apply, place) => {
      const [z, next] = apply(params.blocks[place], state.blocks[place], y, mode);
      blockStates.push(next);
      return z;
    }, first.relu());
    return [last.mean([2, 3]), { stem: stemState, blocks: blockStates }];
  };

  return Object.assign(
    (
      params: ResNetParams,
      state: ResNetState,
      x: Tensor,
      mode: BatchNormOptions = {},
    ): [Tensor, ResNetState] => {
      const [seen, next] = features(params, state, x, mode);
      return [dense(params.classifier, seen), next];
    },
    {
      features,
      init: (key: TensorLike): ResNetParams => {
        const [stemKey, blocksKey, classifierKey] = random.split(key, 3);
        const keys = random.split(blocksKey, blocks.length);
        return {
          stem: stem.init(stemKey),
          blocks: blocks.map((each, place) => each.init(keys[place])),
          classifier: dense.init(classifierKey, { inputs, outputs: classes, dtype }),
        };
      },
      initState: (): ResNetState => ({
        stem: stem.initState(),
        blocks: blocks.map((each) => each.initState()),
      }),
    },
  );
}
