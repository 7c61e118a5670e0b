/** From a simplified graph to an ONNX model. */
import { onnxType } from "../dtype.ts";
import { fail } from "../errors.ts";
import {
  type Aval,
  constantValue,
  type Node,
  parameterOp,
  reachable,
  type Tensor,
} from "../graph.ts";
import { createEmitter, type Emitter } from "./emitter.ts";
import { encodeModel, type ValueInfo } from "./proto.ts";

/** Operator set of the models written here: the first whose Gelu, reductions and padding are settled. */
export const opset = 20;
const irVersion = 9;

/** Emit what `outputs` need; `names` holds what exists already and is extended. */
export function lowerTensors(
  emit: Emitter,
  outputs: readonly Tensor[],
  names: Map<Tensor, string>,
): string[] {
  for (const node of reachable(outputs, ({ outputs: [first] }) => !names.has(first))) {
    const value = constantValue(node.outputs[0]);
    if (value !== undefined) names.set(node.outputs[0], emit.constant(value));
    else if (node.op.name === parameterOp.name)
      leaked(node as unknown as Node<{ owner: string; aval: Aval }>);
    else lowerNode(emit, node, names);
  }
  return outputs.map((output) => names.get(output) as string);
}

/** A parameter that nobody gives a value: it escaped from the function it was traced in. */
function leaked({ attributes: { owner, aval } }: Node<{ owner: string; aval: Aval }>): never {
  return fail(
    `a tensor ${aval.dtype}[${aval.shape}] of a function traced by ${owner} is used outside that call: ` +
      "return it from the function instead of keeping it in a variable",
  );
}

/** Fail if the outputs depend on parameters other than these. */
export function checkClosed(outputs: readonly Tensor[], params: readonly Tensor[]): void {
  const own = new Set(params.map(({ node }) => node));
  for (const node of reachable(outputs)) {
    if (node.op.name === parameterOp.name && !own.has(node)) {
      leaked(node as unknown as Node<{ owner: string; aval: Aval }>);
    }
  }
}

function lowerNode(emit: Emitter, node: Node, names: Map<Tensor, string>): void {
  const { op, inputs, outputs } = node;
  if (op.onnx === undefined) {
    fail(`${op.name} runs on the host and has no place inside a loop or an ONNX file`);
  }
  const wide = op.computeIn ?? {};
  const given = inputs.map((input) => {
    const name = names.get(input) as string;
    const type = wide[input.dtype];
    return type === undefined ? name : emit.cast(name, type);
  });
  const results = op.onnx(emit, given, node);
  const list = typeof results === "string" ? [results] : results;
  outputs.forEach((output, i) => {
    names.set(
      output,
      wide[output.dtype] === undefined ? list[i] : emit.cast(list[i], output.dtype),
    );
  });
}

export interface ModelOptions {
  inputNames: readonly string[];
  outputNames: readonly string[];
  /** Only operators of the ONNX standard, for files that others will read. */
  standardOnly?: boolean;
  /** Name of the leading axis of an input or output where it may vary, else undefined. */
  dynamic?: (value: Aval, role: "input" | "output", index: number) => string | undefined;
}

/** A model that computes `outputs` from `inputs`, as the bytes of an `.onnx` file. */
export function buildModel(
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  options: ModelOptions,
): Uint8Array {
  const { inputNames, outputNames, standardOnly = false, dynamic } = options;
  const emit = createEmitter({ standardOnly });
  const names = new Map(inputs.map((input, i) => [input, inputNames[i]]));
  const results = lowerTensors(emit, outputs, names);
  // A graph's results carry the names asked for, and each is made by a node of its own.
  results.forEach((name, i) => {
    emit.nodes.push({
      type: "Identity",
      inputs: [name],
      outputs: [outputNames[i]],
      attributes: {},
    });
  });
  const describe = (
    value: Tensor,
    name: string,
    role: "input" | "output",
    index: number,
  ): ValueInfo => {
    const axis = dynamic?.(value, role, index);
    const shape = axis === undefined ? value.shape : [axis, ...value.shape.slice(1)];
    return { name, elementType: onnxType(value.dtype), shape };
  };
  return encodeModel({
    irVersion,
    producerName: "etude",
    opsets: [{ version: opset }],
    graph: {
      name: "graph",
      nodes: emit.nodes,
      initializers: emit.initializers,
      inputs: inputs.map((input, i) => describe(input, inputNames[i], "input", i)),
      outputs: outputs.map((output, i) => describe(output, outputNames[i], "output", i)),
    },
  });
}
