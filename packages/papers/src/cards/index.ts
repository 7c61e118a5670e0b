/** The thirty-five papers, each described by its card. */
import { UsageError } from "../contract/errors.ts";
import { card as adadagrad } from "./adadagrad.ts";
import { card as adaptiveGuidance } from "./adaptive-guidance.ts";
import { card as alignprop } from "./alignprop.ts";
import { card as batchSizeLearningRates } from "./batch-size-learning-rates.ts";
import { card as boRep } from "./bo-rep.ts";
import type { PaperCard } from "./card.ts";
import { card as coherentGradients } from "./coherent-gradients.ts";
import { card as compSumLosses } from "./comp-sum-losses.ts";
import { card as convexRelu } from "./convex-relu.ts";
import { card as dataDiet } from "./data-diet.ts";
import { card as datasetCondensation } from "./dataset-condensation.ts";
import { card as datasetDistillation } from "./dataset-distillation.ts";
import { card as deepConjugateDirection } from "./deep-conjugate-direction.ts";
import { card as deepLearningTheory } from "./deep-learning-theory.ts";
import { card as diffroar } from "./diffroar.ts";
import { card as diffusionOptimization } from "./diffusion-optimization.ts";
import { card as doubleDescent } from "./double-descent.ts";
import { card as excelformer } from "./excelformer.ts";
import { card as gbnn } from "./gbnn.ts";
import { card as geometryAdaptiveDenoisers } from "./geometry-adaptive-denoisers.ts";
import { card as hessianAlignment } from "./hessian-alignment.ts";
import { card as inContextGradientDescent } from "./in-context-gradient-descent.ts";
import { card as infiniteClassifiers } from "./infinite-classifiers.ts";
import { card as learnedProximalNetworks } from "./learned-proximal-networks.ts";
import { card as localFunctionApproximation } from "./local-function-approximation.ts";
import { card as lvHba } from "./lv-hba.ts";
import { nearestSlugs } from "./nearest.ts";
import { card as networkToNetwork } from "./network-to-network.ts";
import { card as odice } from "./odice.ts";
import { card as opposingSignals } from "./opposing-signals.ts";
import { card as optimisticMirrorDescent } from "./optimistic-mirror-descent.ts";
import { card as plugAndPlayGeneration } from "./plug-and-play-generation.ts";
import { card as reste } from "./reste.ts";
import { card as scheduleRefinement } from "./schedule-refinement.ts";
import { card as scoreEstimation } from "./score-estimation.ts";
import { similarCards } from "./similarity.ts";
import { card as tract } from "./tract.ts";
import { card as unsupervisedPretraining } from "./unsupervised-pretraining.ts";

export type { PaperCard } from "./card.ts";
export { isTopic, type Topic, topics } from "./topics.ts";

const inAlphabeticalOrder = new Intl.Collator("en", { ignorePunctuation: true }).compare;

/** All papers, sorted by title. */
export const cards: readonly PaperCard[] = [
  adadagrad,
  adaptiveGuidance,
  alignprop,
  batchSizeLearningRates,
  boRep,
  coherentGradients,
  compSumLosses,
  convexRelu,
  dataDiet,
  datasetCondensation,
  datasetDistillation,
  deepConjugateDirection,
  deepLearningTheory,
  diffroar,
  diffusionOptimization,
  doubleDescent,
  excelformer,
  gbnn,
  geometryAdaptiveDenoisers,
  hessianAlignment,
  inContextGradientDescent,
  infiniteClassifiers,
  learnedProximalNetworks,
  localFunctionApproximation,
  lvHba,
  networkToNetwork,
  odice,
  opposingSignals,
  optimisticMirrorDescent,
  plugAndPlayGeneration,
  reste,
  scheduleRefinement,
  scoreEstimation,
  tract,
  unsupervisedPretraining,
].sort((a, b) => inAlphabeticalOrder(a.title, b.title));

const bySlug: ReadonlyMap<string, PaperCard> = new Map(cards.map((each) => [each.slug, each]));

/**
 * The card of a paper.
 *
 * @throws UsageError naming the nearest slugs if no paper is called `slug`.
 *
 * @example
 * card("data-diet").title // "Deep Learning on a Data Diet: ..."
 */
export function card(slug: string): PaperCard {
  const found = bySlug.get(slug);
  if (found) return found;
  const nearest = nearestSlugs(slug, [...bySlug.keys()], 3);
  throw new UsageError(`no paper is called "${slug}"; the nearest are ${nearest.join(", ")}`);
}

/**
 * The `count` papers most similar to a paper by topics and by the words of title and summary, most
 * similar first; fewer if fewer have anything in common with it.
 *
 * @throws UsageError if no paper is called `slug`, or if `count` is not a whole number of at least 0.
 */
export function similar(slug: string, count: number): readonly PaperCard[] {
  if (!Number.isInteger(count) || count < 0) {
    throw new RangeError(`count must be a whole number of at least 0, not ${count}`);
  }
  return similarCards(card(slug), cards)
    .slice(0, count)
    .map((other) => other.card);
}
