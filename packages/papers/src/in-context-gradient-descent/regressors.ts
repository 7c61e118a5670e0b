/** The models that are compared: parameters and tokens in, a prediction after every layer out. */
import { initializers } from "@etude/learn";
import { diag, lift, ones, random, type Tensor, type TensorLike, zeros } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { type AttentionLayer, predict } from "./attention.ts";
import { gdPlusPlusLayer, gradientDescentLayer } from "./descent.ts";
import { checkSize } from "./tasks.ts";

/**
 * A model of the tasks, of parameters P and tokens [B, N + 1, d + 1]; gives the prediction [B] after
 * each of its layers, the last being its answer. `init` draws parameters from a key.
 */
export interface Regressor<P> {
  (params: P, tokens: Tensor): Tensor[];
  init(key: TensorLike): P;
}

/** The answer of a regressor: its last prediction, [B]. */
export function answer(predictions: readonly Tensor[]): Tensor {
  const last = predictions.at(-1);
  if (last === undefined) throw new Error("a regressor made no prediction");
  return last;
}

/** Numbers of every token, [B, o = 1], as one a task, [B]. */
const single = (predictions: readonly Tensor[]): Tensor[] => predictions.map((p) => p.squeeze(-1));

export interface LayerSize {
  /** D: size of a token. */
  readonly size: number;
  /** K: size of a key; D. */
  readonly keySize?: number;
  /** H: 1. */
  readonly heads?: number;
  /** Variance times the inputs of a matrix before truncation is made good; 0.002 over the layers. */
  readonly scale?: number;
  /** A layer norm before every block: false. */
  readonly layerNorm?: boolean;
  /** How many times wider the hidden layer of an MLP after the attention is; 0 for none. */
  readonly widening?: number;
}

/**
 * Weights of a layer as training begins: truncated normal (at two standard deviations) of deviation
 * sqrt(scale / inputs) / 0.8796 before the cut (section 3.6).
 */
export function initialLayer(key: TensorLike, options: LayerSize): AttentionLayer {
  const { size, keySize = size, heads = 1, scale = 0.002, layerNorm, widening = 0 } = options;
  checkSize("size of a token", size);
  checkSize("key size", keySize);
  checkSize("heads", heads);
  const draw = initializers.varianceScaling({ scale });
  const keys = random.split(key, 6);
  const width = heads * keySize;
  const norm = () => ({ scale: lift(ones([size])), offset: lift(zeros([size])) });
  return {
    query: draw(keys[0], [size, width]),
    key: draw(keys[1], [size, width]),
    value: draw(keys[2], [size, width]),
    output: draw(keys[3], [width, size]),
    ...(layerNorm && { norm: norm() }),
    ...(widening > 0 && {
      mlp: {
        into: draw(keys[4], [size, widening * size]),
        outOf: draw(keys[5], [widening * size, size]),
        ...(layerNorm && { norm: norm() }),
      },
    }),
  };
}

export interface AttentionModel extends Omit<LayerSize, "size" | "scale"> {
  /** d */
  readonly inputSize: number;
  /** K: 1. */
  readonly layers?: number;
  /** One set of weights for all layers ("recurrent"): true. */
  readonly shared?: boolean;
  readonly softmax?: boolean;
  /** Activations are kept in [-clip, clip]: 10 for more than three layers, else not at all (0). */
  readonly clip?: number;
  readonly includeQuery?: boolean;
  readonly yUpdateOnly?: boolean;
  readonly dampening?: number;
}

/** Layers of attention, one for each step, or a single one for all of them. */
export function attentionRegressor(model: AttentionModel): Regressor<readonly AttentionLayer[]> {
  const { inputSize, layers = 1, shared = true, clip = layers > 3 ? 10 : 0 } = model;
  checkSize("inputSize", inputSize);
  checkSize("layers", layers);
  const options = { ...model, clip, depth: layers };
  return Object.assign(
    (params: readonly AttentionLayer[], tokens: Tensor) => single(predict(params, tokens, options)),
    {
      init: (key: TensorLike) =>
        random
          .split(key, shared ? 1 : layers)
          .map((one) =>
            initialLayer(one, { ...model, size: inputSize + 1, scale: 0.002 / layers }),
          ),
    },
  );
}

/** What is learned of gradient descent: a step size, and for GD++ gamma; of each step, or of all. */
export interface DescentParams<T = Tensor> {
  /** eta, [1] or [K] */
  readonly stepSize: T;
  /** gamma, [1] or [K]; absent for plain gradient descent */
  readonly gamma?: T;
  /** [d]: of the step along each input, where gradient descent is preconditioned */
  readonly scales?: T;
}

export interface DescentModel {
  /** d */
  readonly inputSize: number;
  /** N */
  readonly contextLength: number;
  /** K */
  readonly steps: number;
  /** Where `init` starts; gamma for GD++ only. One for every step unless `shared`. */
  readonly stepSize: number;
  readonly gamma?: number;
  /** A step size for each input besides, all 1 at the start; false. */
  readonly preconditioned?: boolean;
  /** true */
  readonly shared?: boolean;
  /** As for {@link attentionRegressor}. */
  readonly clip?: number;
}

/**
 * Gradient descent, or GD++, through the same network code: the weights of (8) or (14). Preconditioned,
 * W_Q has a number for each input on its diagonal, so that every step is W <- W - eta dL/dW diag(scales).
 */
export function descentRegressor(model: DescentModel): Regressor<DescentParams> {
  const { inputSize, contextLength, steps, shared = true, clip = steps > 3 ? 10 : 0 } = model;
  checkSize("steps", steps);
  const count = shared ? 1 : steps;
  const filled = (value: number): Tensor => lift(ones([count])).mul(value);
  return Object.assign(
    ({ stepSize, gamma, scales }: DescentParams, tokens: Tensor) => {
      const layers = Array.from({ length: stepSize.shape[0] }, (_, i) => {
        const size = { inputSize, contextLength, stepSize: stepSize.slice(i) };
        const layer =
          gamma === undefined
            ? gradientDescentLayer(size)
            : gdPlusPlusLayer({ ...size, gamma: gamma.slice(i) });
        return scales === undefined ? layer : { ...layer, query: diag(scales.pad([[0, 1]])) };
      });
      return single(predict(layers, tokens, { depth: steps, clip }));
    },
    {
      init: (): DescentParams => ({
        stepSize: filled(model.stepSize),
        ...(model.gamma !== undefined && { gamma: filled(model.gamma) }),
        ...(model.preconditioned && { scales: lift(ones([inputSize])) }),
      }),
    },
  );
}

/** Embedding [d + 1, D] and MLP with biases [D, w D], [w D], [w D, D], [D] of the non-linear models (3.8). */
export interface FeatureMap<T = Tensor> {
  readonly embedding: T;
  readonly into: T;
  readonly intoBias: T;
  readonly outOf: T;
  readonly outOfBias: T;
}

export interface FeatureModel {
  /** d */
  readonly inputSize: number;
  /** D: 40. */
  readonly width?: number;
  /** w: 4. */
  readonly widening?: number;
}

/** h = e W, then h + MLP(h), for every token alike. */
function features(map: FeatureMap, tokens: Tensor): Tensor {
  const h = tokens.matmul(map.embedding);
  const hidden = h.matmul(map.into).add(map.intoBias).gelu({ approximate: "tanh" });
  return h.add(hidden.matmul(map.outOf).add(map.outOfBias));
}

function initialFeatures(key: TensorLike, model: FeatureModel): FeatureMap {
  const { inputSize, width = 40, widening = 4 } = model;
  checkSize("inputSize", inputSize);
  checkSize("width", width);
  if (width < 2) throw new UsageError(`width ${width} leaves no features besides the target`);
  const draw = initializers.varianceScaling({ scale: 0.002 });
  const keys = random.split(key, 3);
  return {
    embedding: draw(keys[0], [inputSize + 1, width]),
    into: draw(keys[1], [width, widening * width]),
    intoBias: lift(zeros([widening * width])),
    outOf: draw(keys[2], [widening * width, width]),
    outOfBias: lift(zeros([width])),
  };
}

/** Non-linear regression: one layer of attention on learned features of the tokens. */
export function featureRegressor(
  model: FeatureModel,
): Regressor<{ readonly map: FeatureMap; readonly layer: AttentionLayer }> {
  const { width = 40 } = model;
  return Object.assign(
    (
      { map, layer }: { readonly map: FeatureMap; readonly layer: AttentionLayer },
      tokens: Tensor,
    ) => single(predict([layer], features(map, tokens))),
    {
      init: (key: TensorLike) => {
        const [first, second] = random.split(key);
        return {
          map: initialFeatures(first, model),
          layer: initialLayer(second, { size: width }),
        };
      },
    },
  );
}

/**
 * Its counterpart: the same features, of which the last counts as the target and the others as the
 * inputs, and a step of gradient descent on them whose size (a scalar) is learned with the features:
 * meta-learning with one inner step on the last layer.
 */
export function featureDescentRegressor(
  model: FeatureModel & { readonly contextLength: number },
): Regressor<{ readonly map: FeatureMap; readonly stepSize: Tensor }> {
  const { contextLength, width = 40 } = model;
  checkSize("contextLength", contextLength);
  return Object.assign(
    (
      { map, stepSize }: { readonly map: FeatureMap; readonly stepSize: Tensor },
      tokens: Tensor,
    ) => {
      const layer = gradientDescentLayer({ inputSize: width - 1, contextLength, stepSize });
      return single(predict([layer], features(map, tokens)));
    },
    {
      init: (key: TensorLike) => ({
        map: initialFeatures(key, model),
        stepSize: lift(ones([])),
      }),
    },
  );
}
