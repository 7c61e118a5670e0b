/** The model of the user's choice, trained beside the gradient descents it may turn out to be. */
import { random } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { progress, type Running } from "../../contract/events.ts";
import { type Contestant, type Contestants, contestant } from "../contestants.ts";
import { copyingRegressor } from "../copying.ts";
import type { Products } from "../interpolation.ts";
import { normalisedProducts } from "../interpolation.ts";
import { featureDescentRegressor, featureRegressor, type Regressor } from "../regressors.ts";
import { chooseStart, startKey } from "../starts.ts";
import { bestSingleStep, scanStepSize, sizesAround } from "../stepSize.ts";
import {
  contestantsOf,
  type Descents,
  descentContestant,
  hasProducts,
  layersRegressor,
  learnDescent,
  type Study,
  studyKeys,
  trainBeside,
} from "../study.ts";
import { type HistoryEntry, type Trained, trainer } from "../training.ts";
import { watched } from "../watched.ts";
import type { UseOptions } from "./options.ts";
import { judgedSampler, type Source } from "./source.ts";

export interface Fitted {
  /** "trained" first, then what it is compared with. */
  readonly contestants: Contestants;
  /** The name of the one it should be alike, the best descent of its depth. */
  readonly reference: string;
  readonly history: readonly HistoryEntry[];
  /** Of one linear layer that all steps share, else null. */
  readonly products: Products | null;
  /** eta of plain gradient descent, in the units of the tokens. */
  readonly stepSize: number;
  /** K of the descents. */
  readonly steps: number;
}

/** With which GD++ and preconditioning are learned. */
const descentTraining = { steps: 1000, learningRate: 0.02 } as const;

/** Units of progress: the step, other descents, starts, training, comparing. */
export const parts = 5;

/** Tasks on which a step size is chosen. */
const scanTasks = 5000;

export async function* fitModel(
  source: Source,
  options: UseOptions,
  context: RunContext,
): Running<Fitted> {
  const { model } = options;
  const keys = await studyKeys(context.seed);
  const layers = options.layers ?? (model === "separate" ? 2 : 1);
  // On separate tokens the first layer copies, and the others descend.
  const depth = model === "separate" ? layers - 1 : layers;
  const study: Study = {
    inputSize: source.inputSize,
    contextLength: source.contextLength,
    layers: depth,
    shared: options.shared,
    softmax: model === "softmax",
    heads: options.heads ?? (model === "softmax" ? 2 : 1),
    sampler: source.training,
  };
  yield progress(0, parts, "the step of gradient descent");
  const { stepSize } = yield* context.step("step", async () => {
    const scan = { key: keys.scan, tasks: scanTasks };
    const single = await bestSingleStep(source.training, scan);
    return scanStepSize(source.training, { ...scan, steps: depth, sizes: sizesAround(single) });
  });
  const plusPlus =
    depth === 1
      ? null
      : yield* context.step("GD++", () =>
          learnDescent(
            study,
            "GD++",
            stepSize,
            { ...descentTraining, batch: options.batch },
            keys.plusPlus,
            {
              label: "GD++",
              done: 1,
              total: parts,
            },
          ),
        );
  const descents: Descents = { stepSize, plusPlus };
  const common = { stepSize, steps: depth };
  const training = <P>(regressor: Regressor<P>, reference: Contestant): Running<Trained<P>> =>
    trainModel(source, regressor, reference, layers, options, context, keys);

  if (model === "features") {
    const size = { inputSize: source.inputSize, contextLength: source.contextLength };
    const descent = featureDescentRegressor(size);
    const behind = yield* context.step("features and GD", () => {
      const { steps, batch } = options;
      const learningRate = 0.3 * rateOf(options, layers);
      const fit = trainer(descent, source.training, { steps, batch, learningRate, clipNorm: 100 });
      const place = { label: "features and GD", done: 1, total: parts };
      const checkpoint = context.checkpoints("features and GD");
      return watched(fit({ key: keys.plusPlus, checkpoint }), steps, place, "features and GD");
    });
    const regressor = featureRegressor(size);
    const reference = contestant(descent, behind.params);
    const trained = yield* training(regressor, reference);
    return {
      ...common,
      contestants: {
        trained: contestant(regressor, trained.params),
        GD: descentContestant(study, stepSize),
        "features and GD": reference,
      },
      reference: "features and GD",
      history: trained.history,
      products: null,
    };
  }
  const best = descentContestant(study, stepSize, plusPlus);
  const reference = plusPlus === null ? "GD" : "GD++";
  if (model === "separate") {
    const regressor = copyingRegressor({ ...source, layers });
    const trained = yield* training(regressor, best);
    return {
      ...common,
      contestants: {
        trained: contestant(regressor, trained.params),
        GD: descentContestant(study, stepSize),
        ...(plusPlus !== null && { "GD++": best }),
      },
      reference,
      history: trained.history,
      products: null,
    };
  }
  const preconditioned = yield* context.step("preconditioned", () =>
    learnDescent(
      study,
      "preconditioned",
      stepSize,
      { ...descentTraining, batch: options.batch },
      keys.plusPlus,
      {
        label: "a step for each input",
        done: 1,
        total: parts,
      },
    ),
  );
  const trained = yield* training(layersRegressor(study), best);
  const [first] = trained.params;
  return {
    ...common,
    contestants: {
      ...(await contestantsOf(study, trained.params, descents)),
      preconditioned: descentContestant(study, stepSize, preconditioned),
    },
    reference,
    history: trained.history,
    products: hasProducts(study) ? normalisedProducts(first, { inputSize: study.inputSize }) : null,
  };
}

const rateOf = ({ learningRate }: UseOptions, layers: number): number =>
  learningRate ?? (layers > 3 ? 5e-4 : 1e-3);

/** Gradients are clipped as for the paper's models of the same kind. */
const clipOf = ({ model }: UseOptions, layers: number): number =>
  model === "features" ? 100 : model === "separate" || layers > 2 ? 10 : 0.001;

/** Steps of every start, at most; a third of the training at most, too. */
const startSteps = 500;

async function* trainModel<P>(
  source: Source,
  regressor: Regressor<P>,
  reference: Contestant,
  layers: number,
  options: UseOptions,
  context: RunContext,
  keys: Awaited<ReturnType<typeof studyKeys>>,
): Running<Trained<P>> {
  const { steps, batch, measurements, starts } = options;
  const schedule = {
    sampler: source.training,
    steps,
    batch,
    learningRate: rateOf(options, layers),
    clipNorm: clipOf(options, layers),
  };
  const start = yield* context.step("starts", () =>
    chooseStart(
      regressor,
      {
        ...schedule,
        starts,
        startSteps: Math.min(startSteps, Math.ceil(steps / 3)),
        key: keys.training,
      },
      { label: "starts", done: 2, total: parts },
    ),
  );
  const key = await startKey(keys.training, start.chosen);
  return yield* context.step("training", () =>
    trainBeside(
      regressor,
      reference,
      {
        ...schedule,
        key,
        measurements,
        judged: {
          sampler: judgedSampler(source),
          key: random.key(0),
          tasks: source.judged.target.size,
        },
        checkpoint: context.checkpoints("training"),
      },
      { label: "training", done: 3, total: parts },
      "model",
    ),
  );
}
