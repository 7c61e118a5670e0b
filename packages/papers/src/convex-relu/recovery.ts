/** From blocks of the convex program to the network they stand for, and the objective it really has. */
import { array, jit, type NDArray, type Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { type LossName, losses } from "./losses.ts";
import { type ConvexSolution, checkSamples, scalar } from "./program.ts";

/** yhat = sum_j (x^T u_j)_+ a_j; biases are weights of a column of ones. */
export interface ReluNetwork<T = NDArray> {
  /** [m, d] */
  readonly U: T;
  /** [m] */
  readonly a: T;
}

/** Outputs [n] of a network for X [n, d]. */
export const networkOutput = ({ U, a }: ReluNetwork<Tensor>, X: Tensor): Tensor =>
  X.matmul(U.transpose()).relu().matmul(a);

/** Problem (1): the loss over the samples and beta / 2 sum_j (|u_j|^2 + a_j^2). */
export function weightDecayObjective(
  network: ReluNetwork<Tensor>,
  X: Tensor,
  y: Tensor,
  beta: Tensor,
  loss: LossName,
): Tensor {
  const fit = losses[loss].value(networkOutput(network, X), y).sum();
  const squares = [network.U, network.a].map((weights) => weights.mul(weights).sum());
  return fit.add(squares[0].add(squares[1]).mul(beta.div(2)));
}

const objectiveOf = jit(weightDecayObjective);
const outputOf = jit(networkOutput);

/** Outputs [n] of a trained network, float64. */
export const predict = ({ U, a }: ReluNetwork, X: NDArray): Promise<NDArray> =>
  U.shape[0] === 0
    ? Promise.resolve(array(new Float64Array(X.shape[0])))
    : outputOf({ U, a }, X.astype("float64"));

/** The objective (1) of a network: the truth about what a training gave. */
export async function networkObjective(
  X: NDArray,
  y: NDArray,
  network: ReluNetwork,
  beta: number,
  loss: LossName = "squared",
): Promise<number> {
  checkSamples(X, y, loss);
  if (network.U.shape[0] === 0) {
    const silent = { U: array(new Float64Array(X.shape[1]), { shape: [1, -1] }), a: scalar(0) };
    return networkObjective(X, y, { ...silent, a: silent.a.reshape([1]) }, beta, loss);
  }
  const value = await objectiveOf(
    network,
    X.astype("float64"),
    y.astype("float64"),
    scalar(beta),
    loss,
  );
  return value.item();
}

export interface RecoverOptions {
  /** Blocks whose norm is at most this part of the largest are left out: 1e-9. */
  readonly tolerance?: number;
  /** Merge blocks of one sign that are positive multiples of one direction: false. */
  readonly merge?: boolean;
}

/**
 * The network of a solution (eq. 4): u = v / sqrt |v|, a = sqrt |v| for blocks v, and a = -sqrt |w| for
 * blocks w. Where the cone constraints hold it has the outputs and the objective of the program.
 */
export function recoverNetwork(
  { v, w }: Pick<ConvexSolution, "v" | "w">,
  { tolerance = 1e-9, merge = false }: RecoverOptions = {},
): ReluNetwork {
  if (!(tolerance >= 0)) throw new UsageError(`tolerance must not be negative, got ${tolerance}`);
  const d = v.shape[1];
  const blocks = [
    ...rowsOf(v).map((weights) => ({ weights, sign: 1 })),
    ...rowsOf(w).map((weights) => ({ weights, sign: -1 })),
  ];
  const largest = Math.max(...blocks.map(({ weights }) => lengthOf(weights)));
  const active = blocks.filter(
    ({ weights }) => lengthOf(weights) > 0 && lengthOf(weights) > tolerance * largest,
  );
  const units = merge ? merged(active) : active;
  return {
    U: array(
      Float64Array.from(
        units.flatMap(({ weights }) => {
          const root = Math.sqrt(lengthOf(weights));
          return weights.map((weight) => weight / root);
        }),
      ),
      { shape: [units.length, d] },
    ),
    a: array(
      Float64Array.from(units, ({ weights, sign }) => sign * Math.sqrt(lengthOf(weights))),
      { shape: [units.length] },
    ),
  };
}

interface Block {
  readonly weights: readonly number[];
  readonly sign: number;
}

/** 1 - cos of the largest angle at which two directions count as one: about 1e-6. */
const sameDirection = 5e-13;

function merged(blocks: readonly Block[]): Block[] {
  const kept: Block[] = [];
  for (const block of blocks) {
    const place = kept.findIndex(
      ({ weights, sign }) =>
        sign === block.sign && cosine(weights, block.weights) >= 1 - sameDirection,
    );
    if (place < 0) kept.push(block);
    else {
      const weights = kept[place].weights.map((weight, j) => weight + block.weights[j]);
      kept[place] = { weights, sign: block.sign };
    }
  }
  return kept;
}

const rowsOf = ({ data, shape: [rows, d] }: NDArray): number[][] =>
  Array.from({ length: rows }, (_, i) => Array.from(data.slice(i * d, (i + 1) * d)));

const lengthOf = (weights: readonly number[]): number => Math.hypot(...weights);

const cosine = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, weight, j) => sum + weight * b[j], 0) / (lengthOf(a) * lengthOf(b));
