/** The claims, measured: on a model without error, and on trained networks. */

import { within } from "../contract/events.ts";
import type { Experiment } from "../contract/experiment.ts";
import { claims, type Result } from "./claims.ts";
import { exactStudy } from "./exactStudy.ts";
import { learnedStudy } from "./learnedStudy.ts";
import { loadMaterial } from "./material.ts";
import { type Options, optionsSchema, presets } from "./options.ts";
import { summarise } from "./summary.ts";

export const experiment: Experiment<Options, Result> = {
  description:
    "Full guidance against adaptive and linear guidance, fewer steps, guidance in one half of the steps and none, from the same noise: on the exact model of a Gaussian a class in principal components of digits at several strengths, with a policy search; on a learned velocity model, judged by a classifier; and on a learned noise model.",
  options: optionsSchema,
  presets,
  data: ({ dataset }) => [dataset],
  async *run(options, context) {
    const material = await loadMaterial(options, context.data);
    const exact = yield* within(exactStudy(options, material, context), 0, 2);
    const learned = yield* within(learnedStudy(options, material, context), 1, 2);
    return { exact, learned };
  },
  claims,
  summarise,
};
