/** One classifier trained on every loss, each at its best learning rate. */
import { array, type MapLeaves, type NDArray, type TensorTree } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import type { Place, Running } from "../../contract/events.ts";
import { standardAttacks } from "../attacks.ts";
import { type Evaluation, type Evaluator, evaluator } from "../evaluation.ts";
import type { Classifier } from "../networks.ts";
import { type Trainer, trainer } from "../training.ts";
import { onCompSum, onSmoothAdversarial, onTrades, type TrainingLoss } from "../trainingLosses.ts";
import { watched } from "../watched.ts";
import type { Material } from "./material.ts";
import type { UseOptions } from "./options.ts";

export interface Method {
  /** For people. */
  readonly name: string;
  /** For files. */
  readonly file: string;
  /** tau of the loss; null for TRADES. */
  readonly tau: number | null;
  /** nu or beta of a robust training; null for a plain one. */
  readonly weight: number | null;
}

interface Recipe extends Method {
  readonly loss: TrainingLoss;
}

/** What the best learning rate gave. */
export interface Compared extends Method {
  /** Null if every rate diverged. */
  readonly params: MapLeaves<TensorTree, NDArray> | null;
  readonly learningRate: number;
  /** On the validation part: the mean of clean and robust accuracy by `robustWeight`. */
  readonly score: number;
  readonly held: Pick<Evaluation, "clean" | "robust" | "collapsed">;
  /** By held-out example. */
  readonly predictions: NDArray | null;
  readonly survived: NDArray | null;
}

/** Plain and smooth adversarial training on every tau, and the baseline. */
export function recipes(material: Material, options: UseOptions): Recipe[] {
  const { taus, nus, betas, rho, rampShare, attackSteps: steps } = options;
  const attack = { ...material.ball, steps };
  return [
    ...[...new Set(taus)].map((tau): Recipe => {
      const loss = onCompSum({ tau });
      return { name: `tau ${tau}`, file: `tau-${tau}`, tau, weight: null, loss };
    }),
    ...[...new Set(taus)].flatMap((tau) =>
      [...new Set(nus)].map((nu): Recipe => {
        const loss = onSmoothAdversarial({ ...attack, tau, rho, nu, rampShare });
        return {
          name: `tau ${tau}, smooth, nu ${nu}`,
          file: `tau-${tau}-smooth-${nu}`,
          tau,
          weight: nu,
          loss,
        };
      }),
    ),
    ...[...new Set(betas)].map((beta): Recipe => {
      const loss = onTrades({ ...attack, beta });
      return {
        name: `TRADES, beta ${beta}`,
        file: `trades-${beta}`,
        tau: null,
        weight: beta,
        loss,
      };
    }),
  ];
}

/** All trainings, a step each. */
export async function* compare(
  net: Classifier,
  material: Material,
  options: UseOptions,
  context: RunContext,
): Running<Compared[]> {
  const { testSteps, restarts, weightDecay } = options;
  const attacks = standardAttacks({ ...material.ball, restarts });
  const evaluateOn = evaluator(
    net,
    attacks.map((attack) => ({ ...attack, steps: testSteps })),
  );
  const all = recipes(material, options);
  const results: Compared[] = [];
  for (const [done, recipe] of all.entries()) {
    const { loss, ...method } = recipe;
    const fit = trainer(net, loss, { weightDecay });
    const place = { done, total: all.length, label: recipe.name };
    const step = () => bestRate(fit, method, place);
    results.push(yield* context.step(`train/${recipe.file}`, step));
  }
  return results;

  async function* bestRate(
    fit: Trainer<TensorTree>,
    method: Method,
    place: Place,
  ): Running<Compared> {
    let best = lost(method, options.learningRates[0]);
    for (const [i, learningRate] of options.learningRates.entries()) {
      const run = fit(material.fit, {
        learningRate,
        epochs: options.epochs,
        batchSize: options.batchSize,
        seed: context.seed,
        signal: context.signal,
      });
      const done = place.done + i / options.learningRates.length;
      const { params } = yield* watched(run, { ...place, done });
      if (params === null) continue;
      const score = await scoreOf(evaluateOn, params);
      if (score > best.score) best = { ...best, params, learningRate, score };
    }
    if (best.params === null) return best;
    const { clean, robust, collapsed, predictions, survived } = await evaluateOn(
      best.params,
      material.held,
      context.seed,
    );
    const rows = [predictions.length];
    return {
      ...best,
      held: { clean, robust, collapsed },
      predictions: integers(predictions, rows),
      survived: integers(Int32Array.from(survived), rows),
    };
  }

  async function scoreOf(
    evaluateOn: Evaluator<TensorTree>,
    params: MapLeaves<TensorTree, NDArray>,
  ): Promise<number> {
    const { clean, robust } = await evaluateOn(params, material.validation, context.seed);
    return (1 - options.robustWeight) * clean + options.robustWeight * robust;
  }
}

const integers = (values: Int32Array, shape: readonly number[]): NDArray =>
  array(values, { shape: [...shape], dtype: "int32" });

/** What is there before a training got through. */
const lost = (method: Method, learningRate: number): Compared => ({
  ...method,
  params: null,
  learningRate,
  score: Number.NEGATIVE_INFINITY,
  held: { clean: Number.NaN, robust: Number.NaN, collapsed: false },
  predictions: null,
  survived: null,
});
