/** Loops, with the same loops written out as references. */
import type { Tensor } from "../graph.ts";
import { checkpoint, customVjp } from "../ops/calls.ts";
import { where } from "../ops/logic.ts";
import { type ScanOptions, scan } from "../ops/scan.ts";
import { grad } from "../transform/derivatives.ts";
import { vmap } from "../transform/vmap.ts";
import type { Case } from "./cases.ts";
import { multiply } from "./matrix-cases.ts";
import { flags, integers, nonzero, real } from "./random.ts";
import { build, count, entrywise, type Reference, sum } from "./reference.ts";

const add = entrywise((a, b) => a + b);
const mul = entrywise((a, b) => a * b);
const tanh = entrywise(Math.tanh);
const scalar = (value: number): Reference => ({ shape: [], data: [value] });

/** Entry t along the leading axis. */
export function entryOf({ shape, data }: Reference, t: number): Reference {
  const [, ...rest] = shape;
  const size = count(rest);
  return { shape: rest, data: data.slice(t * size, (t + 1) * size) };
}

/** Entries joined along a new leading axis. */
const joined = (entries: readonly Reference[], shape: readonly number[]): Reference => ({
  shape: [entries.length, ...shape],
  data: entries.flatMap(({ data }) => data),
});

/** The loop itself: the last carry and every step's result, in the place of the step. */
export function loop<C>(
  step: (carry: C, t: number) => [C, Reference],
  init: C,
  length: number,
  shape: readonly number[],
  { reverse = false }: ScanOptions = {},
): [C, Reference] {
  let carry = init;
  const results = new Array<Reference>(length);
  for (let i = 0; i < length; i++) {
    const t = reverse ? length - 1 - i : i;
    [carry, results[t]] = step(carry, t);
  }
  return [carry, joined(results, shape)];
}

/** A recurrent net: the state, the sequence, and a weight matrix that the body closes over. */
function recurrent(length: number, options: ScanOptions, name: string): Case {
  return {
    name,
    inputs: [real([2]), real([length, 2]), real([2, 2])],
    f: (h0, xs, w) => {
      const [h, ys] = scan(
        (state: Tensor, x: Tensor) => {
          const next = state.matmul(w).add(x).tanh();
          return [next, next.mul(x)];
        },
        h0,
        xs,
        options,
      );
      return [h, ys];
    },
    reference: (h0, xs, w) =>
      loop(
        (state, t) => {
          const next = tanh(add(multiply(state, w), entryOf(xs, t)));
          return [next, mul(next, entryOf(xs, t))];
        },
        h0,
        length,
        [2],
        options,
      ),
  };
}

const straightThrough = customVjp({
  forward: (x: Tensor): [Tensor, Tensor] => [x.sin(), x],
  backward: (x, g) => [g.mul(x.cos())],
});

export const scanCases: readonly Case[] = [
  recurrent(3, {}, "scan of a recurrent net"),
  recurrent(3, { reverse: true }, "scan of a recurrent net, backwards"),
  recurrent(1, {}, "scan of one step"),
  recurrent(0, {}, "scan of no steps"),
  {
    name: "scan with an integer carry",
    inputs: [real([2]), real([3, 2]), integers([], -2, 3)],
    f: (h0, xs, start) => {
      const [state, ys] = scan(
        ({ h, i }: { h: Tensor; i: Tensor }, x: Tensor) => [
          { h: h.mul(0.5).add(x.mul(i.astype(x.dtype))), i: i.add(2) },
          i,
        ],
        { h: h0, i: start },
        xs,
      );
      return [(state as { h: Tensor }).h, ys];
    },
    reference: (h0, xs, start) => {
      const [{ h }, ys] = loop(
        ({ h: before, i }, t) => [
          {
            h: add(mul(before, scalar(0.5)), mul(entryOf(xs, t), scalar(i))),
            i: i + 2,
          },
          scalar(i),
        ],
        { h: h0, i: start.data[0] },
        3,
        [],
      );
      return [h, ys];
    },
  },
  {
    name: "scan over integers that choose rows of a table",
    inputs: [real([2]), integers([4], 0, 3), real([3, 2])],
    f: (h0, tokens, table) =>
      scan(
        (h: Tensor, token: Tensor) => {
          const next = h.mul(table.gather(token)).sin();
          return [next, next.sum()];
        },
        h0,
        tokens,
      ) as [Tensor, Tensor],
    reference: (h0, tokens, table) =>
      loop(
        (h, t) => {
          const next = entrywise((a, b) => Math.sin(a * b))(h, entryOf(table, tokens.data[t]));
          return [next, scalar(sum(next.data))];
        },
        h0,
        4,
        [],
      ),
  },
  {
    name: "scan without sequences",
    inputs: [real([2]), real([2])],
    f: (x0, target) =>
      scan((x: Tensor) => [x.sub(x.sub(target).mul(0.3)).cos(), null], x0, null, { length: 3 })[0],
    reference: (x0, target) =>
      loop(
        (x) => [entrywise((a, b) => Math.cos(a - 0.3 * (a - b)))(x, target), scalar(0)],
        x0,
        3,
        [],
      )[0],
  },
  {
    name: "scan whose carry is touched by a captured tensor only in the body",
    inputs: [real([3]), real([2])],
    f: (w, xs) => {
      const doubled = w.mul(2);
      return scan(
        (h: Tensor, x: Tensor) => [h.mul(doubled).add(x), x.mul(x)],
        w.mul(0).add(0.5),
        xs,
      ) as [Tensor, Tensor];
    },
    reference: (w, xs) =>
      loop(
        (h, t) => {
          const x = entryOf(xs, t);
          return [entrywise((a, b, c) => a * 2 * b + c)(h, w, x), mul(x, x)];
        },
        build([3], () => 0.5),
        2,
        [],
      ),
  },
  {
    name: "scan that exchanges its carries and leaves one alone",
    inputs: [real([2]), real([2]), real([]), real([3])],
    f: (a0, b0, c0, xs) => {
      const [carry, ys] = scan(
        ([a, b, c]: [Tensor, Tensor, Tensor], x: Tensor) => [
          [b, a.mul(x), c] as [Tensor, Tensor, Tensor],
          [b, c] as [Tensor, Tensor],
        ],
        [a0, b0, c0] as [Tensor, Tensor, Tensor],
        xs,
      );
      return [...(carry as Tensor[]), ...(ys as Tensor[])];
    },
    reference: (a0, b0, c0, xs) => {
      const seen: Reference[] = [];
      const [[a, b, c]] = loop<[Reference, Reference, Reference]>(
        ([a, b, c], t) => {
          seen.push(b);
          return [[b, mul(a, entryOf(xs, t)), c], c];
        },
        [a0, b0, c0],
        3,
        [],
      );
      return [a, b, c, joined(seen, [2]), joined([c0, c0, c0], [])];
    },
  },
  {
    name: "scan within scan",
    inputs: [real([2]), real([2, 3, 2]), real([2])],
    f: (h0, xs, w) =>
      scan(
        (h: Tensor, rows: Tensor) => {
          const [next, inner] = scan(
            (g: Tensor, x: Tensor) => [g.mul(w).add(x).sin(), g.mul(h)],
            h,
            rows,
          );
          return [next, (inner as Tensor).sum(0)];
        },
        h0,
        xs,
      ) as [Tensor, Tensor],
    reference: (h0, xs, w) =>
      loop(
        (h, t) => {
          const rows = entryOf(xs, t);
          let total: Reference = { shape: [2], data: [0, 0] };
          const [next] = loop(
            (g, s) => {
              total = add(total, mul(g, h));
              return [
                entrywise((a, b, c) => Math.sin(a * b + c))(g, w, entryOf(rows, s)),
                scalar(0),
              ];
            },
            h,
            3,
            [],
          );
          return [next, total];
        },
        h0,
        2,
        [2],
      ),
  },
  {
    name: "scan of gradient steps",
    inputs: [real([2]), real([3, 2]), real([])],
    f: (p0, xs, rate) =>
      scan(
        (p: Tensor, x: Tensor) => {
          const loss = (q: Tensor) => q.mul(x).sum().sin();
          return [p.sub(grad(loss)(p).mul(rate)), loss(p)];
        },
        p0,
        xs,
      ) as [Tensor, Tensor],
    reference: (p0, xs, rate) =>
      loop(
        (p, t) => {
          const x = entryOf(xs, t);
          const inner = sum(mul(p, x).data);
          const next = entrywise((q, v, r) => q - r * v * Math.cos(inner))(p, x, rate);
          return [next, scalar(Math.sin(inner))];
        },
        p0,
        3,
        [],
      ),
  },
  {
    name: "scan with vmap, checkpoint and customVjp in its body",
    inputs: [real([2]), real([3, 2])],
    f: (h0, xs) =>
      scan(
        (h: Tensor, x: Tensor) => {
          const each = vmap((a: Tensor, b: Tensor) => a.mul(b).tanh())(h, x);
          const again = checkpoint((a: Tensor) => a.mul(h).exp())(each);
          return [straightThrough(again), each];
        },
        h0,
        xs,
      ) as [Tensor, Tensor],
    reference: (h0, xs) =>
      loop(
        (h, t) => {
          const each = entrywise((a, b) => Math.tanh(a * b))(h, entryOf(xs, t));
          return [entrywise((a, b) => Math.sin(Math.exp(a * b)))(each, h), each];
        },
        h0,
        3,
        [2],
      ),
  },
  {
    name: "scan over the results of a scan, used twice",
    inputs: [real([]), real([3])],
    f: (h0, xs) => {
      const once = () =>
        scan((h: Tensor, x: Tensor) => [h.add(x.mul(h)), h.mul(x)], h0, xs) as [Tensor, Tensor];
      const [h, ys] = once();
      const [, same] = once();
      const [g] = scan((a: Tensor, y: Tensor) => [a.mul(y).sin(), null], h, ys, { reverse: true });
      return [g as Tensor, same.sum().mul(h)];
    },
    reference: (h0, xs) => {
      const [h, ys] = loop(
        (a, t) => {
          const x = entryOf(xs, t);
          return [entrywise((b, c) => b + c * b)(a, x), mul(a, x)];
        },
        h0,
        3,
        [],
      );
      const [g] = loop(
        (a, t) => [entrywise((b, c) => Math.sin(b * c))(a, entryOf(ys, t)), scalar(0)],
        h,
        3,
        [],
        { reverse: true },
      );
      return [g, mul(scalar(sum(ys.data)), h)];
    },
  },
  {
    name: "scan that chooses by flags and keeps a running maximum",
    inputs: [nonzero([]), nonzero([3]), flags([3])],
    f: (h0, xs, keep) =>
      scan(
        (h: Tensor, { x, is }: { x: Tensor; is: Tensor }) => [
          where(is, h.maximum(x), h.mul(x)),
          h.greater(x),
        ],
        h0,
        { x: xs, is: keep },
      ) as [Tensor, Tensor],
    reference: (h0, xs, keep) =>
      loop(
        (h, t) => {
          const x = entryOf(xs, t);
          const next = keep.data[t] ? entrywise(Math.max)(h, x) : mul(h, x);
          return [next, entrywise((a, b) => Number(a > b))(h, x)];
        },
        h0,
        3,
        [],
      ),
  },
];
