import { expect, test } from "vitest";
import { array, importOnnx, ones } from "../index.ts";
import { decodeModel, encodeModel } from "../lower/proto.ts";
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

test("wrong inputs and weights are refused by name", () => {
  const f = importOnnx(affine);
  expect(() => f({})).toThrow(/takes x; x is missing/);
  expect(() => f({ x: ones([1, 2]), z: 1 })).toThrow(/takes x; it was given z/);
  expect(() => f([ones([1, 2]), 1])).toThrow(/takes x; it was given 2 values/);
  expect(() => f([ones([1, 3])])).toThrow(/input x is \[n, 2\], got \[1, 3\]/);
  expect(() => f([ones([1, 2], "int32")])).toThrow(/input x is float32, got int32/);
  expect(() => f.apply({ v: 1 }, [ones([1, 2])])).toThrow(/no parameter "v"/);
  expect(() => f.apply({ b: ones([2]) }, [ones([1, 2])])).toThrow(
    /parameter "b" is float32\[3\], got float32\[2\]/,
  );
  const pair = importOnnx(
    model(
      graph(
        [value("a", ["n"]), value("b", ["n"])],
        [result("y")],
        [node("Add", ["a", "b"], ["y"])],
      ),
    ),
  );
  expect(() => pair([ones([2]), ones([1])])).toThrow(
    /an axis "n" in common; in b it has length 1, elsewhere 2/,
  );
});

test("an operator that is not supported is named with its node", () => {
  const bytes = (name: string, domain = "") =>
    encodeModel({
      ...decodeModel(affine),
      graph: graph(
        [value("x", [2])],
        [result("y")],
        [{ ...node("Loop", ["x"], ["y"], {}, name), domain }],
      ),
    });
  expect(() => importOnnx(bytes("outer/loop_1"))).toThrow(
    /^importOnnx: the operator Loop \(node "outer\/loop_1"\) is not supported\n/,
  );
  expect(() => importOnnx(bytes("", "my.domain"))).toThrow(
    /^importOnnx: the operator my.domain.Loop \(which makes "y"\) is not supported\n/,
  );
});

test("an operator used wrongly is named with its node and what is wrong", () => {
  const f = importOnnx(
    model(
      graph(
        [value("x", [2, 3])],
        [result("y")],
        [node("MatMul", ["x", "x"], ["y"], {}, "product")],
      ),
    ),
  );
  expect(() => f([ones([2, 3])])).toThrow(
    /^importOnnx: MatMul \(node "product"\): matmul: \[2, 3\] and \[2, 3\]: the inner lengths 3 and 2 differ/,
  );
});

test("bytes that are no model are refused, wherever they are cut", () => {
  const refused = /^importOnnx: these \d+ bytes are not an ONNX model/;
  expect(() => importOnnx(new Uint8Array())).toThrow(refused);
  expect(() => importOnnx(new TextEncoder().encode("<!doctype html><title>404</title>"))).toThrow(
    refused,
  );
  for (let length = 0; length < affine.length; length++)
    expect(() => importOnnx(affine.subarray(0, length))).toThrow(refused);
});

test("what a model cannot carry here is refused with the reason", () => {
  const gather = (initializer: ReturnType<typeof int64s>) =>
    importOnnx(
      model(
        graph([value("x", [3])], [result("y")], [node("Gather", ["x", "i"], ["y"])], [initializer]),
      ),
    )([ones([3])]);
  expect(() => gather(int64s("i", [2 ** 40]))).toThrow(
    /the tensor "i" holds 1099511627776 \(int64\), which does not fit int32/,
  );
  expect(() => gather({ ...int64s("i", [1]), dims: [2] })).toThrow(
    /the tensor "i" has 8 bytes where int64\[2\] takes 16/,
  );
  expect(() => gather({ ...int64s("i", [1]), dataType: 8 })).toThrow(
    /"i" .*not supported \(string\)/,
  );
  expect(() => importOnnx(model(decodeModel(affine).graph, 6))).toThrow(
    /operator set 6; 7 to 24 are understood/,
  );
  const elsewhere = {
    ...int64s("i", [1]),
    location: 1,
    external: [{ key: "location", value: "weights.bin" }],
  };
  expect(() => gather(elsewhere)).toThrow(
    /the tensor "i" keeps its values in another file, "weights.bin"; save the model with its weights/,
  );
});
