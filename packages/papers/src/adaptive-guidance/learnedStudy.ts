/** Part B: the method on trained networks, one that predicts velocities and one that predicts noise. */
import { type ArrayTree, array, jit, type NDArray, type Tensor } from "@etude/tensor";
import type { RunContext } from "../contract/context.ts";
import { progress, type Running } from "../contract/events.ts";
import {
  type ConditionalNet,
  cumulativeAlphas,
  cyclingClasses,
  type DenoiserTraining,
  discretePath,
  flowPath,
  flowSampler,
  linearBetas,
  pathSampler,
  predictWith,
  trainDenoiser,
} from "../diffusion/index.ts";
import { calibrateThreshold } from "./calibrate.ts";
import { type Judge, judgeOf, trainJudge } from "./classifier.ts";
import { fewerName, type SearchStudy, searchStudy, standardCandidates } from "./exactStudy.ts";
import { averageDecay, type LearningSpace, learningSpace, networkFor } from "./learnedModel.ts";
import { fitLinearGuidance } from "./linearGuidance.ts";
import type { Material } from "./material.ts";
import {
  type AlignmentCurve,
  alignmentCurve,
  comparePolicies,
  fitOptions,
  meanOf,
  type Row,
  type Setting,
} from "./measure.ts";
import type { Options } from "./options.ts";
import { type Pictures, showPixels } from "./pictures.ts";
import { adaptiveGuidance, conditionalOnly, fullGuidance, linearGuidance } from "./policy.ts";

export interface LearnedStudy {
  readonly steps: number;
  /** That makes adaptive guidance cost the wanted share. */
  readonly threshold: number;
  readonly alignment: AlignmentCurve;
  readonly rows: readonly Row[];
  readonly search: SearchStudy | null;
}

export interface LearnedResult {
  /** Share of test pictures that the classifier gets right. */
  readonly judgeAccuracy: number;
  readonly loss: number;
  /** By number of steps. */
  readonly velocity: readonly LearnedStudy[];
  readonly noise: {
    readonly loss: number;
    readonly alignment: AlignmentCurve;
    readonly rows: readonly Row[];
  } | null;
}

/** Names of rows that claims are about. */
export const calibratedName = "AG, calibrated";
export const equalCostName = (options: Options): string =>
  fewerName(Math.round(options.learnedSavings * options.learnedSteps[0]));

export async function* learnedStudy(
  options: Options,
  { train, test }: Material,
  context: RunContext,
): Running<LearnedResult> {
  const { seed, step } = context;
  yield progress(0, 1, "a classifier to judge with");
  const judged = yield* step("classifier", async () => {
    const shown = await inUnitRange(train.images);
    const labels = array(train.labels);
    return trainJudge(
      { images: shown, labels, classes: train.classes },
      { steps: options.judgeSteps, seed: seed + 500 },
    );
  });
  const judge = judgeOf(judged, train.images, train.classes);
  const real = await judge.look(await inUnitRange(test.images));
  const judgeAccuracy = meanOf(Array.from(real.classes, (c, i) => (c === test.labels[i] ? 1 : 0)));
  const judging = { judge, real: real.features, classes: train.classes };

  const space = await learningSpace(options, train);
  const path = flowPath();
  const net = networkFor(options, space.shape, train.classes, path.embeddingScale);
  const data = { x: space.values, labels: array(train.labels) };
  const training: DenoiserTraining = {
    path,
    kind: "velocity",
    steps: options.trainSteps,
    batchSize: options.batchSize,
    learningRate: options.learningRate,
    dropLabels: options.dropLabels,
    averageDecay: averageDecay(options.trainSteps),
    seed,
  };
  const trained = yield* step("train, velocity", () =>
    trainDenoiser(
      net,
      data,
      training,
      { label: "training, velocity", done: 0, total: 1 },
      {
        metric: "training loss, velocity",
        checkpoint: context.checkpoints("train, velocity"),
      },
    ),
  );
  const velocity: LearnedStudy[] = [];
  for (const steps of options.learnedSteps) {
    velocity.push(
      yield* step(`learned, ${steps} steps`, () =>
        velocityStudy(options, { net, params: trained.params, steps, space, judging, seed }),
      ),
    );
  }
  const noise =
    options.noiseTrainSteps === 0
      ? null
      : yield* noiseStudy(options, train, training, judging, context);
  return { judgeAccuracy, loss: trained.loss, velocity, noise };
}

const unit = jit((x: Tensor) => x.add(1).div(2));
const inUnitRange = (images: NDArray): Promise<NDArray> => unit(images);

interface Judging {
  readonly judge: Judge;
  readonly real: NDArray;
  readonly classes: number;
}

async function* velocityStudy(
  options: Options,
  {
    net,
    params,
    steps,
    space,
    judging,
    seed,
  }: {
    readonly net: ConditionalNet;
    readonly params: ArrayTree;
    readonly steps: number;
    readonly space: LearningSpace;
    readonly judging: Judging;
    readonly seed: number;
  },
): Running<LearnedStudy> {
  const setting: Setting = {
    predict: predictWith(net, params),
    sampler: flowSampler(),
    strength: options.learnedStrength,
    steps,
    samples: options.learnedSamples,
    condition: (count) => cyclingClasses(count, net.classes),
    shape: space.shape,
    dtype: "float32",
    seed,
    show: space.show,
    judge: judging,
    batchSize: options.atOnce,
  };
  const { predict, sampler } = setting;
  const aimed = Math.round(2 * steps * options.learnedSavings);
  yield progress(0, 1, "learned model: calibration and regressions");
  const most = Math.max(...options.learnedTrajectories);
  const { conditions, ...calibration } = fitOptions(setting, Math.min(most, 400));
  const threshold = await calibrateThreshold(predict, sampler, {
    ...calibration,
    condition: conditions,
    targetEvaluations: aimed,
  });
  const linear: Parameters<typeof comparePolicies>[1][number][] = [];
  for (const trajectories of options.learnedTrajectories) {
    for (const ridge of [0, options.ridge]) {
      const fit = await fitLinearGuidance(predict, sampler, {
        ...fitOptions(setting, trajectories),
        ridge: { relative: ridge },
      });
      const name = `LinearAG, ${trajectories} trajectories${ridge > 0 ? `, ridge ${ridge}` : ""}`;
      linear.push({ name, policy: linearGuidance(fit) });
    }
  }
  // Full guidance of equal cost, and what is cheaper and dearer.
  const few = Math.round(options.learnedSavings * steps);
  const fewerSteps = [few, Math.round(0.75 * steps), Math.round(0.65 * steps)];
  const { full, rows } = yield* comparePolicies(
    setting,
    [
      { name: calibratedName, policy: adaptiveGuidance(threshold) },
      ...standardCandidates({
        steps,
        thresholds: options.thresholds,
        fewerSteps: [...new Set(fewerSteps)],
      }),
      ...linear,
    ],
    `learned model, ${steps} steps`,
  );
  const search = options.searchLearned
    ? yield* searchStudy({ ...setting, judge: undefined }, options, options.costWeight)
    : null;
  return { steps, threshold, alignment: alignmentCurve(full.alignments), rows, search };
}

/** The trap: predictions of noise by a network on pixels, under DDIM. */
async function* noiseStudy(
  options: Options,
  train: Pictures,
  training: DenoiserTraining,
  judging: Judging,
  context: RunContext,
): Running<NonNullable<LearnedResult["noise"]>> {
  const path = discretePath(cumulativeAlphas(linearBetas()), { name: "linear" });
  const shape = train.images.shape.slice(1);
  const inputs = shape.reduce((product, length) => product * length, 1);
  const flat = options.network === "mlp";
  const net = networkFor(options, flat ? [inputs] : shape, train.classes, path.embeddingScale);
  const data = {
    x: flat ? train.images.reshape([-1, inputs]) : train.images,
    labels: array(train.labels),
  };
  const steps = options.noiseTrainSteps;
  const trained = yield* context.step("train, noise", () =>
    trainDenoiser(
      net,
      data,
      { ...training, path, kind: "noise", steps, averageDecay: averageDecay(steps) },
      { label: "training, noise", done: 0, total: 1 },
      { metric: "training loss, noise", checkpoint: context.checkpoints("train, noise") },
    ),
  );
  const [T] = options.learnedSteps;
  const setting: Setting = {
    predict: predictWith(net, trained.params),
    sampler: pathSampler(path),
    strength: options.learnedStrength,
    steps: T,
    samples: options.learnedSamples,
    condition: (count) => cyclingClasses(count, train.classes),
    shape: flat ? [inputs] : shape,
    dtype: "float32",
    seed: context.seed,
    show: (samples) => showPixels(samples.reshape([-1, ...shape])),
    judge: judging,
    batchSize: options.atOnce,
  };
  const quarter = Math.floor(T / 4);
  const study = yield* context.step("learned, noise", async function* () {
    const { full, rows } = yield* comparePolicies(
      setting,
      [
        { name: "AG 0.99", policy: adaptiveGuidance(0.99) },
        { name: "AG 0.998", policy: adaptiveGuidance(0.998) },
        {
          name: `AG 0.99 from step ${quarter} on`,
          policy: adaptiveGuidance(0.99, { firstCheck: quarter }),
        },
        {
          name: "AG 0.99 on estimates of x_0",
          policy: adaptiveGuidance(0.99, { compare: "denoised" }),
        },
        {
          name: fewerName(Math.round(0.75 * T)),
          policy: fullGuidance(Math.round(0.75 * T)),
          steps: Math.round(0.75 * T),
        },
        { name: "conditional only", policy: conditionalOnly(T) },
      ],
      "noise predictions",
    );
    return { alignment: alignmentCurve(full.alignments), rows };
  });
  return { loss: trained.loss, ...study };
}
