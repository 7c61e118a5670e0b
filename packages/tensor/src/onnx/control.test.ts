import { expect, test } from "vitest";
import { array, constant, evaluate, grad, importOnnx, jit, type Tensor } from "../index.ts";
import { expectClose, toReference } from "../testing/compare.ts";
import { graph, int64s, model, node, result, stored, value } from "./fixtures/models.ts";
import { openReference } from "./fixtures/reference.ts";

/** If on a condition: x + outer, or the sum of x. */
const branching = (nodes: ReturnType<typeof node>[], otherwise: ReturnType<typeof node>) =>
  model(
    graph(
      [value("x", ["n"])],
      [result("y")],
      [
        ...nodes,
        node("If", ["condition"], ["y"], {
          then_branch: { graph: graph([], [result("a")], [node("Add", ["x", "outer"], ["a"])]) },
          else_branch: { graph: graph([], [result("b")], [otherwise]) },
        }),
      ],
      [stored("outer", array(10)), int64s("two", [2], []), stored("limit", array(5))],
    ),
  );

test("a condition on shapes chooses its branch while tracing", async () => {
  const f = importOnnx(
    branching(
      [node("Size", ["x"], ["size"]), node("Equal", ["size", "two"], ["condition"])],
      node("ReduceSum", ["x"], ["b"], { keepdims: 0 }),
    ),
  );
  expect((await evaluate(f([array([1, 2])]).y)).tolist()).toEqual([11, 12]);
  expect((await evaluate(f([array([1, 2, 3])]).y)).tolist()).toEqual(6);
  expect(Object.keys(f.parameters)).toEqual(["outer"]);
});

test("a condition on values chooses between results of one shape, else it is refused", async () => {
  const total = [
    node("ReduceSum", ["x"], ["total"], { keepdims: 0 }),
    node("Less", ["total", "limit"], ["condition"]),
  ];
  const f = importOnnx(branching(total, node("Neg", ["x"], ["b"])));
  const slopes = jit((x: Tensor) => ({
    y: f({ x }).y,
    g: grad((t: Tensor) => f({ x: t }).y.sum())(x),
  }));
  const [low, high] = [await slopes(array([1, 2])), await slopes(array([3, 4]))];
  expect([low.y.tolist(), low.g.tolist()]).toEqual([
    [11, 12],
    [1, 1],
  ]);
  expect([high.y.tolist(), high.g.tolist()]).toEqual([
    [-3, -4],
    [-1, -1],
  ]);
  const uneven = importOnnx(branching(total, node("ReduceSum", ["x"], ["b"], { keepdims: 0 })));
  expect(() => uneven([constant(array([1, 2])).exp()])).toThrow(
    /importOnnx: If .*the branches' results differ in shape/,
  );
});

test("Scan runs sequences in both directions and along other axes", async () => {
  const body = graph(
    [value("h", [2]), value("u", [2]), value("v", [2])],
    [result("next"), result("out"), result("seen")],
    [
      node("Mul", ["u", "v"], ["uv"]),
      node("Tanh", ["h"], ["squashed"]),
      node("Add", ["squashed", "uv"], ["next"]),
      node("Mul", ["next", "factor"], ["out"]),
      node("Identity", ["u"], ["seen"]),
    ],
  );
  const bytes = model(
    graph(
      [value("h0", [2]), value("us", [3, 2]), value("vs", [2, 3])],
      [result("last"), result("outs"), result("seen")],
      [
        node("Scan", ["h0", "us", "vs"], ["last", "outs", "seen"], {
          body: { graph: body },
          num_scan_inputs: 2,
          scan_input_directions: [0, 1],
          scan_input_axes: [0, 1],
          scan_output_directions: [1, 0],
          scan_output_axes: [1, 0],
        }),
      ],
      [stored("factor", array(2))],
    ),
  );
  const feeds = {
    h0: array([0.1, -0.2]),
    us: array([
      [1, 2],
      [3, 4],
      [5, 6],
    ]),
    vs: array([
      [0.1, 0.2, 0.3],
      [0.4, 0.5, 0.6],
    ]),
  };
  const run = await openReference(bytes);
  const { h0, us, vs } = feeds;
  const expected = await run({ h0: { value: h0 }, us: { value: us }, vs: { value: vs } });
  const got = await jit((t: Record<string, Tensor>) => importOnnx(bytes)(t))(feeds);
  for (const name of ["last", "outs", "seen"])
    expectClose(name, got[name], toReference(expected[name]), { entry: 1e-6 });
});
