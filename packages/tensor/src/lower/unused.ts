import { namesRead } from "./graphs.ts";
import type { NodeProto } from "./proto.ts";

/** Operators that compute a result only if it has a name, and which of their results those are. */
const optional: Readonly<Record<string, readonly number[]>> = {
  MaxPool: [1],
  LayerNormalization: [1, 2],
};

/**
 * The nodes that the results need. An operation lowers without knowing which of its results are read:
 * the positions of a maximum, say, matter only to a derivative, and cost more than the maximum.
 */
export function withoutUnused(
  nodes: readonly NodeProto[],
  results: readonly string[],
): NodeProto[] {
  const needed = new Set(results);
  const kept: NodeProto[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    const blank = optional[node.type] ?? [];
    const outputs = node.outputs.map((name, i) =>
      blank.includes(i) && !needed.has(name) ? "" : name,
    );
    while (outputs.at(-1) === "") outputs.pop();
    kept.push({ ...node, outputs });
    for (const name of namesRead(node)) needed.add(name);
  }
  return kept.reverse();
}
