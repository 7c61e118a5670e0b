/**
 * Something measured at every row from values of the model: where to evaluate it, and what follows. For
 * a model with gradients both halves and the model between them are one compiled call for many rows and
 * all their perturbations; a model without is run between two compiled halves.
 */
import { gatherRows } from "@etude/data";
import { jit, NDArray, random, type Tensor, vmap } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import type { Setting } from "../perturbation.ts";
import { type ScalarFunction, valuesAt } from "../scalarFunction.ts";
import type { ExplainedModel } from "./model.ts";
import type { Subject } from "./subject.ts";

/** Rows, each with the class that is explained. */
export interface Problem {
  readonly subject: Subject;
  readonly model: ExplainedModel;
  /** 1 at the class of the row: [m, classes]. */
  readonly classes: NDArray;
  readonly samples: number;
  readonly sigma: number;
  readonly kernelWidth: number | undefined;
  readonly seed: number;
}

/** x0 [inputs], a key, and what else belongs to the row. */
export type RowArguments = readonly [x0: Tensor, key: Tensor, extra: Tensor];

export interface Study {
  /** Rows of inputs to evaluate, and what `finish` needs to know of them. */
  points(...row: RowArguments): { points: Tensor; rest: Record<string, Tensor> };
  finish(values: Tensor, rest: Record<string, Tensor>): Tensor;
}

/** Numbers at once in one compiled call, apart from what the model itself needs. */
const budget = 2 ** 20;
const batchOf = (inputs: number): number =>
  Math.min(Math.max(Math.floor(budget / 2 / inputs), 16), 16_384);

export const settingOf = ({ subject: { baseline, image, x } }: Problem): Setting => ({
  baseline,
  ...(image && { features: image.features }),
  batch: batchOf(x.shape[1]),
});

/** Rows that go into one call, for so many evaluations a row. */
function rowsAtOnce({ subject: { x } }: Problem, evaluations: number): number {
  const [m, inputs] = x.shape;
  const atOnce = Math.min(evaluations, batchOf(inputs)) * inputs;
  return Math.min(Math.max(Math.floor(budget / atOnce), 1), m);
}

/** The score explained, in the units of the subject. */
export const scoreOf =
  (traced: (x: Tensor) => Tensor, { scale, shift }: Subject, oneHot: Tensor): ScalarFunction =>
  (x) =>
    traced(x.mul(scale).add(shift)).matmul(oneHot);

/**
 * A measurement at every row with the model in the graph: results of `measure` stacked, [m, ...].
 *
 * @param evaluations of the model a row, roughly: how many rows go together depends on it
 * @param extra [m, ...]
 */
export async function overRows(
  problem: Problem,
  purpose: number,
  evaluations: number,
  measure: (f: ScalarFunction, ...row: RowArguments) => Tensor,
  extra: NDArray = problem.classes,
): Promise<NDArray> {
  const { model, subject, classes } = problem;
  const { traced } = model;
  if (traced === undefined) throw new UsageError("this needs a model with gradients");
  const measureRows = jit((x: Tensor, key: Tensor, more: Tensor, oneHots: Tensor) =>
    vmap((x0: Tensor, own: Tensor, ofRow: Tensor, oneHot: Tensor) =>
      measure(scoreOf(traced, subject, oneHot), x0, own, ofRow),
    )(x, random.splitKeys(key, x.shape[0]), more, oneHots),
  );
  return inParts(problem, purpose, evaluations, (rows, key) =>
    measureRows(
      gatherRows(subject.x, rows),
      key,
      gatherRows(extra, rows),
      gatherRows(classes, rows),
    ),
  );
}

/** A study at every row, whatever the model: [m, ...]. */
export async function runStudy(
  problem: Problem,
  purpose: number,
  evaluations: number,
  study: Study,
  extra: NDArray = problem.classes,
): Promise<NDArray> {
  const { subject, model } = problem;
  const { batch } = settingOf(problem);
  if (model.traced !== undefined) {
    return overRows(
      problem,
      purpose,
      evaluations,
      (f, ...row) => {
        const { points, rest } = study.points(...row);
        return study.finish(valuesAt(f, points, batch), rest);
      },
      extra,
    );
  }
  const { scale, shift } = subject;
  const draw = jit((x: Tensor, key: Tensor, more: Tensor) =>
    vmap((x0: Tensor, own: Tensor, ofRow: Tensor) => {
      const { points, rest } = study.points(x0, own, ofRow);
      return { points: points.mul(scale).add(shift), rest };
    })(x, random.splitKeys(key, x.shape[0]), more),
  );
  const finish = jit((values: Tensor, rest: Record<string, Tensor>) =>
    vmap((ofRow: Tensor, restOfRow: Record<string, Tensor>) => study.finish(ofRow, restOfRow))(
      values,
      rest,
    ),
  );
  return inParts(problem, purpose, evaluations, async (rows, key) => {
    const drawn = await draw(gatherRows(subject.x, rows), key, gatherRows(extra, rows));
    const values = await valuesOf(problem, drawn.points, rows);
    return finish(values, drawn.rest);
  });
}

/** Scores of the explained classes at points [r, n, inputs]: [r, n]. */
async function valuesOf(
  { model, classes }: Problem,
  points: NDArray,
  rows: Int32Array,
): Promise<NDArray> {
  const [r, n, inputs] = points.shape;
  const flat = points.reshape([r * n, inputs]);
  const size = batchOf(inputs);
  const values = new Float32Array(r * n);
  for (let start = 0; start < r * n; start += size) {
    const stop = Math.min(start + size, r * n);
    const part = flat.data.subarray(start * inputs, stop * inputs);
    const scores = await model.predict(new NDArray(part, [stop - start, inputs], flat.dtype));
    const width = scores.shape[1];
    for (let i = start; i < stop; i++) {
      const oneHot = rows[Math.floor(i / n)] * width;
      for (let c = 0; c < width; c++)
        values[i] +=
          Number(scores.data[(i - start) * width + c]) * Number(classes.data[oneHot + c]);
    }
  }
  return new NDArray(values, [r, n], "float32");
}

/** All rows in parts of one size; the last is filled up with repetitions, so that all look alike. */
async function inParts(
  problem: Problem,
  purpose: number,
  evaluations: number,
  run: (rows: Int32Array, key: NDArray) => Promise<NDArray>,
): Promise<NDArray> {
  const m = problem.subject.x.shape[0];
  const size = Math.ceil(m / Math.ceil(m / rowsAtOnce(problem, evaluations)));
  const chance = random.generator(problem.seed).fork(purpose);
  const parts: NDArray[] = [];
  for (let start = 0; start < m; start += size) {
    const rows = Int32Array.from({ length: size }, (_, i) => Math.min(start + i, m - 1));
    const part = await run(rows, random.key(chance.bits()));
    const kept = Math.min(size, m - start);
    parts.push(
      gatherRows(
        part,
        Int32Array.from({ length: kept }, (_, i) => i),
      ),
    );
  }
  return parts.length === 1 ? parts[0] : joined(parts);
}

function joined(parts: readonly NDArray[]): NDArray {
  const [first] = parts;
  const values = new Float32Array(parts.reduce((sum, { size }) => sum + size, 0));
  let place = 0;
  for (const { data, size } of parts) {
    values.set(Float32Array.from(data, Number), place);
    place += size;
  }
  const rows = parts.reduce((sum, { shape }) => sum + shape[0], 0);
  return new NDArray(values, [rows, ...first.shape.slice(1)], "float32");
}
