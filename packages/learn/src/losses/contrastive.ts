/** Losses that bring what belongs together near, and the rest apart. */
import { array, concat, lift, type Tensor } from "@etude/tensor";
import { fail, showShape } from "../errors.ts";
import { softmaxCrossEntropy } from "./classification.ts";
import { normalizeRows } from "./divergences.ts";
import { expectSameShape } from "./shapes.ts";

/** Below this a distance counts as zero and has derivative 0: a root has none there. */
const leastSquare = 1e-12;

/** Euclidean distances of rows [..., features], [...]. */
function distance(a: Tensor, b: Tensor): Tensor {
  const gap = a.sub(b);
  return gap.mul(gap).sum(-1).maximum(leastSquare).sqrt();
}

/**
 * The contrastive loss of pairs, per pair: d^2 for pairs that belong together and max(0, margin - d)^2
 * for others, d the Euclidean distance (Hadsell et al. 2006, "Dimensionality reduction by learning an
 * invariant mapping", eq. 4, without its factor 1/2).
 *
 * @param a [..., features]
 * @param b [..., features]
 * @param same [...], floats: 1 for pairs that belong together, 0 for others
 * @returns [...]
 */
export function contrastiveLoss(
  a: Tensor,
  b: Tensor,
  same: Tensor,
  { margin = 1 }: { margin?: number } = {},
): Tensor {
  expectSameShape("contrastiveLoss", ["a", "b"], a, b);
  const far = distance(a, b);
  expectSameShape("contrastiveLoss", ["distances", "same"], far, same);
  const short = far.neg().add(margin).relu();
  return same.mul(far.mul(far)).add(same.neg().add(1).mul(short.mul(short)));
}

/**
 * The triplet loss, per triplet: max(0, d(anchor, positive) - d(anchor, negative) + margin) with
 * Euclidean distances (Schroff et al. 2015, "FaceNet", with distances unsquared as is now usual).
 *
 * @param anchors,positives,negatives [..., features]
 * @returns [...]
 */
export function tripletLoss(
  anchors: Tensor,
  positives: Tensor,
  negatives: Tensor,
  { margin = 1 }: { margin?: number } = {},
): Tensor {
  expectSameShape("tripletLoss", ["anchors", "positives"], anchors, positives);
  expectSameShape("tripletLoss", ["anchors", "negatives"], anchors, negatives);
  return distance(anchors, positives).sub(distance(anchors, negatives)).add(margin).relu();
}

export interface SimilarityOptions {
  /** What similarities are divided by. */
  temperature?: number;
  /** Compare directions only (the default), not products as they are. */
  normalize?: boolean;
}

/** Whom each row is to find: the one `shift` places on. */
const partners = (count: number, shift = 0): Tensor =>
  lift(array(Int32Array.from({ length: count }, (_, i) => (i + shift) % count)));

function expectMatrices(loss: string, a: Tensor, b: Tensor): void {
  expectSameShape(loss, ["queries", "keys"], a, b);
  if (a.rank !== 2) fail(`${loss}: expected [n, features], got ${showShape(a.shape)}`);
}

/**
 * InfoNCE, per query: the cross entropy of finding a query's own key among all keys by similarity,
 * -log(exp(q_i . k_i / t) / sum_j exp(q_i . k_j / t)) (van den Oord et al. 2018, "Representation
 * learning with contrastive predictive coding", eq. 4).
 *
 * @param queries [n, features]
 * @param keys [n, features], the i-th belonging to the i-th query
 * @param options temperature 0.1 by default
 * @returns [n]
 */
export function infoNce(
  queries: Tensor,
  keys: Tensor,
  { temperature = 0.1, normalize = true }: SimilarityOptions = {},
): Tensor {
  expectMatrices("infoNce", queries, keys);
  const [q, k] = normalize ? [queries, keys].map(normalizeRows) : [queries, keys];
  const similarities = q.matmul(k.transpose()).mul(1 / temperature);
  return softmaxCrossEntropy(similarities, partners(queries.shape[0]));
}

/**
 * The normalised temperature-scaled cross entropy of two views of n examples: each of the 2 n views
 * is to find the other view of its example among all others (Chen et al. 2020, "A simple framework
 * for contrastive learning of visual representations", eq. 1).
 *
 * @param first [n, features]
 * @param second [n, features]
 * @param options temperature 0.5 by default
 * @returns [2 n], the first views' losses and then the second's
 */
export function ntXent(
  first: Tensor,
  second: Tensor,
  { temperature = 0.5, normalize = true }: SimilarityOptions = {},
): Tensor {
  expectMatrices("ntXent", first, second);
  const n = first.shape[0];
  const views = concat([first, second]);
  const z = normalize ? normalizeRows(views) : views;
  const similarities = z.matmul(z.transpose()).mul(1 / temperature);
  const self = array(
    Array.from({ length: 4 * n * n }, (_, at) =>
      at % (2 * n) === Math.floor(at / (2 * n)) ? -1e30 : 0,
    ),
    { shape: [2 * n, 2 * n], dtype: z.dtype },
  );
  return softmaxCrossEntropy(similarities.add(self), partners(2 * n, n));
}
