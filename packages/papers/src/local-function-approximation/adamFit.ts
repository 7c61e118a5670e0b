/**
 * Fitting g by minibatches, as the paper does for every method alike (section 4): Adam over a small grid
 * of learning rates and step decays, keeping the parameters with the lowest validation loss.
 *
 * All settings of the grid are trained side by side in one loop, so that a fit of many points is one
 * compiled call.
 */
import { type AdamState, scaleByAdam } from "@etude/learn";
import {
  array,
  grad,
  lift,
  type NDArray,
  random,
  scan,
  type Tensor,
  vmap,
  where,
  zeros,
} from "@etude/tensor";
import { refuse } from "./checks.ts";
import { effectiveSamplesOf, normalisedWeights } from "./leastSquares.ts";
import type { LfaLoss, Observations } from "./observations.ts";
import {
  type Surrogate,
  type SurrogateParams,
  surrogateGradient,
  surrogateValue,
} from "./surrogates.ts";

export interface AdamGrid {
  readonly learningRates: readonly number[];
  /** Factors on the rate at every milestone. */
  readonly decays: readonly number[];
  /** Epochs after which the rate decays. */
  readonly milestones: readonly (readonly number[])[];
  readonly epochs: number;
  readonly batchSize: number;
  /** Share of the samples that only judge. */
  readonly validationShare: number;
}

/** The grid of the paper's code. */
export const paperGrid: AdamGrid = {
  learningRates: [1, 0.5],
  decays: [0.5, 0.1],
  milestones: [
    [30, 40],
    [40, 45],
  ],
  epochs: 50,
  batchSize: 128,
  validationShare: 0.2,
};

/** Learning rates by epoch and setting: [epochs, settings]. */
export function ratesOf({ learningRates, decays, milestones, epochs }: AdamGrid): number[][] {
  const settings = learningRates.flatMap((rate) =>
    decays.flatMap((decay) => milestones.map((steps) => ({ rate, decay, steps }))),
  );
  return Array.from({ length: epochs }, (_, epoch) =>
    settings.map(
      ({ rate, decay, steps }) => rate * decay ** steps.filter((step) => step <= epoch).length,
    ),
  );
}

/**
 * The loss for samples with weights (eq. 17), sum_i pi_i l_i / (2 sum_i pi_i): [].
 *
 * @param logWeights log pi [n]: relative to the largest of the batch no batch loses all its weight
 */
export function weightedLoss(
  model: Surrogate,
  loss: LfaLoss,
  params: SurrogateParams,
  xi: Tensor,
  targets: Tensor,
  logWeights: Tensor,
): Tensor {
  const p = logWeights.softmax(0);
  const squares = (error: Tensor): Tensor => p.matmul(error.mul(error)).sum().div(2);
  if (loss !== "gradientMatching") return squares(surrogateValue(model, params, xi).sub(targets));
  const guess = surrogateGradient(model, params, xi);
  if (guess.shape[0] > 1) return squares(guess.sub(targets));
  // The same guess everywhere: as far from the targets as from their mean, and they from that. The
  // second part does not depend on w, so a step costs no pass over the batch for each setting.
  const mean = p.matmul(targets);
  const off = guess.squeeze(0).sub(mean);
  return squares(targets.sub(mean)).add(off.mul(off).sum().div(2));
}

/** weights [settings, d], bias [settings]. */
type Params = { weights: Tensor; bias: Tensor };
type Walk = { params: Params; state: AdamState };
type Carry = Walk & { best: Params; bestLoss: Tensor };

/**
 * The g with the lowest validation loss over all settings of the grid and all epochs.
 *
 * @throws UsageError when the samples are too few to be divided
 */
export function fitByAdam(
  { xi, targets, logWeights }: Observations,
  loss: LfaLoss,
  model: Surrogate,
  shuffleKey: Tensor,
  grid: AdamGrid = paperGrid,
) {
  const [n, d] = xi.shape;
  const dtype = xi.dtype as random.FloatType;
  const held = Math.round(n * grid.validationShare);
  const trained = n - held;
  if (held < 1 || trained < 1)
    refuse(`Adam: ${n} samples cannot be divided into a part for training and one for validation`);
  const logs = logWeights?.astype(dtype) ?? lift(zeros([n], dtype));
  const validation = [xi, targets, logs].map((all) => all.slice([trained, n])) as [
    Tensor,
    Tensor,
    Tensor,
  ];

  const rates = ratesOf(grid);
  const settings = rates[0].length;
  const batches = Math.ceil(trained / grid.batchSize);
  const padded = batches * grid.batchSize;
  const [startKey, orderKey] = random.split(shuffleKey);
  const orders = vmap((key: Tensor) => random.permutation(key, trained))(
    random.splitKeys(orderKey, grid.epochs),
  ).pad([
    [0, 0],
    [0, padded - trained],
  ]);
  // The last batch is filled up with samples that do not count: a logarithm that makes any weight 0.
  const counted = array(
    Array.from({ length: padded }, (_, i) => (i < trained ? 0 : -1e30)),
    { dtype, shape: [batches, grid.batchSize] },
  );

  const optimiser = scaleByAdam();
  /** Losses of all settings: [settings]. */
  const losses = (params: Params, x: Tensor, y: Tensor, p: Tensor): Tensor =>
    vmap((one: SurrogateParams) => weightedLoss(model, loss, one, x, y, p))(params);

  const epoch = (
    carry: Carry,
    { order, rate }: { order: Tensor; rate: Tensor },
  ): [Carry, Record<string, never>] => {
    const step = (
      { params, state }: Walk,
      { rows, count }: { rows: Tensor; count: Tensor },
    ): [Walk, Record<string, never>] => {
      const batch = [xi, targets, logs].map((all) => all.gather(rows));
      const gradients = grad((now: Params) =>
        losses(now, batch[0], batch[1], batch[2].add(count)).sum(),
      )(params);
      const next = optimiser.update(gradients, state, params);
      const moved = {
        weights: params.weights.sub(next.updates.weights.mul(rate.expandDims(1))),
        bias: params.bias.sub(next.updates.bias.mul(rate)),
      };
      return [{ params: moved, state: next.state }, {}];
    };
    const [{ params, state }] = scan(
      step,
      { params: carry.params, state: carry.state },
      { rows: order.reshape([batches, grid.batchSize]), count: lift(counted) },
    );
    const now = losses(params, ...validation);
    const better = now.less(carry.bestLoss);
    // A copy, not a reference to what goes on changing: the best state, not the last.
    const best = {
      weights: where(better.expandDims(1), params.weights, carry.best.weights),
      bias: where(better, params.bias, carry.best.bias),
    };
    const bestLoss = where(better, now, carry.bestLoss);
    return [{ params, state, best, bestLoss }, {}];
  };

  // Xavier's uniform start, zero bias.
  const bound = Math.sqrt(6 / (d + 1));
  const start: Params = {
    weights: random.uniform(startKey, [settings, d], { dtype, low: -bound, high: bound }),
    bias: lift(zeros([settings], dtype)),
  };
  const [{ best, bestLoss }] = scan(
    epoch,
    {
      params: start,
      state: optimiser.init(start),
      best: start,
      bestLoss: lift(full(settings, dtype)),
    },
    { order: orders, rate: lift(array(rates, { dtype })) },
  );
  const winner = bestLoss.argmin(0);
  return {
    weights: best.weights.gather(winner),
    bias: best.bias.gather(winner),
    loss: bestLoss.gather(winner).mul(2),
    effectiveSamples: effectiveSamplesOf(normalisedWeights(n, logWeights)),
  };
}

const full = (settings: number, dtype: random.FloatType): NDArray =>
  array(new Array<number>(settings).fill(Number.MAX_VALUE), { dtype });
