/** The rows, the model, and of every row the one class whose score is explained. */
import { NDArray } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import { type ExplainedModel, withScores } from "./model.ts";
import type { UseOptions } from "./options.ts";
import type { Problem } from "./study.ts";
import type { Subject } from "./subject.ts";

export interface Scored {
  readonly problem: Problem;
  /** The class explained and its score, of every row; class 0 for a model with one output. */
  readonly classes: readonly number[];
  readonly scores: readonly number[];
}

/** @throws UsageError when the model gives no numbers, or has no such class */
export async function problemOf(
  subject: Subject,
  opened: ExplainedModel,
  options: UseOptions,
  seed: number,
): Promise<Scored> {
  const model = withScores(opened, options.scores);
  const outputs = await model.predict(inModelUnits(subject));
  const [m, k] = outputs.shape;
  const wrong = outputs.data.findIndex((value) => !Number.isFinite(Number(value)));
  if (wrong >= 0)
    throw new UsageError(
      `the model gives ${outputs.data[wrong]} for row ${subject.labels[Math.floor(wrong / k)]}; only finite scores can be explained`,
    );
  const { target } = options;
  if (target !== undefined && target >= k)
    throw new UsageError(
      `--target ${target}: the model has ${k === 1 ? "one score" : `${k} classes`}, counted from 0`,
    );
  // Of the unperturbed row: a score that may change its class is not one function.
  const classes = Array.from({ length: m }, (_, row) => target ?? largest(outputs, row));
  const oneHot = new Float32Array(m * k);
  classes.forEach((chosen, row) => {
    oneHot[row * k + chosen] = 1;
  });
  const d = subject.featureNames.length;
  return {
    problem: {
      subject,
      model,
      classes: new NDArray(oneHot, [m, k], "float32"),
      samples: options.samples ?? Math.max(1000, 50 * d),
      sigma: options.sigma,
      kernelWidth: options.kernelWidth,
      seed,
    },
    classes,
    scores: classes.map((chosen, row) => Number(outputs.data[row * k + chosen])),
  };
}

function inModelUnits({ x, scale, shift }: Subject): NDArray {
  const inputs = x.shape[1];
  const values = Float32Array.from(
    x.data,
    (value, i) => Number(value) * Number(scale.data[i % inputs]) + Number(shift.data[i % inputs]),
  );
  return new NDArray(values, x.shape, "float32");
}

function largest({ data, shape: [, k] }: NDArray, row: number): number {
  let best = 0;
  for (let c = 1; c < k; c++) if (data[row * k + c] > data[row * k + best]) best = c;
  return best;
}
