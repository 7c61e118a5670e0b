/** All policies on one model, and the one to take. */

import type { NDArray } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { progress, type Running } from "../../contract/events.ts";
import { calibrateThreshold } from "../calibrate.ts";
import { type FittedCoefficients, fitLinearGuidance } from "../linearGuidance.ts";
import {
  type AlignmentCurve,
  alignmentCurve,
  comparePolicies,
  fitOptions,
  meanOf,
  type Row,
  type Setting,
} from "../measure.ts";
import {
  type AdaptivePolicy,
  adaptiveGuidance,
  alternatingKinds,
  conditionalOnly,
  fixedPolicy,
  fullGuidance,
  type GuidancePolicy,
  guidedWithin,
  linearGuidance,
} from "../policy.ts";
import { discretisePolicy, type SearchedPolicy, searchPolicy } from "../search.ts";
import type { UseOptions } from "./options.ts";
import type { Subject } from "./subject.ts";

export interface Study {
  readonly setting: Setting;
  readonly alignment: AlignmentCurve;
  readonly adaptive: AdaptivePolicy;
  readonly linear: FittedCoefficients;
  readonly searched: { readonly found: SearchedPolicy; readonly policy: GuidancePolicy } | null;
  readonly rows: readonly Row[];
  readonly shown: Readonly<Record<string, NDArray>>;
  readonly samples: Readonly<Record<string, NDArray>>;
  /** Share of the samples whose guidance stops at the first step that may stop it. */
  readonly firedAtOnce: number;
}

export const names = {
  full: "full guidance",
  adaptive: "adaptive guidance",
  linear: "LinearAG",
  without: "LinearAG's schedule without estimates",
  conditional: "conditional only",
  searched: "searched policy",
} as const;

const fewerStepsName = (steps: number): string => `full guidance, ${steps} steps`;

export function settingOf(
  subject: Subject,
  {
    steps,
    strength,
    samples,
    atOnce,
  }: { steps: number; strength: number; samples: number; atOnce: number },
  seed: number,
): Setting {
  const { predict, sampler, shape, show, condition, negative } = subject;
  return {
    predict,
    sampler,
    shape,
    show,
    condition,
    negative,
    steps,
    strength,
    samples,
    seed,
    dtype: "float32",
    batchSize: atOnce,
  };
}

export async function* studyPolicies(
  subject: Subject,
  options: UseOptions,
  { steps, strength }: { readonly steps: number; readonly strength: number },
  { seed }: RunContext,
): Running<Study> {
  const setting = settingOf(subject, { ...options, steps, strength }, seed);
  const { predict, sampler } = subject;
  const { kind } = sampler;
  const firstCheck =
    options.firstCheck ?? (kind === "noise" || kind === "score" ? Math.floor(steps / 4) : 0);
  const rule = { firstCheck, atTrigger: options.atTrigger };

  yield progress(0, 4, "full guidance");
  const { conditions, ...trajectories } = fitOptions(setting, options.trajectories);
  const threshold =
    options.threshold ??
    (await calibrateThreshold(predict, sampler, {
      ...trajectories,
      condition: conditions,
      // At least one step guided, at least one not.
      targetEvaluations: Math.max(steps + 1, 2 * steps * (1 - options.saving)),
      firstCheck,
    }));
  const adaptive = adaptiveGuidance(threshold, rule);
  yield progress(1, 4, "LinearAG's regressions");
  const linear = await fitLinearGuidance(predict, sampler, {
    ...fitOptions(setting, options.trajectories),
    ridge: { relative: options.ridge },
  });
  const searched = options.search ? yield* search(setting, options) : null;

  const equal = Math.max(2, Math.round(steps * (1 - options.saving)));
  const half = Math.floor(steps / 2);
  const levels = options.thresholds.filter((level) => level !== threshold);
  const { full, rows, shown, samples } = yield* comparePolicies(
    setting,
    [
      { name: names.adaptive, policy: adaptive },
      { name: names.linear, policy: linearGuidance(linear) },
      ...(searched === null ? [] : [{ name: names.searched, policy: searched.policy }]),
      { name: fewerStepsName(equal), policy: fullGuidance(equal), steps: equal },
      { name: "guided in the first half", policy: guidedWithin(steps, 0, half) },
      { name: "guided in the second half", policy: guidedWithin(steps, half, steps) },
      { name: names.without, policy: fixedPolicy(alternatingKinds(steps, "conditional")) },
      { name: names.conditional, policy: conditionalOnly(steps) },
      ...levels.map((level) => ({
        name: `threshold ${level}`,
        policy: adaptiveGuidance(level, rule),
      })),
    ],
    "policies",
  );
  const fired = Array.from(full.alignments[firstCheck], (gamma) => (gamma >= threshold ? 1 : 0));
  return {
    setting,
    alignment: alignmentCurve(full.alignments),
    adaptive,
    linear,
    searched,
    rows,
    shown,
    samples,
    firedAtOnce: meanOf(fired),
  };
}

async function* search(
  setting: Setting,
  { searchIterations: iterations, costWeight }: UseOptions,
): Running<Study["searched"]> {
  const found = yield* searchPolicy(
    setting.predict,
    setting.sampler,
    {
      conditions: setting.condition(setting.samples),
      negative: setting.negative?.(setting.samples),
      shape: setting.shape,
      steps: setting.steps,
      strength: setting.strength,
      iterations,
      costWeight,
      batch: Math.min(32, setting.batchSize ?? 32),
      checkpointed: setting.shape.length > 1,
      seed: setting.seed,
    },
    { label: "search", done: 2, total: 4 },
    "objective of the search",
  );
  return { found, policy: discretisePolicy(found) };
}
