/**
 * The state of a run as bytes and back, exactly: trees of arrays and plain values. A file holds a
 * header in JSON, in which arrays are named by where their bytes lie, and then those bytes; a sum over
 * all of it tells a truncated or damaged file from a whole one.
 */
import { type DType, NDArray, type TypedArray } from "@etude/tensor";
import { LearnError } from "../errors.ts";

const magic = "ETUDE-STATE-1\n";
const prefix = magic.length + 8; // the magic, the length of the header, the checksum

const arrayTypes = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
} as const;

/** What JSON has no word for. */
const words = new Map<number, string>([
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "Infinity"],
  [Number.NEGATIVE_INFINITY, "-Infinity"],
]);

/**
 * A tree of NDArrays, numbers (NaN and infinities too), strings, booleans and null, nested in plain
 * objects and arrays, as bytes.
 *
 * @throws LearnError for any other value, with its place
 */
export function encodeState(state: unknown): Uint8Array<ArrayBuffer> {
  const arrays: NDArray[] = [];
  let end = 0;
  const plain = (value: unknown, place: string): unknown => {
    if (value instanceof NDArray) {
      const from = end;
      arrays.push(value);
      end += padded(value.data.byteLength);
      return { $: "array", dtype: value.dtype, shape: value.shape, from };
    }
    if (typeof value === "number") {
      if (Object.is(value, -0)) return { $: "-0" };
      const word = words.get(value);
      return word === undefined ? value : { $: word };
    }
    if (value === undefined) return { $: "undefined" };
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (Array.isArray(value)) return value.map((entry, i) => plain(entry, `${place}[${i}]`));
    if (isPlainObject(value)) {
      return Object.fromEntries(
        Object.entries(value).map(([name, entry]) => [
          name.startsWith("$") ? `$${name}` : name,
          plain(entry, `${place}.${name}`),
        ]),
      );
    }
    const kind = typeof value === "object" ? (value.constructor?.name ?? "object") : typeof value;
    throw new LearnError(
      `encodeState: a ${kind} at ${place} is neither an array, a plain value, a list nor a plain object`,
    );
  };
  const header = new TextEncoder().encode(JSON.stringify(plain(state, "state")));
  const start = padded(prefix + header.length);
  const bytes = new Uint8Array(start + end);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(magic));
  view.setUint32(magic.length, header.length, true);
  bytes.set(header, prefix);
  let position = start;
  for (const { data } of arrays) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += padded(data.byteLength);
  }
  view.setUint32(magic.length + 4, checksum(bytes), true);
  return bytes;
}

/**
 * The tree that {@link encodeState} made the bytes of.
 *
 * @throws LearnError when the bytes are something else, or not all of them
 */
export function decodeState(bytes: Uint8Array): unknown {
  const refuse = (why: string): never => {
    throw new LearnError(`decodeState: these ${bytes.length} bytes are no saved state: ${why}`);
  };
  const start = new TextDecoder().decode(bytes.subarray(0, magic.length));
  if (start !== magic) refuse("they begin differently");
  if (bytes.length < prefix) refuse("they end too early");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(magic.length, true);
  if (prefix + length > bytes.length) refuse("they end too early");
  if (view.getUint32(magic.length + 4, true) !== checksum(bytes))
    refuse("the checksum is wrong; the file is damaged or was cut short");
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(prefix, prefix + length)));
  const base = padded(prefix + length);
  // A copy by the constructor: the slice of a Node Buffer would be a view of it.
  const copied = (from: number, size: number) =>
    new Uint8Array(bytes.subarray(base + from, base + from + size)).buffer;
  return revive(header, copied);
}

function revive(value: unknown, read: (from: number, size: number) => ArrayBuffer): unknown {
  if (Array.isArray(value)) return value.map((entry) => revive(entry, read));
  if (!isPlainObject(value)) return value;
  const word = value.$;
  if (word === "array") {
    const { dtype, shape, from } = value as { dtype: DType; shape: number[]; from: number };
    const type = arrayTypes[dtype];
    const size = shape.reduce((product, n) => product * n, 1);
    const data: TypedArray = new type(read(from, size * type.BYTES_PER_ELEMENT));
    return new NDArray(data, shape, dtype);
  }
  if (word === "undefined") return undefined;
  if (typeof word === "string") return Number(word); // NaN, the infinities, -0
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [
      name.startsWith("$$") ? name.slice(1) : name,
      revive(entry, read),
    ]),
  );
}

/** Arrays start at multiples of eight bytes. */
const padded = (length: number): number => Math.ceil(length / 8) * 8;

/** Fowler, Noll and Vo's hash FNV-1a of 32 bits over all bytes but its own. */
function checksum(bytes: Uint8Array): number {
  const own = magic.length + 4;
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) {
    if (i >= own && i < own + 4) continue;
    hash = Math.imul(hash ^ bytes[i], 0x01000193);
  }
  return hash >>> 0;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
