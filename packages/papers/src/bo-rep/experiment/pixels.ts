/**
 * Hyper-representation with a recurrent encoder: 8 x 8 digits as 64 steps of one pixel. The upper
 * variable is the encoder, the lower one a linear head.
 */
import { gatherRows } from "@etude/data";
import { type DenseParams, dense, type RecurrentParams, rnn } from "@etude/learn";
import { array, type NDArray, random, type Tensor } from "@etude/tensor";
import type { Arrays, BilevelProblem } from "../bilevel/index.ts";
import { type Labelled, type Rows, representationProblem } from "../classification.ts";
import { compileScore } from "../score.ts";
import { randomOrthogonal } from "./orthogonal.ts";

export interface PixelParts {
  readonly lower: Labelled;
  readonly upper: Labelled;
  readonly test: Labelled;
}

const ridge = 1e-2;
const classes = 10;

/** @param images [n, 1, 8, 8] from 0 to 1 */
export function pixelParts(
  images: { readonly inputs: NDArray; readonly targets: NDArray },
  seed: number,
  sizes: { readonly lower: number; readonly upper: number; readonly test: number },
): PixelParts {
  const [count] = images.inputs.shape;
  const order = random.generator(seed).fork(21).permutation(count);
  const pixels = images.inputs.reshape([count, images.inputs.size / count, 1]);
  let from = 0;
  const part = (size: number): Labelled => {
    const rows = order.subarray(from, from + size);
    from += size;
    return { inputs: gatherRows(pixels, rows), labels: gatherRows(images.targets, rows) };
  };
  return { lower: part(sizes.lower), upper: part(sizes.upper), test: part(sizes.test) };
}

/** The last state of h_t = tanh(x_t W_in + h_{t-1} W + b). */
const encode = (encoder: RecurrentParams, inputs: Tensor): Tensor => rnn(encoder, inputs)[1];

/** f = CE of the upper part, g = CE of the lower part + (0.01 / 2) |y|^2. */
export const pixelProblem = (
  parts: PixelParts,
): BilevelProblem<RecurrentParams, DenseParams, Rows> =>
  representationProblem(parts, encode, dense, ridge);

/**
 * Encoders one behind the other: W_in and b uniform, W = gain times one random orthogonal matrix. All
 * have the same draws and differ in gain only.
 */
export function pixelEncoders(
  gains: readonly number[],
  units: number,
  seed: number,
): Arrays<RecurrentParams> {
  const draw = random.generator(seed).fork(22);
  const scale = 1 / Math.sqrt(units);
  const uniform = (factor: number) =>
    Float32Array.from({ length: units }, () => factor * scale * draw.uniform(-1, 1));
  const [weight, bias] = [uniform(5), uniform(1)];
  const turn = randomOrthogonal(units, draw);
  const runs = gains.length;
  const repeat = (values: Float32Array, shape: number[]) =>
    array(
      Float32Array.from({ length: runs * values.length }, (_, i) => values[i % values.length]),
      {
        shape: [runs, ...shape],
      },
    );
  return {
    input: { weight: repeat(weight, [1, units]), bias: repeat(bias, [units]) },
    hidden: {
      weight: array(
        Float32Array.from(gains.flatMap((gain) => Array.from(turn, (entry) => gain * entry))),
        { shape: [runs, units, units] },
      ),
    },
  };
}

export const pixelHeads = (runs: number, units: number): Arrays<DenseParams> => ({
  weight: array(new Float32Array(runs * units * classes), { shape: [runs, units, classes] }),
  bias: array(new Float32Array(runs * classes), { shape: [runs, classes] }),
});

/** Cross entropy over the whole upper part and accuracy on the test part, by run. */
export const pixelScore = ({ upper, test }: PixelParts) =>
  compileScore(upper, test, (encoder: RecurrentParams, head: DenseParams, inputs) =>
    dense(head, encode(encoder, inputs)),
  );
