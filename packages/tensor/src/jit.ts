/** Compilation: trace a function once for each kind of arguments, then run the compiled graph. */

import { fail } from "./errors.ts";
import { compile, type Executable } from "./executable.ts";
import { type Aval, lift, parameter, Tensor } from "./graph.ts";
import { full, NDArray } from "./ndarray.ts";
import { checkDevice, sessionOptions } from "./runtime/device.ts";
import type { Device, SessionOptions } from "./runtime/types.ts";
import { sameShape } from "./shape.ts";
import {
  type Leaf,
  type MapLeaves,
  type TreeDef,
  treeFlatten,
  treeLeavesIf,
  treeUnflatten,
} from "./tree.ts";

export interface JitOptions {
  /** Where it runs; the default device otherwise. */
  device?: Device;
}

/** What a compiled function takes for a tensor: an array or a number. */
export type Concrete<T> = T extends Tensor
  ? NDArray | number
  : T extends NDArray | number | string | boolean | null | undefined
    ? T
    : { [K in keyof T]: Concrete<T[K]> };

export interface Jitted<A extends unknown[], R> {
  /** With concrete arguments: compile for their shapes if need be, and run. */
  (...args: { [K in keyof A]: Concrete<A[K]> }): Promise<MapLeaves<R, NDArray>>;
  /** Inside another traced function: the function itself, inlined. */
  (...args: A): R;
}

/** A function compiled for one kind of arguments. */
interface Compiled {
  readonly executable: Executable;
  readonly options: SessionOptions;
  readonly arguments: TreeDef;
  readonly avals: readonly Aval[];
  readonly result: TreeDef;
}

/**
 * Compile a function of tensors. The result takes NDArrays (or numbers, which become float32
 * scalars) in the same trees and returns a promise of NDArrays. It compiles once for every
 * combination of tree, shapes and dtypes; strings and booleans in the arguments are fixed at
 * compilation.
 */
export function jit<A extends unknown[], R>(
  f: (...args: A) => R,
  options: JitOptions = {},
): Jitted<A, R> {
  if (options.device !== undefined) checkDevice(options.device);
  const cache = new Map<string, Promise<Compiled>>();
  let latest: Compiled | undefined;

  const call = (...args: unknown[]): unknown => {
    // Most calls look like the one before: no key is made for them.
    const same = latest === undefined ? undefined : argumentsLike(latest, args, options.device);
    if (latest !== undefined && same !== undefined) return execute(latest, same);
    const [leaves, structure] = treeFlatten(args);
    if (leaves.some((leaf) => leaf instanceof Tensor)) return f(...(args as A));
    return compileAndRun(leaves, structure);
  };

  const compileAndRun = async (leaves: readonly Leaf[], structure: TreeDef): Promise<unknown> => {
    const arrays = leaves.map(toArray);
    const { device, threads } = sessionOptions(options.device);
    const types = arrays.map(({ dtype, shape }) => `${dtype}[${shape}]`);
    const key = `${structure.key}|${types}|${device}|${threads}`;
    latest = await compiledFor(key, arrays, structure);
    return execute(latest, arrays);
  };

  const compiledFor = async (
    key: string,
    leaves: readonly NDArray[],
    structure: TreeDef,
  ): Promise<Compiled> => {
    const known = await cache.get(key);
    if (known?.executable.alive) return known;
    const fresh = trace(f, leaves, structure, options.device);
    cache.set(key, fresh);
    fresh.catch(() => cache.delete(key));
    return fresh;
  };

  return call as Jitted<A, R>;
}

const execute = async ({ executable, result }: Compiled, arrays: readonly NDArray[]) =>
  treeUnflatten(result, await executable.run(arrays));

/** The arrays of arguments that `compiled` was compiled for, else undefined. */
function argumentsLike(
  compiled: Compiled,
  args: readonly unknown[],
  wanted: Device | undefined,
): NDArray[] | undefined {
  const { executable, options, avals } = compiled;
  const { device, threads } = sessionOptions(wanted);
  if (!executable.alive || device !== options.device || threads !== options.threads)
    return undefined;
  const leaves = treeLeavesIf(compiled.arguments, args);
  if (leaves === undefined || leaves.some((leaf) => leaf instanceof Tensor)) return undefined;
  const arrays = leaves.map(toArray);
  const fit = avals.every(
    ({ dtype, shape }, i) => arrays[i].dtype === dtype && sameShape(arrays[i].shape, shape),
  );
  return fit ? arrays : undefined;
}

async function trace<A extends unknown[], R>(
  f: (...args: A) => R,
  leaves: readonly NDArray[],
  structure: TreeDef,
  device: Device | undefined,
): Promise<Compiled> {
  const params = leaves.map((leaf) => parameter(leaf, "jit"));
  const returned = f(...(treeUnflatten(structure, params) as A));
  const [outputs, result] = treeFlatten(returned);
  const options = sessionOptions(device);
  const executable = await compile(
    params,
    outputs.map((output) => lift(output)),
    options,
  );
  const avals = leaves.map(({ dtype, shape }) => ({ dtype, shape }));
  return { executable, options, arguments: structure, avals, result };
}

const toArray = (leaf: Leaf): NDArray => {
  if (leaf instanceof NDArray) return leaf;
  return typeof leaf === "number"
    ? full([], leaf)
    : fail(`expected an array, got ${leaf.toString()}`);
};

/** Values of symbolic tensors that depend on nothing but constants: for tests and exploration. */
export async function evaluate<T>(tree: T): Promise<MapLeaves<T, NDArray>> {
  const [leaves, structure] = treeFlatten(tree);
  const executable = await compile(
    [],
    leaves.map((leaf) => lift(leaf)),
    sessionOptions(undefined),
  );
  return treeUnflatten(structure, await executable.run([])) as MapLeaves<T, NDArray>;
}
