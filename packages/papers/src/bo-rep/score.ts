/** How good the models of several runs are, on whole parts at once. */
import { accuracy, softmaxCrossEntropy } from "@etude/learn";
import type { NDArray, Tensor } from "@etude/tensor";
import { type Arrays, compiled } from "./bilevel/index.ts";
import { batched } from "./bilevel/trees.ts";
import type { Score } from "./budgetRun.ts";
import type { Labelled } from "./classification.ts";

/** Logits [b, classes] of the model that upper and lower variable make together. */
export type Model<X, Y> = (x: X, y: Y, inputs: Tensor) => Tensor;

/** Compiled once, for states with a leading axis of runs. */
export function compileScore<X, Y>(
  upper: Labelled,
  test: Labelled,
  model: Model<X, Y>,
): (x: Arrays<X>, y: Arrays<Y>) => Promise<Score> {
  const score = (x: X, y: Y, inputs: Tensor, labels: Tensor, tested: Tensor) => ({
    loss: softmaxCrossEntropy(model(x, y, inputs), labels).mean(),
    winners: model(x, y, tested).argmax(-1),
  });
  const run = compiled(batched(score, [0, 0, null, null, null]));
  return async (x, y) => {
    const { loss, winners } = await run(x, y, upper.inputs, upper.labels, test.inputs);
    return { loss: Array.from(loss.data, Number), accuracy: accuracies(winners, test.labels) };
  };
}

/** @param winners [runs, rows] */
const accuracies = (winners: NDArray, labels: NDArray): number[] => {
  const [runs, rows] = winners.shape;
  return Array.from({ length: runs }, (_, i) =>
    accuracy(Int32Array.from(winners.data.subarray(i * rows, (i + 1) * rows)), labels),
  );
};
