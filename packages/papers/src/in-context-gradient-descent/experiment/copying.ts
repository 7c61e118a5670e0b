/** Inputs and targets in separate tokens: whether the first layer copies when the loss falls. */
import { jit, type Tensor } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { progress, type Running } from "../../contract/events.ts";
import { lossOf, modelOf } from "../alignment.ts";
import type { AttentionLayer } from "../attention.ts";
import { compileJudge, contestant } from "../contestants.ts";
import { copyingRegressor, copyScore } from "../copying.ts";
import { scanStepSize } from "../stepSize.ts";
import { descentContestant, studyKeys } from "../study.ts";
import { linearSampler, separateTokens } from "../tasks.ts";
import { type HistoryEntry, trainer } from "../training.ts";
import { watched } from "../watched.ts";
import { taskOf } from "./linear.ts";
import type { Options } from "./options.ts";

export interface CopyingResult {
  /** "trained" and "GD", one step, on the same tasks. */
  readonly losses: Readonly<Record<string, number>>;
  /** Measured: "loss on other tasks", "own", "next" and "other". */
  readonly history: readonly HistoryEntry[];
}

/** Units of progress: the step, the training, and comparing. */
export const unitsOfCopying = 3;

/** Tasks of a copy score. */
const scoredTasks = 500;

export async function* measureCopying(
  options: Options,
  context: RunContext,
  done: number,
  total: number,
): Running<CopyingResult> {
  const task = taskOf(options);
  const sampler = linearSampler(task);
  const keys = await studyKeys(context.seed);
  const regressor = copyingRegressor(task);
  yield progress(done, total, "copying: the step of gradient descent");
  const { stepSize } = yield* context.step("copying/step", () =>
    scanStepSize(sampler, { key: keys.scan, tasks: options.scanTasks, steps: 1 }),
  );
  const score = jit((params: readonly AttentionLayer[], key: Tensor) => {
    const { tokens, target } = sampler(key, scoredTasks);
    const scores = copyScore(
      (separate) => regressor.firstLayer(params, separate),
      separateTokens(tokens),
    );
    return { loss: lossOf(modelOf(regressor, params), tokens, target), ...scores };
  });
  const trained = yield* context.step("copying/training", () => {
    const { copyingSteps: steps, batch, measurements } = options;
    const fit = trainer(regressor, sampler, { steps, batch, learningRate: 1e-3, clipNorm: 10 });
    const training = fit({
      key: keys.training,
      measurements: 2 * measurements,
      checkpoint: context.checkpoints("copying/training"),
      measure: async (params) => {
        const { loss, own, next, other } = await score(params, keys.watch);
        return {
          "loss on other tasks": loss.item(),
          own: own.item(),
          next: next.item(),
          other: other.item(),
        };
      },
    });
    return watched(training, steps, { label: "copying", done: done + 1, total }, "copying");
  });
  yield progress(done + 2, total, "copying: comparing");
  const one = { ...task, layers: 1, shared: true, softmax: false, heads: 1, sampler };
  const all = {
    trained: contestant(regressor, trained.params),
    GD: descentContestant(one, stepSize),
  };
  const { losses } = yield* context.step("copying/measures", () =>
    compileJudge(all, sampler, { tasks: options.tasks, pairs: [] })(keys.judge),
  );
  return {
    losses,
    history: trained.history.filter(({ measured }) => Object.keys(measured).length > 0),
  };
}
