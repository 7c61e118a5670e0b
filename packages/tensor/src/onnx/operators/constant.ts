/** Constants, and tensors made from shapes. */
import { fail } from "../../errors.ts";
import { constant, lift, type Tensor } from "../../graph.ts";
import { arange, array, eye, full, type NDArray } from "../../ndarray.ts";
import { broadcastTo } from "../../ops/layout.ts";
import { pad } from "../../ops/window.ts";
import { sizeOf } from "../../shape.ts";
import type { Call, Operators } from "../call.ts";
import { elementType, tensorArray } from "../elements.ts";

const integersOf = (values: readonly number[]): Tensor => constant(array(Int32Array.from(values)));

/** The value of a Constant node, which has one of several attributes. */
export function constantOf(
  call: Pick<Call, "tensor" | "has" | "float" | "floats" | "integer" | "integers">,
): NDArray {
  const stored = call.tensor("value");
  if (stored !== undefined) return tensorArray(stored);
  if (call.has("value_float")) return full([], call.float("value_float"));
  if (call.has("value_int")) return full([], call.integer("value_int"), "int32");
  const floats = call.floats("value_floats");
  if (floats !== undefined) return array(Float32Array.from(floats));
  const integers = call.integers("value_ints");
  if (integers !== undefined) return array(Int32Array.from(integers));
  return fail("its value is of a kind that is not supported (a string or a sparse tensor)");
}

export const constants: Operators = {
  Constant: { trace: (call) => constant(constantOf(call)) },
  ConstantOfShape: {
    concrete: [0],
    trace: ({ numbers, tensor }) => {
      const stored = tensor("value");
      const value = stored === undefined ? full([1], 0) : tensorArray(stored);
      return broadcastTo(constant(value.reshape([])), numbers(0) ?? fail("the shape is missing"));
    },
  },
  Shape: {
    trace: ({ input, integer }) => {
      const { shape } = input(0);
      return integersOf(shape.slice(integer("start", 0), integer("end", shape.length)));
    },
  },
  Size: { trace: ({ input }) => lift(sizeOf(input(0).shape), "int32") },
  Range: {
    concrete: [0, 1, 2],
    trace: ({ input, numbers }) => {
      const [start, limit, delta] = [0, 1, 2].map(
        (i) => (numbers(i) ?? fail("a bound is missing"))[0],
      );
      return constant(arange(start, limit, delta, input(0).dtype));
    },
  },
  EyeLike: {
    trace: ({ input, integer, has }) => {
      const { shape, dtype } = input(0);
      const type = has("dtype") ? elementType(integer("dtype"), "the result").dtype : dtype;
      const [rows, columns] = shape;
      const k = integer("k", 0);
      // A diagonal k to the right is the main one of a matrix whose first k columns are cut off.
      const wide = constant(eye(rows + Math.abs(k), columns + Math.abs(k), type));
      const [down, right] = [Math.max(0, -k), Math.max(0, k)];
      return pad(wide, [
        [-right, right - Math.abs(k)],
        [-down, down - Math.abs(k)],
      ]);
    },
  },
  NonZero: {
    concrete: [0],
    trace: ({ input, known }) => {
      const { shape } = input(0);
      const { data } = known(0) ?? fail("the input is missing");
      const places = Array.from(data.keys()).filter((i) => data[i] !== 0);
      const rows = shape.map((length, axis) => {
        const stride = sizeOf(shape.slice(axis + 1));
        return places.map((place) => Math.floor(place / stride) % length);
      });
      return constant(
        array(Int32Array.from(rows.flat()), { shape: [shape.length, places.length] }),
      );
    },
  },
};
