/**
 * Matrix products that absorb what is added to them: `product + s C` with a known scalar s is one
 * Gemm, which starts from C instead of zero. Momentum updates, biases and sums of products (the gates
 * of a recurrent net) lose a pass over memory each.
 */
import {
  apply1,
  cloneNode,
  constantValue,
  type Node,
  type Op,
  reachable,
  type Tensor,
} from "../graph.ts";
import { sameShape, tryBroadcast } from "../shape.ts";

interface Gemm {
  readonly transA: boolean;
  readonly transB: boolean;
  /** Factor of the added matrix. */
  readonly beta: number;
}

/** op(A) op(B) + beta C for matrices; made here only, after all transformations. */
const gemmOp: Op<Gemm> = {
  name: "gemm",
  infer: ([a, b], { transA, transB }) => [
    { shape: [a.shape[transA ? 1 : 0], b.shape[transB ? 0 : 1]], dtype: a.dtype },
  ],
  batch: () => {
    throw new Error("gemm is made after batching");
  },
  onnx: (emit, inputs, { attributes: { transA, transB, beta } }) =>
    emit.op("Gemm", inputs, {
      transA: Number(transA),
      transB: Number(transB),
      beta: { float: beta },
    }),
};

/** The outputs with such sums fused; `enter` limits the walk to the graph that is lowered. */
export function fuseGemm(outputs: readonly Tensor[], enter: (node: Node) => boolean): Tensor[] {
  const uses = new Map<Tensor, number>();
  const count = (tensor: Tensor) => uses.set(tensor, (uses.get(tensor) ?? 0) + 1);
  const nodes = reachable(outputs, enter);
  for (const node of nodes) node.inputs.forEach(count);
  outputs.forEach(count);
  // What ran before this segment is a value: its operands may be gone.
  const entered = new Set(nodes);

  // One pass from the inputs on, so that every node is made of what its operands have become.
  const replaced = new Map<Tensor, Tensor>();
  const now = (tensor: Tensor) => replaced.get(tensor) ?? tensor;
  const onlyHere = (tensor: Tensor) => entered.has(tensor.node) && uses.get(tensor) === 1;
  for (const node of nodes) {
    const [a, b] = node.inputs;
    const fused =
      node.op.name === "add"
        ? (absorb(a, b, node, onlyHere, now) ?? absorb(b, a, node, onlyHere, now))
        : undefined;
    if (fused !== undefined) replaced.set(node.outputs[0], fused);
    else if (node.inputs.some((input) => replaced.has(input))) {
      const copy = cloneNode(node, node.inputs.map(now));
      node.outputs.forEach((output, i) => {
        replaced.set(output, copy.outputs[i]);
      });
    }
  }
  return outputs.map(now);
}

/** product + addend as one Gemm, if the product is a plain one that nobody else needs. */
function absorb(
  product: Tensor,
  addend: Tensor,
  sum: Node,
  onlyHere: (tensor: Tensor) => boolean,
  now: (tensor: Tensor) => Tensor,
): Tensor | undefined {
  const { node } = product;
  if (node.op.name !== "matmul" || !onlyHere(product)) return undefined;
  const [a, b] = node.inputs;
  if (a.rank !== 2 || b.rank !== 2 || !sameShape(product.shape, sum.outputs[0].shape))
    return undefined;
  if (!sameShape(tryBroadcast(addend.shape, product.shape) ?? [], product.shape)) return undefined;
  const { transA, transB } = node.attributes as Gemm;
  const { matrix, beta } = onlyHere(addend) ? unscaled(addend) : { matrix: addend, beta: 1 };
  return apply1(gemmOp, [now(a), now(b), now(matrix)], { transA, transB, beta });
}

/** C and s of a tensor s C with a known scalar s. */
function unscaled(x: Tensor): { matrix: Tensor; beta: number } {
  if (x.node.op.name === "mul" && x.rank === 2) {
    const [a, b] = x.node.inputs;
    for (const [factor, matrix] of [
      [a, b],
      [b, a],
    ]) {
      const beta = factor.rank === 0 ? constantValue(factor)?.data[0] : undefined;
      // Attributes are float32: a factor that needs float64 would lose digits there.
      if (beta !== undefined && beta === Math.fround(beta) && matrix.rank === 2)
        return { matrix, beta };
    }
  }
  return { matrix: x, beta: 1 };
}
