import { allocate, type DType, dtypeOfStorage, dtypes, type TypedArray } from "./dtype.ts";
import { fail, showShape } from "./errors.ts";
import { type Shape, sizeOf } from "./shape.ts";

export type NestedList = number | boolean | readonly NestedList[];

/**
 * A concrete array: a shape, an element type and the values in row-major order.
 * Immutable by convention: the engine never writes to one and shares its storage freely.
 */
export class NDArray {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Values in row-major order; `bool` is stored as bytes 0 and 1. */
  readonly data: TypedArray;
  #view: unknown;

  constructor(data: TypedArray, shape: Shape, dtype: DType) {
    if (sizeOf(shape) !== data.length) {
      fail(`array: ${data.length} values do not fill shape ${showShape(shape)}`);
    }
    this.data = data;
    this.shape = shape;
    this.dtype = dtype;
  }

  /**
   * The runtime's own object for an array, made once by `make`: arrays are immutable and often fed
   * again. A field, for a WeakMap's entries outlive the quick collections of garbage.
   */
  static viewOf<V>(array: NDArray, make: (array: NDArray) => V): V {
    array.#view ??= make(array);
    return array.#view as V;
  }

  get size(): number {
    return this.data.length;
  }

  get rank(): number {
    return this.shape.length;
  }

  /** The only value of an array with one element; `bool` gives 0 or 1. */
  item(): number {
    if (this.size !== 1)
      fail(`item: the array has shape ${showShape(this.shape)}, not one element`);
    return this.data[0];
  }

  /** Nested lists of numbers (booleans for `bool`); a bare value for a scalar. */
  tolist(): NestedList {
    const value = (i: number) => (this.dtype === "bool" ? this.data[i] !== 0 : this.data[i]);
    const build = (axis: number, offset: number, size: number): NestedList => {
      if (axis === this.rank) return value(offset);
      const inner = size / this.shape[axis];
      return Array.from({ length: this.shape[axis] }, (_, i) =>
        build(axis + 1, offset + i * inner, inner),
      );
    };
    return build(0, 0, this.size);
  }

  /** The same values under another shape; no copy. One length may be -1. */
  reshape(shape: Shape): NDArray {
    return new NDArray(this.data, inferLength("reshape", this.size, shape), this.dtype);
  }

  astype(dtype: DType): NDArray {
    return dtype === this.dtype ? this : new NDArray(convert(this.data, dtype), this.shape, dtype);
  }

  toString(): string {
    return `array(${formatValues(this)}, ${this.dtype}${showShape(this.shape)})`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** Replace a single -1 in a shape by the length that makes the sizes agree. */
export function inferLength(operation: string, size: number, shape: Shape): Shape {
  const open = shape.indexOf(-1);
  const known = shape.reduce((product, length) => (length === -1 ? product : product * length), 1);
  const wrong = () => fail(`${operation}: ${size} elements do not fill shape ${showShape(shape)}`);
  if (shape.some((length, axis) => (length < 0 && axis !== open) || !Number.isInteger(length)))
    wrong();
  if (open === -1) return known === size ? shape : wrong();
  if (known === 0 || size % known !== 0) return wrong();
  return shape.map((length) => (length === -1 ? size / known : length));
}

export interface ArrayOptions {
  shape?: Shape;
  dtype?: DType;
}

/**
 * A concrete array from nested lists or a typed array.
 *
 * Nested lists become float32, lists of booleans `bool`. A typed array keeps its element type and
 * is taken over without a copy when it already has the wanted one; other widths become float32.
 *
 * @example array([[1, 2], [3, 4]])
 * @example array(new Float64Array(6), { shape: [2, 3] })
 */
export function array(
  values: NestedList | TypedArray | ArrayLike<number> | BigInt64Array | NDArray,
  options: ArrayOptions = {},
): NDArray {
  if (values instanceof NDArray) {
    const cast = values.astype(options.dtype ?? values.dtype);
    return options.shape ? cast.reshape(options.shape) : cast;
  }
  if (values instanceof BigInt64Array) {
    const outside = values.findIndex((value) => BigInt.asIntN(32, value) !== value);
    if (outside >= 0) fail(`array: ${values[outside]} at index ${outside} does not fit int32`);
    return array(Int32Array.from(values, Number), options);
  }
  if (ArrayBuffer.isView(values)) {
    const typed = values as unknown as ArrayLike<number>;
    const dtype = options.dtype ?? dtypeOfStorage(typed) ?? "float32";
    const shape = inferLength("array", typed.length, options.shape ?? [typed.length]);
    return new NDArray(convert(typed, dtype), shape, dtype);
  }
  return fromLists(values as NestedList, options);
}

function fromLists(values: NestedList, options: ArrayOptions): NDArray {
  const shape: number[] = [];
  for (let level: NestedList = values; Array.isArray(level); level = level[0] as NestedList) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  const flat: number[] = [];
  let booleans = 0;
  const visit = (level: NestedList, axis: number): void => {
    if (Array.isArray(level)) {
      if (level.length !== shape[axis]) {
        fail(`array: ragged lists, ${level.length} entries where ${shape[axis] ?? "a number"} fit`);
      }
      for (const entry of level) visit(entry, axis + 1);
      return;
    }
    if (axis !== shape.length) fail("array: ragged lists, a number where a list belongs");
    if (typeof level === "boolean") booleans++;
    else if (typeof level !== "number") fail(`array: ${String(level)} is not a number`);
    flat.push(Number(level));
  };
  visit(values, 0);
  const dtype = options.dtype ?? (booleans > 0 && booleans === flat.length ? "bool" : "float32");
  const result = new NDArray(convert(flat, dtype), shape, dtype);
  return options.shape ? result.reshape(options.shape) : result;
}

function convert(values: ArrayLike<number>, dtype: DType): TypedArray {
  if (dtype === "bool") {
    return Uint8Array.from(values, (value) => (value !== 0 ? 1 : 0));
  }
  const { storage } = dtypes[dtype];
  return values instanceof storage ? values : (storage.from(values) as TypedArray);
}

export function full(shape: Shape, value: number, dtype: DType = "float32"): NDArray {
  return new NDArray(allocate(dtype, sizeOf(shape)).fill(value), shape, dtype);
}

export const zeros = (shape: Shape, dtype: DType = "float32"): NDArray => full(shape, 0, dtype);
export const ones = (shape: Shape, dtype: DType = "float32"): NDArray => full(shape, 1, dtype);

/** `start, start + step, ...` up to but not including `stop`; `arange(stop)` starts at 0. */
export function arange(start: number, stop?: number, step = 1, dtype: DType = "float32"): NDArray {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (step === 0 || !Number.isFinite(step)) fail(`arange: step ${step} never reaches ${to}`);
  const size = Math.max(0, Math.ceil((to - from) / step));
  const data = allocate(dtype, size);
  for (let i = 0; i < size; i++) data[i] = from + i * step;
  return new NDArray(data, [size], dtype);
}

/** `count` evenly spaced values from `start` to `stop`, both included. */
export function linspace(
  start: number,
  stop: number,
  count = 50,
  dtype: DType = "float32",
): NDArray {
  const data = allocate(dtype, count);
  for (let i = 0; i < count; i++) {
    data[i] =
      i === count - 1 && count > 1 ? stop : start + (i * (stop - start)) / Math.max(1, count - 1);
  }
  return new NDArray(data, [count], dtype);
}

/** A matrix with ones on the main diagonal. */
export function eye(rows: number, columns = rows, dtype: DType = "float32"): NDArray {
  const data = allocate(dtype, rows * columns);
  for (let i = 0; i < Math.min(rows, columns); i++) data[i * columns + i] = 1;
  return new NDArray(data, [rows, columns], dtype);
}

const edge = 3; // values shown at either end of an axis that is too long to print
function formatValues(a: NDArray): string {
  const isReal = a.dtype === "float32" || a.dtype === "float64";
  const show = (i: number): string => {
    const value = a.data[i];
    if (a.dtype === "bool") return value ? "true" : "false";
    return isReal ? String(Number(value.toPrecision(5))) : String(value);
  };
  const abbreviate = a.size > 1000;
  const build = (axis: number, offset: number, size: number): string => {
    if (axis === a.rank) return show(offset);
    const length = a.shape[axis];
    if (length === 0) return "[]";
    const inner = size / length;
    const parts: string[] = [];
    for (let i = 0; i < length; i++) {
      if (abbreviate && length > 2 * edge && i === edge) {
        parts.push("...");
        i = length - edge;
      }
      parts.push(build(axis + 1, offset + i * inner, inner));
    }
    const separator = axis === a.rank - 1 ? ", " : `,\n${" ".repeat(7 + axis)}`;
    return `[${parts.join(separator)}]`;
  };
  return build(0, 0, a.size);
}
