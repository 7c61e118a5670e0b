/**
 * Random programs: straight-line code over a few inputs, drawn as data and run twice, by the engine
 * and by the reference. They meet combinations of operations that nobody thought of, and with them
 * every rewriting that lowering does.
 */
import fc from "fast-check";
import type { Tensor } from "../graph.ts";
import { checkpoint } from "../ops/calls.ts";
import { concat } from "../ops/joining.ts";
import { where } from "../ops/logic.ts";
import { scan } from "../ops/scan.ts";
import type { Case } from "./cases.ts";
import { multiply } from "./matrix-cases.ts";
import { between } from "./random.ts";
import { at, build, entrywise, permute, type Reference, reduce, sum } from "./reference.ts";
import { entryOf } from "./scan-cases.ts";

/** What can be done to two values whose shapes broadcast to [2, 3]; `n` chooses a number or an axis. */
interface Instruction {
  readonly tensor: (a: Tensor, b: Tensor, n: number) => Tensor;
  readonly reference: (a: Reference, b: Reference, n: number) => Reference;
}

const numbers = [0, 1, -1, 2, 0.5, 1];
const full = (x: Reference): Reference => build([2, 3], (index) => at(x, index));
const wide = (x: Tensor): Tensor => x.broadcastTo([2, 3]);
const sine = entrywise(Math.sin);
const one =
  (f: (a: number) => number) =>
  (a: Reference): Reference =>
    entrywise(f)(a);
const two =
  (f: (a: number, b: number) => number) =>
  (a: Reference, b: Reference): Reference =>
    entrywise(f)(a, b);
const squares = (values: readonly number[]): number => sum(values.map((v) => v * v));

/** Products are followed by a sine, so that values and their derivatives stay small. */
const instructions: readonly Instruction[] = [
  { tensor: (a, b) => a.add(b), reference: two((a, b) => a + b) },
  { tensor: (a, b) => a.sub(b), reference: two((a, b) => a - b) },
  { tensor: (a, b) => a.mul(b).sin(), reference: two((a, b) => Math.sin(a * b)) },
  { tensor: (a) => a.add(a), reference: one((a) => 2 * a) },
  { tensor: (a) => a.neg().tanh(), reference: one((a) => Math.tanh(-a)) },
  {
    tensor: (a, _, n) => a.mul(numbers[n]),
    reference: (a, _, n) => entrywise((x) => x * numbers[n])(a),
  },
  {
    tensor: (a, _, n) => a.add(numbers[n]).sub(numbers[(n + 1) % 6]),
    reference: (a, _, n) => entrywise((x) => x + numbers[n] - numbers[(n + 1) % 6])(a),
  },
  {
    tensor: (a, b) => a.div(b.mul(b).add(1)),
    reference: two((a, b) => a / (b * b + 1)),
  },
  { tensor: (a) => a.pow(2).sin(), reference: one((a) => Math.sin(a * a)) },
  {
    tensor: (a, _, n) =>
      wide(a)
        .sum(n % 2, { keepDims: true })
        .tanh(),
    reference: (a, _, n) => reduce(full(a), n % 2, (v) => Math.tanh(sum(v)), { keepDims: true }),
  },
  {
    tensor: (a) => a.mul(a).mean().add(1).sqrt(),
    reference: (a) => reduce(a, null, (v) => Math.sqrt(squares(v) / v.length + 1)),
  },
  { tensor: (a) => wide(a), reference: full },
  {
    tensor: (a) => wide(a).transpose().mul(2).transpose(),
    reference: (a) => permute(permute(entrywise((x) => 2 * x)(full(a)), [1, 0]), [1, 0]),
  },
  {
    tensor: (a, b) => wide(a).matmul(wide(b).transpose()).matmul(wide(a)).sin(),
    reference: (a, b) => {
      const [x, y] = [full(a), full(b)];
      return sine(multiply(multiply(x, permute(y, [1, 0])), x));
    },
  },
  {
    tensor: (a, b) =>
      wide(a).matmul(wide(b).transpose()).sin().matmul(wide(b)).add(a.mul(0.3)).tanh(),
    reference: (a, b) => {
      const [x, y] = [full(a), full(b)];
      const product = multiply(sine(multiply(x, permute(y, [1, 0]))), y);
      return entrywise((p, v) => Math.tanh(p + 0.3 * v))(product, x);
    },
  },
  {
    tensor: (a) =>
      wide(a)
        .slice(null, [1, 3])
        .pad([
          [0, 0],
          [1, 0],
        ]),
    reference: (a) => build([2, 3], ([i, j]) => (j === 0 ? 0 : at(full(a), [i, j]))),
  },
  {
    tensor: (a, b) => concat([wide(a).slice([0, 1]), wide(b).slice([1, 2])]).flip(0),
    reference: (a, b) => build([2, 3], ([i, j]) => at(full(i === 0 ? b : a), [1 - i, j])),
  },
  {
    tensor: (a, b) => where(wide(a).greater(5), a, b),
    reference: (a, b) => entrywise((v, x, y) => (v > 5 ? x : y))(full(a), a, b),
  },
  {
    tensor: (a, b) => checkpoint((x: Tensor) => x.mul(b).sin())(a),
    reference: two((a, b) => Math.sin(a * b)),
  },
  {
    tensor: (a, b) => {
      const step = (h: Tensor, x: Tensor): [Tensor, Tensor] => [h.mul(x).sin(), h.add(b.sum())];
      const [h, ys] = scan(step, wide(b).slice(0), wide(a)) as [Tensor, Tensor];
      return ys.add(h);
    },
    reference: (a, b) => {
      const total = sum(b.data);
      let h = entryOf(full(b), 0);
      const rows = [0, 1].map((t) => {
        const seen = h.data.map((v) => v + total);
        h = entrywise((v, x) => Math.sin(v * x))(h, entryOf(full(a), t));
        return seen;
      });
      return build([2, 3], ([i, j]) => rows[i][j] + h.data[j]);
    },
  },
];

/** One line of a program: an instruction and which of the values so far it takes. */
interface Line {
  readonly operation: number;
  readonly a: number;
  readonly b: number;
  readonly n: number;
}

/** Run a program; its results are the last values, joined to one shape by adding them up. */
function run<T>(
  lines: readonly Line[],
  inputs: readonly T[],
  apply: (instruction: Instruction, a: T, b: T, n: number) => T,
): T[] {
  const values = [...inputs];
  for (const { operation, a, b, n } of lines) {
    const pick = (i: number) => values[i % values.length];
    values.push(apply(instructions[operation], pick(a), pick(b), n));
  }
  return values.slice(-3);
}

export const programs: fc.Arbitrary<Line[]> = fc.array(
  fc.record({
    operation: fc.nat({ max: instructions.length - 1 }),
    a: fc.nat({ max: 9 }),
    b: fc.nat({ max: 9 }),
    n: fc.nat({ max: 5 }),
  }),
  { minLength: 1, maxLength: 9 },
);

export const programCase = (lines: readonly Line[]): Case => ({
  name: `program ${lines.map(({ operation, a, b, n }) => `${operation}(${a},${b},${n})`).join(" ")}`,
  inputs: [[2, 3], [3], [2, 1], []].map((shape) => between(shape, -0.8, 0.8)),
  f: (...inputs) => run(lines, inputs, ({ tensor }, a, b, n) => tensor(a, b, n)),
  reference: (...inputs) => run(lines, inputs, ({ reference }, a, b, n) => reference(a, b, n)),
});
