/**
 * From the graph as traced to the graph to run: operations that only mean something to
 * transformations expand, equal subexpressions merge, algebra removes what has no effect, loops that
 * differ only in what they record become one, and loops drop what nobody reads.
 */
import { cloneNode, constant, Node, reachable, Tensor } from "../graph.ts";
import { NDArray, zeros } from "../ndarray.ts";
import { isScan, type ScanAttributes } from "../ops/scan.ts";
import { inline } from "../transform/walk.ts";
import { optimizeScans } from "./scans.ts";

export function simplify(outputs: readonly Tensor[]): Tensor[] {
  return optimizeScans(new Interner().rebuild(outputs), (changed) =>
    new Interner().rebuild(changed),
  );
}

/** Rebuilds graphs so that equal expressions are the same object. */
class Interner {
  readonly #nodes = new Map<string, Node>();
  readonly #done = new Map<Tensor, Tensor>();
  readonly #constants = new Map<NDArray, number>();

  rebuild(outputs: readonly Tensor[]): Tensor[] {
    for (const node of reachable(
      outputs,
      ({ outputs: [out] }) => out === undefined || !this.#done.has(out),
    ))
      this.#visit(node);
    return outputs.map((output) => this.#done.get(output) as Tensor);
  }

  #visit(node: Node): void {
    const inputs = node.inputs.map((input) => this.#done.get(input) as Tensor);
    const results = this.#reduce(node, inputs);
    node.outputs.forEach((out, i) => {
      this.#done.set(out, results[i]);
    });
  }

  #reduce(node: Node, inputs: readonly Tensor[]): readonly Tensor[] {
    const same = inputs.every((input, i) => input === node.inputs[i]);
    if (isScan(node)) return this.#internScan(node, inputs);
    if (node.op.expand) return this.rebuild(node.op.expand(same ? node : cloneNode(node, inputs)));
    if (node.op.unique && node.inputs.length === 0) return node.outputs;
    if (node.outputs.every(({ size }) => size === 0))
      return node.outputs.map((out) => this.#empty(out));
    const rebuilt = same ? node : cloneNode(node, inputs);
    const cheaper = node.op.simplify?.(rebuilt);
    // A cheaper form is new and may itself simplify; a tensor already interned comes back as it is.
    if (cheaper !== undefined) return this.rebuild([cheaper]);
    return this.#intern(rebuilt).outputs;
  }

  /** A tensor without entries: nothing to compute, and one thing less for operators to get wrong. */
  #empty({ shape, dtype }: Tensor): Tensor {
    return this.#intern(constant(zeros(shape, dtype)).node).outputs[0];
  }

  #intern<A extends object>(node: Node<A>): Node<A> {
    if (node.op.unique) return this.#own(node);
    const key = `${node.op.name}(${node.inputs.map(this.#name).join()})${this.#describe(node.attributes)}`;
    const known = this.#nodes.get(key);
    if (known !== undefined) return known as Node<A>;
    this.#nodes.set(key, node);
    return this.#own(node);
  }

  /** Results of interned nodes stand for themselves when they are met again. */
  #own<A extends object>(node: Node<A>): Node<A> {
    for (const out of node.outputs) this.#done.set(out, out);
    return node;
  }

  #internScan(node: Node<ScanAttributes>, inputs: readonly Tensor[]): readonly Tensor[] {
    const { body, carries, length } = node.attributes;
    if (length === 0) {
      return node.outputs.map((out, i) => (i < carries ? inputs[i] : this.#empty(out)));
    }
    // Bodies are interned with parameters shared by position and type, so that equal bodies are equal.
    const params = body.params.map((param, i) => this.#bodyParameter(param, i));
    const outputs = this.rebuild(inline(body, params));
    return this.#intern(
      new Node(node.op, inputs, { ...node.attributes, body: { params, outputs } }, node.outputs),
    ).outputs;
  }

  readonly #parameters = new Map<string, Tensor>();
  #bodyParameter(param: Tensor, position: number): Tensor {
    const key = `${position}:${param.dtype}[${param.shape}]`;
    const known = this.#parameters.get(key);
    if (known !== undefined) return known;
    const fresh = cloneNode(param.node, []).outputs[0];
    this.#parameters.set(key, fresh);
    this.#done.set(fresh, fresh);
    return fresh;
  }

  readonly #name = ({ node, index }: Tensor): string =>
    index === 0 ? `${node.id}` : `${node.id}.${index}`;

  #describe(value: unknown): string {
    if (value instanceof NDArray) {
      if (value.size === 1)
        return `${value.dtype}${value.shape.length}:${Object.is(value.data[0], -0) ? "-0" : value.data[0]}`;
      const known = this.#constants.get(value) ?? this.#constants.size;
      this.#constants.set(value, known);
      return `array${known}`;
    }
    if (value instanceof Tensor) return this.#name(value);
    if (Array.isArray(value)) return `[${value.map((entry) => this.#describe(entry)).join()}]`;
    if (typeof value === "object" && value !== null) {
      return `{${Object.entries(value)
        .map(([key, entry]) => `${key}:${this.#describe(entry)}`)
        .join()}}`;
    }
    return String(value);
  }
}
