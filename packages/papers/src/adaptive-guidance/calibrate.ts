/** Thresholds by what they cost. Until guidance stops, AG and full guidance are the same trajectory. */
import { UsageError } from "../contract/errors.ts";
import type { Predict, Sampler } from "../diffusion/index.ts";
import { type GuidedSampleOptions, guidedSample } from "./guidedSample.ts";
import { adaptiveEvaluations, adaptiveGuidance, checkedThreshold } from "./policy.ts";

/**
 * The step after which guidance would stop for each sample, null if never: the first from `firstCheck`
 * on with alignment >= threshold.
 *
 * @param alignments of a run under full guidance, [T][B]
 */
export function triggers(
  alignments: readonly Float64Array[],
  threshold: number,
  firstCheck = 0,
): (number | null)[] {
  return Array.from(alignments[0], (_, sample) => {
    const step = alignments.findIndex((gamma, k) => k >= firstCheck && gamma[sample] >= threshold);
    return step < 0 ? null : step;
  });
}

/** Mean evaluations a sample that AG would need with a threshold, without running it. */
export function evaluationsAt(
  alignments: readonly Float64Array[],
  threshold: number,
  firstCheck = 0,
): number {
  const steps = alignments.length;
  const found = triggers(alignments, threshold, firstCheck);
  return (
    found.reduce<number>((sum, step) => sum + adaptiveEvaluations(steps, step), 0) / found.length
  );
}

/**
 * The smallest threshold whose mean evaluations a sample reach the target. Evaluations rise with the
 * threshold in jumps, each just above an alignment that some sample reached; what is returned lies midway
 * between that alignment and the next.
 *
 * @param alignments of a run under full guidance, [T][B]
 * @param targetEvaluations above T, at most 2 T
 */
export function thresholdFor(
  alignments: readonly Float64Array[],
  targetEvaluations: number,
  firstCheck = 0,
): number {
  const steps = alignments.length;
  if (!(targetEvaluations > steps && targetEvaluations <= 2 * steps))
    throw new UsageError(
      `between ${steps + 1} and ${2 * steps} evaluations can be aimed at in ${steps} steps, got ${targetEvaluations}`,
    );
  // Only a new highest alignment of a sample can be where its guidance stops.
  const records = new Set<number>();
  for (let sample = 0; sample < alignments[0].length; sample++) {
    let highest = Number.NEGATIVE_INFINITY;
    for (let k = firstCheck; k < steps; k++) {
      const gamma = alignments[k][sample];
      if (gamma > highest) records.add(gamma);
      highest = Math.max(highest, gamma);
    }
  }
  const levels = [...records].sort((a, b) => a - b);
  const between = (place: number): number =>
    place + 1 < levels.length
      ? (levels[place] + levels[place + 1]) / 2
      : Math.max(1, levels[place]) + 1e-6;
  if (evaluationsAt(alignments, levels[0], firstCheck) >= targetEvaluations) return levels[0];
  let [low, high] = [0, levels.length - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (evaluationsAt(alignments, between(middle), firstCheck) >= targetEvaluations) high = middle;
    else low = middle + 1;
  }
  return checkedThreshold(between(low));
}

/**
 * {@link thresholdFor} a model: one run under full guidance decides.
 *
 * @param options as of a run, without its policy
 */
export async function calibrateThreshold(
  predict: Predict,
  sampler: Sampler,
  options: Omit<GuidedSampleOptions, "policy"> & {
    readonly targetEvaluations: number;
    readonly firstCheck?: number;
  },
): Promise<number> {
  const never = adaptiveGuidance(2);
  const { alignments } = await guidedSample(predict, sampler, { ...options, policy: never });
  return thresholdFor(alignments, options.targetEvaluations, options.firstCheck);
}
