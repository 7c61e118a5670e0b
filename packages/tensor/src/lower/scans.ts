/** Loops before they are lowered: the same loop run once, and nothing carried that nobody reads. */
import { Node, reachable, type Tensor } from "../graph.ts";
import { isScan, type ScanNode } from "../ops/scan.ts";
import { substitute } from "../transform/walk.ts";

export function optimizeScans(
  outputs: readonly Tensor[],
  reintern: (outputs: readonly Tensor[]) => Tensor[],
): Tensor[] {
  const merged = mergeScans(outputs);
  const pruned = pruneScans(merged === outputs ? outputs : reintern(merged));
  return optimizeBodies(pruned, reintern);
}

/**
 * A loop and its differentiated twin, which also records residuals, have the same inputs and the same
 * carries: one loop that records what either does serves both.
 */
function mergeScans(outputs: readonly Tensor[]): readonly Tensor[] {
  for (let current = outputs; ; ) {
    const groups = Map.groupBy(scansOf(current), signature);
    const group = [...groups.values()].find((members) => members.length > 1);
    if (group === undefined) return current;
    const { op, inputs, attributes } = group[0];
    const { carries, length, body } = attributes;
    const recorded = [
      ...new Set(group.flatMap((scan) => scan.attributes.body.outputs.slice(carries))),
    ];
    const results = [...body.outputs.slice(0, carries), ...recorded];
    const avals = results.map(({ shape, dtype }, i) => ({
      shape: i < carries ? shape : [length, ...shape],
      dtype,
    }));
    const joined = new Node(
      op,
      inputs,
      { ...attributes, body: { params: body.params, outputs: results } },
      avals,
    );
    const replacements = new Map<Tensor, Tensor>();
    for (const scan of group) {
      scan.outputs.forEach((out, i) => {
        const place = i < carries ? i : carries + recorded.indexOf(scan.attributes.body.outputs[i]);
        replacements.set(out, joined.outputs[place]);
      });
    }
    current = substitute(current, replacements);
  }
}

const scansOf = (outputs: readonly Tensor[]): ScanNode[] => reachable(outputs).filter(isScan);

function signature({ inputs, attributes }: ScanNode): string {
  const { body, carries, constants, length, reverse } = attributes;
  const name = ({ node, index }: Tensor) => `${node.id}.${index}`;
  const next = body.outputs.slice(0, carries);
  return `${[inputs, body.params, next].map((list) => list.map(name).join()).join(";")};${constants};${length};${reverse}`;
}

/** Drop carries, constants and sequences that do not contribute to any result that is used. */
function pruneScans(outputs: readonly Tensor[]): readonly Tensor[] {
  for (let current = outputs; ; ) {
    const used = new Set(current);
    for (const node of reachable(current)) for (const input of node.inputs) used.add(input);
    let replacements: Map<Tensor, Tensor> | undefined;
    for (const scan of scansOf(current).reverse()) {
      replacements = pruned(scan, used);
      if (replacements !== undefined) break;
    }
    if (replacements === undefined) return current;
    current = substitute(current, replacements);
  }
}

function pruned(scan: ScanNode, used: ReadonlySet<Tensor>): Map<Tensor, Tensor> | undefined {
  const { inputs, attributes } = scan;
  const { body, carries, constants } = attributes;
  const live = scan.outputs.map((out) => used.has(out));
  let needed: Set<Node>;
  for (;;) {
    needed = new Set(reachable(body.outputs.filter((_, i) => live[i])));
    const more = body.params.findIndex(
      (param, i) => i < carries && !live[i] && needed.has(param.node),
    );
    if (more < 0) break;
    live[more] = true;
  }
  const keepInput = body.params.map((param, i) => (i < carries ? live[i] : needed.has(param.node)));
  if (live.every(Boolean) && keepInput.every(Boolean)) return undefined;
  const kept = scan.outputs.filter((_, i) => live[i]);
  const smaller = new Node(
    scan.op,
    inputs.filter((_, i) => keepInput[i]),
    {
      ...attributes,
      carries: live.slice(0, carries).filter(Boolean).length,
      constants: keepInput.slice(carries, carries + constants).filter(Boolean).length,
      body: {
        params: body.params.filter((_, i) => keepInput[i]),
        outputs: body.outputs.filter((_, i) => live[i]),
      },
    },
    kept,
  );
  return new Map(kept.map((out, i) => [out, smaller.outputs[i]]));
}

/** The same for loops inside the bodies of loops. */
function optimizeBodies(
  outputs: readonly Tensor[],
  reintern: (outputs: readonly Tensor[]) => Tensor[],
): Tensor[] {
  const replacements = new Map<Tensor, Tensor>();
  for (const scan of scansOf(outputs)) {
    const { body } = scan.attributes;
    if (scansOf(body.outputs).length === 0) continue;
    const inner = optimizeScans(body.outputs, reintern);
    const attributes = { ...scan.attributes, body: { params: body.params, outputs: inner } };
    const better = new Node(
      scan.op,
      scan.inputs.map((input) => replacements.get(input) ?? input),
      attributes,
      scan.outputs,
    );
    scan.outputs.forEach((out, i) => {
      replacements.set(out, better.outputs[i]);
    });
  }
  return replacements.size === 0 ? [...outputs] : substitute(outputs, replacements);
}
