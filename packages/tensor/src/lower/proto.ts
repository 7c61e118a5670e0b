/** ONNX models as plain objects, and the way to and from the bytes of a file. */
import { PbfReader, PbfWriter } from "pbf";
import { type Message, model, readMessage, writeMessage } from "./wire.ts";

export interface ModelProto {
  irVersion: number;
  producerName?: string;
  producerVersion?: string;
  graph: GraphProto;
  opsets: OperatorSet[];
  metadata?: { key: string; value: string }[];
}

export interface OperatorSet {
  domain?: string;
  version: number;
}

export interface GraphProto {
  name: string;
  nodes: NodeProto[];
  initializers?: TensorProto[];
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  /** Names of initializers stored as sparse tensors, whose values are not read. */
  sparseInitializers?: string[];
}

/** A numeric attribute is an integer; floats say so, since JavaScript's numbers do not. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] }
  | { readonly tensor: TensorProto }
  | { readonly graph: GraphProto };

export interface NodeProto {
  type: string;
  inputs: readonly string[];
  outputs: readonly string[];
  name?: string;
  domain?: string;
  attributes: Readonly<Record<string, AttributeValue>>;
}

export interface TensorProto {
  name: string;
  dims: readonly number[];
  dataType: number;
  /** Little-endian values in row-major order. */
  data: Uint8Array;
  /** The file beside the model that holds the values, when they are not in it. */
  externalFile?: string;
}

export interface ValueInfo {
  name: string;
  /** A `TensorProto.DataType`; 0 where nothing is said, or the value is no tensor. */
  elementType: number;
  /** A length, or the name of one that is only known when the model runs; undefined for any rank. */
  shape: readonly (number | string)[] | undefined;
}

// Between the wire's messages and the types above: attributes carry a type code, tensors their data
// in one of several fields, shapes are nested three deep.

const attributeCode = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
};
type AttributeKind = keyof typeof attributeCode;

function attributeOut(name: string, value: AttributeValue): Message {
  const put = (kind: AttributeKind, content: unknown): Message => ({
    name,
    type: attributeCode[kind],
    [kind]: content,
  });
  if (typeof value === "number") return put("int", value);
  if (typeof value === "string") return put("string", value);
  if ("float" in value) return put("float", value.float);
  if ("floats" in value) return put("floats", value.floats);
  if ("strings" in value) return put("strings", value.strings);
  if ("tensor" in value) return put("tensor", value.tensor);
  if ("graph" in value) return put("graph", graphOut(value.graph));
  return put("ints", value);
}

function attributeIn(message: Message): AttributeValue | undefined {
  const kind = (Object.keys(attributeCode) as AttributeKind[]).find(
    (k) => attributeCode[k] === message.type,
  );
  switch (kind) {
    case "float":
      return { float: (message.float as number) ?? 0 };
    case "int":
      return (message.int as number) ?? 0;
    case "string":
      return (message.string as string) ?? "";
    case "ints":
      return (message.ints as number[]) ?? [];
    case "floats":
      return { floats: (message.floats as number[]) ?? [] };
    case "strings":
      return { strings: (message.strings as string[]) ?? [] };
    case "tensor":
      return { tensor: tensorIn(message.tensor as Message) };
    case "graph":
      return { graph: graphIn(message.graph as Message) };
    case undefined:
      return undefined;
  }
}

const bytes = (data: ArrayBufferView): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

function tensorIn(message: Message): TensorProto {
  const dataType = (message.dataType as number) ?? 0;
  const stored = (): Uint8Array => {
    if (message.data) return message.data as Uint8Array;
    if (message.floatData) return bytes(Float32Array.from(message.floatData as number[]));
    if (message.doubleData) return bytes(Float64Array.from(message.doubleData as number[]));
    if (message.int64Data) return bytes(BigInt64Array.from(message.int64Data as number[], BigInt));
    if (message.uint64Data) {
      const values = message.uint64Data as number[];
      return dataType === 12
        ? bytes(Uint32Array.from(values))
        : bytes(BigUint64Array.from(values, BigInt));
    }
    const small = (message.int32Data as number[]) ?? [];
    // int32_data also holds the narrower types: bool, (u)int8 and float16 bits.
    if (dataType === 9 || dataType === 2 || dataType === 3) return Uint8Array.from(small);
    return dataType === 6 ? bytes(Int32Array.from(small)) : bytes(Uint16Array.from(small));
  };
  const described = {
    name: (message.name as string) ?? "",
    dims: (message.dims as number[]) ?? [],
    dataType,
  };
  if (message.location !== 1) return { ...described, data: stored() };
  const external = (message.external as { key: string; value: string }[]) ?? [];
  const file = external.find(({ key }) => key === "location")?.value ?? "";
  return { ...described, data: new Uint8Array(), externalFile: file };
}

function valueOut({ name, elementType, shape: dims }: ValueInfo): Message {
  if (elementType === 0) return { name }; // left to the reader's inference
  const dimensions = dims?.map((n) => (typeof n === "number" ? { value: n } : { parameter: n }));
  return { name, type: { tensor: { elementType, shape: dimensions && { dimensions } } } };
}

function valueIn(message: Message): ValueInfo {
  const type = (message.type as Message)?.tensor as Message | undefined;
  const found = type?.shape as Message | undefined;
  const dimensions = found && ((found.dimensions as Message[]) ?? []);
  return {
    name: message.name as string,
    elementType: (type?.elementType as number) ?? 0,
    shape: dimensions?.map((n) => (n.value as number) ?? (n.parameter as string) ?? "?"),
  };
}

function graphOut({ name, nodes, initializers = [], inputs, outputs }: GraphProto): Message {
  return {
    name,
    nodes: nodes.map(({ attributes, ...rest }) => ({
      ...rest,
      domain: rest.domain || undefined,
      attributes: Object.entries(attributes).map(([key, value]) => attributeOut(key, value)),
    })),
    initializers,
    inputs: inputs.map(valueOut),
    outputs: outputs.map(valueOut),
  };
}

function graphIn(message: Message): GraphProto {
  const list = (name: string) => (message[name] as Message[]) ?? [];
  return {
    name: (message.name as string) ?? "",
    nodes: list("nodes").map((entry) => ({
      type: entry.type as string,
      name: (entry.name as string) ?? "",
      domain: (entry.domain as string) ?? "",
      inputs: (entry.inputs as string[]) ?? [],
      outputs: (entry.outputs as string[]) ?? [],
      attributes: Object.fromEntries(
        ((entry.attributes as Message[]) ?? []).flatMap((a) => {
          const value = attributeIn(a);
          return value === undefined ? [] : [[a.name as string, value] as const];
        }),
      ),
    })),
    initializers: list("initializers").map(tensorIn),
    inputs: list("inputs").map(valueIn),
    outputs: list("outputs").map(valueIn),
    sparseInitializers: list("sparseInitializers").map(
      ({ values }) => tensorIn(values as Message).name,
    ),
  };
}

/** A model as the bytes of an `.onnx` file. */
export function encodeModel(value: ModelProto): Uint8Array {
  const out = new PbfWriter();
  writeMessage(out, model, { ...value, graph: graphOut(value.graph) });
  return out.finish();
}

/** A model from the bytes of an `.onnx` file; throws when they are not one. */
export function decodeModel(data: Uint8Array): ModelProto {
  const reader = new PbfReader(data);
  const message = readMessage(reader, model, true);
  // A field cut short is read to an end that lies beyond the data.
  if (reader.pos > data.length) throw new Error("the data ends in the middle of a field");
  if (message.graph === undefined || message.opsets === undefined) {
    throw new Error("it has no graph or no operator set");
  }
  return {
    ...(message as unknown as ModelProto),
    graph: graphIn(message.graph as Message),
  };
}
