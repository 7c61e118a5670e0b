import { describe, expect, test } from "vitest";
import {
  array,
  constant,
  evaluate,
  eye,
  grad,
  hessian,
  hvp,
  iota,
  jacfwd,
  jacrev,
  jit,
  jvp,
  linearize,
  scan,
  stopGradient,
  type Tensor,
  TensorError,
  valueAndGrad,
  vjp,
  where,
  zeros,
} from "../index.ts";

const number = (x: number) => array(x, { dtype: "float64" });
const vector = (...values: number[]) => array(values, { dtype: "float64" });

describe("which arguments and trees", () => {
  const f = (a: Tensor, b: Tensor, c: Tensor) => a.mul(b).mul(b).add(c).sum();

  test("argnums chooses one argument or several", async () => {
    const args = [vector(1, 2), vector(3, 4), vector(5, 6)] as const;
    const got = await evaluate({
      first: grad(f)(...args),
      second: grad(f, { argnums: 1 })(...args),
      list: grad(f, { argnums: [2, 0] })(...args),
      single: grad(f, { argnums: [1] })(...args),
    });
    expect(got.first.tolist()).toEqual([9, 16]);
    expect(got.second.tolist()).toEqual([6, 16]);
    expect(got.list.map((x) => x.tolist())).toEqual([
      [1, 1],
      [9, 16],
    ]);
    expect(got.single.map((x) => x.tolist())).toEqual([[6, 16]]);
  });

  test("a gradient has the tree of its argument", async () => {
    interface Layer {
      weight: Tensor;
      bias: Tensor;
    }
    const net = (layers: Layer[], x: Tensor) =>
      layers.reduce((h, { weight, bias }) => weight.matmul(h).add(bias), x).sum();
    const layers = [
      { weight: eye(2, 2, "float64"), bias: vector(1, 1) },
      { weight: array([[1, 2]], { dtype: "float64" }), bias: vector(0) },
    ];
    const got = await evaluate(grad(net)(layers, vector(3, 4)));
    expect(got[0].bias.tolist()).toEqual([1, 2]);
    expect(got[0].weight.tolist()).toEqual([
      [3, 4],
      [6, 8],
    ]);
    expect(got[1].weight.tolist()).toEqual([[4, 5]]);
    expect(got[1].bias.tolist()).toEqual([1]);
  });

  test("an argument without influence has gradient zero, of its own shape and dtype", async () => {
    const unused = (x: Tensor, { z }: { y: Tensor; z: Tensor }) => x.sum().add(z.mul(0).sum());
    const got = await evaluate(
      valueAndGrad(unused, { argnums: 1 })(vector(1, 2), {
        y: zeros([2, 3], "float32"),
        z: vector(1),
      }),
    );
    expect(got[0].item()).toBe(3);
    expect(got[1].y.dtype).toBe("float32");
    expect(got[1].y.shape).toEqual([2, 3]);
    expect(got[1].y.data.every((x) => x === 0)).toBe(true);
    expect(got[1].z.tolist()).toEqual([0]);
  });

  test("auxiliary results come beside the value and take no part in the gradient", async () => {
    const loss = (x: Tensor): [Tensor, { double: Tensor; label: string }] => [
      x.mul(x).sum(),
      { double: x.mul(2), label: "kept" },
    ];
    const [[value, aux], gradient] = await evaluate(
      valueAndGrad(loss, { hasAux: true })(vector(1, 2)),
    );
    expect(value.item()).toBe(5);
    expect(aux.double.tolist()).toEqual([2, 4]);
    expect(aux.label).toBe("kept");
    expect(gradient.tolist()).toEqual([2, 4]);
  });

  test("integers inside a differentiable argument's function are constants", async () => {
    const f = (x: Tensor, index: Tensor) => x.gather(index).mul(iota(2, "float64")).sum();
    const got = await evaluate(grad(f)(vector(1, 2, 3), array([2, 2], { dtype: "int32" })));
    expect(got.tolist()).toEqual([0, 0, 1]);
  });

  test("mixed precision: each gradient has the dtype of what it belongs to", async () => {
    const f = (a: Tensor, b: Tensor) => a.astype("float64").mul(b).sum();
    const [a, b] = await evaluate(grad(f, { argnums: [0, 1] })(array([1, 2]), vector(3, 4)));
    expect([a.dtype, b.dtype]).toEqual(["float32", "float64"]);
    expect(a.tolist()).toEqual([3, 4]);
    expect(b.tolist()).toEqual([1, 2]);
  });
});

describe("perturbations stay apart", () => {
  test("nested derivatives of the same name and of closed-over variables", async () => {
    const got = await evaluate({
      // d/dx x (d/dy (x + y)) = 1, not 2.
      siskind: grad((x: Tensor) => x.mul(grad((y: Tensor) => x.add(y))(number(1))))(number(1)),
      // d/dx x (d/dy x y at y = x) = d/dx x^2.
      product: grad((x: Tensor) => x.mul(grad((y: Tensor) => x.mul(y))(x)))(number(3)),
      // The inner variable is the outer one: d/dx (d/dx x^3) = 6 x.
      same: grad((x: Tensor) => grad((y: Tensor) => y.mul(y).mul(y))(x))(number(2)),
      // The inner derivative does not see that y = x: d/dx [y + 2 x y at y = x] = 1 + ... = 2 x + 2 x.
      closure: grad((x: Tensor) => grad((y: Tensor) => x.mul(y).mul(y))(x))(number(2)),
      forward: jvp(
        (x: Tensor) => x.mul(jvp((y: Tensor) => x.add(y), [number(1)], [number(1)])[1]),
        [number(1)],
        [number(1)],
      )[1],
      mixed: grad((x: Tensor) => x.mul(jvp((y: Tensor) => x.mul(y), [x], [number(1)])[1]))(
        number(3),
      ),
    });
    expect(got.siskind.item()).toBe(1);
    expect(got.product.item()).toBe(6);
    expect(got.same.item()).toBe(12);
    expect(got.closure.item()).toBe(8); // d/dx 2 x^2
    expect(got.forward.item()).toBe(1);
    expect(got.mixed.item()).toBe(6);
  });

  test("a gradient with respect to a tensor does not change what is computed from it outside", async () => {
    const f = (x: Tensor) => {
      const y = x.mul(x);
      // y depends on x, but as a constant of the inner function.
      return grad((z: Tensor) => z.mul(y).sum())(x);
    };
    const got = await evaluate({
      value: f(constant(vector(2, 3))),
      slope: jacrev(f)(vector(2, 3)),
    });
    expect(got.value.tolist()).toEqual([4, 9]);
    expect(got.slope.tolist()).toEqual([
      [4, 0],
      [0, 6],
    ]);
  });

  test("the same tensor as two arguments", async () => {
    const f = (a: Tensor, b: Tensor) => a.mul(b).mul(b).sum();
    const x = constant(vector(3));
    const [a, b] = await evaluate(grad(f, { argnums: [0, 1] })(x, x));
    expect([a.item(), b.item()]).toEqual([9, 18]);
  });
});

describe("stopGradient", () => {
  test("gives the value and no derivative, to any order", async () => {
    const f = (x: Tensor) => x.mul(stopGradient(x)).sum();
    const got = await evaluate({
      value: f(constant(vector(2, 3))),
      gradient: grad(f)(vector(2, 3)),
      hessian: hessian(f)(vector(2, 3)),
      tangent: jvp(f, [vector(2, 3)], [vector(1, 1)])[1],
    });
    expect(got.value.item()).toBe(13);
    expect(got.gradient.tolist()).toEqual([2, 3]);
    expect(got.hessian.data.every((x) => x === 0)).toBe(true);
    expect(got.tangent.item()).toBe(5);
  });

  test("works in the body of a loop", async () => {
    const f = (x: Tensor) =>
      scan((h: Tensor, _: null) => [h.mul(stopGradient(h)), null], x, null, { length: 2 })[0];
    // h1 = x [x], h2 = h1 [h1]: dh2/dx = h1 [x] = x^3.
    const got = await evaluate({ value: f(constant(number(2))), slope: grad(f)(number(2)) });
    expect(got.value.item()).toBe(16);
    expect(got.slope.item()).toBe(8);
  });
});

describe("Jacobians", () => {
  test("of trees, into trees, have [result, argument] axes and agree both ways", async () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }) => ({
      outer: a.expandDims(1).mul(b),
      norm: [a.mul(a).sum().add(b.sum())],
    });
    const at = { a: vector(1, 2), b: vector(3, 4, 5) };
    const got = await evaluate({ reverse: jacrev(f)(at), forward: jacfwd(f)(at) });
    for (const jacobian of [got.reverse, got.forward]) {
      expect(jacobian.outer.a.shape).toEqual([2, 3, 2]);
      expect(jacobian.outer.b.shape).toEqual([2, 3, 3]);
      expect(jacobian.norm[0].a.tolist()).toEqual([2, 4]);
      expect(jacobian.norm[0].b.tolist()).toEqual([1, 1, 1]);
      expect(jacobian.outer.a.tolist()).toEqual(got.reverse.outer.a.tolist());
      expect(jacobian.outer.b.tolist()).toEqual(got.reverse.outer.b.tolist());
    }
    expect(got.reverse.outer.a.tolist()).toEqual([
      [
        [3, 0],
        [4, 0],
        [5, 0],
      ],
      [
        [0, 3],
        [0, 4],
        [0, 5],
      ],
    ]);
  });

  test("a result that does not depend on the argument has a Jacobian of zeros", async () => {
    const f = (x: Tensor, y: Tensor): [Tensor, Tensor] => [x.mul(2), y];
    const got = await evaluate({
      reverse: jacrev(f)(vector(1, 2), vector(3)),
      forward: jacfwd(f)(vector(1, 2), vector(3)),
    });
    for (const [direct, none] of [got.reverse, got.forward]) {
      expect(direct.tolist()).toEqual([
        [2, 0],
        [0, 2],
      ]);
      expect(none.tolist()).toEqual([[0, 0]]);
    }
  });

  test("the Hessian of a tree has a block for every pair of leaves", async () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }) => a.mul(a).sum().mul(b);
    const got = await evaluate(hessian(f)({ a: vector(1, 2), b: number(3) }));
    expect(got.a.a.tolist()).toEqual([
      [6, 0],
      [0, 6],
    ]);
    expect(got.a.b.tolist()).toEqual([2, 4]);
    expect(got.b.a.tolist()).toEqual([2, 4]);
    expect(got.b.b.item()).toBe(0);
    const product = await evaluate(
      hvp(f)({ a: vector(1, 2), b: number(3) }, { a: vector(1, 0), b: number(1) }),
    );
    expect(product.a.tolist()).toEqual([8, 4]);
    expect(product.b.item()).toBe(2);
  });

  test("empty arguments and results", async () => {
    const f = (x: Tensor) => x.mul(2);
    const got = await evaluate({
      reverse: jacrev(f)(vector()),
      forward: jacfwd(f)(vector()),
      gradient: grad((x: Tensor) => x.sum())(vector()),
    });
    expect(got.reverse.shape).toEqual([0, 0]);
    expect(got.forward.shape).toEqual([0, 0]);
    expect(got.gradient.shape).toEqual([0]);
  });
});

describe("vjp, jvp and linearize", () => {
  test("a pull may be used for several cotangents, also of trees", async () => {
    const f = (x: Tensor, y: Tensor) => ({ sum: x.add(y), product: x.mul(y) });
    const [value, pull] = vjp(f, vector(2), vector(5));
    const got = await evaluate({
      value,
      first: pull({ sum: vector(1), product: vector(0) }),
      second: pull({ sum: vector(0), product: vector(1) }),
    });
    expect(got.value.product.item()).toBe(10);
    expect(got.first.map((x) => x.item())).toEqual([1, 1]);
    expect(got.second.map((x) => x.item())).toEqual([5, 2]);
  });

  test("tangents and cotangents may be numbers for scalars", async () => {
    const f = (x: Tensor) => x.mul(x);
    const got = await evaluate({
      tangent: jvp(f, [3], [2])[1],
      cotangent: vjp(f, 3)[1](2)[0],
      push: linearize(f, 3)[1](2),
    });
    expect([got.tangent.item(), got.cotangent.item(), got.push.item()]).toEqual([12, 12, 12]);
  });

  test("integer and boolean results have tangent zero", async () => {
    const f = (x: Tensor): [Tensor, Tensor] => [x.mul(2), x.greater(0).astype("int32")];
    const [, [float, int]] = await evaluate(jvp(f, [vector(1, -1)], [vector(1, 1)]));
    expect(float.tolist()).toEqual([2, 2]);
    expect(int.tolist()).toEqual([0, 0]);
  });
});

test("derivatives inside jit are compiled once and take new values", async () => {
  let traces = 0;
  const step = jit((p: Tensor, rate: Tensor) => {
    traces++;
    const [value, slope] = valueAndGrad((q: Tensor) => q.mul(q).sum())(p);
    return [p.sub(slope.mul(rate)), value] as const;
  });
  let p = array([1, 2]);
  for (let i = 0; i < 3; i++) [p] = await step(p, 0.25);
  expect(p.tolist()).toEqual([0.125, 0.25]);
  expect(traces).toBe(1);
});

describe("what has no derivative says so", () => {
  const x = array([1, 2]);
  const ints = array([1, 2], { dtype: "int32" });
  const cases: [string, () => unknown, RegExp][] = [
    [
      "integer argument of grad",
      () => grad((y: Tensor) => y.sum())(ints),
      /grad: argument \[0\] is int32; only floats/,
    ],
    [
      "integer leaf of a tree",
      () => grad(({ a }: { a: Tensor }) => a.sum())({ a: ints }),
      /grad: argument \[0\]\.a is int32/,
    ],
    [
      "boolean argument of vjp",
      () => vjp((y: Tensor) => y, array([true])),
      /vjp: argument \[0\] is bool/,
    ],
    [
      "integer argument of jacfwd",
      () => jacfwd((y: Tensor) => y)(ints),
      /jacfwd: argument \[0\] is int32/,
    ],
    [
      "vector result",
      () => grad((y: Tensor) => y)(x),
      /grad: the function returned shape \[2\], not a scalar/,
    ],
    [
      "integer result",
      () => grad((y: Tensor) => y.astype("int32").sum())(x),
      /grad: the function returned int32/,
    ],
    [
      "two results",
      () => grad((y: Tensor) => [y.sum(), y] as unknown as Tensor)(x),
      /one scalar; with an auxiliary result pass/,
    ],
    [
      "missing argument",
      () => grad((y: Tensor) => y.sum(), { argnums: 1 })(x),
      /there is no argument 1/,
    ],
    [
      "wrong tree of cotangents",
      () => vjp((y: Tensor) => [y, y], x)[1]([x] as unknown as [Tensor, Tensor]),
      /vjp: cotangent: the trees differ/,
    ],
    [
      "wrong shape of a cotangent",
      () => vjp((y: Tensor) => y.mul(2), x)[1](array([1, 2, 3])),
      /vjp: cotangent 0 is float32\[3\] but must stay float32\[2\]/,
    ],
    [
      "wrong dtype of a tangent",
      () => jvp((y: Tensor) => y.mul(2), [x], [vector(1, 2)]),
      /jvp: tangent 0 is float64\[2\]/,
    ],
    [
      "wrong shape of a vector for hvp",
      () => hvp((y: Tensor) => y.sum())(x, array([1])),
      /jvp: tangent 0 is float32\[1\]/,
    ],
  ];
  for (const [name, run, message] of cases) {
    test(name, () => {
      expect(run).toThrow(TensorError);
      expect(run).toThrow(message);
    });
  }
});

test("where keeps a bad branch out of the value, and a guarded operand out of the gradient", async () => {
  const guarded = (x: Tensor) => {
    const isPositive = x.greater(0);
    return where(isPositive, where(isPositive, x, 1).log(), 0).sum();
  };
  const got = await evaluate(valueAndGrad(guarded)(vector(0, 1, Math.E)));
  expect(got[0].item()).toBeCloseTo(1, 12);
  expect(got[1].tolist()).toEqual([0, 1, 1 / Math.E]);
});
