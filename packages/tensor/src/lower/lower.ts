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
import { createEmitter, type Emitter, type EmitterOptions } from "./emitter.ts";
import { fuseGemm } from "./gemm.ts";
import { namesRead } from "./graphs.ts";
import { encodeModel, type ModelProto, type ValueInfo } from "./proto.ts";
import { nameResults } from "./results.ts";
import { withoutUnused } from "./unused.ts";

/** Operator set of the models written here: the first whose Gelu, reductions and padding are settled. */
export const opset = 20;
const irVersion = 9;

/** Emit what `outputs` need; `names` holds what exists already and is extended. */
export function lowerTensors(
  emit: Emitter,
  outputs: readonly Tensor[],
  names: Map<Tensor, string>,
): string[] {
  // A node that ran before this segment may be known by some of its outputs only: those used here.
  const isMissing = (node: Node) => !node.outputs.some((output) => names.has(output));
  const results = fuseGemm(outputs, isMissing);
  for (const node of reachable(results, isMissing)) {
    const value = constantValue(node.outputs[0]);
    if (value !== undefined) names.set(node.outputs[0], emit.constant(value));
    else if (node.op.name === parameterOp.name)
      leaked(node as unknown as Node<{ owner: string; aval: Aval }>);
    else lowerNode(emit, node, names);
  }
  return results.map((output) => names.get(output) as string);
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
    fail(`${op.name} runs on the host and has no place in an ONNX file`);
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
  constantNames?: EmitterOptions["constantNames"];
}

/** A model that computes `outputs` from `inputs`, as the bytes of an `.onnx` file. */
export function buildModel(
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  options: ModelOptions,
): Uint8Array {
  return encodeModel(describeModel(inputs, outputs, options));
}

/** A model that computes `outputs` from `inputs`, before it is encoded. */
export function describeModel(
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  { inputNames, outputNames, standardOnly = false, constantNames }: ModelOptions,
): ModelProto {
  const emit = createEmitter({
    standardOnly,
    reserved: [...inputNames, ...outputNames],
    constantNames,
  });
  const names = new Map(inputs.map((input, i) => [input, inputNames[i]]));
  const results = lowerTensors(emit, outputs, names);
  nameResults(emit.nodes, results, outputNames);
  const nodes = withoutUnused(emit.nodes, outputNames);
  const read = new Set(nodes.flatMap(namesRead));
  const describe = ({ dtype, shape }: Aval, name: string): ValueInfo => ({
    name,
    elementType: onnxType(dtype),
    shape,
  });
  return {
    irVersion,
    producerName: "etude",
    opsets: [{ version: opset }],
    graph: {
      name: "graph",
      nodes,
      initializers: emit.initializers.filter((constant) => read.has(constant.name)),
      inputs: inputs.map((input, i) => describe(input, inputNames[i])),
      outputs: outputs.map((output, i) => describe(output, outputNames[i])),
    },
  };
}
