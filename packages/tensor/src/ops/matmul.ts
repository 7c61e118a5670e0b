/** Matrix products. */
import { isFloat } from "../dtype.ts";
import { fail, showShape } from "../errors.ts";
import {
  type Aval,
  apply1,
  lift,
  type Node,
  type Op,
  type Tensor,
  type TensorLike,
} from "../graph.ts";
import { broadcastShapes, range, sizeOf } from "../shape.ts";
import { mul } from "./arithmetic.ts";
import { alignBatch } from "./elementwise.ts";
import { broadcastTo, expandDims, reshape, squeeze } from "./layout.ts";
import { sumTo } from "./reduce.ts";

/** Which operands enter with their last two axes swapped: transposes cost nothing inside the product. */
interface Transposes {
  readonly transA: boolean;
  readonly transB: boolean;
}

const tail = (x: Aval, swapped: boolean): [rows: number, columns: number] => {
  const [rows, columns] = x.shape.slice(-2);
  return swapped ? [columns, rows] : [rows, columns];
};

const matmulOp: Op<Transposes> = {
  name: "matmul",
  infer: ([a, b], { transA, transB }) => {
    const [rows, inner] = tail(a, transA);
    const [other, columns] = tail(b, transB);
    const complain = (why: string) =>
      fail(`matmul: ${showShape(a.shape)} and ${showShape(b.shape)}: ${why}`);
    if (a.dtype !== b.dtype)
      complain(`${a.dtype} and ${b.dtype} do not mix; convert one with .astype()`);
    if (!isFloat(a.dtype)) complain(`takes floats, got ${a.dtype}; convert with .astype()`);
    if (inner !== other) complain(`the inner lengths ${inner} and ${other} differ`);
    const lead = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
    return [{ shape: [...lead, rows, columns], dtype: a.dtype }];
  },
  vjp: ([g], node, [wantA, wantB]) => {
    if (g === undefined) return [undefined, undefined];
    return [wantA ? cotangentOfA(g, node) : undefined, wantB ? cotangentOfB(g, node) : undefined];
  },
  batch: (inputs, batched, { attributes }) => {
    const [a, b] = inputs;
    // A batch of left operands against one matrix is one larger product.
    if (!batched[1] && b.rank === 2 && !attributes.transA) return [product(a, b, attributes)];
    const [left, right] = alignBatch([a, b], batched);
    return [product(left, right, attributes)];
  },
  onnx: (emit, [a, b], { inputs, attributes: { transA, transB } }) => {
    const [left, right] = inputs;
    if (left.rank === 2 && right.rank === 2 && (transA || transB)) {
      return emit.op("Gemm", [a, b], { transA: Number(transA), transB: Number(transB) });
    }
    const swapped = (name: string, x: Tensor) =>
      emit.op("Transpose", [name], { perm: [...range(x.rank - 2), x.rank - 1, x.rank - 2] });
    return emit.op("MatMul", [transA ? swapped(a, left) : a, transB ? swapped(b, right) : b]);
  },
  simplify: ({ inputs: [a, b], outputs: [c], attributes: { transA, transB } }) => {
    if (a.size === 0 || b.size === 0) return broadcastTo(lift(0, c.dtype), c.shape);
    const [left, right] = [untranspose(a), untranspose(b)];
    if (left === undefined && right === undefined) return undefined;
    return apply1(matmulOp, [left ?? a, right ?? b], {
      transA: transA !== (left !== undefined),
      transB: transB !== (right !== undefined),
    });
  },
};

/** The operand of a node that does nothing but swap the last two axes. */
function untranspose({ node, rank }: Tensor): Tensor | undefined {
  if (node.op.name !== "transpose" || rank < 2) return undefined;
  const { order } = node.attributes as { order: readonly number[] };
  const swaps = order.every((axis, i) => axis === (i < rank - 2 ? i : 2 * rank - 3 - i));
  return swaps ? node.inputs[0] : undefined;
}

/** A product; leading axes of the left operand fold into its rows when the right one is a matrix. */
function product(a: Tensor, b: Tensor, transposes: Transposes): Tensor {
  if (a.rank > 2 && b.rank === 2 && !transposes.transA) {
    const rows = reshape(a, [sizeOf(a.shape.slice(0, -1)), a.shape[a.rank - 1]]);
    const result = apply1(matmulOp, [rows, b], transposes);
    return reshape(result, [...a.shape.slice(0, -1), result.shape[1]]);
  }
  return apply1(matmulOp, [a, b], transposes);
}

// With C = op(A) op(B): dA = dC op(B)^T and dB = op(A)^T dC, transposed once more where op transposes.
function cotangentOfA(
  g: Tensor,
  { inputs: [a, b], attributes: { transA, transB } }: Node<Transposes>,
): Tensor {
  const full = transA
    ? product(b, g, { transA: transB, transB: true })
    : product(g, b, { transA: false, transB: !transB });
  return sumTo(full, a.shape);
}

function cotangentOfB(
  g: Tensor,
  { inputs: [a, b], attributes: { transA, transB } }: Node<Transposes>,
): Tensor {
  const full = transB
    ? product(g, a, { transA: true, transB: transA })
    : product(a, g, { transA: !transA, transB: false });
  return sumTo(full, b.shape);
}

/**
 * Matrix product over the last two axes; leading axes broadcast. A vector on the left counts as a
 * row, on the right as a column, and its axis disappears from the result.
 */
export function matmul(left: TensorLike, right: TensorLike): Tensor {
  const [a, b] = [lift(left), lift(right)];
  if (a.rank === 0 || b.rank === 0) fail("matmul: scalars have no matrix product; use mul");
  const plain = { transA: false, transB: false };
  if (a.rank > 1 && b.rank > 1) return product(a, b, plain);
  const matrixA = a.rank === 1 ? expandDims(a, 0) : a;
  const matrixB = b.rank === 1 ? expandDims(b, 1) : b;
  const result = product(matrixA, matrixB, plain);
  const drop = [...(a.rank === 1 ? [-2] : []), ...(b.rank === 1 ? [-1] : [])];
  return squeeze(result, drop);
}

/** Inner product of the last axes: sum over k of a[..., k] b[..., k] for vectors, a matrix product else. */
export function dot(a: TensorLike, b: TensorLike): Tensor {
  return matmul(a, b);
}

/** All products of the entries of two vectors: a matrix. */
export function outer(left: TensorLike, right: TensorLike): Tensor {
  const [a, b] = [lift(left), lift(right)];
  return mul(reshape(a, [a.size, 1]), reshape(b, [1, b.size]));
}
