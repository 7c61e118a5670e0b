/** What a fitted model says: as the sum of its parts, after any number of them. */
import { DataError } from "@etude/data";
import { array, jit, type NDArray, scan, type Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import type { GbnnModel, GbnnPart } from "./boosting.ts";
import type { Activation } from "./config.ts";
import { probabilities } from "./losses.ts";
import { type Shallow, shallowOutput } from "./shallow.ts";
import { checkExamples } from "./targets.ts";

/** All parts along a leading axis, as a loop takes them. */
interface Stack extends Shallow<NDArray> {
  readonly step: NDArray;
}

export function stack(parts: readonly GbnnPart[], { init, features }: GbnnModel): Stack {
  const units = parts[0].b.size;
  const pile = (shape: readonly number[], of: (part: GbnnPart) => ArrayLike<number>): NDArray => {
    const values = Float64Array.from(parts.flatMap((part) => Array.from(of(part))));
    return array(values, { shape: [parts.length, ...shape], dtype: init.dtype });
  };
  return {
    W: pile([features, units], ({ W }) => W.data),
    b: pile([units], ({ b }) => b.data),
    V: pile([units, init.size], ({ V }) => V.data),
    c: pile([init.size], ({ c }) => c.data),
    step: pile([], ({ step }) => [step]),
  };
}

const sumParts = jit(
  (
    activation: Activation,
    start: Tensor,
    parts: Shallow<Tensor> & { readonly step: Tensor },
    x: Tensor,
  ) =>
    scan(
      (scores, { step, ...part }) => [
        scores.add(shallowOutput(part, x, activation).mul(step)),
        null,
      ],
      start,
      parts,
    )[0],
);

/**
 * Raw scores F(x) = F_0 + sum of the first parts: [n, K].
 *
 * @param x [n, d]
 * @param upTo number of parts; all where it is not given
 * @throws DataError when x has another number of features, UsageError for `upTo` outside 0 .. T
 */
export async function decisionFunction(
  model: GbnnModel,
  x: NDArray,
  upTo = model.parts.length,
): Promise<NDArray> {
  checkFeatures(model, x);
  if (!(Number.isInteger(upTo) && upTo >= 0 && upTo <= model.parts.length))
    throw new UsageError(
      `upTo must be a whole number from 0 to ${model.parts.length}, got ${upTo}`,
    );
  const start = startScores(model, x.shape[0]);
  const parts = model.parts.slice(0, upTo);
  if (parts.length === 0) return start;
  return sumParts(model.activation, start, stack(parts, model), x.astype(start.dtype));
}

/** F_0 for every example: [n, K]. */
export function startScores({ init }: GbnnModel, rows: number): NDArray {
  const values = Float64Array.from(
    { length: rows * init.size },
    (_, i) => init.data[i % init.size],
  );
  return array(values, { shape: [rows, init.size], dtype: init.dtype });
}

export function checkFeatures({ features }: GbnnModel, x: NDArray): void {
  checkExamples(x);
  if (x.shape[1] !== features)
    throw new DataError(`expected ${features} features, got ${x.shape[1]}`);
}

const probabilitiesOf = jit(probabilities);

/**
 * Probabilities of the classes, in the order of `model.classes`: [n, 2] or [n, K].
 *
 * @throws UsageError for a regression, and as {@link decisionFunction} does
 */
export async function predictProba(model: GbnnModel, x: NDArray, upTo?: number): Promise<NDArray> {
  if (model.task === "regression")
    throw new UsageError("a regression predicts numbers; it has no classes with probabilities");
  return probabilitiesOf(model.task, await decisionFunction(model, x, upTo));
}

/** Predicted numbers or labels: [n]. */
export async function predict(model: GbnnModel, x: NDArray, upTo?: number): Promise<NDArray> {
  const scores = await decisionFunction(model, x, upTo);
  const { classes } = model;
  if (classes === undefined) return scores.reshape([-1]);
  return array(Float64Array.from(winners(scores), (k) => classes[k]));
}

/** The position of the class with the highest score in each row; with one score, 1 if it is positive. */
export function winners({ data, shape: [rows, outputs] }: NDArray): Int32Array {
  return Int32Array.from({ length: rows }, (_, i) => {
    if (outputs === 1) return Number(data[i] > 0);
    let best = 0;
    for (let k = 1; k < outputs; k++)
      if (data[i * outputs + k] > data[i * outputs + best]) best = k;
    return best;
  });
}
