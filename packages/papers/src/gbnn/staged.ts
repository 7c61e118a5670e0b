/** How good scores are, and how good the network is when it is cut after each of its parts. */
import { jit, type NDArray, scan, type Tensor } from "@etude/tensor";
import type { GbnnModel } from "./boosting.ts";
import type { Activation } from "./config.ts";
import { boostingLoss, type Task } from "./losses.ts";
import { checkFeatures, stack, startScores } from "./predict.ts";
import { type Shallow, shallowOutput } from "./shallow.ts";
import { checkExamples, encodeTargets } from "./targets.ts";

/** How good predictions are. */
export interface Quality {
  /** Accuracy; for regression the root of the mean squared error. */
  readonly score: number;
  /** Mean loss, eq. 1, 2 or 7. */
  readonly loss: number;
}

/** Whether a score is better than another: a higher accuracy, a lower error. */
export const isBetter = (task: Task, score: number, other: number): boolean =>
  task === "regression" ? score < other : score > other;

function quality(task: Task, targets: Tensor, scores: Tensor): { score: Tensor; loss: Tensor } {
  const loss = boostingLoss(task, targets, scores).mean();
  if (task === "regression") return { score: loss.sqrt(), loss };
  const right =
    task === "binary"
      ? scores.greater(0).equal(targets.greater(0))
      : scores.argmax(-1).equal(targets.argmax(-1));
  return { score: right.astype(scores.dtype).mean(), loss };
}

const measure = jit(quality);

/**
 * The quality of raw scores F, [n, K].
 *
 * @param y labels or numbers: [n]
 * @param classes the labels in the order of the scores, of the model that made them
 */
export async function qualityOf(
  task: Task,
  y: NDArray,
  scores: NDArray,
  classes?: readonly number[],
): Promise<Quality> {
  const dtype = scores.dtype === "float32" ? "float32" : "float64";
  const { score, loss } = await measure(task, encodeTargets(task, y, classes, dtype), scores);
  return { score: score.item(), loss: loss.item() };
}

/** The network cut after a part. */
export interface Stage extends Quality {
  readonly step: number;
  readonly units: number;
}

const measureStages = jit(
  (
    task: Task,
    activation: Activation,
    start: Tensor,
    parts: Shallow<Tensor> & { readonly step: Tensor },
    x: Tensor,
    targets: Tensor,
  ) =>
    scan(
      (scores, { step, ...part }) => {
        const next = scores.add(shallowOutput(part, x, activation).mul(step));
        return [next, quality(task, targets, next)];
      },
      start,
      parts,
    )[1],
);

/**
 * How good the network is after 0, 1, ... T parts, in one pass over them.
 *
 * @param x [n, d]
 * @param y labels or numbers, as for training: [n]
 */
export async function stagedScores(model: GbnnModel, x: NDArray, y: NDArray): Promise<Stage[]> {
  checkFeatures(model, x);
  checkExamples(x, y);
  const { task, classes, activation, parts } = model;
  const start = startScores(model, x.shape[0]);
  const first = { step: 0, units: 0, ...(await qualityOf(task, y, start, classes)) };
  if (parts.length === 0) return [first];
  const dtype = start.dtype === "float32" ? "float32" : "float64";
  const targets = encodeTargets(task, y, classes, dtype);
  const piled = stack(parts, model);
  const given = x.astype(dtype);
  const { score, loss } = await measureStages(task, activation, start, piled, given, targets);
  const units = parts[0].b.size;
  return [
    first,
    ...parts.map((_, t) => ({
      step: t + 1,
      units: (t + 1) * units,
      score: score.data[t],
      loss: loss.data[t],
    })),
  ];
}
