/** ONNX's element types, and the values of its tensors in the engine's. */
import { allocate, type DType } from "../dtype.ts";
import { fail, showShape } from "../errors.ts";
import type { TensorProto } from "../lower/proto.ts";
import { NDArray } from "../ndarray.ts";
import { sizeOf } from "../shape.ts";

type Values = ArrayLike<number | bigint>;

interface ElementType {
  readonly name: string;
  /** What tensors of the type are here. */
  readonly dtype: DType;
  readonly bytes: number;
  readonly read: (buffer: ArrayBuffer) => Values;
}

/** The upper half of a float32. */
const bfloat16 = (buffer: ArrayBuffer): Float32Array =>
  new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);

/** By `TensorProto.DataType`. Integers other than uint32 become int32, half precision float32. */
const elementTypes: Readonly<Record<number, ElementType>> = {
  1: { name: "float32", dtype: "float32", bytes: 4, read: (b) => new Float32Array(b) },
  2: { name: "uint8", dtype: "int32", bytes: 1, read: (b) => new Uint8Array(b) },
  3: { name: "int8", dtype: "int32", bytes: 1, read: (b) => new Int8Array(b) },
  4: { name: "uint16", dtype: "int32", bytes: 2, read: (b) => new Uint16Array(b) },
  5: { name: "int16", dtype: "int32", bytes: 2, read: (b) => new Int16Array(b) },
  6: { name: "int32", dtype: "int32", bytes: 4, read: (b) => new Int32Array(b) },
  7: { name: "int64", dtype: "int32", bytes: 8, read: (b) => new BigInt64Array(b) },
  9: { name: "bool", dtype: "bool", bytes: 1, read: (b) => new Uint8Array(b) },
  10: { name: "float16", dtype: "float32", bytes: 2, read: (b) => new Float16Array(b) },
  11: { name: "float64", dtype: "float64", bytes: 8, read: (b) => new Float64Array(b) },
  12: { name: "uint32", dtype: "uint32", bytes: 4, read: (b) => new Uint32Array(b) },
  13: { name: "uint64", dtype: "int32", bytes: 8, read: (b) => new BigUint64Array(b) },
  16: { name: "bfloat16", dtype: "float32", bytes: 2, read: bfloat16 },
};

/** ONNX's names of the types that have no counterpart here, for messages. */
const otherTypes: Readonly<Record<number, string>> = {
  0: "no tensor",
  8: "string",
  14: "complex64",
  15: "complex128",
};

export function elementType(code: number, what: string): ElementType {
  const found = elementTypes[code];
  if (found !== undefined) return found;
  const name = otherTypes[code] ?? `the type with code ${code}`;
  return fail(`${what} has elements of a type that is not supported (${name})`);
}

/** A tensor's values in their own type. */
export function tensorValues({ name, dims, dataType, data, externalFile }: TensorProto): Values {
  const what = `the tensor "${name}"`;
  if (externalFile !== undefined) {
    fail(
      `${what} keeps its values in another file, "${externalFile}"; ` +
        "save the model with its weights inside (onnx.save without external data)",
    );
  }
  const { bytes, read, name: type } = elementType(dataType, what);
  if (data.byteLength !== bytes * sizeOf(dims)) {
    fail(
      `${what} has ${data.byteLength} bytes where ${type}${showShape(dims)} takes ${bytes * sizeOf(dims)}`,
    );
  }
  return read(new Uint8Array(data).buffer); // a copy, so that it is aligned
}

/** The largest int64 and its negative say "no limit", as ends of slices do; int32's say the same here. */
const saturated = new Map([
  [2n ** 63n - 1n, 2 ** 31 - 1],
  [1n - 2n ** 63n, -(2 ** 31)],
  [-(2n ** 63n), -(2 ** 31)],
]);

/** Arrays already made, so that a tensor is the same constant in every trace of its model. */
const arrays = new WeakMap<TensorProto, NDArray>();

/** A tensor as an array; integers must fit int32, except int64's extremes, which become its own. */
export function tensorArray(tensor: TensorProto): NDArray {
  const array = arrays.get(tensor) ?? readArray(tensor);
  arrays.set(tensor, array);
  return array;
}

function readArray(tensor: TensorProto): NDArray {
  const values = tensorValues(tensor);
  const { dtype, name: type } = elementType(tensor.dataType, `the tensor "${tensor.name}"`);
  const isOwn = values instanceof Float32Array || values instanceof Int32Array;
  if (isOwn) return new NDArray(values, tensor.dims, dtype);
  const data = allocate(dtype, values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    data[i] = typeof value === "bigint" ? (saturated.get(value) ?? Number(value)) : value;
    if (typeof value === "bigint" && BigInt.asIntN(32, value) !== value && !saturated.has(value)) {
      fail(
        `the tensor "${tensor.name}" holds ${value} (${type}), which does not fit int32, ` +
          "the widest integer here",
      );
    }
  }
  return new NDArray(data, tensor.dims, dtype);
}
