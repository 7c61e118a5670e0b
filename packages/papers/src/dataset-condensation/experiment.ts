/** The claims of the paper, measured: few synthetic images by class-wise and by contrastive matching. */
import type { RunContext } from "../contract/context.ts";
import type { Running } from "../contract/events.ts";
import type { Experiment } from "../contract/experiment.ts";
import { claims, type Result } from "./experiment/claims.ts";
import { measureClutter, unitsOfClutter } from "./experiment/clutterStudy.ts";
import { measureGarments, unitsOfGarments } from "./experiment/garments.ts";
import { loadSource, materialOf } from "./experiment/material.ts";
import { full, type Options, optionsSchema, quick, smoke } from "./experiment/options.ts";
import { measureReplay, unitsOfReplay } from "./experiment/replayStudy.ts";
import { summarise } from "./experiment/summary.ts";

export const experiment: Experiment<Options, Result> = {
  description:
    "Five upper-body garments, one synthetic image of each, learnt by class-wise (DC) and by contrastive (DCC) gradient matching from the same real images, which are the baseline; fresh networks trained on each set are tested on real images. Then digits under a signal common to all classes, and classes learnt in turn with such sets as memory.",
  options: optionsSchema,
  presets: {
    smoke: { options: smoke, seeds: [0], minutes: 0.2 },
    quick: { options: quick, seeds: [0, 1, 2, 3, 4, 5], minutes: 2.5 },
    full: { options: full, seeds: [0, 1, 2], minutes: 30_000 },
  },
  data: ({ dataset, betas }) => [dataset, ...(betas.length > 0 ? ["mnist"] : [])],
  run,
  claims,
  summarise,
};

async function* run(options: Options, context: RunContext): Running<Result> {
  const source = await loadSource(options, context.data);
  const material = materialOf(source, options);
  const [first, second, third] = [
    unitsOfGarments(options),
    unitsOfClutter(options),
    unitsOfReplay(options),
  ];
  const total = first + second + third;
  const garments = yield* measureGarments(options, material, context, total);
  const clutter = yield* measureClutter(options, context, first, total);
  const replay = yield* measureReplay(options, source, context, first + second, total);
  return { garments, clutter, replay };
}
