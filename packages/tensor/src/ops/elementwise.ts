/**
 * The elementwise family: operations on corresponding entries of broadcast operands.
 * A record of the family says only what is particular to it; shapes, batching and the summing of
 * cotangents over broadcast axes are the same for all and stand here.
 */
import { type ComputeType, type DType, isFloat, isInteger } from "../dtype.ts";
import { fail } from "../errors.ts";
import {
  type Aval,
  apply1,
  type Cotangent,
  constantValue,
  lift,
  liftAll,
  type Op,
  type Tensor,
  type TensorLike,
  uniformValue,
} from "../graph.ts";
import type { Emitter } from "../lower/emitter.ts";
import { broadcastShapes, sameShape } from "../shape.ts";
import { broadcastTo, reshape } from "./layout.ts";
import { sumTo } from "./reduce.ts";

type Accepts = "float" | "number" | "integer" | "unsigned" | "bool" | "any";

export interface ElementwiseRule {
  accepts: Accepts;
  /** Dtype of the result where it is not that of the operands. */
  result?: DType;
  /** Cotangents of the operands in the shape of the result; absent for piecewise constant operations. */
  vjp?: (g: Tensor, inputs: readonly Tensor[], output: Tensor) => readonly Cotangent[];
  /** The ONNX operator, or how to compose it of several. */
  onnx: string | ((emit: Emitter, inputs: readonly string[], operand: Aval) => string);
  computeIn?: Partial<Record<DType, ComputeType>>;
  simplify?: (inputs: readonly Tensor[], output: Tensor) => Tensor | undefined;
  /** The operation on numbers, to compute it while compiling where all operands are known scalars. */
  compute?: (...values: number[]) => number;
}

const families: Record<Accepts, { has: (dtype: DType) => boolean; plural: string }> = {
  float: { has: isFloat, plural: "floats" },
  number: { has: (dtype) => dtype !== "bool", plural: "numbers" },
  integer: { has: isInteger, plural: "integers" },
  unsigned: { has: (dtype) => dtype === "uint32", plural: "uint32" },
  bool: { has: (dtype) => dtype === "bool", plural: "booleans" },
  any: { has: () => true, plural: "tensors" },
};

function checkOperands(name: string, accepts: Accepts, operands: readonly Tensor[]): void {
  const { dtype } = operands[0];
  if (operands.some((operand) => operand.dtype !== dtype)) {
    const types = operands.map((operand) => operand.dtype).join(" and ");
    fail(`${name}: ${types} do not mix; convert one with .astype()`);
  }
  const family = families[accepts];
  if (!family.has(dtype))
    fail(`${name}: takes ${family.plural}, got ${dtype}; convert with .astype()`);
}

/** Put the batch axis first and fill up the rank, so that the other axes still broadcast from the back. */
export function alignBatch(inputs: readonly Tensor[], batched: readonly boolean[]): Tensor[] {
  const rank = Math.max(...inputs.map((input, i) => input.rank - (batched[i] ? 1 : 0)));
  return inputs.map((input, i) => {
    if (!batched[i] || input.rank === rank + 1) return input;
    const [size, ...rest] = input.shape;
    return reshape(input, [size, ...new Array<number>(rank - rest.length).fill(1), ...rest]);
  });
}

/** An operand alone in place of the whole: spread to the result's shape. */
export const spread = (x: Tensor, result: Aval): Tensor =>
  sameShape(x.shape, result.shape) ? x : broadcastTo(x, result.shape);

/** The value itself where all operands are known float scalars. */
function folded(
  { compute }: ElementwiseRule,
  inputs: readonly Tensor[],
  output: Aval,
): Tensor | undefined {
  if (compute === undefined || output.shape.length > 0 || !isFloat(output.dtype)) return undefined;
  const values = inputs.map((input) => constantValue(input)?.data[0]);
  return values.every((value) => value !== undefined)
    ? lift(compute(...values), output.dtype)
    : undefined;
}

/** The operation broadcasts by itself: operands spread out beforehand enter as they were. */
function narrowed(op: Op, inputs: readonly Tensor[], output: Aval): Tensor | undefined {
  let operands = inputs;
  inputs.forEach((input, i) => {
    const source = beforeSpreading(input);
    if (source === undefined) return;
    const trial = operands.map((operand, j) => (i === j ? source : operand));
    const shape = broadcastShapes(op.name, ...trial.map((operand) => operand.shape));
    if (sameShape(shape, output.shape)) operands = trial;
  });
  return operands === inputs ? undefined : apply1(op, operands, {});
}

/** What a tensor was spread out from: a bare number if it is the same everywhere. */
function beforeSpreading(x: Tensor): Tensor | undefined {
  const uniform = x.rank > 0 ? uniformValue(x) : undefined;
  if (uniform !== undefined) return lift(uniform, x.dtype);
  return x.node.op.name === "broadcastTo" ? x.node.inputs[0] : undefined;
}

/** `conditions` leading operands are boolean masks, exempt from the dtype rule (only `where` has one). */
export function elementwise(name: string, rule: ElementwiseRule, conditions = 0): Op {
  const { onnx, vjp, simplify } = rule;
  const op: Op = {
    name,
    infer: (inputs) => {
      checkOperands(name, rule.accepts, inputs.slice(conditions));
      const shape = broadcastShapes(name, ...inputs.map((input) => input.shape));
      return [{ shape, dtype: rule.result ?? inputs[conditions].dtype }];
    },
    batch: (inputs, batched) => [apply1(op, alignBatch(inputs, batched), {})],
    onnx: (emit, inputs, node) =>
      typeof onnx === "string"
        ? emit.op(onnx, inputs)
        : onnx(emit, inputs, node.inputs[conditions]),
    computeIn: rule.computeIn,
  };
  if (vjp) {
    op.vjp = ([g], { inputs, outputs }) =>
      g === undefined
        ? inputs.map(() => undefined)
        : vjp(g, inputs, outputs[0]).map((ct, i) => ct && sumTo(ct, inputs[i].shape));
  }
  op.simplify = ({ inputs, outputs: [output] }) =>
    folded(rule, inputs, output) ?? simplify?.(inputs, output) ?? narrowed(op, inputs, output);
  return op;
}

export type Unary = (x: TensorLike) => Tensor;
export type Binary = (a: TensorLike, b: TensorLike) => Tensor;

export function unary(name: string, rule: ElementwiseRule): Unary {
  const op = elementwise(name, rule);
  return (x) => apply1(op, liftAll([x]), {});
}

export function binary(name: string, rule: ElementwiseRule): Binary {
  const op = elementwise(name, rule);
  return (a, b) => apply1(op, liftAll([a, b]), {});
}
