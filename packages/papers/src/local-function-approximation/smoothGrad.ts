/** SmoothGrad: Smilkov et al., "SmoothGrad: removing noise by adding noise", 2017. */
import { random, type Tensor, type TensorLike } from "@etude/tensor";
import { checkSamples, checkSigma } from "./checks.ts";
import { gradientAt } from "./gradients.ts";
import { featureCount, gathered, type Setting, spread } from "./perturbation.ts";
import { eachPoint } from "./points.ts";
import { gradientsAt, type ScalarFunction } from "./scalarFunction.ts";

export interface SmoothGradOptions extends Setting {
  /** Deviation of the noise: 0.1. With 0 these are Vanilla Gradients. */
  readonly sigma?: number;
  /** Draws of noise a point: 1000. */
  readonly samples?: number;
  readonly key: TensorLike;
}

/**
 * The mean of grad f(x0 + xi) over noise xi ~ N(0, sigma^2 I) (eq. 4).
 *
 * In the population equal to the weights of C-LIME with the same noise, by Stein's lemma:
 * E[xi f(x0 + xi)] / sigma^2 = E[grad f(x0 + xi)]; from samples it is the less noisy of the two where f
 * has a gradient.
 *
 * @param x [inputs] or [m, inputs]
 * @returns [d] or [m, d]
 */
export function smoothGrad(f: ScalarFunction, x: Tensor, options: SmoothGradOptions): Tensor {
  const { sigma = 0.1, samples = 1000, key, batch } = options;
  checkSigma("smoothGrad", sigma, true);
  checkSamples("smoothGrad", samples);
  return eachPoint("smoothGrad", x, options, key, (x0, pointKey) => {
    if (sigma === 0) return gathered(gradientAt(f, x0), options);
    const noise = random
      .normal(pointKey, [samples, featureCount(x0, options)], { dtype: dtypeOf(x0) })
      .mul(sigma);
    const gradients = gradientsAt(f, x0.add(spread(noise, options)), batch);
    return gathered(gradients.mean(0), options);
  });
}

const dtypeOf = (x: Tensor): random.FloatType => (x.dtype === "float64" ? "float64" : "float32");
