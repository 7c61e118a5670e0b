/** The names that nodes and graphs of a model read and define. */
import type { GraphProto, NodeProto } from "../lower/proto.ts";

/** Graphs nested in a node: a loop's body, the branches of a condition. */
export const subgraphs = ({ attributes }: NodeProto): GraphProto[] =>
  Object.values(attributes).flatMap((value) =>
    typeof value === "object" && "graph" in value ? [value.graph] : [],
  );

/** Names a node reads, with those its nested graphs read from outside among them. */
export const namesRead = (node: NodeProto): string[] => [
  ...node.inputs,
  ...subgraphs(node).flatMap(({ nodes, outputs }) => [
    ...nodes.flatMap(namesRead),
    ...outputs.map(({ name }) => name),
  ]),
];

/** Every name a graph and its nested graphs define. */
export const namesDefined = (graph: GraphProto): string[] => [
  ...[...graph.inputs, ...graph.outputs, ...(graph.initializers ?? [])].map(({ name }) => name),
  ...graph.nodes.flatMap((node) => [...node.outputs, ...subgraphs(node).flatMap(namesDefined)]),
];

/** The nodes that `outputs` depend on, in order. */
export function nodesFor(nodes: readonly NodeProto[], outputs: readonly string[]): NodeProto[] {
  const wanted = new Set(outputs);
  return nodes
    .toReversed()
    .filter((node) => {
      const isNeeded = node.outputs.some((name) => wanted.has(name));
      if (isNeeded) for (const name of namesRead(node)) wanted.add(name);
      return isNeeded;
    })
    .toReversed();
}
