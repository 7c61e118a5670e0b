/** Loops: a body applied once for every entry along an axis, with a state carried from step to step. */
import { isFloat, onnxType } from "../dtype.ts";
import { fail } from "../errors.ts";
import {
  type Aval,
  apply,
  type Cotangent,
  lift,
  type Node,
  type Op,
  parameter,
  reachable,
  type Tensor,
} from "../graph.ts";
import { lowerTensors } from "../lower/lower.ts";
import { batchOutputs } from "../transform/batch.ts";
import { pullback, zerosLike } from "../transform/pullback.ts";
import { type Body, dependents, expectAvals, substitute, traceBody } from "../transform/walk.ts";
import { leavesLike, type MapLeaves, type Tree, treeFlatten, treeUnflatten } from "../tree.ts";
import { add } from "./arithmetic.ts";
import { moveAxis, repeatBatch } from "./layout.ts";

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

/**
 * The derivative runs the loop backwards. What the backward body needs of the forward one is saved
 * there as further output sequences (its residuals), so nothing is computed twice; what it needs of
 * the inputs it reads from them.
 */
function scanVjp(
  cotangents: readonly Cotangent[],
  node: ScanNode,
  wanted: readonly boolean[],
): Cotangent[] {
  const { body, carries, constants, length, reverse } = node.attributes;
  const states = body.params.slice(0, carries);
  const fixed = body.params.slice(carries, carries + constants);
  const entries = body.params.slice(carries + constants);

  // One step of the chain rule, on the body.
  const stateCt = states.map((state) =>
    isFloat(state.dtype) ? parameter(state, "scan") : undefined,
  );
  const entryCt = body.outputs
    .slice(carries)
    .map((out, i) => (cotangents[carries + i] ? parameter(out, "scan") : undefined));
  const targets = [
    ...states.filter((state) => isFloat(state.dtype)),
    ...fixed.filter((_, i) => wanted[carries + i]),
    ...entries.filter((_, i) => wanted[carries + constants + i]),
  ];
  const step = pullback(body.outputs, [...stateCt, ...entryCt], targets).map(
    (ct, i) => ct ?? zerosLike(targets[i]),
  );
  const stateCount = stateCt.filter((u) => u !== undefined).length;
  const fixedCount = fixed.filter((_, i) => wanted[carries + i]).length;

  // Forward values the step depends on, apart from its own inputs.
  const variables = [...stateCt, ...entryCt].filter((u) => u !== undefined);
  const linear = new Set<unknown>(dependents(step, variables));
  const stepping = new Set<unknown>(dependents(body.outputs.concat(step), [...states, ...entries]));
  const residuals = new Set<Tensor>();
  const note = (tensor: Tensor) => {
    const isState = states.includes(tensor);
    if (!linear.has(tensor.node) && (isState || stepping.has(tensor.node))) residuals.add(tensor);
  };
  for (const linearNode of linear as Set<Node>) linearNode.inputs.forEach(note);
  step.forEach(note);
  const saved = [...residuals];
  const forward = apply(scanOp, node.inputs, {
    ...node.attributes,
    body: { params: body.params, outputs: [...body.outputs, ...saved] },
  });
  const savedSequences = forward.slice(body.outputs.length);

  // The backward loop: carries are the states' cotangents and the sums for the constants.
  const sums = fixed.filter((_, i) => wanted[carries + i]);
  const sumParams = sums.map((constant) => parameter(constant, "scan"));
  const savedParams = saved.map((tensor) => parameter(tensor, "scan"));
  const moved = substitute(step, new Map(saved.map((tensor, i) => [tensor, savedParams[i]])));
  const outputs = moved.map((ct, i) => {
    const isSum = i >= stateCount && i < stateCount + fixedCount;
    return isSum ? add(sumParams[i - stateCount], ct) : ct;
  });
  const used = new Set(reachable(outputs));
  const pairs = (
    params: readonly (Tensor | undefined)[],
    values: readonly (Tensor | undefined)[],
  ) =>
    params.flatMap((param, i) => {
      const value = values[i];
      return param !== undefined && value !== undefined && used.has(param.node)
        ? [{ param, value }]
        : [];
    });
  const stateParams = stateCt.filter((u) => u !== undefined);
  const initial = states.flatMap((state, i) =>
    isFloat(state.dtype) ? [cotangents[i] ?? zerosLike(state)] : [],
  );
  const constantPairs = pairs(fixed, node.inputs.slice(carries, carries + constants));
  const sequencePairs = [
    ...pairs(entryCt, cotangents.slice(carries)),
    ...pairs(savedParams, savedSequences),
    ...pairs(entries, node.inputs.slice(carries + constants)),
  ];
  const inputs = [
    ...initial,
    ...sums.map(zerosLike),
    ...constantPairs.map(({ value }) => value),
    ...sequencePairs.map(({ value }) => value),
  ];
  const params = [
    ...stateParams,
    ...sumParams,
    ...constantPairs.map(({ param }) => param),
    ...sequencePairs.map(({ param }) => param),
  ];
  const results = apply(scanOp, inputs, {
    body: { params, outputs },
    carries: stateCount + fixedCount,
    constants: constantPairs.length,
    length,
    reverse: !reverse,
  });
  let next = 0;
  return node.inputs.map((input, i) => {
    const has = i < carries ? isFloat(input.dtype) : wanted[i];
    return has ? results[next++] : undefined;
  });
}

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
