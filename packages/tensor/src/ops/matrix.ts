/** Triangles, diagonals and Einstein sums. */
import { fail, showShape } from "../errors.ts";
import { lift, type Tensor, type TensorLike } from "../graph.ts";
import { array, eye } from "../ndarray.ts";
import { mul } from "./arithmetic.ts";
import { expandDims, reshape, transpose } from "./layout.ts";
import { where } from "./logic.ts";
import { matmul } from "./matmul.ts";
import { sum } from "./reduce.ts";
import { pad, slice } from "./window.ts";

function triangle(
  operation: string,
  value: TensorLike,
  keep: (row: number, column: number) => boolean,
): Tensor {
  const x = lift(value);
  if (x.rank < 2) fail(`${operation}: shape ${showShape(x.shape)} has no rows and columns`);
  const [rows, columns] = x.shape.slice(-2);
  const mask = new Uint8Array(rows * columns).map((_, i) =>
    Number(keep(Math.floor(i / columns), i % columns)),
  );
  return where(array(mask, { dtype: "bool", shape: [rows, columns] }), x, 0);
}

/** Lower triangle: entries above the k-th diagonal become 0. */
export function tril(x: TensorLike, k = 0): Tensor {
  return triangle("tril", x, (row, column) => column - row <= k);
}

/** Upper triangle: entries below the k-th diagonal become 0. */
export function triu(x: TensorLike, k = 0): Tensor {
  return triangle("triu", x, (row, column) => column - row >= k);
}

/** A vector [..., n] as a diagonal matrix [..., n, n]. */
export function diag(value: TensorLike): Tensor {
  const x = lift(value);
  if (x.rank === 0) fail("diag: a scalar has no diagonal matrix");
  const n = x.shape[x.rank - 1];
  return where(array(eye(n), { dtype: "bool" }), expandDims(x, -1), 0);
}

/** The main diagonal [..., min(m, n)] of matrices [..., m, n]. */
export function diagonal(value: TensorLike): Tensor {
  const x = lift(value);
  if (x.rank < 2) fail(`diagonal: shape ${showShape(x.shape)} has no rows and columns`);
  const lead = x.shape.slice(0, -2);
  const n = Math.min(x.shape[x.rank - 2], x.shape[x.rank - 1]);
  const all = lead.map(() => null);
  const square = slice(x, ...all, [0, n], [0, n]);
  // In row-major order the diagonal is every (n + 1)-th entry; n more entries make the last row whole.
  const flat = reshape(square, [...lead, n * n]);
  const padded = pad(flat, [...lead.map(() => [0, 0] as const), [0, n]]);
  return reshape(slice(reshape(padded, [...lead, n, n + 1]), ...all, null, [0, 1]), [...lead, n]);
}

/** Sum of the main diagonal. */
export const trace = (x: TensorLike): Tensor => sum(diagonal(x), -1);

interface Term {
  readonly tensor: Tensor;
  readonly labels: readonly string[];
}

/**
 * Einstein summation: `einsum("bij,bjk->bik", a, b)`. Every letter names an axis; letters missing
 * after the arrow are summed over, a letter that repeats within one operand takes the diagonal.
 * Without an arrow the result has the letters that occur once, in alphabetical order.
 */
export function einsum(equation: string, ...operands: readonly TensorLike[]): Tensor {
  const [left, right] = equation.replaceAll(" ", "").split("->");
  const parts = left.split(",");
  if (
    !/^[a-zA-Z,]*$/.test(left) ||
    (right !== undefined && !/^[a-zA-Z]*$/.test(right)) ||
    parts.length !== operands.length
  ) {
    fail(`einsum: "${equation}" does not describe ${operands.length} operand(s)`);
  }
  const lengths = new Map<string, number>();
  const terms = operands.map((operand, i): Term => {
    const tensor = lift(operand);
    const labels = [...parts[i]];
    if (labels.length !== tensor.rank)
      fail(`einsum: "${parts[i]}" names ${labels.length} axes of shape ${showShape(tensor.shape)}`);
    labels.forEach((label, axis) => {
      const known = lengths.get(label) ?? tensor.shape[axis];
      if (known !== tensor.shape[axis])
        fail(`einsum: "${equation}": axis ${label} has lengths ${known} and ${tensor.shape[axis]}`);
      lengths.set(label, known);
    });
    return takeDiagonals({ tensor, labels });
  });
  const letters = [...left.replaceAll(",", "")];
  const result =
    right === undefined
      ? [...new Set(letters)].filter((l) => letters.indexOf(l) === letters.lastIndexOf(l)).sort()
      : [...right];
  const unknown = result.find((label, i) => !lengths.has(label) || result.indexOf(label) !== i);
  if (unknown !== undefined)
    fail(`einsum: "${equation}": ${unknown} in the result is unknown or repeated`);

  // From left to right, summing over a letter as soon as no later operand or the result has it.
  let total = sumOut(terms[0], neededAfter(terms, 0, result));
  for (let i = 1; i < terms.length; i++) {
    const needed = neededAfter(terms, i, result);
    const next = sumOut(terms[i], new Set([...needed, ...total.labels]));
    total = contract(total, next, needed);
  }
  return transpose(
    total.tensor,
    result.map((label) => total.labels.indexOf(label)),
  );
}

const neededAfter = (
  terms: readonly Term[],
  position: number,
  result: readonly string[],
): Set<string> =>
  new Set([...result, ...terms.slice(position + 1).flatMap(({ labels }) => labels)]);

/** Axes that share a letter within one operand, reduced to their diagonal. */
function takeDiagonals({ tensor, labels }: Term): Term {
  const repeated = labels.findIndex((label, axis) => labels.indexOf(label) !== axis);
  if (repeated < 0) return { tensor, labels };
  const first = labels.indexOf(labels[repeated]);
  const rest = labels.map((_, axis) => axis).filter((axis) => axis !== first && axis !== repeated);
  const moved = transpose(tensor, [...rest, first, repeated]);
  return takeDiagonals({
    tensor: diagonal(moved),
    labels: [...rest.map((axis) => labels[axis]), labels[first]],
  });
}

function sumOut({ tensor, labels }: Term, needed: ReadonlySet<string>): Term {
  const axes = labels.flatMap((label, axis) => (needed.has(label) ? [] : [axis]));
  return axes.length === 0
    ? { tensor, labels }
    : { tensor: sum(tensor, axes), labels: labels.filter((label) => needed.has(label)) };
}

/** Two operands as one matrix product: batch letters, rows, columns, and the letters summed over. */
function contract(a: Term, b: Term, needed: ReadonlySet<string>): Term {
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const inner = shared.filter((label) => !needed.has(label));
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  const arrange = ({ tensor, labels }: Term, order: readonly string[]) =>
    transpose(
      tensor,
      order.map((label) => labels.indexOf(label)),
    );
  const lengths = (term: Term, list: readonly string[]) =>
    list.map((label) => term.tensor.shape[term.labels.indexOf(label)]);
  const product = (list: readonly number[]) => list.reduce((x, y) => x * y, 1);
  const batchLengths = lengths(a, batch);
  const [m, k, n] = [lengths(a, rows), lengths(a, inner), lengths(b, columns)];
  const left = reshape(arrange(a, [...batch, ...rows, ...inner]), [
    ...batchLengths,
    product(m),
    product(k),
  ]);
  const right = reshape(arrange(b, [...batch, ...inner, ...columns]), [
    ...batchLengths,
    product(k),
    product(n),
  ]);
  const joined = inner.length === 0 ? mul(left, right) : matmul(left, right);
  return {
    tensor: reshape(joined, [...batchLengths, ...m, ...n]),
    labels: [...batch, ...rows, ...columns],
  };
}
