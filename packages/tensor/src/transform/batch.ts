/** Vectorisation: a graph for one example becomes a graph for a batch of them. */
import type { Tensor } from "../graph.ts";
import { repeatBatch } from "../ops/layout.ts";
import { type Body, dependents } from "./walk.ts";

/**
 * Rebuild `outputs` with some tensors replaced by ones that have a leading batch axis. The results
 * that depend on these come back batched, the others as they were; `batched` tells which.
 */
export function batchOutputs(
  outputs: readonly Tensor[],
  replacements: ReadonlyMap<Tensor, Tensor>,
  size: number,
): { outputs: Tensor[]; batched: boolean[] } {
  const replaced = new Map(replacements);
  for (const node of dependents(outputs, replacements.keys())) {
    const batched = node.inputs.map((input) => replaced.has(input));
    const inputs = node.inputs.map((input) => replaced.get(input) ?? input);
    node.op.batch(inputs, batched, node, size).forEach((out, i) => {
      if (!replaced.has(node.outputs[i])) replaced.set(node.outputs[i], out);
    });
  }
  return {
    outputs: outputs.map((output) => replaced.get(output) ?? output),
    batched: outputs.map((output) => replaced.has(output)),
  };
}

/** A body over a batch: parameters given by `batched` carry the axis, and all results do. */
export function batchBody(
  { params, outputs }: Body,
  batched: readonly boolean[],
  size: number,
  fresh: (param: Tensor, isBatched: boolean) => Tensor,
): Body {
  const batchedParams = params.map((param, i) => fresh(param, batched[i]));
  const replacements = new Map(
    params.flatMap((param, i) => (batched[i] ? [[param, batchedParams[i]] as const] : [])),
  );
  const result = batchOutputs(outputs, replacements, size);
  const full = result.outputs.map((out, i) => (result.batched[i] ? out : repeatBatch(out, size)));
  return {
    params: params.map((param, i) => (batched[i] ? batchedParams[i] : param)),
    outputs: full,
  };
}
