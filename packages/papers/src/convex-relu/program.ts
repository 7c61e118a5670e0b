/**
 * The convex program (3) over given patterns:
 *
 *     min  l( sum_i D_i X (v_i - w_i), y ) + beta sum_i (|v_i| + |w_i|)
 *     s.t. (2 D_i - I) X v_i >= 0,  (2 D_i - I) X w_i >= 0
 *
 * Its 2P blocks are the rows of one matrix, v_1 .. v_P, w_1 .. w_P; the products with F and G of eq. 6
 * are products with X and masks.
 */
import { DataError } from "@etude/data";
import { array, jit, NDArray, ones, type Tensor, zeros } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { checkTargets, type LossName, losses } from "./losses.ts";
import type { Patterns } from "./patterns.ts";

/** Data and patterns as a graph takes them, all float64. */
export interface Program<T> {
  /** X [n, d] */
  readonly X: T;
  /** y [n] */
  readonly y: T;
  /** The diagonals of D_1 .. D_P, D_1 .. D_P: 0 or 1, [2P, n]. */
  readonly masks: T;
  /** 1 for blocks v, -1 for blocks w: [2P, 1]. */
  readonly signs: T;
}

/** A solution, or an iterate, of the program. */
export interface ConvexSolution {
  /** [P, d] */
  readonly v: NDArray;
  /** [P, d] */
  readonly w: NDArray;
  /** Of (3), also where constraints are violated. */
  readonly objective: number;
  /** Largest violation of a cone constraint, max (-(2 D - I) X v)_+. */
  readonly violation: number;
  readonly history: readonly ProgramRecord[];
  /** Multipliers of the cone constraints, >= 0, of v and w [2P, n]: what a certificate may start from. */
  readonly multipliers?: NDArray;
  /**
   * F u, [n]: the outputs of the other half of the splitting. Its slope -l'(F u) is nearly feasible in
   * the dual long before that of v is, since |rho lambda_i| <= beta throughout.
   */
  readonly splitOutputs?: NDArray;
}

/** What was seen after some iterations. */
export interface ProgramRecord {
  readonly iteration: number;
  readonly objective: number;
  readonly violation: number;
  /** |u - v| */
  readonly splitting: number;
  /** |G u - s| */
  readonly slack: number;
  /** rho |(v - v_old, s - s_old)| */
  readonly dualResidual: number;
}

/** F u = sum_i D_i X (u_i - z_i): outputs [n] of blocks [2P, d]. */
export const outputsOf = ({ X, masks, signs }: Program<Tensor>, blocks: Tensor): Tensor =>
  // A product with a row of signs: sums over leading axes are slow.
  signs.transpose().matmul(blocks.matmul(X.transpose()).mul(masks)).squeeze(0);

/** The same, compiled. */
export const runOutputs = jit(outputsOf);

/** F^T r: [2P, d] from [n]. */
export const pullOutputs = ({ X, masks, signs }: Program<Tensor>, r: Tensor): Tensor =>
  masks.mul(r).matmul(X).mul(signs);

/** G u = (2 D - I) X u of every block: [2P, n]. */
export const coneSides = ({ X, masks }: Program<Tensor>, blocks: Tensor): Tensor =>
  blocks.matmul(X.transpose()).mul(sides(masks));

/** G^T t: [2P, d] from [2P, n]. */
export const pullSides = ({ X, masks }: Program<Tensor>, t: Tensor): Tensor =>
  t.mul(sides(masks)).matmul(X);

/** The diagonals of 2 D - I. */
const sides = (masks: Tensor): Tensor => masks.mul(2).sub(1);

/** |v_i| of every block: [2P]. */
export const blockNorms = (blocks: Tensor): Tensor => blocks.mul(blocks).sum(-1).sqrt();

/** Objective (3) and the largest violation at these blocks. */
export function programValue(
  program: Program<Tensor>,
  blocks: Tensor,
  beta: Tensor,
  loss: LossName,
): { objective: Tensor; violation: Tensor } {
  const fit = losses[loss].value(outputsOf(program, blocks), program.y).sum();
  const violation = coneSides(program, blocks).neg().max().maximum(0);
  return { objective: fit.add(blockNorms(blocks).sum().mul(beta)), violation };
}

const evaluateProgram = jit(programValue);

/** Objective (3) and largest violation of blocks v, w [P, d]. */
export async function convexObjective(
  X: NDArray,
  y: NDArray,
  patterns: Patterns,
  { v, w }: { readonly v: NDArray; readonly w: NDArray },
  beta: number,
  loss: LossName = "squared",
): Promise<{ objective: number; violation: number }> {
  const program = convexProgram(X, y, patterns, loss);
  const { objective, violation } = await evaluateProgram(program, joined(v, w), scalar(beta), loss);
  return { objective: objective.item(), violation: violation.item() };
}

/**
 * Data and patterns, checked.
 *
 * @param X [n, d], with a column of ones if the network is to have biases
 * @param y [n]
 * @throws DataError for shapes, targets or values that do not fit; UsageError for patterns of other data
 */
export function convexProgram(
  X: NDArray,
  y: NDArray,
  patterns: Patterns,
  loss: LossName,
): Program<NDArray> {
  checkSamples(X, y, loss);
  const n = X.shape[0];
  if (patterns.samples !== n)
    throw new UsageError(`the patterns are of ${patterns.samples} samples, X has ${n}`);
  if (patterns.count === 0) throw new UsageError("there is no pattern");
  const blocks = 2 * patterns.count;
  const masks = new Float64Array(blocks * n);
  masks.set(patterns.D);
  masks.set(patterns.D, patterns.count * n);
  return {
    X: X.astype("float64"),
    y: y.astype("float64"),
    masks: array(masks, { shape: [blocks, n] }),
    signs: signsOf(patterns.count),
  };
}

/** 1 for the first half of the blocks, -1 for the second: [2P, 1]. */
const signsOf = (count: number): NDArray =>
  array(
    Float64Array.from({ length: 2 * count }, (_, i) => (i < count ? 1 : -1)),
    {
      shape: [2 * count, 1],
    },
  );

/**
 * @throws DataError when a shape does not fit, a value is not finite, or a target is not one of the loss
 */
export function checkSamples(X: NDArray, y: NDArray, loss: LossName): void {
  if (X.rank !== 2)
    throw new DataError(`X must have rows and columns, got shape [${X.shape.join(", ")}]`);
  const [n, d] = X.shape;
  if (n === 0 || d === 0)
    throw new DataError(`X has ${n} rows and ${d} columns: there is nothing to learn from`);
  if (y.rank !== 1 || y.size !== n)
    throw new DataError(`X has ${n} rows, but y has shape [${y.shape.join(", ")}]`);
  const wrong = X.data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new DataError(
      `X has ${X.data[wrong]} in row ${Math.floor(wrong / d)}, column ${wrong % d}`,
    );
  checkTargets(losses[loss], y);
}

/** @throws UsageError unless the number is positive and finite */
export function requirePositive(name: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value)))
    throw new UsageError(`${name} must be positive, got ${value}`);
}

/** X [n, d] with a last column of ones, float64. */
export function withBias(X: NDArray): NDArray {
  const [n, d] = X.shape;
  const values = new Float64Array(n * (d + 1)).fill(1);
  for (let k = 0; k < n; k++)
    values.set(X.data.subarray(k * d, (k + 1) * d) as ArrayLike<number>, k * (d + 1));
  return array(values, { shape: [n, d + 1] });
}

/** Blocks [2P, d] from v and w. */
export function joined(v: NDArray, w: NDArray): NDArray {
  const values = new Float64Array(v.size + w.size);
  values.set(v.data);
  values.set(w.data, v.size);
  return array(values, { shape: [v.shape[0] + w.shape[0], v.shape[1]] });
}

/** v and w [P, d] from blocks. */
export function parted(blocks: NDArray): { v: NDArray; w: NDArray } {
  const [rows, d] = blocks.shape;
  const half = blocks.size / 2;
  const part = (from: number) =>
    new NDArray(blocks.data.slice(from, from + half), [rows / 2, d], blocks.dtype);
  return { v: part(0), w: part(half) };
}

/** A float64 scalar that may differ from call to call of a compiled function. */
export const scalar = (value: number): NDArray => array(new Float64Array([value]), { shape: [] });

export const zeros64 = (shape: readonly number[]): NDArray => zeros([...shape], "float64");
export const ones64 = (shape: readonly number[]): NDArray => ones([...shape], "float64");
