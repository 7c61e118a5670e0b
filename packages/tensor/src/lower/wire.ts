/**
 * The part of ONNX's protobuf schema the engine reads and writes, as data: a message is a table of
 * fields, and one writer and one reader walk the tables. Field numbers are those of onnx.proto.
 */
import type { PbfReader, PbfWriter } from "pbf";

type Scalar = "int" | "float" | "string" | "bytes" | "ints" | "floats" | "doubles";

interface Field {
  readonly number: number;
  readonly kind: Scalar | Table;
  readonly repeated?: boolean;
}

type Table = { readonly [name: string]: Field };

/** A message as read or to be written: values by field name. */
export type Message = { [name: string]: unknown };

const field = (number: number, kind: Field["kind"]): Field => ({ number, kind });
const many = (number: number, kind: Field["kind"]): Field => ({ number, kind, repeated: true });

const keyValue: Table = { key: field(1, "string"), value: field(2, "string") };
const tensor: Table = {
  dims: field(1, "ints"),
  dataType: field(2, "int"),
  floatData: field(4, "floats"),
  int32Data: field(5, "ints"),
  int64Data: field(7, "ints"),
  name: field(8, "string"),
  data: field(9, "bytes"),
  doubleData: field(10, "doubles"),
  uint64Data: field(11, "ints"),
  external: many(13, keyValue),
  location: field(14, "int"),
};
const dimension: Table = { value: field(1, "int"), parameter: field(2, "string") };
const shape: Table = { dimensions: many(1, dimension) };
const tensorType: Table = { elementType: field(1, "int"), shape: field(2, shape) };
const valueInfo: Table = {
  name: field(1, "string"),
  type: field(2, { tensor: field(1, tensorType) }),
};
const attribute: { [name: string]: Field } = {
  name: field(1, "string"),
  float: field(2, "float"),
  int: field(3, "int"),
  string: field(4, "string"),
  tensor: field(5, tensor),
  floats: field(7, "floats"),
  ints: field(8, "ints"),
  strings: many(9, "string"),
  type: field(20, "int"),
};
const node: Table = {
  inputs: many(1, "string"),
  outputs: many(2, "string"),
  name: field(3, "string"),
  type: field(4, "string"),
  attributes: many(5, attribute),
  domain: field(7, "string"),
};
const graph: Table = {
  nodes: many(1, node),
  name: field(2, "string"),
  initializers: many(5, tensor),
  inputs: many(11, valueInfo),
  outputs: many(12, valueInfo),
  sparseInitializers: many(15, { values: field(1, tensor) }),
};
attribute.graph = field(6, graph); // graphs nest: a loop's body is an attribute
export const model: Table = {
  irVersion: field(1, "int"),
  producerName: field(2, "string"),
  producerVersion: field(3, "string"),
  graph: field(7, graph),
  opsets: many(8, { domain: field(1, "string"), version: field(2, "int") }),
  metadata: many(14, keyValue),
};

const writers: Record<Scalar, (out: PbfWriter, number: number, value: never) => void> = {
  int: (out, number, value: number) => out.writeVarintField(number, value),
  float: (out, number, value: number) => out.writeFloatField(number, value),
  string: (out, number, value: string) => out.writeStringField(number, value),
  bytes: (out, number, value: Uint8Array) => out.writeBytesField(number, value),
  ints: (out, number, value: number[]) => out.writePackedVarint(number, value),
  floats: (out, number, value: number[]) => out.writePackedFloat(number, value),
  doubles: (out, number, value: number[]) => out.writePackedDouble(number, value),
};

function writeField(out: PbfWriter, { number, kind }: Field, value: unknown): void {
  if (typeof kind === "string") writers[kind](out, number, value as never);
  else {
    const write = (message: Message, pbf: PbfWriter) => writeMessage(pbf, kind, message);
    out.writeMessage(number, write, value as Message);
  }
}

export function writeMessage(out: PbfWriter, table: Table, message: Message): void {
  for (const name in table) {
    const value = message[name];
    if (value === undefined) continue;
    const entry = table[name];
    if (!entry.repeated) writeField(out, entry, value);
    else for (const item of value as unknown[]) writeField(out, entry, item);
  }
}

function readField(pbf: PbfReader, { kind }: Field, previous: unknown): unknown {
  if (typeof kind === "object") return readMessage(pbf, kind);
  switch (kind) {
    case "int":
      return pbf.readVarint(true);
    case "float":
      return pbf.readFloat();
    case "string":
      return pbf.readString();
    case "bytes":
      return pbf.readBytes();
    case "ints":
      return pbf.readPackedVarint((previous as number[]) ?? [], true);
    case "floats":
      return pbf.readPackedFloat((previous as number[]) ?? []);
    case "doubles":
      return pbf.readPackedDouble((previous as number[]) ?? []);
  }
}

const byNumber = new WeakMap<Table, Map<number, [string, Field]>>();

function fieldsByNumber(table: Table): Map<number, [string, Field]> {
  let fields = byNumber.get(table);
  if (fields === undefined) {
    fields = new Map(Object.entries(table).map((entry) => [entry[1].number, entry]));
    byNumber.set(table, fields);
  }
  return fields;
}

export function readMessage(pbf: PbfReader, table: Table, whole = false): Message {
  const fields = fieldsByNumber(table);
  const read = (tag: number, message: Message, reader: PbfReader) => {
    const entry = fields.get(tag);
    if (entry === undefined) return;
    const [name, description] = entry;
    const value = readField(reader, description, message[name]);
    if (!description.repeated) message[name] = value;
    else {
      const list = (message[name] as unknown[]) ?? [];
      list.push(value);
      message[name] = list;
    }
  };
  const message: Message = {};
  return whole ? pbf.readFields(read, message) : pbf.readMessage(read, message);
}
