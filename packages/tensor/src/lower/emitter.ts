import { type ComputeType, onnxType } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import { type Shape, sizeOf } from "../shape.ts";
import type { AttributeValue, GraphProto, NodeProto, TensorProto } from "./proto.ts";

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Collects ONNX nodes while operations are lowered, and names what they produce. */
export interface Emitter {
  /** Whether only operators of the ONNX standard may be used, for files that others will read. */
  readonly standardOnly: boolean;
  /** One node with one result; returns the result's name. */
  op(type: string, inputs: readonly string[], attributes?: Attributes, domain?: string): string;
  /** One node with several results. An empty input name leaves out an optional input. */
  ops(
    type: string,
    inputs: readonly string[],
    outputs: number,
    attributes?: Attributes,
    domain?: string,
  ): string[];
  cast(name: string, type: ComputeType): string;
  /** A name not used before in this model. */
  fresh(hint: string): string;
  /** Constants, each stored once however often it is asked for. */
  int64(values: readonly number[]): string;
  scalar(value: number, type: ComputeType): string;
  constant(value: NDArray): string;
  /** The shape operand of Reshape and Expand. */
  shape(shape: Shape): string;
  /** A nested graph, such as a loop's body, whose nodes may use every name emitted so far. */
  subgraph(name: string, build: (inner: Emitter) => Omit<GraphProto, "name" | "nodes">): GraphProto;
}

export interface EmitterOptions {
  standardOnly: boolean;
  /** Names that are taken: those of the graph's inputs and outputs. */
  reserved?: Iterable<string>;
  /** Names for constants, by identity, where they are to have one that says what they are. */
  constantNames?: ReadonlyMap<NDArray, string>;
}

/** What all emitters of one model share: names, constants. */
interface Pool {
  names: number;
  readonly reserved: ReadonlySet<string>;
  readonly constantNames: ReadonlyMap<NDArray, string> | undefined;
  readonly initializers: TensorProto[];
  readonly constants: Map<string | NDArray, string>;
}

export interface ModelEmitter extends Emitter {
  readonly nodes: NodeProto[];
  readonly initializers: TensorProto[];
}

export function createEmitter({
  standardOnly,
  reserved,
  constantNames,
}: EmitterOptions): ModelEmitter {
  const taken = new Set([...(reserved ?? []), ...(constantNames?.values() ?? [])]);
  const pool: Pool = {
    names: 0,
    reserved: taken,
    constantNames,
    initializers: [],
    constants: new Map(),
  };
  return emitterOn(pool, standardOnly);
}

function emitterOn(pool: Pool, standardOnly: boolean): ModelEmitter {
  const nodes: NodeProto[] = [];
  const fresh = (hint: string): string => {
    const name = `${hint}_${pool.names++}`;
    return pool.reserved.has(name) ? fresh(hint) : name;
  };

  const store = (
    key: string | NDArray,
    hint: string,
    make: (name: string) => TensorProto,
  ): string => {
    const known = pool.constants.get(key);
    if (known !== undefined) return known;
    const given = typeof key === "string" ? undefined : pool.constantNames?.get(key);
    const name = given ?? fresh(hint);
    pool.initializers.push(make(name));
    pool.constants.set(key, name);
    return name;
  };

  const int64Tensor = (values: readonly number[], dims: Shape, hint: string) =>
    store(`int64${dims.length}:${values}`, hint, (name) => ({
      name,
      dims,
      dataType: onnxType("int64"),
      data: bytesOf(BigInt64Array.from(values, BigInt)),
    }));

  const emitter: ModelEmitter = {
    standardOnly,
    nodes,
    initializers: pool.initializers,
    op: (type, inputs, attributes, domain) => emitter.ops(type, inputs, 1, attributes, domain)[0],
    ops: (type, inputs, outputs, attributes = {}, domain = "") => {
      const names = Array.from({ length: outputs }, () => fresh(type));
      nodes.push({ type, inputs, outputs: names, attributes, domain });
      return names;
    },
    fresh,
    cast: (name, type) => emitter.op("Cast", [name], { to: onnxType(type) }),
    int64: (values) => int64Tensor(values, [values.length], "integers"),
    shape: (shape) => int64Tensor(shape, [shape.length], "shape"),
    scalar: (value, type) => {
      if (type === "int64") return int64Tensor([value], [], "integer");
      return store(`${type}:${Object.is(value, -0) ? "-0" : value}`, "number", (name) => ({
        name,
        dims: [],
        dataType: onnxType(type),
        data: bytesOf(scalarStorage(value, type)),
      }));
    },
    constant: (value) => {
      if (sizeOf(value.shape) === 1 && value.shape.length === 0)
        return emitter.scalar(value.data[0], value.dtype);
      return store(value, "constant", (name) => ({
        name,
        dims: value.shape,
        dataType: onnxType(value.dtype),
        data: bytesOf(value.data),
      }));
    },
    subgraph: (name, build) => {
      const inner = emitterOn(pool, standardOnly);
      return { name, nodes: inner.nodes, ...build(inner) };
    },
  };
  return emitter;
}

const bytesOf = (data: ArrayBufferView): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

function scalarStorage(value: number, type: Exclude<ComputeType, "int64">): ArrayBufferView {
  switch (type) {
    case "float32":
      return Float32Array.of(value);
    case "float64":
      return Float64Array.of(value);
    case "int32":
      return Int32Array.of(value);
    case "uint32":
      return Uint32Array.of(value);
    case "bool":
      return Uint8Array.of(value);
  }
}
