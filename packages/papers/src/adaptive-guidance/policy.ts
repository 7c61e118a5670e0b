/** Guidance policies: which predictions are evaluated at which step. Plain data, so a policy is a file. */
import { UsageError } from "../contract/errors.ts";

/**
 * - "guided": both predictions are evaluated and combined (2 evaluations);
 * - "conditional": the conditional one alone (1);
 * - "linear": the conditional one, and an estimate of the other from the past (1).
 */
export const stepKinds = ["guided", "conditional", "linear"] as const;
export type StepKind = (typeof stepKinds)[number];

/** A kind for every step. */
export interface FixedPolicy {
  readonly policy: "fixed";
  readonly kinds: readonly StepKind[];
}

/** Guidance until the two predictions of a sample are parallel, then none (AG, eq. 3). */
export interface AdaptivePolicy {
  readonly policy: "adaptive";
  /** gammaBar: a sample's guidance stops after the first step with alignment >= threshold. */
  readonly threshold: number;
  /** The first step, from 0, at which it may stop. */
  readonly firstCheck: number;
  /** What the step that reaches the threshold takes itself; both predictions are there already. */
  readonly atTrigger: "guided" | "conditional";
  /** What is compared: the predictions as they are, or the estimates of x_0 they stand for. */
  readonly compare: "prediction" | "denoised";
}

/** LinearAG (section 3.3 of the paper): estimates in place of unconditional evaluations. */
export interface LinearPolicy {
  readonly policy: "linear";
  readonly kinds: readonly StepKind[];
  readonly coefficients: LinearCoefficients;
}

export type GuidancePolicy = FixedPolicy | AdaptivePolicy | LinearPolicy;

/**
 * What the estimates are made of: at step k
 *
 *     v^(n) = intercept_k + sum_{i <= k} conditional_{k, i} v_i(c) + sum_{i < k} unconditional_{k, i} v_i(n)
 *
 * with one number for all entries and samples. They belong to what they were fitted with.
 */
export interface LinearCoefficients {
  readonly steps: number;
  readonly sampler: string;
  readonly strength: number;
  /** A fingerprint of the negative condition, "empty" for none. */
  readonly negative: string;
  readonly intercept: readonly number[];
  readonly conditional: readonly (readonly number[])[];
  readonly unconditional: readonly (readonly number[])[];
}

export function checkedThreshold(threshold: number): number {
  if (threshold >= -1) return threshold;
  throw new UsageError(
    `the threshold is compared with a cosine and must be at least -1 (above 1 guidance never stops), got ${threshold}`,
  );
}

export interface AdaptiveOptions {
  readonly firstCheck?: number;
  readonly atTrigger?: AdaptivePolicy["atTrigger"];
  readonly compare?: AdaptivePolicy["compare"];
}

/**
 * AG with a threshold gammaBar.
 *
 * @throws UsageError for a threshold below -1 or not a number, or a firstCheck that is no step
 */
export function adaptiveGuidance(
  threshold: number,
  { firstCheck = 0, atTrigger = "guided", compare = "prediction" }: AdaptiveOptions = {},
): AdaptivePolicy {
  if (!Number.isInteger(firstCheck) || firstCheck < 0)
    throw new UsageError(`firstCheck must be a step from 0, got ${firstCheck}`);
  return {
    policy: "adaptive",
    threshold: checkedThreshold(threshold),
    firstCheck,
    atTrigger,
    compare,
  };
}

export const fixedPolicy = (kinds: readonly StepKind[]): FixedPolicy => ({
  policy: "fixed",
  kinds: [...kinds],
});

const repeated = (steps: number, of: (step: number) => StepKind): StepKind[] =>
  Array.from({ length: steps }, (_, step) => of(step));

/** Guidance at every step: the baseline of 2 T evaluations. */
export const fullGuidance = (steps: number): FixedPolicy =>
  fixedPolicy(repeated(steps, () => "guided"));

/** No guidance at any step: T evaluations. */
export const conditionalOnly = (steps: number): FixedPolicy =>
  fixedPolicy(repeated(steps, () => "conditional"));

/** Guidance in the steps from `from` up to but not including `to`. */
export const guidedWithin = (steps: number, from: number, to: number): FixedPolicy =>
  fixedPolicy(repeated(steps, (step) => (step >= from && step < to ? "guided" : "conditional")));

/**
 * The schedule of LinearAG: in the first half evaluated and estimated guidance take turns, beginning with
 * the first; in the second half it is estimated throughout. 25 evaluations in 20 steps.
 */
export const alternatingKinds = (
  steps: number,
  estimate: "linear" | "conditional" = "linear",
): StepKind[] =>
  repeated(steps, (step) => (step % 2 === 0 && step < steps / 2 ? "guided" : estimate));

/** @param kinds when to estimate; {@link alternatingKinds} by default */
export function linearGuidance(
  coefficients: LinearCoefficients,
  { kinds = alternatingKinds(coefficients.steps) }: { kinds?: readonly StepKind[] } = {},
): LinearPolicy {
  return { policy: "linear", kinds: [...kinds], coefficients };
}

/** What a step of a policy is for samples whose guidance is on. */
export const kindAt = (policy: GuidancePolicy, step: number): StepKind =>
  policy.policy === "adaptive" ? "guided" : policy.kinds[step];

/** Evaluations a sample: 2 (k + 1) + (T - k - 1) if guidance stops after step k of T, 2 T if never. */
export const adaptiveEvaluations = (steps: number, trigger: number | null): number =>
  trigger === null ? 2 * steps : 2 * (trigger + 1) + (steps - trigger - 1);

/** Evaluations a sample of a policy that does not look at the samples. */
export const fixedEvaluations = (kinds: readonly StepKind[]): number =>
  kinds.reduce((sum, kind) => sum + (kind === "guided" ? 2 : 1), 0);

/**
 * Refuses a policy that cannot be run as asked.
 *
 * @throws UsageError, naming what differs
 */
export function checkPolicy(
  policy: GuidancePolicy,
  run: {
    readonly steps: number;
    readonly sampler: string;
    readonly strength: number;
    readonly negative: string;
  },
): void {
  if (!Number.isInteger(run.steps) || run.steps < 2)
    throw new UsageError(`guidance policies need 2 steps or more, got ${run.steps}`);
  if (policy.policy === "adaptive") {
    checkedThreshold(policy.threshold);
    if (policy.firstCheck >= run.steps)
      throw new UsageError(`firstCheck ${policy.firstCheck} is beyond the ${run.steps} steps`);
    return;
  }
  if (policy.kinds.length !== run.steps)
    throw new UsageError(`the policy is for ${policy.kinds.length} steps, not for ${run.steps}`);
  const unknown = policy.kinds.find((kind) => !stepKinds.includes(kind));
  if (unknown !== undefined) throw new UsageError(`there is no kind of step "${unknown}"`);
  if (!policy.kinds.includes("linear")) return;
  if (policy.policy !== "linear")
    throw new UsageError("steps with estimates need coefficients: see fitLinearGuidance");
  for (const name of ["steps", "sampler", "strength", "negative"] as const) {
    if (policy.coefficients[name] === run[name]) continue;
    throw new UsageError(
      `the coefficients were fitted with ${name} ${policy.coefficients[name]}, not ${run[name]}; fit them anew`,
    );
  }
}
