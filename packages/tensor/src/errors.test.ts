import { describe, expect, test } from "vitest";
import {
  checkpoint,
  constant,
  customVjp,
  type Device,
  evaluate,
  grad,
  iota,
  jit,
  ones,
  scan,
  setDefaultDevice,
  setThreads,
  Tensor,
  TensorError,
  vmap,
  zeros,
} from "./index.ts";
import { complains } from "./testing/complaints.ts";

const of = (shape: readonly number[]): Tensor => constant(zeros(shape));

describe("loops and calls", () => {
  const xs = of([3, 2]);
  complains([
    [
      "a step without two results",
      () => scan((c: Tensor) => c as never, of([2]), xs),
      "scan: the step must return [carry, y]",
    ],
    [
      "a carry that changes shape",
      () => scan((_: Tensor, x: Tensor) => [x.sum(), x], of([2]), xs),
      "scan: carry 0 is float32[] but must stay float32[2]",
    ],
    [
      "a carry that changes dtype",
      () => scan((c: Tensor, x: Tensor) => [c.astype("int32"), x], of([2]), xs),
      "int32[2] but must stay float32[2]",
    ],
    [
      "a carry that changes its tree",
      () => scan((c: { a: Tensor }, x: Tensor) => [{ b: c.a } as never, x], { a: of([2]) }, xs),
      "scan: carry in and carry out: the trees differ",
    ],
    [
      "sequences of different lengths",
      () =>
        scan((c: Tensor, { a }: { a: Tensor; b: Tensor }) => [c, a], of([2]), {
          a: of([3]),
          b: of([4]),
        }),
      "scan: sequence b has length 4, expected 3",
    ],
    [
      "a scalar sequence",
      () => scan((c: Tensor, x: Tensor) => [c, x], of([2]), of([])),
      "a scalar is no sequence",
    ],
    [
      "no length",
      () => scan((c: Tensor) => [c, null], of([2]), null),
      "without sequences give { length }",
    ],
    [
      "a cotangent of another shape",
      () => {
        const f = customVjp({
          forward: (x: Tensor): [Tensor, null] => [x, null],
          backward: (_, g) => [g.sum()],
        });
        return f(of([2]));
      },
      "customVjp: cotangent of [0]",
    ],
    [
      "cotangents for other arguments",
      () => {
        const f = customVjp({
          forward: (x: Tensor): [Tensor, null] => [x, null],
          backward: (_, g) => [g, g],
        });
        return f(of([2]));
      },
      "customVjp: arguments and the cotangents that backward returns: the trees differ",
    ],
    [
      "a backward rule that keeps what it was not given",
      () => {
        const f = customVjp({
          forward: (x: Tensor): [Tensor, null] => [x, null],
          backward: (_, g) => [g.mul(xs.sum())],
        });
        return f(of([2]));
      },
      "backward uses tensors that forward did not return as residuals",
    ],
  ]);
});

describe("tensors while tracing", () =>
  complains([
    ["arithmetic by operators", () => Number(of([])) + 1, "no value while a function is traced"],
    ["comparison by operators", () => (of([]) as unknown as number) > 0, "where(condition, a, b)"],
    [
      "iteration",
      () => [...(of([2]) as unknown as number[])],
      "cannot be iterated; use unstack(x)",
    ],
    ["item", () => of([]).item(), "item", "return it from the jitted function"],
  ]));

test("a tensor prints its dtype, shape and operation, without an error", () => {
  expect(`${of([2, 3]).add(1)}`).toBe("Tensor(float32[2, 3], add)");
});

describe("tensors that leave the function they belong to", () => {
  const keep = (run: (keeper: (t: Tensor) => Tensor) => unknown): Tensor => {
    let kept: Tensor | undefined;
    run((t) => {
      kept = t;
      return t;
    });
    if (kept === undefined) throw new Error("nothing was kept");
    return kept;
  };
  const rows: [string, () => Tensor, RegExp][] = [
    [
      "vmap",
      () => keep((k) => vmap((x: Tensor) => k(x).mul(2))(ones([2]))),
      /traced by vmap is used outside/,
    ],
    [
      "scan",
      () => keep((k) => scan((c: Tensor, x: Tensor) => [k(c.add(x)), x], 0, ones([2]))),
      /traced by scan is used outside/,
    ],
    [
      "checkpoint",
      () => keep((k) => checkpoint((x: Tensor) => k(x).mul(2))(of([2]))),
      /traced by checkpoint is used outside/,
    ],
  ];
  for (const [name, leak, message] of rows) {
    test(name, async () => {
      await expect(evaluate(leak().mul(3))).rejects.toThrow(message);
    });
  }

  test("a tensor of a jitted function used in a later call of another", async () => {
    const kept = await new Promise<Tensor>((resolve) => {
      void jit((x: Tensor) => {
        resolve(x);
        return x;
      })(ones([2]));
    });
    await expect(jit((x: Tensor) => x.add(kept))(ones([2]))).rejects.toThrow(
      /float32\[2\].*traced by jit/,
    );
  });

  test("a gradient's own variable may leave: it is a name for what it was given", async () => {
    const kept = keep((k) => grad((x: Tensor) => k(x).sum())(ones([2])));
    expect((await evaluate(kept)).tolist()).toEqual([1, 1]);
  });
});

describe("calls", () => {
  const twice = jit((x: Tensor) => x.mul(2));
  test("jit rejects what is no array", () => {
    expect(() => twice(new Map() as never)).toThrow(/a Map at \[0\] is neither an array/);
    expect(() => twice(Promise.resolve(ones([2])) as never)).toThrow(/Promise \(await it first\)/);
  });

  test("an error while tracing is not remembered", async () => {
    let broken = true;
    const f = jit((x: Tensor) => (broken ? x.reshape([7]) : x.mul(2)));
    await expect(f(ones([2]))).rejects.toThrow(/reshape/);
    broken = false;
    expect((await f(ones([2]))).tolist()).toEqual([2, 2]);
  });

  test("a branch that depends on data says so, with the line", async () => {
    const f = jit((x: Tensor) => ((x.sum() as unknown as number) > 0 ? x : x.neg()));
    await expect(f(ones([2]))).rejects.toThrow(
      /no value while a function is traced[\s\S]*errors\.test\.ts/,
    );
  });

  test("an unknown device names those that there are", () => {
    const unknown = "abacus" as Device;
    for (const run of [
      () => setDefaultDevice(unknown),
      () => jit((x: Tensor) => x, { device: unknown }),
    ])
      expect(run).toThrow(/device "abacus" is not available here; there is "cpu"/);
    expect(() => setThreads(0)).toThrow(TensorError);
  });

  test("a stacked error shows the innermost line of the user's, below any transformation", () => {
    const inner = (x: Tensor) => x.matmul(x).sum();
    const run = () => vmap(grad(inner))(ones([2, 3, 4]));
    expect(run).toThrow(/matmul: \[3, 4\] and \[3, 4\][\s\S]*errors\.test\.ts/);
  });

  test("a shift of signed integers says which type it takes", () => {
    expect(() => iota(3).shiftLeft(1)).toThrow(/shiftLeft.*uint32/);
  });
});

test("Tensor is exported for instanceof", () => expect(of([1])).toBeInstanceOf(Tensor));
