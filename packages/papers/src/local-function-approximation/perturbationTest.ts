/** Whether features that an explanation calls unimportant really are (section 5.3). */
import {
  array,
  concat,
  lift,
  random,
  type Tensor,
  type TensorLike,
  vmap,
  where,
} from "@etude/tensor";
import { checkSamples, checkSetting, checkSigma, refuse } from "./checks.ts";
import { featureCount, perturbed, type Setting } from "./perturbation.ts";
import { type ScalarFunction, valuesAt } from "./scalarFunction.ts";

export interface PerturbationTestOptions extends Setting {
  /** Of the features by |attribution|, the lowest or the highest. */
  readonly side: "bottom" | "top";
  /** Features are removed, or get Gaussian noise, a mean over draws of it. */
  readonly noise: "binary" | { readonly sigma: number; readonly draws: number };
  /** How many features. */
  readonly sizes: readonly number[];
  readonly key: TensorLike;
}

/**
 * |f(x0) - f(x')| where x' is x0 with the k features of least or greatest |attribution| perturbed. All
 * explanations meet the same noise.
 *
 * @param x0 [inputs]
 * @param attributions [e, d]
 * @returns [e, sizes]
 */
export function perturbationTest(
  f: ScalarFunction,
  x0: Tensor,
  attributions: Tensor,
  options: PerturbationTestOptions,
): Tensor {
  const points = testPoints(x0, attributions, options);
  return testChanges(valuesAt(f, points, options.batch), attributions.shape[0], options);
}

/** Where the test evaluates f: x0, then every x'. [1 + e sizes draws, inputs] */
export function testPoints(
  x0: Tensor,
  attributions: Tensor,
  options: PerturbationTestOptions,
): Tensor {
  const { side, noise, sizes, key } = options;
  const d = featureCount(x0, options);
  checkSetting(x0.shape[0], options);
  const odd = sizes.find((k) => !Number.isInteger(k) || k < 0 || k > d);
  if (odd !== undefined) refuse(`perturbationTest: ${odd} of ${d} features cannot be perturbed`);
  const chosen = chosenFeatures(attributions, side, sizes).astype(x0.dtype); // [e, sizes, d]
  const [e, k] = chosen.shape;
  const here = x0.expandDims(0);
  if (noise === "binary") {
    const kept = chosen
      .neg()
      .add(1)
      .reshape([e * k, d]);
    return concat([here, perturbed("multiplicative", x0, kept, options)]);
  }
  const { sigma, draws } = noise;
  checkSigma("perturbationTest", sigma);
  checkSamples("perturbationTest", draws);
  const dtype = x0.dtype === "float64" ? "float64" : "float32";
  const xi = random.normal(lift(key), [draws, d], { dtype }).mul(sigma);
  const each = chosen
    .expandDims(2)
    .mul(xi)
    .reshape([e * k * draws, d]);
  return concat([here, perturbed("additive", x0, each, options)]);
}

/** The mean change from values at {@link testPoints}: [e, sizes]. */
export function testChanges(
  values: Tensor,
  explanations: number,
  { noise, sizes }: Pick<PerturbationTestOptions, "noise" | "sizes">,
): Tensor {
  const draws = noise === "binary" ? 1 : noise.draws;
  const changes = values.slice([1, values.shape[0]]).sub(values.slice(0)).abs();
  return changes.reshape([explanations, sizes.length, draws]).mean(-1);
}

/** 1 for the features that are perturbed: [e, sizes, d]. */
function chosenFeatures(
  attributions: Tensor,
  side: "bottom" | "top",
  sizes: readonly number[],
): Tensor {
  const [e, d] = attributions.shape;
  const size = attributions.abs();
  const places = (side === "bottom" ? size : size.neg()).argsort(-1).argsort(-1);
  const limits = lift(array(sizes, { dtype: "int32", shape: [1, sizes.length, 1] }));
  return where(places.reshape([e, 1, d]).less(limits), 1, 0);
}

/**
 * The test for many points: [m, e, sizes].
 *
 * @param x [m, inputs]
 * @param attributions [m, e, d]
 */
export const perturbationTests = (
  f: ScalarFunction,
  x: Tensor,
  attributions: Tensor,
  options: PerturbationTestOptions,
): Tensor =>
  vmap((x0: Tensor, ofPoint: Tensor, key: Tensor) =>
    perturbationTest(f, x0, ofPoint, { ...options, key }),
  )(x, attributions, random.splitKeys(options.key, x.shape[0]));
