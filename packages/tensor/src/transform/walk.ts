/** Walking and rebuilding expression graphs: what all transformations share. */
import { fail } from "../errors.ts";
import {
  type Aval,
  cloneNode,
  constantOp,
  type Node,
  type Op,
  parameter,
  reachable,
  type Tensor,
} from "../graph.ts";

/** A closed piece of graph: results in terms of parameters. */
export interface Body {
  readonly params: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** Nodes between `roots` and `outputs` that depend on a root, inputs before users. */
export function dependents(outputs: readonly Tensor[], roots: Iterable<Tensor>): Node[] {
  const rootSet = new Set(roots);
  if (rootSet.size === 0) return [];
  let first = Number.POSITIVE_INFINITY;
  for (const root of rootSet) first = Math.min(first, root.node.id);
  const rootNodes = new Set([...rootSet].map((root) => root.node));
  const active = new Set<Node>();
  // A node older than every root cannot depend on one: the walk stops there.
  for (const node of reachable(outputs, ({ id }) => id > first)) {
    if (rootNodes.has(node) && node.outputs.some((out) => rootSet.has(out))) continue;
    if (node.inputs.some((input) => rootSet.has(input) || active.has(input.node))) active.add(node);
  }
  return [...active];
}

/** The outputs with some tensors replaced; what does not depend on them is shared, not copied. */
export function substitute(
  outputs: readonly Tensor[],
  replacements: ReadonlyMap<Tensor, Tensor>,
): Tensor[] {
  const replaced = new Map(replacements);
  const now = (tensor: Tensor) => replaced.get(tensor) ?? tensor;
  for (const node of dependents(outputs, replacements.keys())) {
    const copy = cloneNode(node, node.inputs.map(now));
    node.outputs.forEach((out, i) => {
      if (!replaced.has(out)) replaced.set(out, copy.outputs[i]);
    });
  }
  return outputs.map(now);
}

/** The results of a body for given arguments. */
export function inline({ params, outputs }: Body, args: readonly Tensor[]): Tensor[] {
  return substitute(outputs, new Map(params.map((param, i) => [param, args[i]])));
}

/**
 * Trace `f` into a body. Tensors from outside that it uses are captured: they become further
 * parameters, and their outer values are returned beside the body.
 */
export function traceBody(
  f: (params: Tensor[]) => readonly Tensor[],
  avals: readonly Aval[],
  owner: string,
): { body: Body; captured: Tensor[] } {
  const params = avals.map((aval) => parameter(aval, owner));
  return closeOver(params, f(params), owner);
}

/** Make outside tensors that `outputs` need, beyond `params`, parameters of their own. */
export function closeOver(
  params: readonly Tensor[],
  outputs: readonly Tensor[],
  owner: string,
): { body: Body; captured: Tensor[] } {
  const inside = new Set(dependents(outputs, params));
  const own = new Set(params);
  const captured = new Set<Tensor>();
  const consider = (tensor: Tensor) => {
    if (own.has(tensor) || inside.has(tensor.node) || isSmallConstant(tensor)) return;
    captured.add(tensor);
  };
  for (const node of inside) node.inputs.forEach(consider);
  outputs.forEach(consider);
  const outer = [...captured];
  const extra = outer.map((tensor) => parameter(tensor, owner));
  // Captured tensors may be older than the parameters, so they are replaced in one pass over both.
  const closed = substitute(outputs, new Map(outer.map((tensor, i) => [tensor, extra[i]])));
  return { body: { params: [...params, ...extra], outputs: closed }, captured: outer };
}

const isSmallConstant = ({ node, size }: Tensor): boolean =>
  node.op === (constantOp as Op) && size <= 1;

/** Check that results keep to the avals they must have. */
export function expectAvals(
  operation: string,
  what: string,
  got: readonly Aval[],
  expected: readonly Aval[],
): void {
  expected.forEach((aval, i) => {
    const mine = got[i];
    const same =
      mine.dtype === aval.dtype &&
      mine.shape.length === aval.shape.length &&
      mine.shape.every((n, a) => n === aval.shape[a]);
    if (!same) {
      fail(
        `${operation}: ${what} ${i} is ${mine.dtype}[${mine.shape}] but must stay ${aval.dtype}[${aval.shape}]`,
      );
    }
  });
}
