import { fail } from "./errors.ts";
import { Tensor } from "./graph.ts";
import { NDArray } from "./ndarray.ts";

/** A leaf of a tree: an array, symbolic or concrete, or a number. */
export type Leaf = Tensor | NDArray | number;

/** Nested plain objects and arrays of leaves; strings, booleans and null are part of the structure. */
export type Tree =
  | Leaf
  | string
  | boolean
  | null
  | undefined
  | readonly Tree[]
  | { readonly [key: string]: Tree };

/** The type of a tree with every leaf replaced. */
export type MapLeaves<T, L> = T extends Leaf
  ? L
  : T extends string | boolean | null | undefined
    ? T
    : T extends (...args: never[]) => unknown
      ? T
      : { [K in keyof T]: MapLeaves<T[K], L> };

/** Arguments of a function of tensors, with arrays and numbers where it has tensors. */
export type LeafArgs<A> = { [K in keyof A]: MapLeaves<A[K], Leaf> };

/** The structure of a tree without its leaves. Two trees match when their `key`s are equal. */
export interface TreeDef {
  readonly key: string;
  readonly leaves: number;
  /** Where each leaf sits, for messages: `layers[0].weight`. */
  readonly paths: readonly string[];
  readonly build: (next: () => unknown) => unknown;
}

export const isLeaf = (value: unknown): value is Leaf =>
  value instanceof Tensor || value instanceof NDArray || typeof value === "number";

/** Split a tree into its leaves, in order, and its structure. Object keys are sorted. */
export function treeFlatten(tree: unknown): [Leaf[], TreeDef] {
  const leaves: Leaf[] = [];
  const paths: string[] = [];
  const walk = (value: unknown, path: string): { key: string; build: TreeDef["build"] } => {
    if (isLeaf(value)) {
      leaves.push(value);
      paths.push(path);
      return { key: "*", build: (next) => next() };
    }
    if (Array.isArray(value)) {
      const parts = value.map((entry, i) => walk(entry, `${path}[${i}]`));
      return {
        key: `[${parts.map((part) => part.key).join()}]`,
        build: (next) => parts.map((part) => part.build(next)),
      };
    }
    if (isPlainObject(value)) {
      const parts = Object.entries(value)
        .sort(byName)
        .map(
          ([name, entry]) => [name, walk(entry, path === "" ? name : `${path}.${name}`)] as const,
        );
      return {
        key: `{${parts.map(([name, part]) => `${JSON.stringify(name)}:${part.key}`).join()}}`,
        build: (next) => Object.fromEntries(parts.map(([name, part]) => [name, part.build(next)])),
      };
    }
    if (
      value === null ||
      value === undefined ||
      typeof value === "string" ||
      typeof value === "boolean"
    ) {
      return {
        key: typeof value === "string" ? JSON.stringify(value) : String(value),
        build: () => value,
      };
    }
    const what = value instanceof Promise ? "a Promise (await it first)" : describe(value);
    return fail(
      `tree: ${what} at ${path || "the root"} is neither an array, a number, a list nor a plain object`,
    );
  };
  const { key, build } = walk(tree, "");
  return [leaves, { key, leaves: leaves.length, paths, build }];
}

/** Put leaves back into a structure; the inverse of {@link treeFlatten}. */
export function treeUnflatten(structure: TreeDef, leaves: readonly unknown[]): unknown {
  if (leaves.length !== structure.leaves) {
    fail(`treeUnflatten: ${leaves.length} leaves for a structure of ${structure.leaves}`);
  }
  let position = 0;
  return structure.build(() => leaves[position++]);
}

export const treeLeaves = (tree: unknown): Leaf[] => treeFlatten(tree)[0];

/** Leaves of `tree`, which must have the given structure. */
export function leavesLike(operation: string, structure: TreeDef, tree: unknown): Leaf[] {
  const [leaves, other] = treeFlatten(tree);
  if (other.key !== structure.key) {
    fail(
      `${operation}: the trees differ, ${abbreviate(structure.key)} and ${abbreviate(other.key)}`,
    );
  }
  return leaves;
}

/** Apply `f` to the leaves at the same place of one or more trees of the same structure. */
export function treeMap<T, L>(f: (leaf: LeafOf<T>) => L, tree: T): MapLeaves<T, L>;
export function treeMap<T, U, L>(
  f: (a: LeafOf<T>, b: LeafOf<U>) => L,
  tree: T,
  other: U,
): MapLeaves<T, L>;
export function treeMap<T, U, V, L>(
  f: (a: LeafOf<T>, b: LeafOf<U>, c: LeafOf<V>) => L,
  tree: T,
  second: U,
  third: V,
): MapLeaves<T, L>;
export function treeMap<T, L>(
  f: (...leaves: LeafOf<T>[]) => L,
  tree: T,
  ...others: T[]
): MapLeaves<T, L>;
export function treeMap(
  f: (...leaves: never[]) => unknown,
  tree: unknown,
  ...others: unknown[]
): unknown {
  const [leaves, structure] = treeFlatten(tree);
  const columns = others.map((other) => leavesLike("treeMap", structure, other));
  const mapped = leaves.map((leaf, i) =>
    (f as (...all: Leaf[]) => unknown)(leaf, ...columns.map((column) => column[i])),
  );
  return treeUnflatten(structure, mapped);
}

/** The union of the leaf types that occur in a tree type. */
export type LeafOf<T> = T extends Leaf
  ? T
  : T extends string | boolean | null | undefined
    ? never
    : T extends object
      ? { [K in keyof T]: LeafOf<T[K]> }[T extends readonly unknown[] ? number & keyof T : keyof T]
      : never;

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return `a ${typeof value}`;
  return `a ${value.constructor?.name ?? "object"}`;
}

const abbreviate = (key: string): string => (key.length > 120 ? `${key.slice(0, 117)}...` : key);

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;
