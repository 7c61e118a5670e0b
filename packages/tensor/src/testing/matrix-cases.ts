/** Matrix products, triangles, diagonals and Einstein sums. */
import { einsum as einsumOp } from "../ops/matrix.ts";
import type { Case } from "./cases.ts";
import { real } from "./random.ts";
import {
  at,
  build,
  common,
  einsum,
  entrywise,
  type Reference,
  reshaped,
  sum,
} from "./reference.ts";

type Shape = readonly number[];

/** The product of matrices, or of vectors that count as a row or a column. */
export function multiply(a: Reference, b: Reference): Reference {
  const left = a.shape.length === 1 ? reshaped(a, [1, a.shape[0]]) : a;
  const right = b.shape.length === 1 ? reshaped(b, [b.shape[0], 1]) : b;
  const [rows, inner] = left.shape.slice(-2);
  const columns = right.shape[right.shape.length - 1];
  const lead = common(left.shape.slice(0, -2), right.shape.slice(0, -2));
  const product = build([...lead, rows, columns], (index) => {
    const [i, j] = index.slice(-2);
    const batch = index.slice(0, -2);
    return sum(
      Array.from(
        { length: inner },
        (_, k) => entry(left, [...batch, i, k]) * entry(right, [...batch, k, j]),
      ),
    );
  });
  const dropped = [
    ...lead,
    ...(a.shape.length === 1 ? [] : [rows]),
    ...(b.shape.length === 1 ? [] : [columns]),
  ];
  return reshaped(product, dropped);
}

/** An entry of a matrix whose leading axes broadcast; its rows and columns do not. */
const entry = (x: Reference, index: readonly number[]): number => at(x, index);

export const matmulCase = (a: Shape, b: Shape): Case => ({
  name: `matmul of [${a}] and [${b}]`,
  inputs: [real(a), real(b)],
  f: (x, y) => x.matmul(y),
  reference: multiply,
});

/** The forms a product takes when operands are transposed: each enters the runtime's product another way. */
export const transposedProductCases = (rows: number, inner: number, columns: number): Case[] =>
  [
    [true, false],
    [false, true],
    [true, true],
  ].map(([left, right]): Case => {
    const a = left ? [inner, rows] : [rows, inner];
    const b = right ? [columns, inner] : [inner, columns];
    const flipped = (x: Reference, is: boolean) => (is ? einsum("ij->ji", x) : x);
    return {
      name: `matmul of [${a}]${left ? " transposed" : ""} and [${b}]${right ? " transposed" : ""}`,
      inputs: [real(a), real(b)],
      f: (x, y) => (left ? x.transpose() : x).matmul(right ? y.transpose() : y),
      reference: (x, y) => multiply(flipped(x, left), flipped(y, right)),
    };
  });

/** Sums that lowering may fuse with the product in them. */
export function addedProductCases(): Case[] {
  const plus = entrywise((x, y) => x + y);
  const added = (shape: Shape): Case => ({
    name: `matmul of [3,4] and [4,5] plus [${shape}]`,
    inputs: [real([3, 4]), real([4, 5]), real(shape)],
    f: (a, b, c) => a.matmul(b).add(c),
    reference: (a, b, c) => plus(multiply(a, b), c),
  });
  return [
    ...[[3, 5], [5], [3, 1], [1, 5], []].map(added),
    {
      name: "matmul added to a tenth of a matrix",
      inputs: [real([3, 4]), real([4, 5]), real([3, 5])],
      f: (a, b, c) => c.mul(0.1).add(a.matmul(b)),
      reference: (a, b, c) => entrywise((x, y) => 0.1 * x + y)(c, multiply(a, b)),
    },
    {
      name: "matmul plus matmul plus a row",
      inputs: [real([3, 4]), real([4, 2]), real([3, 5]), real([5, 2]), real([2])],
      f: (a, b, c, d, e) => a.matmul(b).add(c.matmul(d)).add(e),
      reference: (a, b, c, d, e) => plus(plus(multiply(a, b), multiply(c, d)), e),
    },
    {
      name: "matmul of two layers with biases",
      inputs: [real([3, 4]), real([4, 5]), real([5]), real([5, 2]), real([2])],
      f: (x, a, b, c, d) => x.matmul(a).add(b).tanh().matmul(c).add(d),
      reference: (x, a, b, c, d) =>
        plus(multiply(entrywise(Math.tanh)(plus(multiply(x, a), b)), c), d),
    },
    {
      name: "matmul used twice, once with a matrix added",
      inputs: [real([2, 3]), real([3, 2]), real([2, 2])],
      f: (a, b, c) => [a.matmul(b).add(c), a.matmul(b)],
      reference: (a, b, c) => [plus(multiply(a, b), c), multiply(a, b)],
    },
  ];
}

export const einsumCase = (equation: string, ...shapes: readonly Shape[]): Case => ({
  name: `einsum "${equation}" of ${shapes.map((shape) => `[${shape}]`).join(", ")}`,
  inputs: shapes.map(real),
  f: (...operands) => einsumOp(equation, ...operands),
  reference: (...operands) => einsum(equation, ...operands),
});

export const vectorCases = (n: number, m: number): Case[] => [
  {
    name: `dot of [${n}] and [${n}]`,
    inputs: [real([n]), real([n])],
    f: (x, y) => x.dot(y),
    reference: multiply,
  },
  {
    name: `outer of [${n}] and [${m}]`,
    inputs: [real([n]), real([m])],
    f: (x, y) => x.outer(y),
    reference: (x, y) => einsum("i,j->ij", x, y),
  },
];

/** Triangles and diagonals of matrices of this shape. */
export function triangleCases(shape: Shape): Case[] {
  const lead = shape.slice(0, -2);
  const [rows, columns] = shape.slice(-2);
  const least = Math.min(rows, columns);
  const everything = ["int32", "uint32", "bool"] as const;
  const kept = (k: number, keep: (row: number, column: number) => boolean) => (x: Reference) =>
    build(shape, (index) => {
      const [i, j] = index.slice(-2);
      return keep(i, j - k) ? at(x, index) : 0;
    });
  const band = (operation: "tril" | "triu", k: number): Case => ({
    name: `${operation} of [${shape}], diagonal ${k}`,
    inputs: [real(shape)],
    f: (x) => x[operation](k),
    reference: kept(k, operation === "tril" ? (i, j) => j <= i : (i, j) => j >= i),
    dtypes: everything,
  });
  const diagonal = (x: Reference) =>
    build([...lead, least], (index) => at(x, [...index, index[index.length - 1]]));
  return [
    band("tril", 0),
    band("tril", 1),
    band("tril", -1),
    band("triu", 0),
    band("triu", 1),
    band("triu", -1),
    {
      name: `diagonal of [${shape}]`,
      inputs: [real(shape)],
      f: (x) => x.diagonal(),
      reference: diagonal,
      dtypes: everything,
    },
    {
      name: `trace of [${shape}]`,
      inputs: [real(shape)],
      f: (x) => x.trace(),
      reference: (x) => {
        const entries = diagonal(x);
        return build(lead, (index) =>
          sum(Array.from({ length: least }, (_, i) => at(entries, [...index, i]))),
        );
      },
      dtypes: ["int32", "uint32"],
    },
    {
      name: `diag of [${[...lead, columns]}]`,
      inputs: [real([...lead, columns])],
      f: (x) => x.diag(),
      reference: (x) =>
        build([...x.shape, columns], (index) => {
          const [i, j] = index.slice(-2);
          return i === j ? at(x, index.slice(0, -1)) : 0;
        }),
      dtypes: everything,
    },
  ];
}
