/** Refusals of settings that have no meaning, each in one line. */
import { lift, type TensorLike } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import type { Setting } from "./perturbation.ts";

export function refuse(problem: string): never {
  throw new UsageError(problem);
}

export function checkSamples(method: string, samples: number, least = 1): void {
  if (!Number.isInteger(samples) || samples < least)
    refuse(`${method}: ${samples} samples; give a whole number from ${least}`);
}

/** @param zero whether 0, the limit, is allowed */
export function checkSigma(method: string, sigma: number, zero = false): void {
  if (!Number.isFinite(sigma) || sigma < 0 || (sigma === 0 && !zero))
    refuse(`${method}: sigma is ${sigma}; the deviation of noise is a number above 0`);
}

export function checkAlpha(method: string, alpha: number): void {
  if (!(alpha >= 0 && alpha <= 1))
    refuse(`${method}: scales from ${alpha}; give a number from 0 to 1`);
}

export function checkKernelWidth(width: TensorLike): void {
  if (typeof width === "number" && !(width > 0 && Number.isFinite(width)))
    refuse(`the kernel width is ${width}; give a number above 0`);
}

/** Enumerating the subsets of more features would take more than 65,536 evaluations a point. */
const mostEnumerated = 16;

export function checkEnumerable(method: string, features: number): void {
  if (features > mostEnumerated)
    refuse(
      `${method}: all subsets of ${features} features are ${2 ** features}; at most ${mostEnumerated} features can be enumerated, so give a number of samples`,
    );
}

/** Baseline and features must be made for inputs of this length. */
export function checkSetting(inputs: number, { baseline, features, batch }: Setting): void {
  if (baseline !== undefined) {
    const { shape } = lift(baseline);
    if (shape.length !== 1 || shape[0] !== inputs)
      refuse(`the baseline is [${shape.join(", ")}], but there are ${inputs} inputs: [${inputs}]`);
  }
  if (features !== undefined) {
    const { shape } = lift(features);
    if (shape.length !== 2 || shape[1] !== inputs)
      refuse(
        `the features are [${shape.join(", ")}], but there are ${inputs} inputs: [features, ${inputs}]`,
      );
  }
  if (batch !== undefined && (!Number.isInteger(batch) || batch < 1))
    refuse(`batches of ${batch} rows; give a whole number from 1`);
}
