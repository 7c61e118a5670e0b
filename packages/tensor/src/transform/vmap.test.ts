import { describe, expect, test } from "vitest";
import {
  arange,
  array,
  checkpoint,
  constant,
  customVjp,
  evaluate,
  grad,
  iota,
  ones,
  scan,
  type Tensor,
  TensorError,
  vmap,
  zeros,
} from "../index.ts";

const matrix = arange(6).reshape([2, 3]);

describe("axes of arguments and results", () => {
  test("axes may be given for whole subtrees, for single leaves, and from the end", async () => {
    const f = (p: { w: Tensor; b: Tensor }, x: Tensor) => p.w.dot(x).add(p.b);
    const w = matrix; // [2, 3]
    const got = await evaluate({
      shared: vmap(f, { inAxes: [null, 0] })({ w: array([1, 1, 1]), b: array(1) }, matrix),
      byLeaf: vmap(f, { inAxes: [{ w: 0, b: null }, null] })({ w, b: array(1) }, array([1, 1, 1])),
      subtree: vmap(f, { inAxes: [-1, 1] })({ w: ones([3, 2]), b: array([10, 20]) }, ones([3, 2])),
    });
    expect(got.shared.tolist()).toEqual([4, 13]);
    expect(got.byLeaf.tolist()).toEqual([4, 13]);
    expect(got.subtree.tolist()).toEqual([13, 23]);
  });

  test("results get their axis where outAxes says, leaf by leaf; null for what all share", async () => {
    const f = (row: Tensor, s: Tensor) => ({ row: row.mul(2), s: s.mul(2), n: row.sum() });
    const got = await evaluate(
      vmap(f, { inAxes: [0, null], outAxes: { row: 1, s: null, n: 0 } })(matrix, array([7, 8])),
    );
    expect(got.row.tolist()).toEqual([
      [0, 6],
      [2, 8],
      [4, 10],
    ]);
    expect(got.s.tolist()).toEqual([14, 16]);
    expect(got.n.tolist()).toEqual([3, 12]);
  });

  test("a result that is the same for every example is repeated", async () => {
    const got = await evaluate(
      vmap(
        (x: Tensor) => [constant(array([1, 2])), iota(2), x.shape[0]] as [Tensor, Tensor, number],
      )(matrix),
    );
    expect(got[0].tolist()).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(got[1].tolist()).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(got[2].tolist()).toEqual([3, 3]);
  });

  test("a function of the outside and the example batches only what depends on the example", async () => {
    const got = await evaluate(
      vmap((x: Tensor) => vmap((y: Tensor) => x.mul(y))(array([1, 2, 3])))(array([10, 20])),
    );
    expect(got.tolist()).toEqual([
      [10, 20, 30],
      [20, 40, 60],
    ]);
  });

  test("a batch of no examples, and of one", async () => {
    const f = (x: Tensor) => x.matmul(ones([3, 2])).sum();
    const got = await evaluate({
      none: vmap(f)(zeros([0, 4, 3])),
      one: vmap(f)(ones([1, 4, 3])),
      gradient: vmap(grad(f))(zeros([0, 4, 3])),
    });
    expect(got.none.shape).toEqual([0]);
    expect(got.one.tolist()).toEqual([24]);
    expect(got.gradient.shape).toEqual([0, 4, 3]);
  });
});

test("per-example gradients are the gradients of the examples one by one", async () => {
  const loss = (w: Tensor, x: Tensor, y: Tensor) => w.dot(x).sub(y).pow(2);
  const w = array([0.5, -1, 2]);
  const ys = array([1, -1]);
  const got = await evaluate({
    all: vmap(grad(loss), { inAxes: [null, 0, 0] })(w, matrix, ys),
    each: [0, 1].map((i) => grad(loss)(w, constant(matrix).slice(i), constant(ys).slice(i))),
  });
  expect(got.all.tolist()).toEqual(got.each.map((x) => x.tolist()));
});

test("gradients through a batch sum over the examples for what they share", async () => {
  const f = (w: Tensor) => vmap((x: Tensor) => x.mul(w).sum())(matrix).sum();
  const got = await evaluate(grad(f)(array([1, 1, 1])));
  expect(got.tolist()).toEqual([3, 5, 7]);
});

describe("rules of users under vmap", () => {
  const rounded = customVjp({
    forward: (x: Tensor): [Tensor, null] => [x.round(), null],
    backward: (_, g) => [g],
  });

  test("a straight-through estimator keeps its own derivative, also when only a shared input has one", async () => {
    const got = await evaluate({
      values: vmap(rounded)(array([0.4, 1.6])),
      slopes: vmap(grad(rounded))(array([0.4, 1.6])),
      shared: grad((s: Tensor) => vmap((x: Tensor) => rounded(s).mul(x))(array([1, 2, 3])).sum())(
        0.7,
      ),
    });
    expect(got.values.tolist()).toEqual([0, 2]);
    expect(got.slopes.tolist()).toEqual([1, 1]);
    expect(got.shared.item()).toBe(6);
  });

  test("tensors that a customVjp closes over count as constants", async () => {
    const f = (x: Tensor, w: Tensor) => {
      const scaled = customVjp({
        forward: (y: Tensor): [Tensor, Tensor] => [y.mul(w), w],
        backward: (kept, g) => [g.mul(kept)],
      });
      return scaled(x).sum();
    };
    const [x, w] = await evaluate(grad(f, { argnums: [0, 1] })(array([1, 2]), array([3, 4])));
    expect(x.tolist()).toEqual([3, 4]);
    expect(w.tolist()).toEqual([0, 0]);
  });

  test("a checkpoint recomputes with the examples' own values", async () => {
    const f = (x: Tensor, w: Tensor) => checkpoint((y: Tensor) => y.mul(w).sin().sum())(x);
    const plain = (x: Tensor, w: Tensor) => x.mul(w).sin().sum();
    const options = { inAxes: [0, null] };
    const args = [matrix, array([1, 2, 3])] as const;
    const got = await evaluate({
      kept: vmap(grad(plain, { argnums: [0, 1] }), options)(...args),
      again: vmap(grad(f, { argnums: [0, 1] }), options)(...args),
    });
    expect(got.again.map((x) => x.tolist())).toEqual(got.kept.map((x) => x.tolist()));
  });
});

test("a loop's carry that only its body makes different between examples", async () => {
  const f = (x: Tensor) => scan((h: Tensor, y: Tensor) => [h.add(x.mul(y)), h], 0, array([1, 2]));
  const got = await evaluate(vmap(f)(array([10, 20])));
  expect(got[0].tolist()).toEqual([30, 60]);
  expect((got[1] as unknown as typeof matrix).tolist()).toEqual([
    [0, 10],
    [0, 20],
  ]);
});

describe("axes that do not fit say so", () => {
  const f = (x: Tensor, y: Tensor) => x.add(y);
  const cases: [string, () => unknown, RegExp][] = [
    [
      "different lengths",
      () => vmap(f)(array([1, 2]), array([1, 2, 3])),
      /batch axes differ in length: \[0\] \[2\] axis 0, \[1\] \[3\] axis 0/,
    ],
    [
      "no batch axis at all",
      () => vmap(f, { inAxes: null })(array([1]), array([2])),
      /no argument has a batch axis/,
    ],
    [
      "a scalar",
      () => vmap(f)(array([1, 2]), array(1)),
      /argument \[1\] is a scalar and has no axis 0; say null/,
    ],
    [
      "an axis beyond the rank",
      () => vmap(f, { inAxes: [1, 0] })(array([1]), array([2])),
      /axis 1 is outside a tensor of rank 1/,
    ],
    [
      "a list of another length",
      () => vmap(f, { inAxes: [0] })(array([1]), array([2])),
      /vmap: inAxes: axes \{0\} where the value has \{0,1\}/,
    ],
    [
      "an unknown name",
      () => vmap((p: { w: Tensor }) => p.w, { inAxes: [{ b: 0 }] })({ w: array([1]) }),
      /axes \{b\} where the value has \{w\}/,
    ],
    [
      "more structure than the value",
      () => vmap((x: Tensor) => x, { inAxes: [[0]] })(array([1])),
      /more structure than the value/,
    ],
    [
      "no axis for a result that differs",
      () => vmap((x: Tensor) => x, { outAxes: null })(array([1])),
      /result 0 differs between examples/,
    ],
  ];
  for (const [name, run, message] of cases) {
    test(name, () => {
      expect(run).toThrow(TensorError);
      expect(run).toThrow(message);
    });
  }
});
