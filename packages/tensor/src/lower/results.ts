import type { NodeProto } from "./proto.ts";

/** Let the nodes that make a model's results give them the names asked for. */
export function nameResults(
  nodes: NodeProto[],
  results: readonly string[],
  outputNames: readonly string[],
): void {
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const renamed = new Map<string, string>();
  const copies: NodeProto[] = [];
  results.forEach((name, i) => {
    if (made.has(name) && !renamed.has(name)) renamed.set(name, outputNames[i]);
    // An input, a constant or a result asked for twice needs a node of its own.
    else
      copies.push({ type: "Identity", inputs: [name], outputs: [outputNames[i]], attributes: {} });
  });
  nodes.push(...copies);
  rename(nodes, (name) => renamed.get(name) ?? name);
}

/** Bodies of loops read names of the graph around them, so those change there too. */
function rename(nodes: readonly NodeProto[], now: (name: string) => string): void {
  for (const node of nodes) {
    node.inputs = node.inputs.map(now);
    node.outputs = node.outputs.map(now);
    for (const value of Object.values(node.attributes)) {
      if (typeof value === "object" && "graph" in value) rename(value.graph.nodes, now);
    }
  }
}
