/**
 * The experiment on images: a residual net under each schedule. Once it interpolates, gradient norms
 * vanish and refinement has nothing sensible left to say, which is to be seen.
 */
import type { ArrayDataset } from "@etude/data";
import {
  applyUpdates,
  minibatches,
  type ResNetParams,
  type ResNetState,
  resNet,
  sgd,
  softmaxCrossEntropy,
  takeRows,
} from "@etude/learn";
import {
  jit,
  type MapLeaves,
  type NDArray,
  random,
  type Tensor,
  type TensorTree,
  valueAndGrad,
} from "@etude/tensor";
import type { RunContext } from "../contract/context.ts";
import type { Running } from "../contract/events.ts";
import { gradientNorm } from "./gradientNorms.ts";
import { type NetworkRun, sweepNetwork, type Trained, type Training } from "./scheduleSweeps.ts";
import { cosine, flat, linearDecay } from "./standardSchedules.ts";

export interface ImageOptions {
  readonly depth: number;
  readonly width: number;
  readonly batch: number;
  readonly steps: number;
  readonly peaks: readonly number[];
  readonly smoothing: number;
}

/** Shares of the test images with a wrong class, by schedule and peak. */
export function runImages(
  { train, test }: { readonly train: ArrayDataset; readonly test: ArrayDataset },
  options: ImageOptions,
  context: RunContext,
): Running<NetworkRun> {
  const { steps, peaks, smoothing } = options;
  const schedules = { flat: flat(steps), cosine: cosine(steps), linear: linearDecay(steps) };
  const settings = { steps, peaks, refine: { norm: "l2", smoothing }, purposes: [7, 8] } as const;
  return sweepNetwork("images", compileNet(train, test, options), schedules, settings, context);
}

/** Images of one call of the compiled test. */
const testBatch = 500;

/** SGD with momentum 0.9 and no weight decay; compiled once, every training starts anew. */
function compileNet(
  train: ArrayDataset,
  test: ArrayDataset,
  { depth, width, batch }: ImageOptions,
): Training {
  const [, channels] = train.inputs.shape;
  const classes =
    train.classes?.length ??
    Int32Array.from(train.targets.data).reduce((a, b) => Math.max(a, b)) + 1;
  const net = resNet({ depth, classes, channels, width });
  type Carry = { params: ResNetParams; norm: ResNetState; momentum: TensorTree };

  const start = jit((key: Tensor): Carry => {
    const params = net.init(key);
    return { params, norm: net.initState(), momentum: sgd(1, { momentum: 0.9 }).init(params) };
  });
  const step = jit(({ params, norm, momentum }: Carry, x: Tensor, y: Tensor, rate: Tensor) => {
    const lossOf = (p: ResNetParams): [Tensor, ResNetState] => {
      const [logits, next] = net(p, norm, x, { training: true });
      return [softmaxCrossEntropy(logits, y).mean(), next];
    };
    const [[, nextNorm], gradients] = valueAndGrad(lossOf, { hasAux: true })(params);
    const next = sgd(rate, { momentum: 0.9 }).update(gradients, momentum, params);
    const carry: Carry = {
      params: applyUpdates(params, next.updates),
      norm: nextNorm,
      momentum: next.state,
    };
    return { carry, gradient: gradientNorm(gradients, "l2") };
  });
  const mistakes = jit((params: ResNetParams, norm: ResNetState, x: Tensor, y: Tensor) =>
    net(params, norm, x)[0].argmax(-1).notEqual(y).astype("float32").sum(),
  );

  const run = async (rates: Float64Array, draw: random.Generator): Promise<Trained> => {
    let carry: MapLeaves<Carry, NDArray> = await start(random.key(draw.bits()));
    const data = minibatches({ x: train.inputs, y: train.targets }, { batchSize: batch });
    const norms = new Float64Array(rates.length);
    let order = new Int32Array();
    for (let t = 0; t < rates.length; t++) {
      if (order.length < batch) order = draw.permutation(data.examples);
      const { x, y } = await data.take(order.subarray(0, batch));
      order = order.subarray(batch);
      const result = await step(carry, x, y, rates[t]);
      carry = result.carry;
      norms[t] = result.gradient.item();
    }
    let wrong = 0;
    const [count] = test.inputs.shape;
    for (let from = 0; from < count; from += testBatch) {
      const length = Math.min(testBatch, count - from);
      const rows = Int32Array.from({ length }, (_, i) => from + i);
      const batchMistakes = await mistakes(
        carry.params,
        carry.norm,
        takeRows(test.inputs, rows),
        takeRows(test.targets, rows),
      );
      wrong += batchMistakes.item();
    }
    return { loss: wrong / count, norms };
  };
  return async (rates, draw) => {
    const seed = draw.bits();
    const trained: Trained[] = [];
    for (const each of rates) trained.push(await run(each, random.generator(seed)));
    return trained;
  };
}
