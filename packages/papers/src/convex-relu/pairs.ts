/** Two classes of an image set as rows of pixels with a bias: what the experiments train on. */
import type { ArrayDataset } from "@etude/data";
import { array, type NDArray, random } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { predict, type ReluNetwork } from "./recovery.ts";

export interface Samples {
  /** float64 [n, d], the last column ones. */
  readonly X: NDArray;
  /** float64 [n]: 1 for the first class, -1 for the second. */
  readonly y: NDArray;
}

export interface TwoClasses {
  readonly train: Samples;
  readonly test: Samples;
}

/**
 * The images of two classes, shuffled and divided.
 *
 * @throws UsageError when there are not more images than are asked for training
 */
export function twoClasses(
  { inputs, targets, name }: ArrayDataset,
  [first, second]: readonly [number, number],
  trainSize: number,
  seed: number,
): TwoClasses {
  const rows = Array.from(targets.data.keys()).filter(
    (row) => targets.data[row] === first || targets.data[row] === second,
  );
  if (rows.length <= trainSize)
    throw new UsageError(
      `${name} has ${rows.length} images of the classes ${first} and ${second}; ${trainSize} for training leave none for the test`,
    );
  const order = Array.from(random.generator(seed).permutation(rows.length), (i) => rows[i]);
  const pixels = inputs.size / targets.size;
  const part = (chosen: readonly number[]): Samples => {
    const X = new Float64Array(chosen.length * (pixels + 1)).fill(1);
    chosen.forEach((row, k) => {
      X.set(
        inputs.data.subarray(row * pixels, (row + 1) * pixels) as ArrayLike<number>,
        k * (pixels + 1),
      );
    });
    return {
      X: array(X, { shape: [chosen.length, pixels + 1] }),
      y: array(Float64Array.from(chosen, (row) => (targets.data[row] === first ? 1 : -1))),
    };
  };
  return { train: part(order.slice(0, trainSize)), test: part(order.slice(trainSize)) };
}

/** Targets 0 and 1 of the logistic loss. */
export const zeroOne = ({ X, y }: Samples): Samples => ({
  X,
  y: array(Float64Array.from(y.data, (sign) => (sign + 1) / 2)),
});

/** The part of the samples whose output has the sign of the target; an output of 0 is wrong. */
export async function accuracyOf(network: ReluNetwork, { X, y }: Samples): Promise<number> {
  const outputs = await predict(network, X);
  return outputs.data.filter((output, k) => output * y.data[k] > 0).length / y.size;
}
