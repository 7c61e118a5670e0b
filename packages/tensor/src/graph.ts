import { allocate, type ComputeType, type DType, isInteger } from "./dtype.ts";
import { fail, showShape } from "./errors.ts";
import type { Emitter } from "./lower/emitter.ts";
import { NDArray } from "./ndarray.ts";
import { type Shape, sizeOf } from "./shape.ts";

/** What is known of a value while tracing: its shape and element type. */
export interface Aval {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A cotangent; undefined stands for a zero that nobody has to compute. */
export type Cotangent = Tensor | undefined;

/**
 * One operation, one record: every rule the engine knows about it.
 *
 * `Attributes` holds what is fixed while tracing (axes, strides, a body graph); tensors are inputs.
 */
export interface Op<Attributes extends object = object> {
  readonly name: string;
  /** Shapes and dtypes of the results, or an error that says why the inputs do not fit. */
  infer(inputs: readonly Tensor[], attributes: Attributes): readonly Aval[];
  /**
   * Cotangents of the inputs from those of the outputs, made of other operations so that
   * derivatives nest. `wanted[i]` says whether input i's is used at all. Absent: not differentiable,
   * the gradient is zero.
   */
  vjp?(
    cotangents: readonly Cotangent[],
    node: Node<Attributes>,
    wanted: readonly boolean[],
  ): readonly Cotangent[];
  /**
   * The operation over a new leading axis of length `size`; `batched[i]` says which inputs carry
   * it. Every output must.
   */
  batch(
    inputs: readonly Tensor[],
    batched: readonly boolean[],
    node: Node<Attributes>,
    size: number,
  ): readonly Tensor[];
  /** ONNX operators that compute it: names of the inputs in, names of the outputs out. */
  onnx?(
    emit: Emitter,
    inputs: readonly string[],
    node: Node<Attributes>,
  ): string | readonly string[];
  /** For work ONNX has no operator for: computed in TypeScript between two device segments. */
  host?(inputs: readonly NDArray[], node: Node<Attributes>): readonly NDArray[];
  /** Element types the runtime lacks, each with the wider one to compute in. */
  readonly computeIn?: Partial<Record<DType, ComputeType>>;
  /** A cheaper tensor with the same value, if the inputs allow one. */
  simplify?(node: Node<Attributes>): Tensor | undefined;
  /** For operations that only mean something to transformations: what they stand for when run. */
  expand?(node: Node<Attributes>): readonly Tensor[];
  /** Each node is its own: never merged with an equal one. */
  readonly unique?: boolean;
}

let created = 0;

/** An operation applied to tensors. Identifiers grow, so inputs always precede their users. */
export class Node<Attributes extends object = object> {
  readonly id = created++;
  readonly op: Op<Attributes>;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
  readonly outputs: readonly Tensor[];

  constructor(
    op: Op<Attributes>,
    inputs: readonly Tensor[],
    attributes: Attributes,
    avals: readonly Aval[],
  ) {
    this.op = op;
    this.inputs = inputs;
    this.attributes = attributes;
    this.outputs = avals.map((aval, index) => new Tensor(this, index, aval));
  }
}

/** A symbolic value: one output of a node of a pure expression graph. Methods are in `methods.ts`. */
export class Tensor implements Aval {
  readonly node: Node;
  readonly index: number;
  readonly shape: Shape;
  readonly dtype: DType;

  constructor(node: Node, index: number, aval: Aval) {
    this.node = node;
    this.index = index;
    this.shape = aval.shape;
    this.dtype = aval.dtype;
  }

  get rank(): number {
    return this.shape.length;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  toString(): string {
    return `Tensor(${this.dtype}${showShape(this.shape)}, ${this.node.op.name})`;
  }

  /** A tensor has no value while tracing, so JavaScript must not branch or count on one. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    return fail(
      `${this.toString()} has no value while a function is traced: JavaScript operators and ` +
        "branches cannot use it. Use its methods (x.add(y), x.greater(0)) and where(condition, a, b)",
    );
  }

  [Symbol.iterator](): never {
    return fail(`${this.toString()} cannot be iterated; use unstack(x) or x.slice(i)`);
  }

  item(): never {
    return fail(
      `item: ${this.toString()} has no value while a function is traced; return it from the jitted function`,
    );
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** Anything an operation takes where it takes a tensor. */
export type TensorLike = Tensor | NDArray | number | boolean;

export function apply<A extends object>(
  op: Op<A>,
  inputs: readonly Tensor[],
  attributes: A,
): readonly Tensor[] {
  return new Node(op, inputs, attributes, op.infer(inputs, attributes)).outputs;
}

/** Apply an operation that has one result. */
export function apply1<A extends object>(
  op: Op<A>,
  inputs: readonly Tensor[],
  attributes: A,
): Tensor {
  return apply(op, inputs, attributes)[0];
}

/** The same operation on other inputs of the same shapes and dtypes. */
export function cloneNode(node: Node, inputs: readonly Tensor[]): Node {
  return new Node(node.op, inputs, node.attributes, node.outputs);
}

/** Nodes that `outputs` depend on, inputs first; `enter` can cut the walk short at a node. */
export function reachable(
  outputs: readonly Tensor[],
  enter: (node: Node) => boolean = () => true,
): Node[] {
  const seen = new Set<Node>();
  const stack: Node[] = [];
  const visit = (node: Node) => {
    if (seen.has(node) || !enter(node)) return;
    seen.add(node);
    stack.push(node);
  };
  for (const output of outputs) visit(output.node);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (const input of node.inputs) visit(input.node);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

interface ParameterAttributes {
  /** Who may give it a value: named in the error when it leaks out of there. */
  readonly owner: string;
  readonly aval: Aval;
}

export const parameterOp: Op<ParameterAttributes> = {
  name: "parameter",
  unique: true,
  infer: (_, { aval }) => [aval],
  batch: () => fail("a parameter has no inputs to batch"),
};

export const parameter = (aval: Aval, owner: string): Tensor =>
  apply1(parameterOp, [], { owner, aval: { shape: aval.shape, dtype: aval.dtype } });

export const constantOp: Op<{ readonly value: NDArray }> = {
  name: "constant",
  infer: (_, { value }) => [value],
  batch: () => fail("a constant has no inputs to batch"),
};

/** A concrete array as a tensor of the graph being traced. */
export const constant = (value: NDArray): Tensor => apply1(constantOp, [], { value });

/** The concrete value of a constant tensor, else undefined. */
export function constantValue(tensor: Tensor): NDArray | undefined {
  return tensor.node.op === (constantOp as Op)
    ? (tensor.node.attributes as { value: NDArray }).value
    : undefined;
}

/** The value of a tensor known to hold one number everywhere, else undefined. */
export function uniformValue(tensor: Tensor): number | undefined {
  const { op, inputs } = tensor.node;
  if (op.name === "broadcastTo" || op.name === "reshape") return uniformValue(inputs[0]);
  const value = constantValue(tensor);
  return value?.size === 1 ? value.data[0] : undefined;
}

/** Turn a number, boolean or NDArray into a tensor; `dtype` is what a bare number becomes. */
export function lift(value: TensorLike, dtype: DType = "float32"): Tensor {
  if (value instanceof Tensor) return value;
  if (value instanceof NDArray) return constant(value);
  if (typeof value === "number" || typeof value === "boolean") {
    return constant(scalar(Number(value), typeof value === "boolean" ? "bool" : dtype));
  }
  return fail(`expected a tensor, an NDArray or a number, got ${describe(value)}`);
}

function describe(value: unknown): string {
  if (value instanceof Promise)
    return "a Promise (a jitted function called outside a trace: await it)";
  if (Array.isArray(value)) return "a JavaScript array (wrap it in array(...))";
  return value === null ? "null" : typeof value;
}

function scalar(value: number, dtype: DType): NDArray {
  if (isInteger(dtype) && !Number.isInteger(value)) {
    fail(`${value} is no ${dtype}; convert the tensor beside it with .astype("float32") first`);
  }
  const data = allocate(dtype, 1);
  data[0] = value;
  return new NDArray(data, [], dtype);
}

/** Lift operands to one dtype: bare numbers take that of the first tensor among them. */
export function liftAll(values: readonly TensorLike[]): Tensor[] {
  const typed = values.find((value) => typeof value === "object");
  const dtype = typed instanceof Tensor || typed instanceof NDArray ? typed.dtype : "float32";
  return values.map((value) => lift(value, dtype));
}
