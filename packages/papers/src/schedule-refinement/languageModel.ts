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
  vmap,
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

  /** Rates [steps, networks]: as many networks, all alike. */
  const start = jit((key: Tensor, rates: Tensor) => {
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
    const alike = (each: Tensor) => each.expandDims(0).repeat(rates.shape[1], 0);
    return mapTensors(alike, { params, state: adam.init(params) });
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
  const step = ({ params, state }: Carry, windows: Tensor, rate: Tensor): [Carry, Tensor] => {
    const [, gradients] = valueAndGrad(lossOf)(params, windows);
    const next = adam.update(gradients, state, params);
    const updates = mapTensors((update) => update.mul(rate.neg()), next.updates);
    return [
      { params: applyUpdates(params, updates), state: next.state },
      gradientNorm(gradients, "l1"),
    ];
  };
  /** Networks side by side, on the same windows; rates [steps, networks]. */
  const steps = jit((carry: Carry, text: Tensor, at: Tensor, rates: Tensor) =>
    scan(
      (carry: Carry, [places, rate]: readonly [Tensor, Tensor]): [Carry, Tensor] =>
        vmap(step, { inAxes: [0, null, 0] })(carry, windowsAt(text, places), rate),
      carry,
      [at, rates] as const,
    ),
  );
  const validate = jit((params: Params, text: Tensor, at: Tensor) =>
    vmap(lossOf, { inAxes: [0, null] })(params, windowsAt(text, at)),
  );

  return {
    train: async (rates, draw) => {
      const [total, networks] = [rates[0].length, rates.length];
      const columns = (from: number, to: number): NDArray =>
        array(
          Float32Array.from(
            { length: (to - from) * networks },
            (_, i) => rates[i % networks][from + Math.floor(i / networks)],
          ),
          { shape: [to - from, networks] },
        );
      const key = random.key(draw.bits());
      let carry: MapLeaves<Carry, NDArray> = await start(key, columns(0, 1));
      const norms = rates.map(() => new Float64Array(total));
      const last = train.size - context - 1;
      for (let done = 0; done < total; done += chunk) {
        const count = Math.min(chunk, total - done);
        const places = Int32Array.from({ length: count * batch }, () => draw.integer(last + 1));
        const at = array(places, { shape: [count, batch] });
        const [next, seen] = await steps(carry, train, at, columns(done, done + count));
        carry = next;
        seen.data.forEach((norm, i) => {
          norms[i % networks][done + Math.floor(i / networks)] = norm;
        });
      }
      const count = Math.min(validationWindows, Math.floor((validation.size - 1) / context));
      const stride = (validation.size - context - 1) / count;
      const at = Int32Array.from({ length: count }, (_, i) => Math.floor(i * stride));
      const losses = await validate(carry.params, validation, array(at));
      return norms.map((each, i) => ({ loss: losses.data[i], norms: each }));
    },
  };
}
