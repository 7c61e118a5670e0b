import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arange,
  array,
  type DType,
  eye,
  full,
  linspace,
  NDArray,
  ones,
  TensorError,
  zeros,
} from "./index.ts";

describe("array", () => {
  test("nested lists give their shape; numbers are float32, booleans bool", () => {
    const a = array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(a.shape).toEqual([2, 3]);
    expect(a.dtype).toBe("float32");
    expect(array([[true], [false]]).dtype).toBe("bool");
    expect(array([true, 2]).dtype).toBe("float32");
    expect(array(7).shape).toEqual([]);
    expect(array([[], []]).shape).toEqual([2, 0]);
    expect(array([]).shape).toEqual([0]);
  });

  test("lists and arrays survive the way there and back", () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 });
    const dtypes = fc.constantFrom<DType>("float32", "float64", "int32", "uint32");
    fc.assert(
      fc.property(shapes, dtypes, (shape, dtype) => {
        const size = shape.reduce((a, b) => a * b, 1);
        const a = arange(0, size, 1, dtype).reshape(shape);
        const again = array(a.tolist(), { dtype });
        expect(again.shape).toEqual(shape);
        expect([...again.data]).toEqual([...a.data]);
      }),
      { seed: 41 },
    );
  });

  test("ragged lists are refused wherever they are ragged", () => {
    for (const ragged of [
      [[1, 2], [3]],
      [1, [2]],
      [[1], 2],
      [[[1]], [[1, 2]]],
      [[], [1]],
    ]) {
      expect(() => array(ragged)).toThrow(/array: ragged lists/);
    }
    expect(() => array([1, "2" as unknown as number])).toThrow(/array: 2 is not a number/);
  });

  test("typed arrays keep their element type and are not copied", () => {
    const data = Float64Array.of(1, 2, 3, 4);
    const a = array(data, { shape: [2, -1] });
    expect(a.dtype).toBe("float64");
    expect(a.data).toBe(data);
    expect(a.shape).toEqual([2, 2]);
    expect(array(Uint8Array.of(1, 2)).dtype).toBe("float32");
    expect(array(Int16Array.of(1, -2)).tolist()).toEqual([1, -2]);
    expect(array(Uint8Array.of(0, 3), { dtype: "bool" }).tolist()).toEqual([false, true]);
  });

  test("64-bit integers fit or are refused", () => {
    expect(array(BigInt64Array.of(1n, -5n)).dtype).toBe("int32");
    expect(() => array(BigInt64Array.of(1n, 2n ** 40n))).toThrow(/1099511627776 at index 1/);
  });

  test("a shape that the values do not fill is refused", () => {
    expect(() => array([1, 2, 3], { shape: [2, 2] })).toThrow(
      /3 elements do not fill shape \[2, 2\]/,
    );
    expect(() => new NDArray(new Float32Array(3), [2], "float32")).toThrow(TensorError);
    expect(() => array([1, 2]).reshape([-1, -1])).toThrow(TensorError);
    expect(() => array([]).reshape([0, -1])).toThrow(TensorError);
    expect(array([]).reshape([3, 0]).shape).toEqual([3, 0]);
  });
});

test("astype converts as the graph does: toward zero, to 0 and 1", () => {
  const a = array([-1.7, 0, 2.9], { dtype: "float64" });
  expect(a.astype("int32").tolist()).toEqual([-1, 0, 2]);
  expect(a.astype("bool").tolist()).toEqual([true, false, true]);
  expect(a.astype("float64")).toBe(a);
  expect(a.astype("float32").data[0]).toBe(Math.fround(-1.7));
});

describe("ranges and fillings", () => {
  test("arange stops short, linspace arrives", () => {
    expect(arange(3).tolist()).toEqual([0, 1, 2]);
    expect(arange(2, 8, 3).tolist()).toEqual([2, 5]);
    expect(arange(5, 0, -2).tolist()).toEqual([5, 3, 1]);
    expect(arange(3, 1).tolist()).toEqual([]);
    expect(arange(0, 1, 0.1, "float64").size).toBe(10);
    expect(() => arange(0, 5, 0)).toThrow(/step 0 never reaches 5/);
    expect(linspace(0, 1, 5).tolist()).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(linspace(0.1, 0.7, 7, "float64").data[6]).toBe(0.7);
    expect(linspace(3, 9, 1).tolist()).toEqual([3]);
    expect(linspace(3, 9, 0).tolist()).toEqual([]);
  });

  test("full, zeros, ones, eye", () => {
    expect(full([2, 2], 7, "int32").tolist()).toEqual([
      [7, 7],
      [7, 7],
    ]);
    expect(zeros([0, 3]).shape).toEqual([0, 3]);
    expect(ones([], "bool").tolist()).toBe(true);
    expect(eye(2, 3).tolist()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
  });
});

describe("reading", () => {
  test("item needs exactly one element", () => {
    expect(array([[5]]).item()).toBe(5);
    expect(() => array([1, 2]).item()).toThrow(/shape \[2\], not one element/);
  });

  test("printing shows values, dtype and shape, and leaves out the middle of long arrays", () => {
    expect(String(array([1, 2.5]))).toBe("array([1, 2.5], float32[2])");
    expect(inspect(array([[true]]))).toBe("array([[true]], bool[1, 1])");
    expect(String(zeros([0, 2]))).toBe("array([], float32[0, 2])");
    const long = String(arange(2000));
    expect(long).toContain("[0, 1, 2, ..., 1997, 1998, 1999]");
  });
});
