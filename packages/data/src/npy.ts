/** Arrays in NumPy's file format (NEP 1): a magic string, a header, the values. */
import { array, type DType, type NDArray } from "@etude/tensor";
import { count, quote, refuse } from "./errors.ts";

type Storage =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** What a type code of the file is read as. */
interface Reading {
  readonly bytes: number;
  readonly dtype: DType;
  readonly values: (buffer: ArrayBuffer) => ArrayLike<number> | ArrayLike<bigint>;
}

const readings: Readonly<Record<string, Reading>> = {
  f2: { bytes: 2, dtype: "float32", values: (b) => new Float16Array(b) },
  f4: { bytes: 4, dtype: "float32", values: (b) => new Float32Array(b) },
  f8: { bytes: 8, dtype: "float64", values: (b) => new Float64Array(b) },
  i1: { bytes: 1, dtype: "int32", values: (b) => new Int8Array(b) },
  i2: { bytes: 2, dtype: "int32", values: (b) => new Int16Array(b) },
  i4: { bytes: 4, dtype: "int32", values: (b) => new Int32Array(b) },
  i8: { bytes: 8, dtype: "int32", values: (b) => new BigInt64Array(b) },
  u1: { bytes: 1, dtype: "int32", values: (b) => new Uint8Array(b) },
  u2: { bytes: 2, dtype: "int32", values: (b) => new Uint16Array(b) },
  u4: { bytes: 4, dtype: "uint32", values: (b) => new Uint32Array(b) },
  u8: { bytes: 8, dtype: "uint32", values: (b) => new BigUint64Array(b) },
  b1: { bytes: 1, dtype: "bool", values: (b) => new Uint8Array(b) },
};

const others: Readonly<Record<string, string>> = {
  O: "Python objects",
  U: "texts",
  S: "byte strings",
  c: "complex numbers",
  M: "dates",
  m: "time spans",
  V: "records or raw bytes",
};

/**
 * The array of a `.npy` file, in row-major order. Types the engine does not have are widened: half
 * precision to float32; 8 and 16 bits to int32. Whole numbers of 64 bits become int32 or uint32.
 *
 * @param name what messages call the file
 * @throws DataError when the bytes are no `.npy` file or cut short, hold something else than numbers
 * and booleans, or a number of 64 bits that does not fit
 */
export function parseNpy(bytes: Uint8Array, name = "array"): NDArray {
  const header = parseHeader(bytes, name);
  const { bytes: width, dtype, values } = header.reading;
  const { shape } = header;
  const size = shape.reduce((product, length) => product * length, 1);
  const found = bytes.length - header.end;
  if (found !== size * width) {
    const state = found < size * width ? "the file is cut short" : "more follows the array";
    refuse(
      `${state}: shape [${shape.join(", ")}] takes ${count(size * width)} bytes, ${count(found)} follow the header`,
      { file: name },
    );
  }
  // A copy: the values may begin at any byte, and Node's Buffer.slice does not copy.
  const { buffer } = new Uint8Array(bytes.subarray(header.end));
  if (header.bigEndian) swapBytes(new Uint8Array(buffer), width);
  const read = narrow(values(buffer), dtype, name);
  const ordered = header.fortranOrder ? rowMajor(read, shape) : read;
  return array(dtype === "bool" ? ordered.map((value) => Number(value !== 0)) : ordered, {
    shape,
    dtype,
  });
}

interface Header {
  readonly reading: Reading;
  readonly bigEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the values begin. */
  readonly end: number;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

function parseHeader(bytes: Uint8Array, file: string): Header {
  if (!magic.every((byte, i) => bytes[i] === byte))
    refuse(`this is no .npy file: it does not begin with \\x93NUMPY`, { file });
  const version = bytes[6];
  if (!(version >= 1 && version <= 3))
    refuse(`version ${version} of the .npy format is not known; 1 to 3 are`, { file });
  const start = version === 1 ? 10 : 12;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stated =
    bytes.length < start
      ? undefined
      : version === 1
        ? view.getUint16(8, true)
        : view.getUint32(8, true);
  const end = start + (stated ?? 0);
  if (stated === undefined || bytes.length < end)
    refuse(
      `the file is cut short within its header: ${count(Math.max(end, start))} bytes expected, ${count(bytes.length)} found`,
      { file },
    );
  const text = new TextDecoder(version === 3 ? "utf-8" : "latin1").decode(
    bytes.subarray(start, end),
  );
  const fields = /'fortran_order':\s*(True|False)/.exec(text);
  const shape = /'shape':\s*\(([\d,\sL]*)\)/.exec(text);
  const descr = /'descr':\s*('([^']*)'|\[)/.exec(text);
  if (fields === null || shape === null || descr === null)
    return refuse(`the header is not understood: ${quote(text.trim())}`, { file });
  const type = /^([<>|=])([a-zA-Z])(.*)$/.exec(descr[2] ?? "|V");
  const reading = type === null ? undefined : readings[type[2] + type[3]];
  if (type === null || reading === undefined) {
    const what = others[type?.[2] ?? ""] ?? `values of type ${quote(descr[2] ?? "")}`;
    return refuse(
      `the array holds ${what}; convert it to numbers before saving it, such as array.astype("float32")`,
      { file },
    );
  }
  return {
    reading,
    bigEndian: type[1] === ">",
    fortranOrder: fields[1] === "True",
    shape: shape[1]
      .split(",")
      .flatMap((length) => (length.trim() === "" ? [] : [Number.parseInt(length, 10)])),
    end,
  };
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let start = 0; start < bytes.length; start += width)
    bytes.subarray(start, start + width).reverse();
}

const limits: Partial<Record<DType, [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
};

/** The values in the storage of a dtype; those of 64 bits only if they fit. */
function narrow(
  values: ArrayLike<number> | ArrayLike<bigint>,
  dtype: DType,
  file: string,
): Storage {
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    const [low, high] = limits[dtype] ?? [0, 0];
    for (let i = 0; i < values.length; i++) {
      if (values[i] < low || values[i] > high)
        refuse(
          `${values[i]} at position ${count(i)} does not fit ${dtype}; save the array as float64, or as ${dtype} if it holds labels`,
          { file },
        );
    }
    return dtype === "int32" ? Int32Array.from(values, Number) : Uint32Array.from(values, Number);
  }
  const numbers = values as ArrayLike<number>;
  if (dtype === "float32")
    return numbers instanceof Float32Array
      ? (numbers as Float32Array<ArrayBuffer>)
      : Float32Array.from(numbers);
  if (dtype === "int32")
    return numbers instanceof Int32Array
      ? (numbers as Int32Array<ArrayBuffer>)
      : Int32Array.from(numbers);
  return numbers as Storage;
}

/** Values stored first axis fastest, in the order last axis fastest. */
function rowMajor(values: Storage, shape: readonly number[]): Storage {
  const result = values.slice();
  const index = shape.map(() => 0);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  let from = 0;
  for (let to = 0; to < values.length; to++) {
    result[to] = values[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}

const codes: Readonly<Record<DType, string>> = {
  float32: "<f4",
  float64: "<f8",
  int32: "<i4",
  uint32: "<u4",
  bool: "|b1",
};

/** The bytes `numpy.save` writes for the array (format version 1.0). */
export function writeNpy(array: NDArray): Uint8Array<ArrayBuffer> {
  const { shape, dtype, data } = array;
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dictionary = `{'descr': '${codes[dtype]}', 'fortran_order': False, 'shape': (${tuple}), }`;
  // NumPy leaves room for the first length to grow to 21 digits, then fills up to a multiple of 64.
  const growth = shape.length === 0 ? 0 : Math.max(0, 21 - String(shape[0]).length);
  const filled = 10 + dictionary.length + growth + 1;
  const padded = `${dictionary}${" ".repeat(growth + ((64 - (filled % 64)) % 64))}\n`;
  const result = new Uint8Array(10 + padded.length + data.byteLength);
  result.set([...magic, 1, 0, padded.length % 256, padded.length >> 8]);
  result.set(new TextEncoder().encode(padded), 10);
  result.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + padded.length);
  return result;
}
