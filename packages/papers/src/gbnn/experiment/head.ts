/** A convolutional network for Fashion-MNIST, and a boosted network in place of its last layer. */
import { type ArrayDataset, take } from "@etude/data";
import {
  accuracy,
  adam,
  applyUpdates,
  type ConvParams,
  conv,
  type DenseParams,
  dense,
  minibatches,
  softmaxCrossEntropy,
  takeRows,
  train,
} from "@etude/learn";
import {
  array,
  evaluate,
  jit,
  type MapLeaves,
  type NDArray,
  random,
  type Tensor,
  type TensorLike,
  type TensorTree,
  valueAndGrad,
} from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { progress, type Running } from "../../contract/events.ts";
import { fitStandardisation, foldStandardisation, replaceHead, standardise } from "../head.ts";
import { mergeGbnn } from "../merge.ts";
import { watched } from "../watched.ts";
import type { Options } from "./options.ts";

/** Test accuracies. */
export interface HeadResult {
  /** The network with its own last layer. */
  readonly network: number;
  /** With a boosted head, and with the first half of that head's units. */
  readonly boosted: number;
  readonly half: number;
}

/** Units of progress: the network, its head. */
export const unitsOfHead = 2;

type Params = {
  readonly first: ConvParams;
  readonly second: ConvParams;
  readonly hidden: DenseParams;
  readonly output: DenseParams;
};
type Trained = MapLeaves<Params, NDArray>;

/** Examples are many here, and steps so long do not overfit: half of the units come close to all. */
const headLearningRate = 0.5;

const featureCount = 128;
const classCount = 10;

function initial(key: TensorLike): Params {
  const [first, second, hidden, output] = random.split(key, 4);
  return {
    first: conv.init(first, { inputs: 1, outputs: 16, kernel: 3 }),
    second: conv.init(second, { inputs: 16, outputs: 32, kernel: 3 }),
    hidden: dense.init(hidden, { inputs: 32 * 7 * 7, outputs: featureCount }),
    output: dense.init(output, { inputs: featureCount, outputs: classCount }),
  };
}

/** phi: images [n, 1, 28, 28] to [n, 128]. */
function features(params: Params, images: Tensor): Tensor {
  const once = conv(params.first, images, { padding: 1 }).relu().maxPool(2);
  const twice = conv(params.second, once, { padding: 1 }).relu().maxPool(2);
  return dense(params.hidden, twice.reshape([images.shape[0], -1])).relu();
}

async function* trainConvolutions(
  { inputs, targets }: ArrayDataset,
  epochs: number,
  context: RunContext,
  place: { done: number; total: number },
): Running<Trained> {
  const optimiser = adam(1e-3);
  const loss = (params: Params, images: Tensor, labels: Tensor) =>
    softmaxCrossEntropy(dense(params.output, features(params, images)), labels).mean();
  const step = jit(
    (
      state: { params: Params; optimiser: TensorTree },
      batch: { inputs: Tensor; targets: Tensor },
    ) => {
      const [value, gradient] = valueAndGrad(loss)(state.params, batch.inputs, batch.targets);
      const next = optimiser.update(gradient, state.optimiser, state.params);
      const params = applyUpdates(state.params, next.updates);
      return { state: { params, optimiser: next.state }, loss: value };
    },
  );
  const params = await evaluate(initial(random.key(context.seed)));
  const training = train({
    step: (state, batch) => step(state, batch),
    state: { params, optimiser: optimiser.init(params) },
    batches: minibatches({ inputs, targets }, { batchSize: 128 }),
    epochs,
    seed: context.seed,
    checkpoint: { store: context.checkpoints("head/network"), everySeconds: 60 },
    signal: context.signal,
  });
  const steps = epochs * Math.floor(inputs.shape[0] / 128);
  for (;;) {
    const next = await training.next();
    if (next.done) return next.value.state.params;
    const { step } = next.value;
    if (step % 20 === 0)
      yield progress(place.done + step / steps, place.total, `network, step ${step} of ${steps}`);
  }
}

const runFeatures = jit(features);
const runNetwork = jit((params: Params, images: Tensor) =>
  dense(params.output, features(params, images)),
);

/** Results of a compiled function, a thousand images at a time. */
async function inChunks(
  images: NDArray,
  run: (chunk: NDArray) => Promise<NDArray>,
): Promise<NDArray> {
  const chunk = 1000;
  const results: Float32Array[] = [];
  let width = 0;
  for (let first = 0; first < images.shape[0]; first += chunk) {
    const size = Math.min(chunk, images.shape[0] - first);
    const rows = Int32Array.from({ length: size }, (_, i) => first + i);
    const { data, shape } = await run(takeRows(images, rows));
    results.push(Float32Array.from(data));
    width = shape[1];
  }
  const all = new Float32Array(images.shape[0] * width);
  results.forEach((values, i) => {
    all.set(values, i * chunk * width);
  });
  return array(all, { shape: [images.shape[0], width] });
}

async function* boostHead(
  params: Trained,
  images: { readonly train: ArrayDataset; readonly test: ArrayDataset },
  options: Options,
  seed: number,
  place: { done: number; total: number },
): Running<HeadResult> {
  const phi = await inChunks(images.train.inputs, (chunk) => runFeatures(params, chunk));
  const spread = fitStandardisation(phi);
  const config = {
    totalUnits: options.units,
    unitsPerStep: options.unitsPerStepMulticlass[0],
    learningRate: headLearningRate,
    subsample: 0.5,
    maxIter: options.maxIter,
    seed,
  };
  const examples = { x: standardise(phi, spread), y: images.train.targets.astype("float64") };
  const model = yield* watched(examples, "multiclass", config, { label: "head", ...place });
  const network = foldStandardisation(mergeGbnn(model), spread);

  const accuracyWith = async (units: number): Promise<number> => {
    const classify = jit((weights: Params, x: Tensor) =>
      replaceHead((images) => features(weights, images), network)(x, units),
    );
    const logits = await inChunks(images.test.inputs, (chunk) => classify(params, chunk));
    return accuracy(logits, images.test.targets);
  };
  const own = await inChunks(images.test.inputs, (chunk) => runNetwork(params, chunk));
  const parts = model.parts.length;
  return {
    network: accuracy(own, images.test.targets),
    boosted: await accuracyWith(parts * network.unitsPerStep),
    half: await accuracyWith(Math.floor(parts / 2) * network.unitsPerStep),
  };
}

/** Trains the network, and a head on its features; its first layers stay as they are. */
export async function* measureHead(
  options: Options,
  context: RunContext,
  done: number,
  total: number,
): Running<HeadResult> {
  const train = take(
    await context.data.images("fashion-mnist", { part: "train" }),
    options.headImages,
  );
  const test = await context.data.images("fashion-mnist", { part: "test" });
  const params = yield* context.step("head/network", () =>
    trainConvolutions(train, options.headEpochs, context, { done, total }),
  );
  return yield* context.step("head/boosted", () =>
    boostHead(params, { train, test }, options, context.seed, { done: done + 1, total }),
  );
}
