/** Reverse-mode differentiation, and forward mode as its transpose. */
import { isFloat } from "../dtype.ts";
import { type Cotangent, lift, parameter, type Tensor } from "../graph.ts";
import { add } from "../ops/arithmetic.ts";
import { broadcastTo } from "../ops/layout.ts";
import { dependents, substitute } from "./walk.ts";

export const zerosLike = (x: { shape: Tensor["shape"]; dtype: Tensor["dtype"] }): Tensor =>
  broadcastTo(lift(0, x.dtype), x.shape);

/**
 * Cotangents of the tensors `wrt` from those of `outputs`: the chain rule, from the last node to the
 * first. Undefined stands for zero throughout.
 */
export function pullback(
  outputs: readonly Tensor[],
  cotangents: readonly Cotangent[],
  wrt: readonly Tensor[],
): Cotangent[] {
  const collected = new Map<Tensor, Tensor>();
  const collect = (tensor: Tensor, ct: Cotangent) => {
    if (ct === undefined || !isFloat(tensor.dtype)) return;
    const before = collected.get(tensor);
    collected.set(tensor, before === undefined ? ct : add(before, ct));
  };
  outputs.forEach((output, i) => {
    collect(output, cotangents[i]);
  });
  const nodes = dependents(outputs, wrt);
  const active = new Set<unknown>(nodes);
  const roots = new Set(wrt);
  for (const node of nodes.reverse()) {
    const incoming = node.outputs.map((out) => collected.get(out));
    if (node.op.vjp === undefined || incoming.every((ct) => ct === undefined)) continue;
    const wanted = node.inputs.map((x) => isFloat(x.dtype) && (roots.has(x) || active.has(x.node)));
    node.op.vjp(incoming, node, wanted).forEach((ct, i) => {
      if (wanted[i]) collect(node.inputs[i], ct);
    });
  }
  return wrt.map((tensor) => collected.get(tensor));
}

/**
 * Tangents of `outputs` from those of `wrt`. The pullback is linear in its cotangents, so the
 * transpose of that linear map is the pushforward: pull back the tangents through the pullback. The
 * cotangents are stand-ins that nothing in the result depends on.
 */
export function pushforward(
  outputs: readonly Tensor[],
  wrt: readonly Tensor[],
  tangents: readonly Cotangent[],
): Cotangent[] {
  const standIns = outputs.map((output) =>
    isFloat(output.dtype) ? parameter(output, "pushforward") : undefined,
  );
  const pulled = pullback(outputs, standIns, wrt);
  const defined = pulled.flatMap((ct, i) =>
    ct === undefined ? [] : [{ ct, tangent: tangents[i] }],
  );
  const variables = standIns.filter((u) => u !== undefined);
  const result = pullback(
    defined.map(({ ct }) => ct),
    defined.map(({ tangent }) => tangent),
    variables,
  );
  const zeros = new Map(variables.map((u) => [u, zerosLike(u)]));
  const found = result.filter((t) => t !== undefined);
  const closed = substitute(found, zeros);
  let next = 0;
  const byVariable = new Map(
    variables.map((u, i) => [u, result[i] === undefined ? undefined : closed[next++]]),
  );
  return standIns.map((u) => u && byVariable.get(u));
}
