/** Networks of the two levels: recurrent and dense encoders, and linear heads. */
import { type DenseParams, dense, initializers, type RecurrentParams, rnn } from "@etude/learn";
import { concat, type MapLeaves, type NDArray, random, type Tensor } from "@etude/tensor";

/** Where a network is made of tensors and ends as arrays, for `evaluate`. */
export type Evaluated<T> = MapLeaves<T, NDArray>;

/** A linear map to logits, from zero. */
export const linearHead = (features: number, classes: number): DenseParams =>
  dense.init(random.key(0), {
    inputs: features,
    outputs: classes,
    weight: initializers.zeros(),
  });

export interface TextEncoder {
  /** [symbols, width]; symbol 0 is padding. */
  words: Tensor;
  layers: RecurrentParams[];
}

export interface TextEncoderOptions {
  readonly symbols: number;
  readonly width: number;
  readonly units: number;
  readonly layers: number;
}

/** Word vectors and layers of a tanh recurrence, each orthogonal. */
export function initTextEncoder(
  key: Tensor,
  { symbols, width, units, layers }: TextEncoderOptions,
): TextEncoder {
  const keys = random.split(key, layers + 1);
  return {
    words: random.normal(keys[0], [symbols, width]).mul(1 / Math.sqrt(width)),
    layers: Array.from({ length: layers }, (_, i) =>
      rnn.init(keys[i + 1], { inputs: i === 0 ? width : units, hidden: units }),
    ),
  };
}

/**
 * A recurrent net over words and the largest value of each unit over time, as the authors' encoder.
 *
 * @param symbols int32 [b, time], 0 after the last word
 * @returns [b, units]
 */
export function encodeText({ words, layers }: TextEncoder, symbols: Tensor): Tensor {
  const states = layers.reduce(
    (x, layer) => rnn(layer, x, { initial: zeroState(layer, x) })[0],
    words.gather(symbols),
  );
  // The first place counts as a word even in an empty text, so that there is a largest value.
  const [batch] = symbols.shape;
  const later = symbols.slice(null, [1, symbols.shape[1]]).notEqual(0).astype(states.dtype);
  const first = states.slice(null, 0, 0).mul(0).add(1).reshape([batch, 1]);
  const isWord = concat([first, later], 1).expandDims(-1);
  // States are above -1, so -2 is never the largest.
  return states.mul(isWord).sub(isWord.neg().add(1).mul(2)).max(1);
}

/** Of the features of a bag of words, so that rates suit them and standardised columns alike. */
const bagLength = 3;

/**
 * A linear map of which words a text holds: the sum of their rows of `weight` over the root of their
 * number, so that features have about the same length in short and in long texts.
 *
 * @param head weight [symbols, classes]
 * @param symbols int32 [b, time], 0 after the last word
 */
export function bagOfWords({ weight, bias }: DenseParams, symbols: Tensor): Tensor {
  const isWord = symbols.notEqual(0).astype(weight.dtype);
  const length = isWord.sum(1, { keepDims: true }).maximum(1).sqrt();
  const sum = weight.gather(symbols).mul(isWord.expandDims(-1)).sum(1);
  const logits = sum.mul(bagLength).div(length);
  return bias === undefined ? logits : logits.add(bias);
}

/** Zeros [b, units] computed from x, so that an exported file takes any number of texts. */
const zeroState = ({ hidden }: RecurrentParams, x: Tensor): Tensor =>
  x.slice(null, 0, [0, 1]).mul(0).add(hidden.weight.slice(0).mul(0));

/** tanh layers over the columns of a table. */
export type DenseEncoder = { layers: DenseParams[] };

export const initDenseEncoder = (key: Tensor, sizes: readonly number[]): DenseEncoder => ({
  layers: random
    .split(key, Math.max(2, sizes.length - 1))
    .slice(0, sizes.length - 1)
    .map((layerKey, i) =>
      dense.init(layerKey, {
        inputs: sizes[i],
        outputs: sizes[i + 1],
        weight: initializers.glorotUniform(),
      }),
    ),
});

export const encodeDense = ({ layers }: DenseEncoder, inputs: Tensor): Tensor =>
  layers.reduce((x, layer) => dense(layer, x).tanh(), inputs);
