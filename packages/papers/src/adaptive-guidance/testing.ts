/** What the tests of this folder share: two classes in the plane whose model is exact. */
import { array, type NDArray, type NestedList } from "@etude/tensor";
import { gaussianMixture, gaussianMixtureModel } from "../diffusion/index.ts";

export const float64 = (values: NestedList): NDArray => array(values, { dtype: "float64" });
export const int32 = (values: readonly number[]): NDArray => array([...values], { dtype: "int32" });

/** Means (2, 0) and (-1, 1.5), variances 0.25 and 0.5, equal weights. */
export async function planeModel() {
  const mixture = await gaussianMixture({
    means: float64([
      [2, 0],
      [-1, 1.5],
    ]),
    covariances: float64([
      [
        [0.25, 0],
        [0, 0.25],
      ],
      [
        [0.5, 0],
        [0, 0.5],
      ],
    ]),
  });
  return gaussianMixtureModel(mixture);
}
