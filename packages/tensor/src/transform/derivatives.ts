/** The derivatives users ask for, in terms of pullback, pushforward and batching. */
import { isFloat } from "../dtype.ts";
import { fail, showShape } from "../errors.ts";
import { constant, lift, parameter, type Tensor } from "../graph.ts";
import { eye } from "../ndarray.ts";
import { moveAxis, repeatBatch, reshape } from "../ops/layout.ts";
import { alias } from "../ops/markers.ts";
import {
  type Leaf,
  type LeafArgs,
  leavesLike,
  type MapLeaves,
  type TreeDef,
  treeFlatten,
  treeUnflatten,
} from "../tree.ts";
import { batchOutputs } from "./batch.ts";
import { pullback, pushforward, zerosLike } from "./pullback.ts";
import { expectAvals } from "./walk.ts";

/** Leaves as fresh variables that a derivative can be taken with respect to. */
function variables(operation: string, leaves: readonly Leaf[], structure: TreeDef): Tensor[] {
  return leaves.map((leaf, i) => {
    const tensor = lift(leaf);
    if (!isFloat(tensor.dtype)) {
      fail(
        `${operation}: argument ${structure.paths[i] || i} is ${tensor.dtype}; only floats have derivatives`,
      );
    }
    return alias(tensor);
  });
}

/** A tree of tensors from one whose leaves may be arrays and numbers. */
function liftLeaves(tree: unknown): unknown {
  const [leaves, structure] = treeFlatten(tree);
  return treeUnflatten(
    structure,
    leaves.map((leaf) => lift(leaf)),
  );
}

/** Which arguments, by position, a derivative is taken with respect to. */
export interface GradOptions<
  Aux extends boolean = boolean,
  N extends number | readonly number[] = number | readonly number[],
> {
  /** One position or a list of them; the first argument by default. */
  argnums?: N;
  /** The function returns [value, auxiliary]; the derivative is that of the value. */
  hasAux?: Aux;
}

/** The type of the gradient for `argnums`: like the argument, or a list of such. */
export type GradOf<A extends unknown[], N> = N extends readonly number[]
  ? { [K in keyof N]: N[K] extends number ? MapLeaves<A[N[K]], Tensor> : never }
  : N extends number
    ? MapLeaves<A[N], Tensor>
    : never;

type ValueOf<R, Aux> = Aux extends true ? R : MapLeaves<R, Tensor>;

/**
 * The value of a scalar function together with its gradient: `[value, gradient]`, the gradient in
 * the tree of the argument it belongs to. With `hasAux` the function returns `[value, aux]` and the
 * result is `[[value, aux], gradient]`.
 *
 * @throws if the value is not a float scalar or an argument to differentiate is not a float.
 */
export function valueAndGrad<
  A extends unknown[],
  R,
  const N extends number | readonly number[] = 0,
  Aux extends boolean = false,
>(
  f: (...args: A) => R,
  options: GradOptions<Aux, N> = {},
): (...args: LeafArgs<A>) => [ValueOf<R, Aux>, GradOf<A, N>] {
  return (...given) => {
    const args = liftLeaves(given) as A;
    const positions = [options.argnums ?? 0].flat() as number[];
    const chosen = positions.map((position) => args[position]);
    const missing = positions.find((position) => args[position] === undefined);
    if (missing !== undefined)
      fail(`grad: there is no argument ${missing} to differentiate with respect to`);
    const [leaves, structure] = treeFlatten(chosen);
    const wrt = variables("grad", leaves, structure);
    const renamed = treeUnflatten(structure, wrt) as unknown[];
    const inner = args.map((arg, i) =>
      positions.includes(i) ? renamed[positions.indexOf(i)] : arg,
    ) as A;
    const result = f(...inner);
    const value = scalarValue(
      options.hasAux ? (result as readonly unknown[])[0] : result,
      options.hasAux ?? false,
    );
    const ones = lift(1, value.dtype);
    const gradient = pullback([value], [ones], wrt).map((ct, i) => ct ?? zerosLike(wrt[i]));
    const trees = treeUnflatten(structure, gradient) as unknown[];
    const shown = options.hasAux ? [value, ...(result as readonly unknown[]).slice(1)] : value;
    return [shown, Array.isArray(options.argnums) ? trees : trees[0]] as [
      ValueOf<R, Aux>,
      GradOf<A, N>,
    ];
  };
}

function scalarValue(result: unknown, hasAux: boolean): Tensor {
  const [leaves] = treeFlatten(result);
  const hint = hasAux
    ? " as the first of [value, aux]"
    : "; with an auxiliary result pass { hasAux: true }";
  if (leaves.length !== 1) fail(`grad: the function must return one scalar${hint}`);
  const value = lift(leaves[0]);
  if (value.rank !== 0)
    fail(
      `grad: the function returned shape ${showShape(value.shape)}, not a scalar; reduce it with .sum() or .mean()`,
    );
  if (!isFloat(value.dtype))
    fail(`grad: the function returned ${value.dtype}; only floats have derivatives`);
  return value;
}

/** The gradient of a scalar function; see {@link valueAndGrad}. With `hasAux`, `[gradient, aux]`. */
export function grad<A extends unknown[], R, const N extends number | readonly number[] = 0>(
  f: (...args: A) => R,
  options: GradOptions<false, N> = {},
): (...args: LeafArgs<A>) => GradOf<A, N> {
  const both = valueAndGrad(f, options);
  return (...args) => both(...args)[1];
}

/** Traced value of `f` at fresh variables, flattened. */
function traceAt<A extends unknown[], R>(
  operation: string,
  f: (...args: A) => R,
  args: readonly unknown[],
) {
  const [leaves, structure] = treeFlatten(args);
  const wrt = variables(operation, leaves, structure);
  const result = f(...(treeUnflatten(structure, wrt) as A));
  const [resultLeaves, resultStructure] = treeFlatten(result);
  return { wrt, structure, outputs: resultLeaves.map((leaf) => lift(leaf)), resultStructure };
}

/** Tangents or cotangents given in the tree of the values they belong to. */
function matching(
  operation: string,
  what: string,
  given: unknown,
  structure: TreeDef,
  like: readonly Tensor[],
): Tensor[] {
  const leaves = leavesLike(`${operation}: ${what}`, structure, given);
  const tensors = leaves.map((leaf, i) => lift(leaf, like[i].dtype));
  expectAvals(operation, what, tensors, like);
  return tensors;
}

/**
 * `[f(...args), pull]`: `pull(cotangent)` gives the cotangents of all arguments, as a list, from one
 * in the tree of the result.
 */
export function vjp<A extends unknown[], R>(
  f: (...args: A) => R,
  ...args: LeafArgs<A>
): [R, (cotangent: MapLeaves<R, Leaf>) => { [K in keyof A]: MapLeaves<A[K], Tensor> }] {
  const { wrt, structure, outputs, resultStructure } = traceAt("vjp", f, args);
  const pull = (cotangent: unknown) => {
    const cts = matching("vjp", "cotangent", cotangent, resultStructure, outputs);
    const pulled = pullback(outputs, cts, wrt).map((ct, i) => ct ?? zerosLike(wrt[i]));
    return treeUnflatten(structure, pulled) as { [K in keyof A]: MapLeaves<A[K], Tensor> };
  };
  return [treeUnflatten(resultStructure, outputs) as R, pull];
}

/** `[f(...args), push]`: `push(...tangents)` gives the tangent of the result, linear in the tangents. */
export function linearize<A extends unknown[], R>(
  f: (...args: A) => R,
  ...args: LeafArgs<A>
): [R, (...tangents: LeafArgs<A>) => MapLeaves<R, Tensor>] {
  const { wrt, structure, outputs, resultStructure } = traceAt("linearize", f, args);
  const push = (...tangents: unknown[]) => {
    const given = matching("jvp", "tangent", tangents, structure, wrt);
    const pushed = pushforward(outputs, wrt, given).map((t, i) => t ?? zerosLike(outputs[i]));
    return treeUnflatten(resultStructure, pushed) as MapLeaves<R, Tensor>;
  };
  return [treeUnflatten(resultStructure, outputs) as R, push];
}

/** The value at `primals` and its directional derivative along `tangents`, both lists of arguments. */
export function jvp<A extends unknown[], R>(
  f: (...args: A) => R,
  primals: LeafArgs<A>,
  tangents: LeafArgs<A>,
): [R, MapLeaves<R, Tensor>] {
  const [value, push] = linearize(f, ...primals);
  return [value, push(...tangents)];
}

type JacobianOf<X, R> = MapLeaves<R, MapLeaves<X, Tensor>>;

/**
 * The Jacobian with respect to the first argument, one pullback for each entry of the result, all in
 * one batch. For every leaf of the result a tree like the argument, with entries [result, argument].
 */
export function jacrev<X, A extends unknown[], R>(
  f: (x: X, ...rest: A) => R,
): (x: MapLeaves<X, Leaf>, ...rest: LeafArgs<A>) => JacobianOf<X, R> {
  return (x, ...given) => {
    const rest = liftLeaves(given) as A;
    const { wrt, structure, outputs, resultStructure } = traceAt(
      "jacrev",
      (y: X) => f(y, ...rest),
      [x],
    );
    const rows = outputs.map((output) => {
      const seed = parameter(output, "jacrev");
      const pulled = pullback([output], [seed], wrt).map((ct, i) => ct ?? zerosLike(wrt[i]));
      const basis = basisOf(output);
      const { outputs: blocks, batched } = batchOutputs(
        pulled,
        new Map([[seed, basis]]),
        output.size,
      );
      const full = blocks.map((block, i) => (batched[i] ? block : repeatBatch(block, output.size)));
      const shaped = full.map((block, i) => reshape(block, [...output.shape, ...wrt[i].shape]));
      return (treeUnflatten(structure, shaped) as unknown[])[0];
    });
    return treeUnflatten(resultStructure, rows) as JacobianOf<X, R>;
  };
}

/** The Jacobian with respect to the first argument by forward mode: one pushforward an argument entry. */
export function jacfwd<X, A extends unknown[], R>(
  f: (x: X, ...rest: A) => R,
): (x: MapLeaves<X, Leaf>, ...rest: LeafArgs<A>) => JacobianOf<X, R> {
  return (x, ...given) => {
    const rest = liftLeaves(given) as A;
    const { wrt, structure, outputs, resultStructure } = traceAt(
      "jacfwd",
      (y: X) => f(y, ...rest),
      [x],
    );
    const columns = wrt.map((variable, v) => {
      const seed = parameter(variable, "jacfwd");
      const tangents = wrt.map((_, i) => (i === v ? seed : undefined));
      const pushed = pushforward(outputs, wrt, tangents).map((t, i) => t ?? zerosLike(outputs[i]));
      const { outputs: blocks, batched } = batchOutputs(
        pushed,
        new Map([[seed, basisOf(variable)]]),
        variable.size,
      );
      return blocks.map((block, i) => {
        const full = batched[i] ? block : repeatBatch(block, variable.size);
        return reshape(moveAxis(reshape(full, [variable.size, outputs[i].size]), 0, 1), [
          ...outputs[i].shape,
          ...variable.shape,
        ]);
      });
    });
    const rows = outputs.map(
      (_, i) =>
        (
          treeUnflatten(
            structure,
            columns.map((column) => column[i]),
          ) as unknown[]
        )[0],
    );
    return treeUnflatten(resultStructure, rows) as JacobianOf<X, R>;
  };
}

/** All unit vectors of a tensor's space, as a batch. */
const basisOf = ({ size, shape, dtype }: Tensor): Tensor =>
  reshape(constant(eye(size, size, dtype)), [size, ...shape]);

/** Second derivatives of a scalar function of its first argument: for every leaf a tree like the argument. */
export function hessian<X, A extends unknown[]>(
  f: (x: X, ...rest: A) => Tensor,
): (x: MapLeaves<X, Leaf>, ...rest: LeafArgs<A>) => MapLeaves<X, MapLeaves<X, Tensor>> {
  const gradient = (x: X, ...rest: A) => gradOf(f, x, rest);
  return jacfwd(gradient) as (
    x: MapLeaves<X, Leaf>,
    ...rest: LeafArgs<A>
  ) => MapLeaves<X, MapLeaves<X, Tensor>>;
}

/** The gradient in the first argument, in its tree. */
function gradOf<X, A extends unknown[]>(
  f: (x: X, ...rest: A) => Tensor,
  x: X,
  rest: A,
): MapLeaves<X, Tensor> {
  const alone = (y: X) => f(y, ...rest);
  return grad(alone)(x as MapLeaves<X, Leaf>) as MapLeaves<X, Tensor>;
}

/**
 * Product of the Hessian in the first argument with a vector in its tree: `hvp(f)(x, v, ...rest)`.
 * Forward over reverse: the cost of a few gradients, whatever the size.
 */
export function hvp<X, A extends unknown[]>(
  f: (x: X, ...rest: A) => Tensor,
): (
  x: MapLeaves<X, Leaf>,
  vector: MapLeaves<X, Leaf>,
  ...rest: LeafArgs<A>
) => MapLeaves<X, Tensor> {
  return (x, vector, ...given) => {
    const rest = liftLeaves(given) as A;
    const [, push] = linearize((y: X) => gradOf(f, y, rest), x);
    return push(vector) as MapLeaves<X, Tensor>;
  };
}
