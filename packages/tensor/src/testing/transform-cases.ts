/** Functions made of transformations, whose values are known by calculus. */
import type { Tensor } from "../graph.ts";
import { jit } from "../jit.ts";
import { checkpoint, customVjp } from "../ops/calls.ts";
import { stopGradient } from "../ops/markers.ts";
import {
  grad,
  hessian,
  hvp,
  jacfwd,
  jacrev,
  jvp,
  linearize,
  valueAndGrad,
  vjp,
} from "../transform/derivatives.ts";
import { vmap } from "../transform/vmap.ts";
import type { Case } from "./cases.ts";
import { integers, positive, real } from "./random.ts";
import { einsum, entrywise, type Reference, reduce, sum } from "./reference.ts";

/** g(x) = sum of x sin x, with g' = sin x + x cos x and a diagonal second derivative 2 cos x - x sin x. */
const g = (x: Tensor): Tensor => x.sin().mul(x).sum();
const firstOf = entrywise((x) => Math.sin(x) + x * Math.cos(x));
const secondOf = entrywise((x, v) => (2 * Math.cos(x) - x * Math.sin(x)) * v);

/** The same in all ways to nest derivatives, batches and compilation. */
const diagonalCases: Case[] = [
  { name: "grad", inputs: [real([2])], f: (x) => grad(g)(x), reference: firstOf },
  { name: "vmap of grad", inputs: [real([3, 2])], f: (x) => vmap(grad(g))(x), reference: firstOf },
  {
    name: "grad of vmap",
    inputs: [real([3, 2])],
    f: (x) => grad((y: Tensor) => vmap(g)(y).sum())(x),
    reference: firstOf,
  },
  {
    name: "jit of vmap of grad of jit",
    inputs: [real([3, 2])],
    f: (x) => {
      const inner = jit((y: Tensor) => g(y)) as (y: Tensor) => Tensor;
      const outer = jit((y: Tensor) => vmap(grad(inner))(y)) as (y: Tensor) => Tensor;
      return outer(x);
    },
    reference: firstOf,
  },
  {
    name: "vmap of vmap of grad over swapped axes",
    inputs: [real([2, 3])],
    f: (x) => {
      const each = vmap(grad((y: Tensor) => y.sin().mul(y)));
      return vmap(each, { inAxes: 1, outAxes: -1 })(x);
    },
    reference: firstOf,
  },
  {
    name: "hvp",
    inputs: [real([2]), real([2])],
    f: (x, v) => hvp(g)(x, v),
    reference: secondOf,
  },
  {
    name: "vmap of hvp",
    inputs: [real([3, 2]), real([3, 2])],
    f: (x, v) => vmap((a: Tensor, b: Tensor) => hvp(g)(a, b))(x, v),
    reference: secondOf,
  },
  {
    name: "jvp of grad",
    inputs: [real([2]), real([2])],
    f: (x, v) => jvp(grad(g), [x], [v])[1],
    reference: secondOf,
  },
  {
    name: "grad of jvp",
    inputs: [real([2]), real([2])],
    f: (x, v) => grad((y: Tensor) => jvp(g, [y], [v])[1])(x),
    reference: secondOf,
  },
  {
    name: "jvp of jvp",
    inputs: [real([2]), real([2])],
    f: (x, v) => jvp((y: Tensor) => jvp((z: Tensor) => z.sin().mul(z), [y], [v])[1], [x], [v])[1],
    reference: entrywise((x, v) => (2 * Math.cos(x) - x * Math.sin(x)) * v * v),
  },
  {
    name: "vjp of vjp",
    inputs: [real([2]), real([2])],
    f: (x, v) => {
      const f = (y: Tensor) => vjp((z: Tensor) => z.sin().mul(z), y)[1](v)[0];
      return vjp(f, x)[1](v)[0];
    },
    reference: entrywise((x, v) => (2 * Math.cos(x) - x * Math.sin(x)) * v * v),
  },
  {
    name: "linearize, its push used twice",
    inputs: [real([2]), real([2])],
    f: (x, v) => {
      const [value, push] = linearize((y: Tensor) => y.sin().mul(y), x);
      return value.add(push(v)).add(push(v.mul(2)));
    },
    reference: entrywise((x, v) => x * Math.sin(x) + 3 * v * (Math.sin(x) + x * Math.cos(x))),
  },
  {
    name: "vmap of linearize's push",
    inputs: [real([2]), real([3, 2])],
    f: (x, v) => vmap(linearize((y: Tensor) => y.sin().mul(y), x)[1])(v),
    reference: entrywise((x, v) => v * (Math.sin(x) + x * Math.cos(x))),
  },
  {
    name: "three gradients deep",
    inputs: [real([])],
    f: (x) => grad((y: Tensor) => grad((z: Tensor) => grad((u: Tensor) => u.sin())(z))(y))(x),
    reference: entrywise((x) => -Math.cos(x)),
  },
  {
    name: "penalty on a gradient",
    inputs: [real([2])],
    f: (x) => grad(g)(x).mul(grad(g)(x)).sum(),
    reference: (x) => reduce(firstOf(x), undefined, (v) => sum(v.map((d) => d * d))),
  },
  {
    name: "valueAndGrad with an auxiliary result",
    inputs: [real([2])],
    f: (x) => {
      const f = (y: Tensor): [Tensor, Tensor] => [g(y), y.cos()];
      const [[value, aux], gradient] = valueAndGrad(f, { hasAux: true })(x);
      return [value, aux, gradient];
    },
    reference: (x) => [
      reduce(x, undefined, (v) => sum(v.map((y) => y * Math.sin(y)))),
      entrywise(Math.cos)(x),
      firstOf(x),
    ],
  },
];

const dotSine = (x: Tensor, w: Tensor): Tensor => x.mul(w).sum().sin();
const rank = (x: Reference, w: Reference): number => sum(x.data.map((v, i) => v * w.data[i]));
/** The Hessian of sin(w x): -sin(w x) w w^T. */
const rankOne = (x: Reference, w: Reference): Reference =>
  entrywise((entry) => -Math.sin(rank(x, w)) * entry)(einsum("i,j->ij", w, w));
const layer = (x: Tensor, w: Tensor): Tensor => w.matmul(x).sin();
const layerJacobian = (x: Reference, w: Reference): Reference =>
  einsum("i,ij->ij", entrywise(Math.cos)(einsum("ij,j->i", w, x)), w);

const ofVector = (name: string, f: (x: Tensor, w: Tensor) => Tensor): Case => ({
  name,
  inputs: [real([3]), real([3])],
  f,
  reference: rankOne,
});

const jacobianCases: Case[] = [
  ofVector("hessian", (x, w) => hessian(dotSine)(x, w)),
  ofVector("jacfwd of grad", (x, w) => jacfwd(grad(dotSine))(x, w)),
  ofVector("jacrev of grad", (x, w) => jacrev(grad(dotSine))(x, w)),
  ofVector("jacrev of jacfwd", (x, w) => jacrev((y: Tensor) => jacfwd(dotSine)(y, w))(x)),
  ofVector("jacfwd of jacrev", (x, w) => jacfwd((y: Tensor) => jacrev(dotSine)(y, w))(x)),
  {
    name: "vmap of hessian",
    inputs: [real([2, 2]), real([2])],
    f: (x, w) => vmap((y: Tensor) => hessian(dotSine)(y, w))(x),
    reference: (x, w) => {
      const rows = [0, 1].map((b) => ({ shape: [2], data: x.data.slice(2 * b, 2 * b + 2) }));
      return { shape: [2, 2, 2], data: rows.flatMap((row) => [...rankOne(row, w).data]) };
    },
  },
  {
    name: "jacfwd of a layer",
    inputs: [real([3]), real([2, 3])],
    f: (x, w) => jacfwd(layer)(x, w),
    reference: layerJacobian,
  },
  {
    name: "jacrev of a layer",
    inputs: [real([3]), real([2, 3])],
    f: (x, w) => jacrev(layer)(x, w),
    reference: layerJacobian,
  },
];

/** exp with a rule of its own, which says what the chain rule would. */
const ownExp = customVjp({
  forward: (x: Tensor): [Tensor, Tensor] => [x.exp(), x.exp()],
  backward: (y, ct) => [ct.mul(y)],
});

/** x y and a sum, whose residuals are a tree. */
const ownProduct = customVjp({
  forward: (x: Tensor, y: Tensor): [{ product: Tensor; sum: Tensor }, { x: Tensor; y: Tensor }] => [
    { product: x.mul(y), sum: x.add(y) },
    { x, y },
  ],
  backward: ({ x, y }, ct) => [ct.product.mul(y).add(ct.sum), ct.product.mul(x).add(ct.sum)],
});

/** Rows of a table by an integer argument that has no cotangent worth the name. */
const ownGather = customVjp({
  forward: (table: Tensor, index: Tensor): [Tensor, { index: Tensor; table: Tensor }] => [
    table.gather(index),
    { index, table },
  ],
  backward: ({ index, table }, ct) => [table.mul(0).scatterAdd(index, ct), index],
});

const callCases: Case[] = [
  {
    name: "checkpoint",
    inputs: [real([2]), real([2])],
    f: (x, w) => checkpoint((y: Tensor) => y.mul(w).sin().mul(y))(x),
    reference: entrywise((x, w) => Math.sin(x * w) * x),
  },
  {
    name: "checkpoint within checkpoint, with two results",
    inputs: [real([2]), real([2])],
    f: (x, w) => {
      const inner = checkpoint((a: Tensor, b: Tensor) => a.mul(b).sin());
      const outer = checkpoint((a: Tensor) => [inner(a, w).exp(), inner(w, a).mul(2)]);
      return outer(x);
    },
    reference: (x, w) => {
      const s = entrywise((a, b) => Math.sin(a * b))(x, w);
      return [entrywise(Math.exp)(s), entrywise((v) => 2 * v)(s)];
    },
  },
  {
    name: "checkpoint of grad",
    inputs: [real([2])],
    f: (x) => checkpoint((y: Tensor) => grad(g)(y))(x),
    reference: firstOf,
  },
  {
    name: "customVjp",
    inputs: [real([2])],
    f: (x) => ownExp(x.sin()).mul(x),
    reference: entrywise((x) => Math.exp(Math.sin(x)) * x),
  },
  {
    name: "customVjp within vmap within grad",
    inputs: [real([3, 2])],
    f: (x) => grad((y: Tensor) => vmap((row: Tensor) => ownExp(row).sum())(y).sum())(x),
    reference: entrywise(Math.exp),
  },
  {
    name: "customVjp with two arguments and trees",
    inputs: [real([2]), real([2])],
    f: (x, y) => {
      const { product, sum: total } = ownProduct(x.sin(), y);
      return product.mul(total);
    },
    reference: entrywise((x, y) => Math.sin(x) * y * (Math.sin(x) + y)),
  },
  {
    name: "customVjp with an integer argument",
    inputs: [real([3, 2]), integers([2], 0, 3)],
    f: (table, index) => ownGather(table.sin(), index),
    reference: (table, index) => ({
      shape: [2, 2],
      data: index.data.flatMap((i) => table.data.slice(2 * i, 2 * i + 2)).map(Math.sin),
    }),
  },
  {
    name: "stopGradient, the slope of a logarithm estimated by a ratio",
    inputs: [positive([2])],
    // x / stop(x) is 1 and has the derivative of log x; what is left has none.
    f: (x) =>
      grad((y: Tensor) => y.div(stopGradient(y)).sum())(x)
        .mul(stopGradient(x))
        .add(x),
    reference: entrywise((x) => 1 + x),
  },
];

const steps = 3;
const rate = 0.2;

/** Steps of gradient descent on (p - x)^2 sin p, unrolled, and the loss there at another x. */
const bilevelCases: Case[] = [
  {
    name: "loss after unrolled gradient steps",
    inputs: [real([]), real([]), real([])],
    f: (p0, x, y) => {
      const loss = (p: Tensor, at: Tensor) => p.sub(at).pow(2).mul(p.sin());
      let p = p0;
      for (let i = 0; i < steps; i++) p = p.sub(grad(loss)(p, x).mul(rate));
      return loss(p, y);
    },
    reference: entrywise((p0, x, y) => {
      let p = p0;
      for (let i = 0; i < steps; i++)
        p -= rate * (2 * (p - x) * Math.sin(p) + (p - x) ** 2 * Math.cos(p));
      return (p - y) ** 2 * Math.sin(p);
    }),
  },
];

export const transformCases: readonly Case[] = [
  ...diagonalCases,
  ...jacobianCases,
  ...callCases,
  ...bilevelCases,
];
