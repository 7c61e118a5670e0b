/**
 * Operations with a host rule cut a graph into segments: what can run on the device before them, the
 * host steps, what can run after them, and so on. A graph without them is one segment. A loop whose
 * body holds such an operation, itself or in a loop within, is a host step as a whole.
 */
import { constantValue, type Node, parameterOp, reachable, type Tensor } from "../graph.ts";
import { isScan } from "../ops/scan.ts";

export interface DeviceSegment {
  readonly kind: "device";
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

export interface HostStep {
  readonly kind: "host";
  readonly node: Node;
}

export type Segment = DeviceSegment | HostStep;

/** Constants above this many elements enter as inputs: an initializer would be copied into the model. */
const largeConstant = 4096;

export const isLargeConstant = (tensor: Tensor): boolean =>
  (constantValue(tensor)?.size ?? 0) > largeConstant;

/** Parameters and constants have their values before anything runs. */
const isGiven = (tensor: Tensor): boolean =>
  tensor.node.op.name === parameterOp.name || constantValue(tensor) !== undefined;
/** Small constants are part of every model that uses them; the rest of what is given enters as inputs. */
const isCopied = (tensor: Tensor): boolean =>
  constantValue(tensor) !== undefined && !isLargeConstant(tensor);
const runsOnHost = (node: Node): boolean =>
  node.op.host !== undefined ||
  (isScan(node) && reachable(node.attributes.body.outputs).some(runsOnHost));

export function planSegments(outputs: readonly Tensor[]): Segment[] {
  const nodes = reachable(outputs);
  const hostNodes = new Set(nodes.filter(runsOnHost));
  const isHost = (node: Node) => hostNodes.has(node);
  const level = new Map<Node, number>();
  for (const node of nodes) {
    const after = node.inputs.map(
      (input) => (level.get(input.node) as number) + (isHost(input.node) && !isHost(node) ? 1 : 0),
    );
    level.set(node, Math.max(0, ...after));
  }
  const levelOf = (tensor: Tensor) => level.get(tensor.node) as number;
  const last = Math.max(0, ...level.values());
  const segments: Segment[] = [];
  for (let current = 0; current <= last; current++) {
    const inputs = new Set<Tensor>();
    const results = new Set<Tensor>();
    const computedHere = (tensor: Tensor) =>
      !isGiven(tensor) && !isHost(tensor.node) && levelOf(tensor) === current;
    for (const output of outputs) if (computedHere(output)) results.add(output);
    for (const node of nodes) {
      for (const input of node.inputs) {
        const usedHere = !isHost(node) && level.get(node) === current;
        if (usedHere && !computedHere(input) && !isCopied(input)) inputs.add(input);
        if (!usedHere && computedHere(input)) results.add(input);
      }
    }
    if (results.size > 0)
      segments.push({ kind: "device", inputs: [...inputs], outputs: [...results] });
    for (const node of nodes) {
      if (isHost(node) && level.get(node) === current) segments.push({ kind: "host", node });
    }
  }
  return segments;
}
