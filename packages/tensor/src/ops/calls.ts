/** Functions kept whole in the graph, so that their derivative can be other than the chain rule's. */
import { isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import { apply, type Cotangent, lift, type Op, parameter, type Tensor } from "../graph.ts";
import { batchBody } from "../transform/batch.ts";
import { pullback, zerosLike } from "../transform/pullback.ts";
import { type Body, expectAvals, inline, traceBody } from "../transform/walk.ts";
import { leavesLike, type MapLeaves, type TreeDef, treeFlatten, treeUnflatten } from "../tree.ts";
import { add } from "./arithmetic.ts";
import { repeatBatch } from "./layout.ts";
import { alias, barrier } from "./markers.ts";

interface Call {
  readonly body: Body;
}

/** A parameter like another, with a leading axis if batched. */
const freshParam = (size: number) => (param: Tensor, batched: boolean) =>
  parameter({ shape: batched ? [size, ...param.shape] : param.shape, dtype: param.dtype }, "vmap");

const checkpointOp: Op<Call> = {
  name: "checkpoint",
  infer: (_, { body }) => body.outputs,
  vjp: (cotangents, { inputs, attributes: { body } }, wanted) => {
    const after = cotangents.find((ct) => ct !== undefined);
    if (after === undefined) return inputs.map(() => undefined);
    const again = inputs.map((input) => barrier(input, after));
    const outputs = inline(body, again);
    return pullback(outputs, cotangents, again).map((ct, i) => (wanted[i] ? ct : undefined));
  },
  batch: (inputs, batched, { attributes: { body } }, size) =>
    apply(checkpointOp, inputs, { body: batchBody(body, batched, size, freshParam(size)) }),
  expand: ({ inputs, attributes: { body } }) => inline(body, inputs),
};

/**
 * The same function, whose intermediate values are not kept for the backward pass but computed again
 * there: less memory for one more forward pass.
 */
export function checkpoint<A extends unknown[], R>(f: (...args: A) => R): (...args: A) => R {
  return (...args) =>
    callBody(f, args, "checkpoint", (inputs, body) => apply(checkpointOp, inputs, { body }));
}

/** Trace `f` at `args` into a body, capturing what it closes over, and build the result of a call to it. */
function callBody<A extends unknown[], R>(
  f: (...args: A) => R,
  args: A,
  owner: string,
  call: (inputs: Tensor[], body: Body) => readonly Tensor[],
): R {
  const [leaves, argsTree] = treeFlatten(args);
  const inputs = leaves.map((leaf) => lift(leaf));
  let resultTree: TreeDef | undefined;
  const { body, captured } = traceBody(
    (params) => {
      const [results, tree] = treeFlatten(f(...(treeUnflatten(argsTree, params) as A)));
      resultTree = tree;
      return results.map((leaf) => lift(leaf));
    },
    inputs,
    owner,
  );
  const outputs = call([...inputs, ...captured], body);
  return treeUnflatten(
    resultTree as TreeDef,
    outputs.slice(0, (resultTree as TreeDef).leaves),
  ) as R;
}

interface CustomVjp {
  /** Results, then residuals. */
  readonly body: Body;
  readonly results: number;
  /** From residuals and the results' cotangents to those of the inputs. */
  readonly backward: Body;
}

const customVjpOp: Op<CustomVjp> = {
  name: "customVjp",
  infer: (_, { body }) => body.outputs,
  vjp: (cotangents, { inputs, outputs, attributes: { body, results, backward } }) => {
    const residuals = outputs.slice(results);
    const full = outputs.slice(0, results).map((out, i) => cotangents[i] ?? zerosLike(out));
    const given = inline(backward, [...residuals, ...full]);
    // A derivative of the rule itself reaches the residuals: these follow the chain rule.
    const kept = cotangents.slice(results);
    if (kept.every((ct) => ct === undefined)) return inputs.map((_, i): Cotangent => given[i]);
    const again = inputs.map(alias);
    const through = pullback(inline(body, again).slice(results), kept, again);
    return given.map((ct, i) => {
      const other = through[i];
      return other === undefined ? ct : add(ct, other);
    });
  },
  batch: (inputs, batched, { attributes }, size) => {
    const all = (body: Body) =>
      batchBody(
        body,
        body.params.map(() => true),
        size,
        freshParam(size),
      );
    // An input without the axis gets the sum of its members' cotangents, by the broadcast's own rule.
    const full = inputs.map((input, i) => (batched[i] ? input : repeatBatch(input, size)));
    return apply(customVjpOp, full, {
      ...attributes,
      body: all(attributes.body),
      backward: all(attributes.backward),
    });
  },
  expand: ({ inputs, attributes: { body } }) => inline(body, inputs),
};

export interface CustomVjpRules<A extends unknown[], R, S> {
  /** The function's value together with whatever the backward rule will need. */
  forward: (...args: A) => [R, S];
  /** Cotangents of all arguments, as a list in their order, from what was kept and the value's cotangent. */
  backward: (residuals: MapLeaves<S, Tensor>, cotangent: MapLeaves<R, Tensor>) => unknown[];
}

/**
 * A function with a derivative of its own: `forward` computes the value and what to keep, `backward`
 * turns the value's cotangent into those of the arguments. Tensors it closes over count as constants.
 *
 * @example
 * const roundStraightThrough = customVjp({
 *   forward: (x: Tensor) => [x.round(), null],
 *   backward: (_, g) => [g],
 * });
 */
export function customVjp<A extends unknown[], R, S>(
  rules: CustomVjpRules<A, R, S>,
): (...args: A) => R {
  return (...args) => {
    let residualTree: TreeDef | undefined;
    let valueTree: TreeDef | undefined;
    const forward = (...inner: A) => {
      const [value, residuals] = rules.forward(...inner);
      valueTree = treeFlatten(value)[1];
      residualTree = treeFlatten(residuals)[1];
      return [value, residuals] as const;
    };
    const [leaves, argsTree] = treeFlatten(args);
    const call = (inputs: Tensor[], body: Body) => {
      const results = (valueTree as TreeDef).leaves;
      const { body: backward, captured } = traceBody(
        (params) => {
          const kept = treeUnflatten(
            residualTree as TreeDef,
            params.slice(0, params.length - results),
          );
          const ct = treeUnflatten(valueTree as TreeDef, params.slice(params.length - results));
          const given = rules.backward(kept as MapLeaves<S, Tensor>, ct as MapLeaves<R, Tensor>);
          const cts = leavesLike(
            "customVjp: arguments and the cotangents that backward returns",
            argsTree,
            given,
          ).map((leaf) => lift(leaf));
          const expected = leaves.map((leaf) => lift(leaf));
          cts.forEach((one, i) => {
            if (isFloat(expected[i].dtype))
              expectAvals("customVjp", `cotangent of ${argsTree.paths[i]},`, [one], [expected[i]]);
          });
          return cts;
        },
        body.outputs.slice(results).concat(body.outputs.slice(0, results)),
        "customVjp",
      );
      if (captured.length > 0) {
        fail(
          "customVjp: backward uses tensors that forward did not return as residuals; return them there",
        );
      }
      return apply(customVjpOp, inputs, { body, results, backward });
    };
    const [value] = callBody(forward as (...inner: A) => readonly [R, S], args, "customVjp", call);
    return value;
  };
}
