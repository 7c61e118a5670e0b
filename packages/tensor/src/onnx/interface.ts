/** What a model's users meet: inputs of text, and inputs that may be left out. */
import { onnxType } from "../dtype.ts";
import { fail, showShape } from "../errors.ts";
import type { Aval } from "../graph.ts";
import type { GraphProto, ModelProto, NodeProto, TensorProto } from "../lower/proto.ts";
import type { NDArray } from "../ndarray.ts";
import { sameShape } from "../shape.ts";

const stringType = 8;

/** The name of the codes that the text of an input stands for. */
export const codesName = (input: string): string => `${input}.code`;

export type Categories = Readonly<Record<string, readonly string[]>>;
export type Defaults = Readonly<Record<string, NDArray>>;

/**
 * A model traced with int32 codes named `codesName(input)`, taking text under the input's own name:
 * the position of the text in the list, -1 for any other (LabelEncoder of the ai.onnx.ml operators).
 */
export function withCategories(model: ModelProto, categories: Categories): ModelProto {
  const entries = Object.entries(categories);
  if (entries.length === 0) return model;
  const nodes = entries.flatMap(([name, texts]): NodeProto[] => {
    const position = `${name}.position`;
    return [
      {
        type: "LabelEncoder",
        domain: "ai.onnx.ml",
        inputs: [name],
        outputs: [position],
        attributes: {
          keys_strings: { strings: texts },
          values_int64s: texts.map((_, i) => i),
          default_int64: -1,
        },
      },
      {
        type: "Cast",
        inputs: [position],
        outputs: [codesName(name)],
        attributes: { to: onnxType("int32") },
      },
    ];
  });
  const texts = new Map(entries.map(([name]) => [codesName(name), name]));
  const inputs = model.graph.inputs.map((info) => {
    const name = texts.get(info.name);
    return name === undefined ? info : { ...info, name, elementType: stringType };
  });
  const graph: GraphProto = { ...model.graph, inputs, nodes: [...nodes, ...model.graph.nodes] };
  return { ...model, graph, opsets: [...model.opsets, { domain: "ai.onnx.ml", version: 2 }] };
}

/** A model whose inputs of these names have a value when they are not given. */
export function withDefaults(model: ModelProto, defaults: Defaults): ModelProto {
  const initializers = Object.entries(defaults).map(([name, value]): TensorProto => {
    const { data } = value;
    return {
      name,
      dims: value.shape,
      dataType: onnxType(value.dtype),
      data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    };
  });
  const all = [...(model.graph.initializers ?? []), ...initializers];
  return { ...model, graph: { ...model.graph, initializers: all } };
}

/** Refuses names that are no inputs, text for what is not an int32 code, defaults that do not fit. */
export function checkInterface(
  names: readonly string[],
  avals: readonly Aval[],
  categories: Categories,
  defaults: Defaults,
): void {
  const find = (option: string, name: string): Aval => {
    const index = names.indexOf(name);
    if (index < 0)
      fail(`exportOnnx: ${option} names "${name}", but the inputs are ${names.join(", ")}`);
    return avals[index];
  };
  for (const [name, texts] of Object.entries(categories)) {
    const { dtype } = find("categories", name);
    if (dtype !== "int32")
      fail(`exportOnnx: the input "${name}" of categories is ${dtype}; codes of text are int32`);
    if (texts.length === 0 || new Set(texts).size < texts.length)
      fail(`exportOnnx: the categories of "${name}" must be different texts, at least one`);
  }
  for (const [name, value] of Object.entries(defaults)) {
    const { dtype, shape } = find("defaults", name);
    if (dtype !== value.dtype || !sameShape(shape, value.shape)) {
      fail(
        `exportOnnx: the default of "${name}" is ${value.dtype}${showShape(value.shape)}, ` +
          `the input ${dtype}${showShape(shape)}`,
      );
    }
  }
}
