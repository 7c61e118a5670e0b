/** Weighted least squares in closed form (eq. 12). */
import { eye, lift, linalg, ones, type Tensor, where } from "@etude/tensor";

export interface Regression {
  /** w: [d], in the dtype of xi. */
  readonly weights: Tensor;
  /** b: []; zero for a model without. */
  readonly bias: Tensor;
  /** (sum pi)^2 / sum pi^2, float64 []: how many equally weighted samples would say as much. */
  readonly effectiveSamples: Tensor;
}

/**
 * pi / sum pi in float64: [n]. Subtracting the largest logarithm first, weights that would all
 * underflow keep their ratios.
 *
 * @param logWeights [n]; all alike where not given
 */
export const normalisedWeights = (samples: number, logWeights?: Tensor): Tensor =>
  logWeights === undefined
    ? lift(ones([samples], "float64")).div(samples)
    : logWeights.astype("float64").softmax(0);

/** (sum pi)^2 / sum pi^2 of weights that add up to 1. */
export const effectiveSamplesOf = (normalised: Tensor): Tensor =>
  normalised.mul(normalised).sum().reciprocal();

/**
 * The w and b that minimise sum_i pi_i (w.xi_i + b - y_i)^2 (eq. 12): with A = [Xi, 1] and
 * P = diag(pi / sum pi),
 *
 *     [w; b] = (A^T P A)^+ A^T P y.
 *
 * In float64, since weights of the Shapley kernel differ by seven orders of magnitude, and those of an
 * exponential kernel by hundreds where an input is large. To lose nothing of these, xi and y are taken
 * relative to the heaviest sample, where entries that hardly ever differ from it are exactly 0; then b
 * is eliminated by centring, and columns are scaled to one size. Where the samples do not settle all of
 * w, the pseudo-inverse gives a shortest solution.
 *
 * @param xi [n, d]
 * @param y [n]
 * @param logWeights log pi [n]; all alike where not given
 * @param bias whether the model has one
 */
export function leastSquares(
  xi: Tensor,
  y: Tensor,
  logWeights: Tensor | undefined,
  bias: boolean,
): Regression {
  const [x, target] = [xi.astype("float64"), y.astype("float64")];
  const p = normalisedWeights(xi.shape[0], logWeights);
  const effectiveSamples = effectiveSamplesOf(p);
  if (!bias) {
    const weights = weightedSolution(x, target, p);
    return { weights: weights.astype(xi.dtype), bias: lift(0, xi.dtype), effectiveSamples };
  }
  const heaviest = p.argmax(0);
  const [x0, y0] = [x.gather(heaviest), target.gather(heaviest)];
  const [dx, dy] = [x.sub(x0), target.sub(y0)];
  const [meanX, meanY] = [p.matmul(dx), p.dot(dy)];
  const weights = weightedSolution(dx.sub(meanX), dy.sub(meanY), p);
  const offset = y0.add(meanY).sub(weights.dot(x0.add(meanX)));
  return { weights: weights.astype(xi.dtype), bias: offset.astype(xi.dtype), effectiveSamples };
}

/** The w that minimise sum_i p_i (w.x_i - y_i)^2, with columns scaled to one size for the solution. */
function weightedSolution(x: Tensor, y: Tensor, p: Tensor): Tensor {
  const spread = p.matmul(x.mul(x)).sqrt();
  const isUnseen = spread.less(unseen);
  const factors = where(isUnseen, 0, where(isUnseen, 1, spread).reciprocal());
  const unit = x.mul(factors);
  const weighted = unit.mul(p.expandDims(1)).transpose();
  return shortestSolution(weighted.matmul(unit), weighted.matmul(y)).mul(factors);
}

/** A column that varies less says nothing: numbers near the end of float64 have few digits left. */
const unseen = 1e-100;

/**
 * M^+ v for a positive semi-definite M with a diagonal of ones, by iterated ridge regression,
 *
 *     s <- s + (M + ridge)^-1 (v - M s),
 *
 * which leaves directions that M does not settle where they are, at 0, and takes the ridge's bias off
 * the others. Entries of v and M may differ by a hundred orders of magnitude: elimination keeps the
 * digits of the small ones, which eigenvectors would not.
 */
function shortestSolution(matrix: Tensor, vector: Tensor): Tensor {
  const d = vector.shape[0];
  const inverse = linalg.inv(matrix.add(lift(eye(d, d, "float64")).mul(ridge)));
  let solution = inverse.matmul(vector);
  for (let step = 0; step < refinements; step++)
    solution = solution.add(inverse.matmul(vector.sub(matrix.matmul(solution))));
  return solution;
}
/** Curvatures as small as 1e-10 are real: those between subsets beside the weight of the full one. */
const ridge = 1e-12;
const refinements = 5;
