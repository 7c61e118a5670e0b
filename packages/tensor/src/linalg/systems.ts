/** What systems A X = B have in common: shapes, right-hand sides that broadcast, batching. */
import { fail, showShape } from "../errors.ts";
import { type Aval, apply1, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";
import { broadcastTo, expandDims, moveAxis, repeatBatch, reshape, squeeze } from "../ops/layout.ts";
import { broadcastShapes, type Shape, sizeOf } from "../shape.ts";
import { squareOrder } from "./matrices.ts";

/** Shape and dtype of op(A)^-1 B: those of B, if the two fit. */
export function inferSystem(operation: string, [a, b]: readonly Tensor[]): Aval[] {
  squareOrder(operation, a);
  expectRightHandSide(operation, a, b);
  return [b];
}

/** Check that B, as matrices, has as many rows as A and leading axes that broadcast; returns these. */
export function expectRightHandSide(operation: string, a: Tensor, b: Tensor): Shape {
  if (a.dtype !== b.dtype)
    fail(`${operation}: ${a.dtype} and ${b.dtype} do not mix; convert one with .astype()`);
  const rows = a.shape[a.rank - 2];
  if (b.rank < 2 || b.shape[b.rank - 2] !== rows) {
    fail(
      `${operation}: b has shape ${showShape(b.shape)} where a ${showShape(a.shape)} needs ${rows} rows`,
    );
  }
  const [leadA, leadB] = [a, b].map(({ shape }) => shape.slice(0, -2));
  return broadcastShapes(`${operation}: leading axes`, leadA, leadB);
}

/**
 * Apply an operation on pairs of matrices to operands as users give them: a vector counts as a column,
 * leading axes broadcast, and one matrix shared by all right-hand sides is not repeated for them.
 */
export function solveBroadcast<A extends object>(
  op: Op<A>,
  operation: string,
  attributes: A,
  left: TensorLike,
  right: TensorLike,
): Tensor {
  const [a, b] = [lift(left), lift(right)];
  if (b.rank === 0) fail(`${operation}: b is a scalar; give a vector or a matrix`);
  if (b.rank === 1) {
    return squeeze(solveBroadcast(op, operation, attributes, a, expandDims(b, 1)), -1);
  }
  squareOrder(operation, a);
  const lead = expectRightHandSide(operation, a, b);
  const columns = b.shape.slice(-2);
  if (a.rank === 2 && b.rank > 2) {
    const flat = reshape(b, [sizeOf(b.shape.slice(0, -2)), ...columns]);
    return reshape(
      sideBySide(flat, (all) => apply1(op, [a, all], attributes)),
      b.shape,
    );
  }
  const matrices = broadcastTo(a, [...lead, ...a.shape.slice(-2)]);
  return apply1(op, [matrices, broadcastTo(b, [...lead, ...columns])], attributes);
}

/** Right-hand sides [size, ..., n, k] as the columns of one, [..., n, size k], for a matrix they share. */
function sideBySide(b: Tensor, solve: (all: Tensor) => Tensor): Tensor {
  const wide = moveAxis(b, 0, -2);
  const x = solve(reshape(wide, [...wide.shape.slice(0, -2), b.shape[0] * b.shape[b.rank - 1]]));
  return moveAxis(reshape(x, wide.shape), -2, 0);
}

export function batchSystem<A extends object>(
  op: Op<A>,
  [a, b]: readonly Tensor[],
  [batchedA, batchedB]: readonly boolean[],
  attributes: A,
  size: number,
): Tensor[] {
  if (!batchedA) return [sideBySide(b, (all) => apply1(op, [a, all], attributes))];
  return [apply1(op, [a, batchedB ? b : repeatBatch(b, size)], attributes)];
}
