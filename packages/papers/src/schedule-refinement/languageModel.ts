/** A small transformer that predicts the next character, trained by Adam. */
import {
  applyUpdates,
  type DenseParams,
  dense,
  embedding,
  initializers,
  layerNorm,
  mapTensors,
  scaleByAdam,
  softmaxCrossEntropy,
  type TransformerBlockParams,
  transformerBlock,
} from "@etude/learn";
import {
  array,
  iota,
  jit,
  type MapLeaves,
  type NDArray,
  random,
  scan,
  type Tensor,
  valueAndGrad,
} from "@etude/tensor";
import { gradientNorm } from "./gradientNorms.ts";
import type { Training } from "./scheduleSweeps.ts";

export interface LanguageModelOptions {
  readonly width: number;
  readonly heads: number;
  readonly blocks: number;
  readonly context: number;
  readonly batch: number;
}

/** Characters as numbers, the last tenth for validation. */
export interface Corpus {
  readonly train: NDArray;
  readonly validation: NDArray;
  readonly symbols: number;
}

export function corpusOf(text: string): Corpus {
  const characters = [...new Set(text)].sort();
  const places = new Map(characters.map((character, i) => [character, i]));
  const codes = Int32Array.from(text, (character) => places.get(character) ?? 0);
  const cut = Math.floor(codes.length * 0.9);
  return {
    train: array(codes.slice(0, cut)),
    validation: array(codes.slice(cut)),
    symbols: characters.length,
  };
}

type Params = {
  symbols: { weight: Tensor };
  places: Tensor;
  blocks: TransformerBlockParams[];
  norm: { scale: Tensor; bias: Tensor };
  output: DenseParams;
};

export interface LanguageModel {
  /**
   * The loss is the mean cross entropy per character of the validation text, nats; norms are l1.
   * Parameters and windows are drawn by the generator.
   */
  readonly train: Training;
}

/** Steps of one call of the compiled loop. */
const chunk = 25;

/** Windows the validation loss is over, evenly spaced. */
const validationWindows = 1000;

/** Compiled once; every training starts anew. */
export function compileLanguageModel(
  { train, validation, symbols }: Corpus,
  { width, heads, blocks, context, batch }: LanguageModelOptions,
): LanguageModel {
  const weight = initializers.normal({ deviation: 1 });
  const adam = scaleByAdam({ firstDecay: 0.9, secondDecay: 0.95 });

  const start = jit((key: Tensor) => {
    const keys = random.split(key, blocks + 3);
    const params: Params = {
      symbols: embedding.init(keys[0], { symbols, features: width, weight }),
      places: weight(keys[1], [context, width]),
      blocks: Array.from({ length: blocks }, (_, i) =>
        transformerBlock.init(keys[3 + i], { features: width, heads }),
      ),
      norm: layerNorm.init({ features: width }),
      output: dense.init(keys[2], { inputs: width, outputs: symbols }),
    };
    return { params, state: adam.init(params) };
  });

  /** Cross entropy of windows [n, context + 1]: each character from those before it in its window. */
  const lossOf = (params: Params, windows: Tensor): Tensor => {
    const seen = windows.slice(null, [0, context]);
    // With few symbols a product is faster than rows of a table, whose gradient adds row by row.
    const first = seen.oneHot(symbols, { dtype: "float32" }).matmul(params.symbols.weight);
    const last = params.blocks.reduce(
      (x, block) =>
        transformerBlock(block, x, { heads, causal: true, activation: (y) => y.relu() }),
      first.add(params.places),
    );
    const logits = dense(params.output, layerNorm(params.norm, last));
    return softmaxCrossEntropy(logits, windows.slice(null, [1, context + 1])).mean();
  };
  /** Windows of the text that begin at these places. */
  const windowsAt = (text: Tensor, at: Tensor): Tensor =>
    text.gather(at.expandDims(-1).add(iota(context + 1)));

  type Carry = ReturnType<typeof symbolicCarry>;
  const symbolicCarry = (params: Params) => ({ params, state: adam.init(params) });
  const steps = jit((carry: Carry, text: Tensor, at: Tensor, rates: Tensor) =>
    scan(
      ({ params, state }: Carry, [places, rate]: readonly [Tensor, Tensor]): [Carry, Tensor] => {
        const [, gradients] = valueAndGrad(lossOf)(params, windowsAt(text, places));
        const next = adam.update(gradients, state, params);
        const updates = mapTensors((update) => update.mul(rate.neg()), next.updates);
        return [
          { params: applyUpdates(params, updates), state: next.state },
          gradientNorm(gradients, "l1"),
        ];
      },
      carry,
      [at, rates] as const,
    ),
  );
  const validate = jit((params: Params, text: Tensor, at: Tensor) =>
    lossOf(params, windowsAt(text, at)),
  );

  return {
    train: async (rates, draw) => {
      let carry: MapLeaves<Carry, NDArray> = await start(random.key(draw.bits()));
      const norms = new Float64Array(rates.length);
      const last = train.size - context - 1;
      for (let done = 0; done < rates.length; done += chunk) {
        const count = Math.min(chunk, rates.length - done);
        const places = Int32Array.from({ length: count * batch }, () => draw.integer(last + 1));
        const [next, seen] = await steps(
          carry,
          train,
          array(places, { shape: [count, batch] }),
          array(Float32Array.from({ length: count }, (_, i) => rates[done + i])),
        );
        carry = next;
        norms.set(seen.data, done);
      }
      const count = Math.min(validationWindows, Math.floor((validation.size - 1) / context));
      const stride = (validation.size - context - 1) / count;
      const at = Int32Array.from({ length: count }, (_, i) => Math.floor(i * stride));
      const loss = await validate(carry.params, validation, array(at));
      return { loss: loss.item(), norms };
    },
  };
}
