/** A model's graph traced node by node: each ONNX operator becomes operations of the engine. */
import { fail, TensorError } from "../errors.ts";
import { constant, type Tensor } from "../graph.ts";
import { nodesFor } from "../lower/graphs.ts";
import type { GraphProto, NodeProto } from "../lower/proto.ts";
import type { NDArray } from "../ndarray.ts";
import { callOf, type Operator } from "./call.ts";
import { concreteValue } from "./concrete.ts";
import { tensorArray } from "./elements.ts";
import { operators } from "./operators/table.ts";

export interface Model {
  /** Version of each operator set the model uses, by domain; the standard one has none. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Values in the file of names whose tensors are not constants in this trace: its parameters. */
  readonly stored: ReadonlyMap<string, NDArray>;
}

type Lookup = (name: string) => Tensor | undefined;

export const isStandard = (domain: string | undefined): boolean =>
  domain === undefined || domain === "" || domain === "ai.onnx";

const operatorKey = ({ domain, type }: NodeProto): string =>
  isStandard(domain) ? type : `${domain}.${type}`;

export function findOperator(node: NodeProto): Operator | undefined {
  const key = operatorKey(node);
  return Object.hasOwn(operators, key) ? operators[key] : undefined;
}

/** The record for a node, or an error that names what is missing. */
export const operatorOf = (node: NodeProto): Operator =>
  findOperator(node) ??
  fail(`importOnnx: the operator ${operatorKey(node)}${nodeName(node)} is not supported`);

const nodeName = ({ name, outputs }: NodeProto): string =>
  name ? ` (node "${name}")` : ` (which makes "${outputs.find((output) => output !== "")}")`;

/** The tensors named `outputs`, given those that `names` holds already. */
export function traceGraph(
  model: Model,
  graph: GraphProto,
  names: ReadonlyMap<string, Tensor>,
  outputs: readonly string[],
  outer: Lookup = () => undefined,
): Tensor[] {
  const own = new Map(names);
  const initializers = new Map((graph.initializers ?? []).map((tensor) => [tensor.name, tensor]));
  const lookup: Lookup = (name) => {
    const known = own.get(name);
    const initializer = known === undefined ? initializers.get(name) : undefined;
    if (initializer === undefined) return known ?? outer(name);
    const tensor = constant(tensorArray(initializer));
    own.set(name, tensor);
    return tensor;
  };
  for (const node of nodesFor(graph.nodes, outputs)) {
    if (node.outputs.every((name) => name === "" || own.has(name))) continue;
    const results = locating(node, () => traceNode(model, node, lookup));
    node.outputs.forEach((name, i) => {
      const result = results[i];
      if (name !== "" && result !== undefined) own.set(name, settled(result));
    });
  }
  return outputs.map(
    (name) => lookup(name) ?? fail(`importOnnx: nothing in the model makes "${name}"`),
  );
}

function traceNode(model: Model, node: NodeProto, lookup: Lookup): readonly (Tensor | undefined)[] {
  const inputs = node.inputs.map((name) =>
    name === "" ? undefined : (lookup(name) ?? fail(`its input "${name}" is not defined`)),
  );
  const domain = isStandard(node.domain) ? "" : (node.domain ?? "");
  const call = callOf(node, inputs, {
    opset: model.opsets.get(domain) ?? 0,
    describe: (index) => `its input ${index} ("${node.inputs[index]}")`,
    stored: (index) => model.stored.get(node.inputs[index]),
    run: (graph, args) => {
      const names = new Map(graph.inputs.map(({ name }, i) => [name, args[i]]));
      return traceGraph(
        model,
        graph,
        names,
        graph.outputs.map(({ name }) => name),
        lookup,
      );
    },
  });
  const result = operatorOf(node).trace(call);
  return Array.isArray(result) ? result : [result as Tensor];
}

/** A tensor whose value is known becomes a constant, so that nothing of its making is left to run. */
function settled(tensor: Tensor): Tensor {
  const value = concreteValue(tensor);
  return value === undefined ? tensor : constant(value);
}

/** Errors inside an operator say which node it is. */
function locating<R>(node: NodeProto, trace: () => R): R {
  try {
    return trace();
  } catch (error) {
    if (error instanceof TensorError && !error.message.startsWith("importOnnx"))
      error.message = `importOnnx: ${node.type}${nodeName(node)}: ${error.message}`;
    throw error;
  }
}
