/** ONNX files as differentiable functions. */
import { type DType, isFloat } from "../dtype.ts";
import { fail, showShape } from "../errors.ts";
import { lift, type Tensor, type TensorLike } from "../graph.ts";
import { nodesFor, subgraphs } from "../lower/graphs.ts";
import { decodeModel, type GraphProto, type ModelProto, type ValueInfo } from "../lower/proto.ts";
import type { NDArray } from "../ndarray.ts";
import { sameShape } from "../shape.ts";
import { elementType, tensorArray } from "./elements.ts";
import { findOperator, isStandard, operatorOf, traceGraph } from "./trace.ts";

/** What a model returns, as far as the file says; undefined where it does not. */
export interface ModelValue {
  readonly name: string;
  readonly dtype: DType | undefined;
  /** A name stands for a length that differs from call to call. */
  readonly shape: readonly (number | string)[] | undefined;
}

/** What a model takes. */
export interface ModelInput extends ModelValue {
  readonly dtype: DType;
}

/** Inputs by name or in order. */
export type ModelInputs = readonly TensorLike[] | { readonly [name: string]: TensorLike };

export interface OnnxModel {
  /** The outputs by name, for the weights in the file. */
  (inputs: ModelInputs): Record<string, Tensor>;
  readonly inputs: readonly ModelInput[];
  readonly outputs: readonly ModelValue[];
  /** The weights by name: initializers of floats, and what float arrays the graph keeps in Constant nodes. */
  readonly parameters: Readonly<Record<string, NDArray>>;
  /** The outputs for other weights; those left out are the file's. */
  apply(
    parameters: { readonly [name: string]: TensorLike },
    inputs: ModelInputs,
  ): Record<string, Tensor>;
}

export interface ImportOptions {
  /** Values to return instead of the model's own outputs, by the names they have in the graph. */
  outputs?: readonly string[];
}

const [oldest, newest] = [7, 24];

/**
 * An ONNX model (operator sets 7 to 24) as a function of tensors that can be differentiated, batched
 * and compiled like any other.
 *
 * Shapes are concrete while tracing, so whatever the model computes from shapes and constants is
 * computed then; so is what it computes from inputs given as arrays or numbers rather than tensors.
 * Integers other than uint32 are int32 here, half precision is float32. Dropout and batch
 * normalisation behave as after training.
 *
 * @throws when the bytes are no model, when an operator is not supported (the error names it), or
 * when a shape depends on values that are only known when the model runs
 * @example
 * const model = importOnnx(await readFile("classifier.onnx"));
 * const logits = jit((x: Tensor) => model({ x }).logits);
 * const saliency = grad((x: Tensor) => model({ x }).logits.slice(0, 3));
 * const loss = (weights: typeof model.parameters, x: Tensor) => model.apply(weights, { x }).loss;
 */
export function importOnnx(bytes: Uint8Array, options: ImportOptions = {}): OnnxModel {
  const { graph, opsets } = decode(bytes);
  const version = opsets.find(({ domain }) => isStandard(domain))?.version;
  if (version === undefined || version < oldest || version > newest) {
    fail(
      `importOnnx: the model is written for operator set ${version}; ${oldest} to ${newest} are understood`,
    );
  }
  const [sparse] = graph.sparseInitializers ?? [];
  if (sparse !== undefined)
    fail(`importOnnx: the initializer "${sparse}" is a sparse tensor, which is not supported`);

  const outputNames = options.outputs ?? graph.outputs.map(({ name }) => name);
  for (const node of nodesFor(graph.nodes, outputNames)) operatorOf(node);
  const initialized = new Set((graph.initializers ?? []).map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !initialized.has(name)).map(describeInput);
  const stored = parametersOf(graph);
  const model = {
    opsets: new Map(
      opsets.map(({ domain = "", version }) => [isStandard(domain) ? "" : domain, version]),
    ),
    stored,
  };

  const apply: OnnxModel["apply"] = (parameters, given) => {
    const names = bindInputs(inputs, given);
    for (const [name, tensor] of bindParameters(stored, parameters)) names.set(name, tensor);
    const results = traceGraph(model, graph, names, outputNames);
    return Object.fromEntries(outputNames.map((name, i) => [name, results[i]]));
  };
  const known = new Map(graph.outputs.map((info) => [info.name, info]));
  return Object.assign((given: ModelInputs) => apply({}, given), {
    inputs,
    outputs: outputNames.map((name) =>
      describeOutput(known.get(name) ?? { name, elementType: 0, shape: undefined }),
    ),
    parameters: Object.fromEntries(stored),
    apply,
  });
}

function decode(bytes: Uint8Array): ModelProto {
  try {
    return decodeModel(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(`importOnnx: these ${bytes.length} bytes are not an ONNX model: ${reason}`);
  }
}

const describeInput = ({ name, elementType: code, shape }: ValueInfo): ModelInput => ({
  name,
  dtype: elementType(code, `importOnnx: the input "${name}"`).dtype,
  shape,
});

const describeOutput = ({ name, elementType: code, shape }: ValueInfo): ModelValue => ({
  name,
  dtype: code === 0 ? undefined : elementType(code, `importOnnx: the output "${name}"`).dtype,
  shape,
});

/**
 * Weights live in initializers; some exporters put them in Constant nodes instead, where single
 * numbers are part of the formula. What only says how an operator works, such as the scales of a
 * resize, is no weight.
 */
function parametersOf(graph: GraphProto): Map<string, NDArray> {
  const used = new Set(graph.outputs.map(({ name }) => name));
  const note = ({ nodes }: GraphProto): void => {
    for (const node of nodes) {
      const concrete = findOperator(node)?.concrete ?? [];
      node.inputs.forEach((name, i) => {
        if (!concrete.includes(i)) used.add(name);
      });
      for (const nested of subgraphs(node)) {
        note(nested);
        for (const name of nested.outputs) used.add(name.name);
      }
    }
  };
  note(graph);
  const found = new Map<string, NDArray>();
  for (const tensor of graph.initializers ?? []) {
    if (!used.has(tensor.name)) continue;
    const { dtype } = elementType(tensor.dataType, `importOnnx: the tensor "${tensor.name}"`);
    if (isFloat(dtype)) found.set(tensor.name, tensorArray(tensor));
  }
  for (const { type, outputs, attributes } of graph.nodes) {
    const { value } = attributes;
    if (type !== "Constant" || typeof value !== "object" || !("tensor" in value)) continue;
    if (!used.has(outputs[0]) || value.tensor.dims.length === 0) continue;
    const array = tensorArray(value.tensor);
    if (isFloat(array.dtype) && array.size > 1) found.set(outputs[0], array);
  }
  return found;
}

function bindInputs(inputs: readonly ModelInput[], given: ModelInputs): Map<string, Tensor> {
  const values = Array.isArray(given)
    ? inputs.map(({ name }, i) => [name, (given as readonly TensorLike[])[i]] as const)
    : inputs.map(({ name }) => [name, (given as Record<string, TensorLike>)[name]] as const);
  const names = inputs.map(({ name }) => name).join(", ");
  const surplus = Array.isArray(given)
    ? given.length > inputs.length && `${given.length} values`
    : Object.keys(given).find((name) => !inputs.some((input) => input.name === name));
  if (surplus) fail(`the model takes ${names}; it was given ${surplus}`);
  const lengths = new Map<string, number>();
  return new Map(
    values.map(([name, value], i) => {
      if (value === undefined) fail(`the model takes ${names}; ${name} is missing`);
      const tensor = lift(value, inputs[i].dtype);
      checkInput(inputs[i], tensor, lengths);
      return [name, tensor];
    }),
  );
}

/** Check an input against what the model says of it; `lengths` holds those of named axes so far. */
function checkInput(
  { name, dtype, shape }: ModelInput,
  tensor: Tensor,
  lengths: Map<string, number>,
): void {
  if (tensor.dtype !== dtype) {
    fail(
      `the model's input ${name} is ${dtype}, got ${tensor.dtype}; convert with .astype("${dtype}")`,
    );
  }
  if (shape === undefined) return;
  const fits =
    tensor.rank === shape.length &&
    shape.every((length, axis) => typeof length === "string" || length === tensor.shape[axis]);
  if (!fits)
    fail(`the model's input ${name} is [${shape.join(", ")}], got ${showShape(tensor.shape)}`);
  shape.forEach((axisName, axis) => {
    if (typeof axisName === "number" || axisName === "" || axisName === "?") return;
    const known = lengths.get(axisName) ?? tensor.shape[axis];
    if (known !== tensor.shape[axis]) {
      fail(
        `the model's inputs have an axis "${axisName}" in common; in ${name} it has length ` +
          `${tensor.shape[axis]}, elsewhere ${known}`,
      );
    }
    lengths.set(axisName, known);
  });
}

function bindParameters(
  stored: ReadonlyMap<string, NDArray>,
  given: { readonly [name: string]: TensorLike },
): Map<string, Tensor> {
  const stranger = Object.keys(given).find((name) => !stored.has(name));
  if (stranger !== undefined) fail(`the model has no parameter "${stranger}"`);
  return new Map(
    Array.from(stored, ([name, array]) => {
      const tensor = lift(Object.hasOwn(given, name) ? given[name] : array, array.dtype);
      if (tensor.dtype !== array.dtype || !sameShape(tensor.shape, array.shape)) {
        fail(
          `the parameter "${name}" is ${array.dtype}${showShape(array.shape)}, ` +
            `got ${tensor.dtype}${showShape(tensor.shape)}`,
        );
      }
      return [name, tensor];
    }),
  );
}
