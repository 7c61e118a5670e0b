/** The claims of the paper, measured: pruning, label noise and linear mode connectivity on images. */
import type { RunContext } from "../contract/context.ts";
import type { Running } from "../contract/events.ts";
import type { Experiment } from "../contract/experiment.ts";
import { claims, type Result } from "./claims.ts";
import { classifierFor, loadMaterial } from "./material.ts";
import { measureConnectivity } from "./measureConnectivity.ts";
import { measureNoise } from "./measureNoise.ts";
import { measurePruning } from "./measurePruning.ts";
import { measureEarlyScores } from "./measureScores.ts";
import { full, type Options, optionsSchema, quick, smoke } from "./options.ts";
import { summarise } from "./summary.ts";

export const experiment: Experiment<Options, Result> = {
  description:
    "Images are scored a few epochs into training, over several starts. Then the same network is trained for the same number of steps on everything and on what each score keeps (against random subsets, the easiest examples, forgetting, and GraNd at initialisation); on windows of a ranking with planted label errors; and in pairs from a common parent, whose linear path is measured on easy, random and hard examples.",
  options: optionsSchema,
  presets: {
    smoke: { options: smoke, seeds: [0], minutes: 0.1 },
    quick: { options: quick, seeds: [0, 1, 2, 3], minutes: 2 },
    full: { options: full, seeds: [0, 1, 2, 3], minutes: 200_000 },
  },
  data: ({ dataset }) => [dataset],
  run,
  claims,
  summarise,
};

async function* run(options: Options, context: RunContext): Running<Result> {
  const material = await loadMaterial(options, context.data);
  const classifier = classifierFor(options, material.train.inputs, material.classes);
  const scores = yield* measureEarlyScores(
    {
      options,
      classifier,
      examples: material.train,
      name: "scores",
      runs: options.scoreRuns,
      seed: context.seed,
    },
    context,
  );
  const pruning = yield* measurePruning(options, classifier, material, scores, context);
  const noise = yield* measureNoise(options, classifier, material, context);
  const connectivity = yield* measureConnectivity(
    options,
    classifier,
    material,
    scores.el2n,
    context,
  );
  return { pruning, noise, connectivity };
}
