/** What is explained: one score of a model, as a function of its inputs. */
import { concat, grad, scan, type Tensor } from "@etude/tensor";

/**
 * f: inputs [n, inputs] to one score each, [n]. Rows must not depend on each other. Of a classifier,
 * the score of a fixed class: never the largest score, whose class may change from row to row.
 */
export type ScalarFunction = (x: Tensor) => Tensor;

/**
 * f at every row: [n].
 *
 * @param x [n, inputs]
 * @param batch rows evaluated at once, all of them by default: a bound on memory
 */
export const valuesAt = (f: ScalarFunction, x: Tensor, batch?: number): Tensor =>
  inBatches((rows) => scored(f, rows), x, batch);

/**
 * grad f at every row: [n, inputs]. One backward pass gives all, since the gradient of a sum over
 * rows has the gradient of each row in its place.
 */
export const gradientsAt = (f: ScalarFunction, x: Tensor, batch?: number): Tensor =>
  inBatches((rows) => grad((y: Tensor) => scored(f, y).sum())(rows), x, batch);

function scored(f: ScalarFunction, x: Tensor): Tensor {
  const scores = f(x);
  if (scores.rank !== 1 || scores.shape[0] !== x.shape[0]) {
    throw new TypeError(
      `the function explained gave [${scores.shape.join(", ")}] for [${x.shape.join(", ")}]; it must give one score a row, [${x.shape[0]}]`,
    );
  }
  return scores;
}

/** A map of rows, batch after batch in a loop inside the graph; the batches differ by a row at most. */
function inBatches(map: (x: Tensor) => Tensor, x: Tensor, batch = x.shape[0]): Tensor {
  const rows = x.shape[0];
  const count = Math.ceil(rows / batch);
  if (count <= 1) return map(x);
  const size = Math.ceil(rows / count);
  const spare = count * size - rows;
  const full = spare === 0 ? x : concat([x, x.slice([0, spare])]);
  const [, results] = scan(
    (none: Record<string, never>, part: Tensor) => [none, map(part)] as const,
    {},
    full.reshape([count, size, ...x.shape.slice(1)]),
  );
  const all = results.reshape([count * size, ...results.shape.slice(2)]);
  return spare === 0 ? all : all.slice([0, rows]);
}
