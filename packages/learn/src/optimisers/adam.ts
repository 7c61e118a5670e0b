/** Adam and what differs from it by a line. */
import type { Tensor, TensorTree } from "@etude/tensor";
import { type LearningRate, scaleByLearningRate } from "./learningRate.ts";
import { type Average, averaged, checkDecay, emptyAverage, squared } from "./moments.ts";
import { chain, type Optimiser, transformation } from "./optimiser.ts";
import { mapTensors, zerosLike } from "./trees.ts";
import { addDecayedWeights, type ParameterFilter } from "./weightDecay.ts";

export interface AdamOptions {
  /** Decay of the average of the gradients, beta_1: 0.9. */
  firstDecay?: number;
  /** Decay of the average of their squares, beta_2: 0.999. */
  secondDecay?: number;
  /** Added to the root: 1e-8. Where squares fall below its own square, steps shrink. */
  epsilon?: number;
  /**
   * Added under the root: 0. Give it (1e-8, say) when differentiating *through* updates: the root's
   * derivative at a gradient of zero is infinite.
   */
  epsilonRoot?: number;
}

export type AdamState = { first: Average; second: Average };

function resolved(name: string, options: AdamOptions): Required<AdamOptions> {
  const { firstDecay = 0.9, secondDecay = 0.999, epsilon = 1e-8, epsilonRoot = 0 } = options;
  checkDecay(name, "firstDecay", firstDecay);
  checkDecay(name, "secondDecay", secondDecay);
  return { firstDecay, secondDecay, epsilon, epsilonRoot };
}

/**
 * The direction of Adam: averages of the gradient and of its square, both corrected for their start
 * at zero.
 *
 *     m <- beta_1 m + (1 - beta_1) g                m^ = m / (1 - beta_1^t)
 *     v <- beta_2 v + (1 - beta_2) g^2              v^ = v / (1 - beta_2^t)
 *     u <- m^ / (sqrt(v^ + epsilonRoot) + epsilon)
 *
 * With `nesterov`, m^ = beta_1 m / (1 - beta_1^(t+1)) + (1 - beta_1) g / (1 - beta_1^t).
 */
export function scaleByAdam(
  options: AdamOptions & { nesterov?: boolean } = {},
): Optimiser<AdamState> {
  const { firstDecay, secondDecay, epsilon, epsilonRoot } = resolved("adam", options);
  return transformation<AdamState>({
    init: (params) => ({ first: emptyAverage(params), second: emptyAverage(params) }),
    update: (gradients, state) => {
      const first = averaged(state.first, gradients, firstDecay);
      const second = averaged(state.second, gradients, secondDecay, squared);
      const secondFactor = second.weight.reciprocal();
      const direction = options.nesterov
        ? lookAhead(first, gradients, firstDecay)
        : corrected(first);
      const updates = mapTensors(
        (m, v) => {
          const mean = v.mul(secondFactor.astype(v.dtype));
          return m.div((epsilonRoot > 0 ? mean.add(epsilonRoot) : mean).sqrt().add(epsilon));
        },
        direction,
        second.mean,
      );
      return { updates, state: { first, second } };
    },
  });
}

/** m / (1 - beta^t). */
function corrected({ mean, weight }: Average): TensorTree {
  const factor = weight.reciprocal();
  return mapTensors((m) => m.mul(factor.astype(m.dtype)), mean);
}

/** The average as it would be if the same gradient came once more, each part with its own correction. */
function lookAhead({ mean, weight }: Average, gradients: TensorTree, decay: number): TensorTree {
  const next = weight.mul(decay).add(1 - decay);
  const [past, present] = [next.reciprocal().mul(decay), weight.reciprocal().mul(1 - decay)];
  return mapTensors(
    (m, g) => m.mul(past.astype(m.dtype)).add(g.mul(present.astype(g.dtype))),
    mean,
    gradients,
  );
}

export interface CoupledAdamOptions extends AdamOptions {
  /** Coupled: `weightDecay` times the parameters joins the gradient. See {@link adamw} for decoupled. */
  weightDecay?: number;
  decayFilter?: ParameterFilter;
}

/**
 * Adam: every entry moves by about the rate, whatever the size of its gradients.
 *
 *     p <- p - rate m^ / (sqrt(v^) + epsilon)
 *
 * (see {@link scaleByAdam} for m^ and v^). The first thing to try, at 1e-3 or 3e-4. With weight decay
 * take {@link adamw}.
 *
 * Kingma, Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, arXiv:1412.6980, algorithm 1.
 *
 * @example adam(1e-3)
 */
export function adam(rate: LearningRate, options: CoupledAdamOptions = {}): Optimiser {
  return chain(
    addDecayedWeights(options.weightDecay ?? 0, options.decayFilter),
    scaleByAdam(options),
    scaleByLearningRate(rate),
  );
}

/**
 * Adam with decoupled weight decay.
 *
 *     p <- p - rate (m^ / (sqrt(v^) + epsilon) + weightDecay p)
 *
 * The usual choice for transformers. The decay is multiplied with the rate and its schedule, as in
 * PyTorch and optax.
 *
 * Loshchilov, Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, arXiv:1711.05101,
 * algorithm 2.
 *
 * @example adamw(3e-4, { weightDecay: 0.1, decayFilter: (_, { rank }) => rank > 1 })
 */
export function adamw(
  rate: LearningRate,
  options: AdamOptions & { weightDecay?: number; decayFilter?: ParameterFilter } = {},
): Optimiser {
  return chain(
    scaleByAdam(options),
    addDecayedWeights(options.weightDecay ?? 0.01, options.decayFilter),
    scaleByLearningRate(rate),
  );
}

/**
 * Adam with Nesterov's look ahead: the current gradient counts more than its average gives it.
 *
 * Dozat, "Incorporating Nesterov Momentum into Adam", ICLR workshop 2016, algorithm 2 with a constant
 * momentum (as optax; PyTorch's NAdam lets the momentum grow over the first thousands of steps).
 */
export function nadam(rate: LearningRate, options: CoupledAdamOptions = {}): Optimiser {
  return chain(
    addDecayedWeights(options.weightDecay ?? 0, options.decayFilter),
    scaleByAdam({ ...options, nesterov: true }),
    scaleByLearningRate(rate),
  );
}

export type AmsgradState = { first: Average; second: Average; largest: TensorTree };

/**
 * The direction of AMSGrad: Adam's with the largest v so far, so that the rate of an entry never rises.
 *
 *     w <- max(w, v),  u <- m^ / (sqrt(w / (1 - beta_2^t)) + epsilon)
 */
export function scaleByAmsgrad(options: AdamOptions = {}): Optimiser<AmsgradState> {
  const { firstDecay, secondDecay, epsilon, epsilonRoot } = resolved("amsgrad", options);
  return transformation<AmsgradState>({
    init: (params) => ({
      first: emptyAverage(params),
      second: emptyAverage(params),
      largest: zerosLike(params),
    }),
    update: (gradients, state) => {
      const first = averaged(state.first, gradients, firstDecay);
      const second = averaged(state.second, gradients, secondDecay, squared);
      const largest = mapTensors((w, v) => w.maximum(v), state.largest, second.mean);
      const factor: Tensor = second.weight.reciprocal();
      const updates = mapTensors(
        (m, w) => m.div(w.mul(factor.astype(w.dtype)).add(epsilonRoot).sqrt().add(epsilon)),
        corrected(first),
        largest,
      );
      return { updates, state: { first, second, largest } };
    },
  });
}

/**
 * AMSGrad: Adam whose rates cannot grow again, which repairs its proof of convergence.
 *
 * Reddi, Kale, Kumar, "On the Convergence of Adam and Beyond", ICLR 2018, arXiv:1904.09237,
 * algorithm 2; with the corrections of Adam, as in PyTorch.
 */
export function amsgrad(rate: LearningRate, options: CoupledAdamOptions = {}): Optimiser {
  return chain(
    addDecayedWeights(options.weightDecay ?? 0, options.decayFilter),
    scaleByAmsgrad(options),
    scaleByLearningRate(rate),
  );
}
