/** One node of a model being imported, as the records of the operator table see it. */
import { fail } from "../errors.ts";
import type { Tensor } from "../graph.ts";
import type { AttributeValue, GraphProto, NodeProto, TensorProto } from "../lower/proto.ts";
import type { NDArray } from "../ndarray.ts";
import { concreteValue } from "./concrete.ts";

/** How one ONNX operator is made of the engine's operations. */
export interface Operator {
  /** Inputs whose values must be known while tracing: shapes, axes, scales. */
  readonly concrete?: readonly number[];
  /** The results, in order; one may be left out where the operator makes it optional. */
  trace(call: Call): Tensor | readonly (Tensor | undefined)[];
}

export type Operators = Readonly<Record<string, Operator>>;

/** An operator's inputs, attributes and surroundings. */
export interface Call {
  /** Version of the operator set the model was written for. */
  readonly opset: number;
  /** The inputs in order; undefined where an optional one is left out. */
  readonly inputs: readonly (Tensor | undefined)[];
  /** Number of results the model names. */
  readonly outputs: number;
  /** Whether the model uses the optional result. */
  wants(output: number): boolean;
  /** An input that must be there. */
  input(index: number): Tensor;
  /** The value of an input that is known while tracing, undefined if it is left out. */
  known(index: number): NDArray | undefined;
  /** {@link known} as a list of numbers. */
  numbers(index: number): number[] | undefined;
  has(attribute: string): boolean;
  integer(attribute: string, otherwise?: number): number;
  integers(attribute: string): number[] | undefined;
  float(attribute: string, otherwise?: number): number;
  floats(attribute: string): number[] | undefined;
  text(attribute: string, otherwise: string): string;
  texts(attribute: string): string[] | undefined;
  tensor(attribute: string): TensorProto | undefined;
  graph(attribute: string): GraphProto;
  /** The results of a nested graph for given inputs; it sees the names of the graph around it. */
  run(graph: GraphProto, inputs: readonly Tensor[]): Tensor[];
}

interface Surroundings {
  readonly opset: number;
  readonly run: Call["run"];
  /** What to name an input in an error. */
  readonly describe: (index: number) => string;
  /** Values of inputs that are not constants in this trace but have one in the file. */
  readonly stored: (index: number) => NDArray | undefined;
}

export function callOf(
  { attributes, outputs }: NodeProto,
  inputs: readonly (Tensor | undefined)[],
  { opset, run, describe, stored }: Surroundings,
): Call {
  /** An attribute's content if it is there and of the kind expected. */
  const read = <T>(name: string, pick: (value: AttributeValue) => T | undefined): T | undefined => {
    if (!Object.hasOwn(attributes, name)) return undefined;
    return pick(attributes[name]) ?? fail(`the attribute ${name} is of an unexpected kind`);
  };
  const required = <T>(name: string, value: T | undefined): T =>
    value ?? fail(`the attribute ${name} is missing`);
  const list = (value: AttributeValue): number[] | undefined =>
    Array.isArray(value) ? [...value] : undefined;
  const pick =
    <K extends string>(key: K) =>
    (value: AttributeValue) =>
      typeof value === "object" && key in value
        ? (value as Extract<AttributeValue, Readonly<Record<K, unknown>>>)[key]
        : undefined;

  const known = (index: number): NDArray | undefined => {
    const tensor = inputs[index];
    if (tensor === undefined) return undefined;
    return (
      concreteValue(tensor) ??
      stored(index) ??
      fail(
        `${describe(index)} depends on the model's inputs, so what it determines (a shape, an axis) is ` +
          "not known while tracing",
      )
    );
  };

  return {
    opset,
    inputs,
    outputs: outputs.length,
    wants: (output) => outputs[output] !== undefined && outputs[output] !== "",
    input: (index) => inputs[index] ?? fail(`input ${index} is missing`),
    known,
    numbers: (index) => {
      const value = known(index);
      return value && Array.from(value.data);
    },
    has: (name) => Object.hasOwn(attributes, name),
    integer: (name, otherwise) =>
      required(
        name,
        read(name, (value) => (typeof value === "number" ? value : undefined)) ?? otherwise,
      ),
    integers: (name) => read(name, list),
    float: (name, otherwise) => required(name, read(name, pick("float")) ?? otherwise),
    floats: (name) => read(name, (value) => pick("floats")(value)?.slice()),
    text: (name, otherwise) =>
      read(name, (value) => (typeof value === "string" ? value : undefined)) ?? otherwise,
    texts: (name) => read(name, (value) => pick("strings")(value)?.slice()),
    tensor: (name) => read(name, pick("tensor")),
    graph: (name) => required(name, read(name, pick("graph"))),
    run,
  };
}

/** A whole operator made of a function of its inputs, all of which are there. */
export const of = (f: (...inputs: Tensor[]) => Tensor): Operator => ({
  trace: ({ inputs, input }) => f(...inputs.map((_, i) => input(i))),
});

/** Axes given as an attribute in older operator sets and as an input in newer ones. */
export const axesOf = (call: Call, input: number): number[] | undefined =>
  call.numbers(input) ?? call.integers("axes");
