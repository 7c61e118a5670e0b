/** The Frechet distance between two sets of feature vectors, each seen as one Gaussian. */
import { jit, linalg, type NDArray, type Tensor } from "@etude/tensor";

const moments = (x: Tensor): [mean: Tensor, covariance: Tensor] => {
  const mean = x.mean(0);
  const centred = x.sub(mean);
  return [
    mean,
    centred
      .transpose()
      .matmul(centred)
      .div(x.shape[0] - 1),
  ];
};

/** A symmetric matrix through a function of its eigenvalues, rounding below zero cut off. */
const rootOf = (matrix: Tensor): Tensor => {
  const [values, vectors] = linalg.eigh(matrix);
  return vectors.mul(values.maximum(0).sqrt()).matmul(vectors.transpose());
};

const distance = jit((x: Tensor, y: Tensor): Tensor => {
  const [[mx, sx], [my, sy]] = [moments(x), moments(y)];
  const root = rootOf(sx);
  const [values] = linalg.eigh(root.matmul(sy).matmul(root));
  const apart = mx.sub(my);
  return apart
    .mul(apart)
    .sum()
    .add(sx.trace())
    .add(sy.trace())
    .sub(values.maximum(0).sqrt().sum().mul(2));
});

/**
 * |m_x - m_y|^2 + tr(S_x + S_y - 2 (S_x^1/2 S_y S_x^1/2)^1/2), what FID is with the features of one
 * particular network (Heusel et al. 2017). Features of another network give other numbers.
 *
 * @param x [n, d] with n > 1
 */
export const frechetDistance = async (x: NDArray, y: NDArray): Promise<number> =>
  (await distance(x.astype("float64"), y.astype("float64"))).item();
