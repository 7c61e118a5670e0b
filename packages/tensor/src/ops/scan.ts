/** Loops: a body applied once for every entry along an axis, with a state carried from step to step. */
import { onnxType } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Aval, apply, lift, type Node, type Op, parameter, type Tensor } from "../graph.ts";
import { lowerTensors } from "../lower/lower.ts";
import { batchOutputs } from "../transform/batch.ts";
import { type Body, expectAvals, traceBody } from "../transform/walk.ts";
import { leavesLike, type MapLeaves, type Tree, treeFlatten, treeUnflatten } from "../tree.ts";
import { moveAxis, repeatBatch } from "./layout.ts";
import { scanVjp } from "./scanVjp.ts";

/**
 * Inputs: initial carries, then constants (the same at every step), then sequences (one entry a
 * step). The body's parameters are in that order too; its results are the next carries, then the
 * entries of the output sequences.
 */
export interface ScanAttributes {
  readonly body: Body;
  readonly carries: number;
  readonly constants: number;
  readonly length: number;
  /** Run from the last entry to the first; entry t of a result still belongs to entry t of the input. */
  readonly reverse: boolean;
}

export type ScanNode = Node<ScanAttributes>;

export const isScan = (node: Node): node is ScanNode => node.op === (scanOp as Op);

export const scanOp: Op<ScanAttributes> = {
  name: "scan",
  infer: (inputs, { body, carries, length }) => {
    expectAvals("scan", "carry", body.outputs.slice(0, carries), inputs.slice(0, carries));
    return body.outputs.map(({ shape, dtype }, i) =>
      i < carries ? { shape, dtype } : { shape: [length, ...shape], dtype },
    );
  },
  vjp: scanVjp,
  batch: scanBatch,
  onnx: (emit, inputs, { attributes: { body, carries, constants, length, reverse } }) => {
    // ONNX's Scan takes its number of steps from a sequence: a loop that has none reads zeros.
    const own = inputs.slice(carries + constants);
    const sequences = own.length > 0 ? own : [emit.op("ConstantOfShape", [emit.int64([length])])];
    const graph = emit.subgraph("body", (inner) => {
      const names = new Map<Tensor, string>();
      body.params.forEach((param, i) => {
        const isConstant = i >= carries && i < carries + constants;
        names.set(param, isConstant ? inputs[i] : inner.fresh("step"));
      });
      const info = (tensor: Aval, name: string) => ({
        name,
        elementType: onnxType(tensor.dtype),
        shape: tensor.shape,
      });
      const results = lowerTensors(inner, body.outputs, names);
      // Each result of a body needs a name of its own that the body itself produces.
      const made = results.map((name) => inner.op("Identity", [name]));
      const stepped = body.params.filter((_, i) => i < carries || i >= carries + constants);
      const zero =
        own.length > 0 ? [] : [info({ shape: [], dtype: "float32" }, inner.fresh("step"))];
      return {
        inputs: [...stepped.map((param) => info(param, names.get(param) as string)), ...zero],
        outputs: body.outputs.map((output, i) => info(output, made[i])),
      };
    });
    const direction = Number(reverse);
    const stacked = body.outputs.length - carries;
    return emit.ops("Scan", [...inputs.slice(0, carries), ...sequences], body.outputs.length, {
      body: { graph },
      num_scan_inputs: sequences.length,
      scan_input_directions: sequences.map(() => direction),
      scan_output_directions: new Array<number>(stacked).fill(direction),
    });
  },
};

/** Carries become batched if their initial value is, or if a step makes them so: a fixed point. */
function scanBatch(
  inputs: readonly Tensor[],
  batched: readonly boolean[],
  node: ScanNode,
  size: number,
): Tensor[] {
  const { body, carries, constants, length, reverse } = node.attributes;
  const flags = [...batched];
  for (;;) {
    const params = body.params.map((param, i) =>
      flags[i]
        ? parameter({ shape: [size, ...param.shape], dtype: param.dtype }, "vmap of scan")
        : param,
    );
    const replacements = new Map(
      body.params.flatMap((param, i) => (flags[i] ? [[param, params[i]] as const] : [])),
    );
    const result = batchOutputs(body.outputs, replacements, size);
    const grown = result.batched.slice(0, carries).map((isBatched, i) => isBatched && !flags[i]);
    if (grown.includes(true)) {
      grown.forEach((grows, i) => {
        if (grows) flags[i] = true;
      });
      continue;
    }
    const outputs = result.outputs.map((out, i) =>
      i < carries && flags[i] && !result.batched[i] ? repeatBatch(out, size) : out,
    );
    const full = inputs.map((input, i) => {
      if (i < carries && flags[i] && !batched[i]) return repeatBatch(input, size);
      return i >= carries + constants && flags[i] ? moveAxis(input, 0, 1) : input;
    });
    const results = apply(scanOp, full, {
      body: { params, outputs },
      carries,
      constants,
      length,
      reverse,
    });
    return results.map((out, i) => {
      if (i < carries) return flags[i] ? out : repeatBatch(out, size);
      return result.batched[i] ? moveAxis(out, 1, 0) : repeatBatch(out, size);
    });
  }
}

export interface ScanOptions {
  /** Number of steps, needed when there are no sequences. */
  length?: number;
  /** From the last entry to the first. */
  reverse?: boolean;
}

/**
 * Apply `step` to every entry along the leading axis of the sequences `xs`, carrying a state:
 * `step(carry, x)` returns `[nextCarry, y]`. Returns the last carry and the y's stacked.
 *
 * The carry keeps its structure, shapes and dtypes. Differentiable, batchable, one ONNX `Scan`.
 *
 * @example const [total, running] = scan((sum, x) => [sum.add(x), sum.add(x)], zeros([]), xs);
 */
export function scan<C, X, Y>(
  step: (carry: MapLeaves<C, Tensor>, x: MapLeaves<X, Tensor>) => [MapLeaves<C, Tensor>, Y],
  init: C,
  xs: X,
  options: ScanOptions = {},
): [MapLeaves<C, Tensor>, MapLeaves<Y, Tensor>] {
  const [initLeaves, carryTree] = treeFlatten(init);
  const [xsLeaves, xsTree] = treeFlatten(xs);
  const carries = initLeaves.map((leaf) => lift(leaf));
  const sequences = xsLeaves.map((leaf) => lift(leaf));
  const lengths = sequences.map((x) =>
    x.rank === 0 ? fail("scan: a scalar is no sequence") : x.shape[0],
  );
  const length = options.length ?? lengths[0] ?? fail("scan: without sequences give { length }");
  const odd = lengths.findIndex((n) => n !== length);
  if (odd >= 0)
    fail(
      `scan: sequence ${xsTree.paths[odd] || odd} has length ${lengths[odd]}, expected ${length}`,
    );

  let yTree: ReturnType<typeof treeFlatten>[1] | undefined;
  const entryAvals = sequences.map(({ shape, dtype }) => ({ shape: shape.slice(1), dtype }));
  const traced = traceBody(
    (params) => {
      const carry = treeUnflatten(carryTree, params.slice(0, carries.length)) as MapLeaves<
        C,
        Tensor
      >;
      const x = treeUnflatten(xsTree, params.slice(carries.length)) as MapLeaves<X, Tensor>;
      const result = step(carry, x);
      if (!Array.isArray(result) || result.length !== 2)
        fail("scan: the step must return [carry, y]");
      const nextLeaves = leavesLike("scan: carry in and carry out", carryTree, result[0]);
      const [yLeaves, tree] = treeFlatten(result[1] as Tree);
      yTree = tree;
      const next = nextLeaves.map((leaf, i) => lift(leaf, carries[i].dtype));
      expectAvals("scan", "carry", next, carries);
      return [...next, ...yLeaves.map((leaf) => lift(leaf))];
    },
    [...carries, ...entryAvals],
    "scan",
  );
  const { captured } = traced;
  const [head, rest, extra] = [
    traced.body.params.slice(0, carries.length),
    traced.body.params.slice(carries.length, carries.length + sequences.length),
    traced.body.params.slice(carries.length + sequences.length),
  ];
  const results = apply(scanOp, [...carries, ...captured, ...sequences], {
    body: { params: [...head, ...extra, ...rest], outputs: traced.body.outputs },
    carries: carries.length,
    constants: captured.length,
    length,
    reverse: options.reverse ?? false,
  });
  return [
    treeUnflatten(carryTree, results.slice(0, carries.length)) as MapLeaves<C, Tensor>,
    treeUnflatten(yTree as NonNullable<typeof yTree>, results.slice(carries.length)) as MapLeaves<
      Y,
      Tensor
    >,
  ];
}
