/** One part of the network: a few hidden units fitted to the pseudo-residuals by least squares. */
import { compileMinimizer, type Minimizer } from "@etude/learn";
import { array, type NDArray, type random, type Tensor } from "@etude/tensor";
import type { Activation, GbnnSettings } from "./config.ts";
import { compileEpochs, type EpochTrainer, optimisers } from "./epochs.ts";
import { type Shallow, turn, turnedOutput } from "./shallow.ts";

/**
 * What the fit of a part minimises (eq. 12):
 *
 *     1 / (2 n) sum_i ||h(x_i) - r_i||^2 + alpha / (2 n) (||W||^2 + ||V||^2)
 *
 * Biases are not penalised.
 *
 * @param x [n, d]
 * @param residuals r: [n, K]
 */
export const partObjective = (
  part: Shallow<Tensor>,
  x: Tensor,
  residuals: Tensor,
  weightDecay: number,
  activation: Activation,
): Tensor => turnedObjective(turn(part), x, residuals.transpose(), weightDecay, activation);

/** The same of a turned part and residuals [K, n]: a graph with a fifth fewer operations. */
function turnedObjective(
  part: Shallow<Tensor>,
  x: Tensor,
  residuals: Tensor,
  weightDecay: number,
  activation: Activation,
): Tensor {
  const error = turnedOutput(part, x, activation).sub(residuals);
  const penalty = part.W.mul(part.W).sum().add(part.V.mul(part.V).sum());
  return error
    .mul(error)
    .sum()
    .add(penalty.mul(weightDecay))
    .mul(1 / (2 * x.shape[0]));
}

/**
 * Fits a part to residuals, from its start.
 *
 * L-BFGS sees all examples in every evaluation and stops after `maxIter` iterations, or when the
 * objective falls by less than 2.22e-9 (relative to the larger of its value and 1) in one. In float32
 * so small a decrease is lost in rounding, and it stops at 1.2e-7. Adam and SGD run for `maxIter`
 * epochs.
 *
 * @param x [n, d]
 * @param residuals [n, K]
 */
export async function fitPart(
  start: Shallow<NDArray>,
  x: NDArray,
  residuals: NDArray,
  settings: GbnnSettings,
  generator: random.Generator,
): Promise<Shallow<NDArray>> {
  const { solver, activation, weightDecay, maxIter, tol } = settings;
  const fitters = fittersFor(activation, weightDecay);
  if (solver === "lbfgs") {
    const { params } = await fitters.lbfgs(turnArrays(start), [x, transposed(residuals)], {
      maxIterations: maxIter,
      gradientTolerance: tol,
    });
    return turnArraysBack(params);
  }
  const { params } = await fitters[solver](start, [x, residuals], [], {
    epochs: maxIter,
    generator,
  });
  return params;
}

interface Fitters {
  readonly lbfgs: Minimizer<Shallow<Tensor>, [x: Tensor, residuals: Tensor]>;
  readonly adam: EpochTrainer<Shallow<Tensor>, []>;
  readonly sgd: EpochTrainer<Shallow<Tensor>, []>;
}

const compiled = new Map<string, Fitters>();

/** Compiled once for each number of rows, d, J and K, whatever the number of parts, folds and seeds. */
function fittersFor(activation: Activation, weightDecay: number): Fitters {
  const key = `${activation} ${weightDecay}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const plain = (part: Shallow<Tensor>, x: Tensor, residuals: Tensor) =>
    partObjective(part, x, residuals, weightDecay, activation);
  const fitters = {
    lbfgs: compileMinimizer((part: Shallow<Tensor>, x: Tensor, residuals: Tensor) =>
      turnedObjective(part, x, residuals, weightDecay, activation),
    ),
    adam: compileEpochs(plain, optimisers.adam),
    sgd: compileEpochs(plain, optimisers.sgd),
  };
  compiled.set(key, fitters);
  return fitters;
}

const turnArrays = ({ W, b, V, c }: Shallow<NDArray>): Shallow<NDArray> => ({
  W: transposed(W),
  b: b.reshape([-1, 1]),
  V: transposed(V),
  c: c.reshape([-1, 1]),
});

const turnArraysBack = ({ W, b, V, c }: Shallow<NDArray>): Shallow<NDArray> => ({
  W: transposed(W),
  b: b.reshape([-1]),
  V: transposed(V),
  c: c.reshape([-1]),
});

function transposed({ data, shape: [rows, columns], dtype }: NDArray): NDArray {
  if (rows === 1 || columns === 1) return array(data, { shape: [columns, rows], dtype });
  const turned = data.slice();
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) turned[j * rows + i] = data[i * columns + j];
  return array(turned, { shape: [columns, rows], dtype });
}
