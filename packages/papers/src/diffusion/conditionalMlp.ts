/** A residual multilayer perceptron that knows the time and the class. */
import {
  type DenseParams,
  dense,
  type EmbeddingParams,
  embedding,
  initializers,
  layerNorm,
  type ScaleAndBias,
  timeEmbedding,
} from "@etude/learn";
import { random, type TensorLike, type TensorTree } from "@etude/tensor";
import type { ConditionalNet } from "./conditionalNet.ts";

export interface ConditionalMlpOptions {
  /** Entries of a sample. */
  readonly inputs: number;
  readonly classes: number;
  /** 256 by default. */
  readonly width?: number;
  /** Residual blocks: 3. */
  readonly blocks?: number;
  /** Sines and cosines of the time: 64. */
  readonly timeFeatures?: number;
  /** Brings the path's times to 0 ... 1000: see `embeddingScale` of the path. */
  readonly timeScale: number;
}

interface BlockParams {
  norm: ScaleAndBias;
  in: DenseParams;
  out: DenseParams;
}

interface MlpParams {
  in: DenseParams;
  time: DenseParams;
  labels: EmbeddingParams;
  blocks: BlockParams[];
  norm: ScaleAndBias;
  out: DenseParams;
  skip: DenseParams;
}

/**
 * h = W x; each block h <- h + W_2 silu(W_1 (LayerNorm(h) + z)) with z = silu(W_t sinusoids(t)) +
 * embedding(class); the prediction is W LayerNorm(h) + (w . z) x. The last term passes on what the width of
 * the net has no room for. The last matrices of blocks and of the net start small, so that it starts near 0.
 */
export function conditionalMlp(options: ConditionalMlpOptions): ConditionalNet {
  const { inputs, classes, width = 256, blocks = 3, timeFeatures = 64, timeScale } = options;
  const small = initializers.varianceScaling({ scale: 0.01 });
  const init = (key: TensorLike): MlpParams => {
    const [first, time, labels, last, skip, ...blockKeys] = random.split(key, 5 + blocks);
    const square = { inputs: width, outputs: width };
    return {
      in: dense.init(first, { inputs, outputs: width }),
      time: dense.init(time, { inputs: timeFeatures, outputs: width }),
      labels: embedding.init(labels, { symbols: classes + 1, features: width }),
      blocks: blockKeys.map((blockKey) => {
        const [a, b] = random.split(blockKey);
        return {
          norm: layerNorm.init({ features: width }),
          in: dense.init(a, square),
          out: dense.init(b, { ...square, weight: small }),
        };
      }),
      norm: layerNorm.init({ features: width }),
      out: dense.init(last, { inputs: width, outputs: inputs, weight: small }),
      skip: dense.init(skip, { inputs: width, outputs: 1, weight: small }),
    };
  };
  return {
    classes,
    shape: [inputs],
    init: (key) => init(key) as unknown as TensorTree,
    apply: (tree, x, t, labels) => {
      const params = tree as unknown as MlpParams;
      const sinusoids = timeEmbedding(t.mul(timeScale), timeFeatures);
      const z = dense(params.time, sinusoids).silu().add(embedding(params.labels, labels));
      const h = params.blocks.reduce(
        (held, block) => {
          const inner = dense(block.in, layerNorm(block.norm, held).add(z));
          return held.add(dense(block.out, inner.silu()));
        },
        dense(params.in, x),
      );
      return dense(params.out, layerNorm(params.norm, h)).add(x.mul(dense(params.skip, z)));
    },
  };
}
