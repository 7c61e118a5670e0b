/** Trained attention against gradient descent of the same depth, on the same tasks. */
import type { Experiment } from "../contract/experiment.ts";
import { claims } from "./experiment/claims.ts";
import { type CopyingResult, measureCopying, unitsOfCopying } from "./experiment/copying.ts";
import { type LinearResult, measureLinear, unitsOfLinear } from "./experiment/linear.ts";
import { isLinear, type Options, optionsSchema, presets } from "./experiment/options.ts";
import { measureSine, type SineResult, unitsOfSine } from "./experiment/sine.ts";
import { summarise } from "./experiment/summary.ts";

/** What one seed measured. */
export interface Result {
  /** In the order of the parts asked for. */
  readonly linear: readonly LinearResult[];
  readonly sine: SineResult | null;
  readonly copying: CopyingResult | null;
}

export const experiment: Experiment<Options, Result> = {
  description:
    "Random linear regressions, fresh at every step: layers of linear self-attention against gradient descent with a tuned step, GD++ with learned steps and curvature corrections, and the weights half-way between, all on the same new tasks; also at other ranges, scales and distributions of the inputs.",
  options: optionsSchema,
  presets,
  data: () => [],

  async *run(options, context) {
    const parts = options.parts.filter(isLinear);
    const [hasSine, hasCopying] = [
      options.parts.includes("sine"),
      options.parts.includes("copying"),
    ];
    const total =
      parts.length * unitsOfLinear +
      (hasSine ? unitsOfSine : 0) +
      (hasCopying ? unitsOfCopying : 0);
    let done = 0;
    const linear: LinearResult[] = [];
    for (const part of parts) {
      linear.push(yield* measureLinear(part, options, context, done, total));
      done += unitsOfLinear;
    }
    const sine = hasSine ? yield* measureSine(options, context, done, total) : null;
    if (hasSine) done += unitsOfSine;
    const copying = hasCopying ? yield* measureCopying(options, context, done, total) : null;
    return { linear, sine, copying };
  },
  claims,
  summarise,
};
