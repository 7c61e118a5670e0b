/** Trees of arrays and plain values as bytes, and back, exactly. */
import { type DType, NDArray } from "@etude/tensor";
import { crc32 } from "./crc32.ts";

/**
 * The file, all numbers little-endian:
 *
 *     "ETUDE" 0x00                  6 bytes: what it is
 *     version                       uint16
 *     length of the structure       uint32
 *     checksum of all that follows  uint32, CRC-32
 *     structure                     JSON, padded with spaces to a multiple of 8 bytes
 *     storage                       the typed arrays, each padded with zeros to a multiple of 8
 */
const magic = [0x45, 0x54, 0x55, 0x44, 0x45, 0x00];
const version = 1;
const headerSize = 16;

const storages = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const;
type StorageName = keyof typeof storages;
type Storage = InstanceType<(typeof storages)[StorageName]>;

/**
 * A value in the structure. JSON's own values stand for themselves; all else is a list that begins
 * with its kind, lists included.
 */
type Code = null | boolean | string | number | readonly unknown[] | { [key: string]: Code };

/** An {@link encodeState} or {@link decodeState} that cannot be done, with the reason. */
export class StateError extends Error {
  override name = "StateError";
}

/**
 * Bytes that hold a tree of arrays and plain values: parameters, optimiser state, keys, counters.
 *
 * Kept exactly: NDArrays (shape, dtype, every bit, NaN payloads too), typed arrays, numbers (NaN,
 * infinities and -0 too), bigints, strings, booleans, null, undefined, lists and plain objects with
 * the order of their keys.
 *
 * @throws {StateError} for anything else (functions, dates, class instances, promises, cycles), with
 *   its place
 *
 * @example
 * const bytes = encodeState({ params, step: 100, key: random.key(0) });
 * const { params, step } = decodeState<Saved>(bytes);
 */
export function encodeState(value: unknown): Uint8Array<ArrayBuffer> {
  const parts: Storage[] = [];
  const structure = JSON.stringify(encodeValue(value, "the state", parts, []));
  const text = new TextEncoder().encode(structure);
  const textSize = padded(text.length);
  const total = parts.reduce((sum, part) => sum + padded(part.byteLength), headerSize + textSize);
  const bytes = new Uint8Array(total);
  bytes.set(magic);
  bytes.fill(0x20, headerSize, headerSize + textSize);
  bytes.set(text, headerSize);
  let position = headerSize + textSize;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), position);
    position += padded(part.byteLength);
  }
  const view = new DataView(bytes.buffer);
  view.setUint16(6, version, true);
  view.setUint32(8, textSize, true);
  view.setUint32(12, crc32(bytes.subarray(headerSize)), true);
  return bytes;
}

const padded = (size: number): number => Math.ceil(size / 8) * 8;

function encodeValue(value: unknown, path: string, parts: Storage[], above: unknown[]): Code {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (value === undefined) return ["undefined"];
  if (typeof value === "bigint") return ["bigint", String(value)];
  if (typeof value === "number") {
    const plain = Number.isFinite(value) && !Object.is(value, -0);
    return plain ? value : ["number", Object.is(value, -0) ? "-0" : String(value)];
  }
  if (value instanceof NDArray) {
    return ["array", value.dtype, value.shape, store(value.data, parts)];
  }
  const storage = storageName(value);
  if (storage !== undefined) return ["typed", storage, store(value as Storage, parts)];
  if (typeof value === "object") {
    if (above.includes(value)) throw new StateError(`encodeState: ${path} contains itself`);
    const inside = [...above, value];
    if (Array.isArray(value)) {
      const entries = Array.from(value, (entry, i) =>
        encodeValue(entry, `${path}[${i}]`, parts, inside),
      );
      return ["list", ...entries];
    }
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      const entries = Object.entries(value).map(([key, entry]) => [
        key,
        encodeValue(entry, `${path}.${key}`, parts, inside),
      ]);
      return ["object", ...entries];
    }
  }
  throw new StateError(
    `encodeState: ${path} is ${describe(value)}; arrays, numbers, strings, booleans, null, lists and plain objects can be saved`,
  );
}

/** Note a typed array; its length is what the structure keeps. */
function store(data: Storage, parts: Storage[]): number {
  parts.push(data);
  return data.length;
}

const storageName = (value: unknown): StorageName | undefined =>
  (Object.keys(storages) as StorageName[]).find(
    (name) => Object.getPrototypeOf(value) === storages[name].prototype,
  );

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return `a ${typeof value}`;
  return value instanceof Promise
    ? "a Promise (await it first)"
    : `a ${value.constructor?.name ?? "object"}`;
}

/**
 * The value that {@link encodeState} was given. Arrays come back in storage of their own.
 *
 * @throws {StateError} if the bytes are cut off, damaged, of a newer version or something else
 */
export function decodeState<T = unknown>(bytes: Uint8Array): T {
  const structure = checkedStructure(bytes);
  let position = headerSize + structure.size;
  const take = (name: StorageName, length: number): Storage => {
    const storage = storages[name];
    const size = length * storage.BYTES_PER_ELEMENT;
    if (position + size > bytes.length) throw damaged("an array reaches beyond the end");
    const own = bytes.slice(position, position + size); // aligned, unlike a view
    position += padded(size);
    return new storage(own.buffer as ArrayBuffer);
  };
  return decodeValue(structure.code, take) as T;
}

function checkedStructure(bytes: Uint8Array): { code: Code; size: number } {
  if (bytes.length === 0) throw new StateError("decodeState: the file is empty");
  if (magic.some((byte, i) => i < bytes.length && bytes[i] !== byte))
    throw new StateError("decodeState: this is no state saved by Etude");
  if (bytes.length < headerSize) throw damaged(`it ends after ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const written = view.getUint16(6, true);
  if (written > version) {
    throw new StateError(
      `decodeState: the file has version ${written}, this program reads up to ${version}; use a newer one`,
    );
  }
  const size = view.getUint32(8, true);
  if (crc32(bytes.subarray(headerSize)) !== view.getUint32(12, true))
    throw damaged("its checksum does not fit its contents");
  const text = new TextDecoder().decode(bytes.subarray(headerSize, headerSize + size));
  return { code: JSON.parse(text) as Code, size };
}

const damaged = (why: string): StateError =>
  new StateError(
    `decodeState: the file is cut off or damaged (${why}); take an earlier copy, or start again without it`,
  );

function decodeValue(code: unknown, take: (name: StorageName, length: number) => Storage): unknown {
  if (!Array.isArray(code)) return code;
  const [kind, ...rest] = code;
  switch (kind) {
    case "undefined":
      return undefined;
    case "number":
      return Number(rest[0]);
    case "bigint":
      return BigInt(rest[0]);
    case "array": {
      const [dtype, shape, length] = rest as [DType, number[], number];
      return new NDArray(take(storageOf[dtype], length) as NDArray["data"], shape, dtype);
    }
    case "typed":
      return take(rest[0], rest[1]);
    case "list":
      return rest.map((entry) => decodeValue(entry, take));
    default: // fromEntries and not assignment: "__proto__" is a key like any other
      return Object.fromEntries(rest.map(([key, entry]) => [key, decodeValue(entry, take)]));
  }
}

const storageOf = {
  float32: "Float32Array",
  float64: "Float64Array",
  int32: "Int32Array",
  uint32: "Uint32Array",
  bool: "Uint8Array",
} as const satisfies Record<DType, StorageName>;
