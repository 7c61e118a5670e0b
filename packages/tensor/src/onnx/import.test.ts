import { expect, test } from "vitest";
import {
  array,
  evaluate,
  grad,
  importOnnx,
  jit,
  ones,
  type Tensor,
  treeMap,
  vmap,
} from "../index.ts";
import { graph, int64s, model, node, result, stored, value } from "./fixtures/models.ts";

const weight = array([
  [1, -2, 3],
  [0.5, 4, -1],
]);

/** y = x w + b, with a gap for the batch. */
const affine = model(
  graph(
    [value("x", ["n", 2])],
    [value("y", ["n", 3])],
    [node("MatMul", ["x", "w"], ["xw"]), node("Add", ["xw", "b"], ["y"])],
    [stored("w", weight), stored("b", array([1, 2, 3]))],
  ),
);

test("a model tells its inputs, outputs and weights", () => {
  const { inputs, outputs, parameters } = importOnnx(affine);
  expect(inputs).toEqual([{ name: "x", dtype: "float32", shape: ["n", 2] }]);
  expect(outputs).toEqual([{ name: "y", dtype: "float32", shape: ["n", 3] }]);
  expect(treeMap((p) => p.tolist(), parameters)).toEqual({ b: [1, 2, 3], w: weight.tolist() });
});

test("inputs are given by name or in order, for any length of a named axis", async () => {
  const f = importOnnx(affine);
  const x = array([
    [1, 0],
    [0, 2],
    [1, 1],
  ]);
  const expected = [
    [2, 0, 6],
    [2, 10, 1],
    [2.5, 4, 5],
  ];
  expect((await evaluate(f({ x }))).y.tolist()).toEqual(expected);
  expect((await jit((t: Tensor) => f([t]).y)(x)).tolist()).toEqual(expected);
  expect((await jit(vmap((t: Tensor) => f([t.reshape([1, 2])]).y.squeeze(0)))(x)).tolist()).toEqual(
    expected,
  );
});

test("the gradient in the weights is that of the weights given, the others are the file's", async () => {
  const f = importOnnx(affine);
  const x = array([[2, 3]]);
  const loss = (p: Record<string, Tensor>, t: Tensor) => f.apply(p, { x: t }).y.pow(2).sum();
  const full = await jit(grad(loss))(f.parameters, x);
  // y = [2 + 1.5 + 1, -4 + 12 + 2, 6 - 3 + 3], d/dw = 2 y x^T, d/db = 2 y
  expect(full.b.tolist()).toEqual([9, 20, 12]);
  expect(full.w.tolist()).toEqual([
    [18, 40, 24],
    [27, 60, 36],
  ]);
  const onlyBias = await jit(grad(loss))({ b: array([0, 0, 0]) }, x);
  expect(onlyBias).toEqual({ b: expect.anything() });
  expect(onlyBias.b.tolist()).toEqual([7, 16, 6]);
});

test("weights in Constant nodes count as parameters, single numbers do not", () => {
  const constantNode = (name: string, data: ReturnType<typeof array>) =>
    node("Constant", [], [name], { value: { tensor: stored("", data) } });
  const { parameters } = importOnnx(
    model(
      graph(
        [value("x", [2])],
        [result("y")],
        [
          constantNode("w", array([3, 4])),
          constantNode("epsilon", array([1e-5])),
          constantNode("half", array(0.5)),
          node("Mul", ["x", "w"], ["a"]),
          node("Add", ["a", "epsilon"], ["b"]),
          node("Mul", ["b", "half"], ["y"]),
        ],
      ),
    ),
  );
  expect(Object.keys(parameters)).toEqual(["w"]);
});

test("what only steers an operator is no parameter, and is known when parameters are tensors", async () => {
  const f = importOnnx(
    model(
      graph(
        [value("x", [1, 1, 2, 2])],
        [result("y")],
        [
          node("Resize", ["scaled", "", "scales"], ["y"], { mode: "nearest" }),
          node("Mul", ["x", "w"], ["scaled"]),
        ].reverse(),
        [stored("scales", array([1, 1, 2, 2])), stored("w", array([3]))],
      ),
    ),
  );
  expect(Object.keys(f.parameters)).toEqual(["w"]);
  const g = await jit(
    grad((p: Record<string, Tensor>) => f.apply(p, [ones([1, 1, 2, 2])]).y.sum()),
  )(f.parameters);
  expect(g.w.tolist()).toEqual([16]);
});

test("shapes computed from shapes are known while tracing", async () => {
  // What exporters write for x.reshape([x.shape[0], 2, x.shape[1] // 2]).mean(2).
  const f = importOnnx(
    model(
      graph(
        [value("x", ["n", "d"])],
        [result("y")],
        [
          node("Shape", ["x"], ["shape"]),
          node("Gather", ["shape", "zero"], ["n"]),
          node("Slice", ["shape", "one", "end"], ["rest"]),
          node("Div", ["rest", "two"], ["half"]),
          node("Unsqueeze", ["n", "first"], ["n1"]),
          node("Cast", ["half"], ["half32"], { to: 6 }),
          node("Cast", ["half32"], ["half64"], { to: 7 }),
          node("Concat", ["n1", "two", "half64"], ["target"], { axis: 0 }),
          node("Reshape", ["x", "target"], ["split"]),
          node("ConstantOfShape", ["target"], ["ones"], {
            value: { tensor: stored("", array([1])) },
          }),
          node("Mul", ["split", "ones"], ["kept"]),
          node("ReduceMean", ["kept", "last"], ["y"], { keepdims: 0 }),
        ],
        [
          int64s("zero", [0], []),
          int64s("first", [0]),
          int64s("one", [1]),
          int64s("two", [2]),
          int64s("end", [2n ** 63n - 1n]),
          int64s("last", [-1]),
        ],
      ),
    ),
  );
  const y = (x: Tensor) => f({ x }).y;
  expect((await jit(y)(array([[1, 3, 5, 7]]))).tolist()).toEqual([[2, 6]]);
  expect(
    (
      await jit(y)(
        array([
          [1, 3],
          [2, 4],
        ]),
      )
    ).tolist(),
  ).toEqual([
    [1, 3],
    [2, 4],
  ]);
  const g = await jit(grad((x: Tensor) => y(x).sum()))(array([[1, 2, 3, 4]]));
  expect(g.tolist()).toEqual([[0.5, 0.5, 0.5, 0.5]]);
});

test("an input given as an array is known while tracing, a tensor is not", async () => {
  const f = importOnnx(
    model(
      graph(
        [value("x", [4]), value("shape", [2], "int64")],
        [result("y")],
        [node("Reshape", ["x", "shape"], ["y"])],
      ),
    ),
  );
  const shape = array([2, 2], { dtype: "int32" });
  const y = await jit((x: Tensor) => f({ x, shape }).y)(array([1, 2, 3, 4]));
  expect(y.shape).toEqual([2, 2]);
  await expect(
    jit((x: Tensor, s: Tensor) => f({ x, shape: s }).y)(array([1, 2, 3, 4]), shape),
  ).rejects.toThrow(
    /Reshape \(which makes "y"\): its input 1 \("shape"\) depends on the model's inputs/,
  );
});

test("half precision weights become float32, int64 becomes int32", async () => {
  const half = new Float16Array([1.5, -2, 0.25]);
  const f = importOnnx(
    model(
      graph(
        [value("i", [2], "int64")],
        [result("y")],
        [node("Gather", ["w", "i"], ["g"]), node("Cast", ["g"], ["y"], { to: 10 })],
        [{ name: "w", dims: [3], dataType: 10, data: new Uint8Array(half.buffer) }],
      ),
    ),
  );
  expect(f.inputs[0].dtype).toBe("int32");
  expect(f.parameters.w.dtype).toBe("float32");
  const y = await evaluate(f({ i: array([2, 0], { dtype: "int32" }) }).y);
  expect(y.dtype).toBe("float32");
  expect(y.tolist()).toEqual([0.25, 1.5]);
});

test("constants are read from every field and attribute that may hold them", async () => {
  const raw = (values: ArrayBufferView) => ({ data: new Uint8Array(values.buffer as ArrayBuffer) });
  const tensors: Record<string, { dataType: number; [field: string]: unknown }> = {
    floats: { dataType: 1, floatData: [1.5, -2] },
    doubles: { dataType: 11, doubleData: [1.5, -2] },
    int64s: { dataType: 7, int64Data: [3, -4] },
    int32s: { dataType: 6, int32Data: [3, -4] },
    int8s: { dataType: 3, int32Data: [3, -4] },
    uint32s: { dataType: 12, uint64Data: [3, 4_000_000_000] },
    bools: { dataType: 9, int32Data: [1, 0] },
    halves: { dataType: 10, int32Data: [0x3e00, 0xc000] },
    rawBytes: { dataType: 2, ...raw(Uint8Array.of(3, 255)) },
    rawShorts: { dataType: 5, ...raw(Int16Array.of(3, -4)) },
    rawBrains: { dataType: 16, ...raw(Uint16Array.of(0x3fc0, 0xc000)) },
  };
  const attributes: Record<string, Parameters<typeof node>[3]> = {
    oneFloat: { value_float: { float: 1.5 } },
    someFloats: { value_floats: { floats: [1.5, -2] } },
    oneInteger: { value_int: 3 },
    someIntegers: { value_ints: [3, -4] },
  };
  const names = [...Object.keys(tensors), ...Object.keys(attributes)];
  const f = importOnnx(
    model(
      graph([], names.map(result), [
        ...Object.entries(tensors).map(([name, tensor]) =>
          node("Constant", [], [name], {
            value: { tensor: { name: "", dims: [2], data: undefined, ...tensor } as never },
          }),
        ),
        ...Object.entries(attributes).map(([name, value]) => node("Constant", [], [name], value)),
      ]),
    ),
  );
  const values = await evaluate(f([]));
  const seen = Object.entries(values).map(([name, a]) => [name, [a.dtype, a.tolist()]]);
  expect(Object.fromEntries(seen)).toEqual({
    floats: ["float32", [1.5, -2]],
    doubles: ["float64", [1.5, -2]],
    int64s: ["int32", [3, -4]],
    int32s: ["int32", [3, -4]],
    int8s: ["int32", [3, -4]],
    uint32s: ["uint32", [3, 4_000_000_000]],
    bools: ["bool", [true, false]],
    halves: ["float32", [1.5, -2]],
    rawBytes: ["int32", [3, 255]],
    rawShorts: ["int32", [3, -4]],
    rawBrains: ["float32", [1.5, -2]],
    oneFloat: ["float32", 1.5],
    someFloats: ["float32", [1.5, -2]],
    oneInteger: ["int32", 3],
    someIntegers: ["int32", [3, -4]],
  });
});

test("values inside the graph can be asked for instead of its outputs", async () => {
  const f = importOnnx(affine, { outputs: ["xw"] });
  expect(f.outputs).toEqual([{ name: "xw", dtype: undefined, shape: undefined }]);
  expect((await evaluate(f([array([[1, 0]])]))).xw.tolist()).toEqual([[1, -2, 3]]);
  expect(() => importOnnx(affine, { outputs: ["nowhere"] })([ones([1, 2])])).toThrow(
    /nothing in the model makes "nowhere"/,
  );
});
