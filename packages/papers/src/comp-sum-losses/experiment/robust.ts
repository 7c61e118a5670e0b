/** Adversarial training by the smooth loss, beside plain training and the methods of others. */
import { takeRows } from "@etude/learn";
import {
  jit,
  type MapLeaves,
  type NDArray,
  random,
  type Tensor,
  type TensorTree,
} from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import type { Running } from "../../contract/events.ts";
import { standardAttacks } from "../attacks.ts";
import { evaluator } from "../evaluation.ts";
import { compSumLoss } from "../losses.ts";
import { margins, smallestMargin } from "../margins.ts";
import { type Classifier, classifier } from "../networks.ts";
import { type Ball, perturb } from "../perturbation.ts";
import { trainer } from "../training.ts";
import {
  onCompSum,
  onPgd,
  onSmoothAdversarial,
  onTrades,
  type TrainingLoss,
} from "../trainingLosses.ts";
import { phi } from "../transform.ts";
import { watched } from "../watched.ts";
import type { Options } from "./options.ts";
import { loadParts, type Parts } from "./parts.ts";

export type Family = "standard" | "PGD" | "TRADES" | "ADV-COMP-SUM" | "ADV-COMP-SUM, raised";

export interface Method {
  readonly family: Family;
  /** beta of TRADES, nu of the smooth loss; null where there is none. */
  readonly weight: number | null;
}

export interface RobustResult extends Method {
  readonly clean: number;
  readonly robust: number;
  readonly diverged: boolean;
  /** Every test example gets the same class. */
  readonly collapsed: boolean;
  /**
   * Least difference between the smooth loss with nu = sqrt(classes - 1) / rho and what the
   * adversarial error costs at least, Phi^tau(1), over test examples and tau: not below 0 if (15) is
   * an upper bound. The same attacked inputs stand on both sides.
   */
  readonly slack: number;
}

interface Recipe extends Method {
  readonly loss: TrainingLoss;
  readonly learningRate: number;
}

export const methodName = ({ family, weight }: Method): string =>
  weight === null ? family : `${family} ${weight}`;

/** Every training of a seed. */
export function recipes(options: Options): Recipe[] {
  const attack = { ...ballOf(options), steps: options.attackSteps };
  const { robustRate: learningRate } = options;
  const raised = { rampShare: 0.5 };
  return [
    { family: "standard", weight: null, loss: onCompSum(), learningRate },
    { family: "PGD", weight: null, loss: onPgd(attack), learningRate },
    ...options.betas.map(
      (beta): Recipe => ({
        family: "TRADES",
        weight: beta,
        loss: onTrades({ ...attack, beta }),
        learningRate,
      }),
    ),
    ...options.nus.map(
      (nu): Recipe => ({
        family: "ADV-COMP-SUM",
        weight: nu,
        loss: onSmoothAdversarial({ ...attack, nu, rampShare: 0 }),
        learningRate,
      }),
    ),
    ...options.rampedNus.map(
      (nu): Recipe => ({
        family: "ADV-COMP-SUM, raised",
        weight: nu,
        loss: onSmoothAdversarial({ ...attack, nu, ...raised }),
        learningRate: learningRate / 2,
      }),
    ),
  ];
}

const ballOf = ({ radius }: Options): Ball => ({ norm: "linf", radius, low: 0, high: 1 });

/** All methods of one seed, a step each; `done` and `total` are units of progress. */
export async function* measureRobust(
  options: Options,
  context: RunContext,
  done: number,
  total: number,
): Running<RobustResult[]> {
  const { seed, signal } = context;
  const parts = await loadParts(context.data, options.robustImages, options, seed);
  const net = classifier(options.robustNetwork, parts.shape, parts.classes, options.hidden);
  const { testSteps: steps, restarts, testAttacks } = options;
  const attacks = standardAttacks({ ...ballOf(options), restarts }, testAttacks);
  const evaluateOn = evaluator(
    net,
    attacks.map((attack) => ({ ...attack, steps })),
  );
  const slackOf = slackMeasure(net, options, parts);

  const results: RobustResult[] = [];
  for (const [place, recipe] of recipes(options).entries()) {
    const { family, weight, loss, learningRate } = recipe;
    const name = methodName(recipe);
    const share = { done: done + place, total, label: `${options.robustImages}, ${name}` };
    const { weightDecay, averaging } = options;
    const step = `robust/${name}`;
    results.push(
      yield* context.step(step, async function* (): Running<RobustResult> {
        const fit = trainer(net, loss, { weightDecay, averaging })(parts.train, {
          learningRate,
          epochs: options.robustEpochs,
          batchSize: options.robustBatch,
          seed,
          signal,
          checkpoint: context.checkpoints(step),
        });
        const { params } = yield* watched(fit, share);
        if (params === null) {
          const nothing = { clean: 0, robust: 0, slack: Number.NaN };
          return { family, weight, ...nothing, diverged: true, collapsed: false };
        }
        const { clean, robust, collapsed } = await evaluateOn(params, parts.test, seed);
        const slack = await slackOf(params, seed);
        return { family, weight, clean, robust, diverged: false, collapsed, slack };
      }),
    );
  }
  return results;
}

/** The losses whose bound is checked. */
const boundTaus = [0, 0.5, 1, 1.5, 2];

/** Test examples the bound is checked on, in one call. */
const boundExamples = 500;

function slackMeasure(
  net: Classifier,
  options: Options,
  { test, classes }: Parts,
): (params: MapLeaves<TensorTree, NDArray>, seed: number) => Promise<number> {
  const rho = 1;
  const nu = Math.sqrt(classes - 1) / rho;
  const attack = { ...ballOf(options), steps: options.testSteps, start: "uniform" } as const;
  const run = jit((params: TensorTree, x: Tensor, labels: Tensor, key: Tensor) => {
    const model = (z: Tensor): Tensor => net(params, z);
    const margin = (z: Tensor): Tensor => smallestMargin(model(z), labels);
    const scores = model(x);
    const at = perturb((z) => margin(z).neg(), x, attack, key);
    const moved = margins(model(at), labels).sub(margins(scores, labels));
    const smooth = moved.mul(moved).sum(-1).sqrt().mul(nu);
    const wrong = margin(at).lessEqual(0).astype("float32");
    const slacks = boundTaus.map((tau) =>
      compSumLoss(scores, labels, { tau, rho })
        .add(smooth)
        .sub(wrong.mul(phi(1, tau)))
        .min(),
    );
    return slacks.reduce((least, next) => least.minimum(next));
  });
  const count = Math.min(boundExamples, test.labels.size);
  const rows = Int32Array.from({ length: count }, (_, i) => i);
  const [x, labels] = [takeRows(test.inputs, rows), takeRows(test.labels, rows)];
  return async (params, seed) => (await run(params, x, labels, random.key(seed))).item();
}
