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

/**
 * Any tree with leaves of one type: what code handles that need not know which, such as the state of an
 * optimiser. To be handed on, not looked into. (Lists of trees are meant too; the compiler would follow
 * them for ever.)
 */
export interface TreeOf<L> {
  readonly [key: string]: L | TreeOf<L>;
}

/** Any tree of tensors. */
export type TensorTree = TreeOf<Tensor>;

/** Any tree of arrays: a {@link TensorTree} outside of traced functions. */
export type ArrayTree = TreeOf<NDArray>;

/** The type of a tree with every leaf replaced. */
export type MapLeaves<T, L> = T extends Leaf
  ? L
  : T extends string | boolean | null | undefined
    ? T
    : T extends (...args: never[]) => unknown
      ? T
      : IsTreeOf<T> extends true
        ? TreeOf<L>
        : { [K in keyof T]: MapLeaves<T[K], L> };

/** `{}`, which takes any tree as well, has no keys. */
type IsTreeOf<T> = string extends keyof T
  ? TensorTree extends T
    ? true
    : ArrayTree extends T
      ? true
      : false
  : false;

/** Arguments of a function of tensors, with arrays and numbers where it has tensors. */
export type LeafArgs<A> = { [K in keyof A]: MapLeaves<A[K], Leaf> };

/** The structure of a tree without its leaves. Two trees match when their `key`s are equal. */
export interface TreeDef {
  readonly key: string;
  readonly leaves: number;
  /** Where each leaf sits, for messages: `layers[0].weight`. */
  readonly paths: readonly string[];
  readonly shape: TreeShape;
}

/** What a tree consists of, from the root down; keys of objects are sorted. */
type TreeShape =
  | { readonly kind: "leaf" }
  | { readonly kind: "list"; readonly parts: readonly TreeShape[] }
  | {
      readonly kind: "object";
      readonly names: readonly string[];
      readonly parts: readonly TreeShape[];
    }
  | { readonly kind: "fixed"; readonly value: string | boolean | null | undefined };

export const isLeaf = (value: unknown): value is Leaf =>
  value instanceof Tensor || value instanceof NDArray || typeof value === "number";

const leafShape: TreeShape = { kind: "leaf" };

/** Split a tree into its leaves, in order, and its structure. Object keys are sorted. */
export function treeFlatten(tree: unknown): [Leaf[], TreeDef] {
  const leaves: Leaf[] = [];
  return [leaves, treeDef(shapeOf(tree, "", leaves), leaves.length)];
}

function shapeOf(value: unknown, path: string, leaves: Leaf[]): TreeShape {
  if (isLeaf(value)) {
    leaves.push(value);
    return leafShape;
  }
  if (Array.isArray(value)) {
    return {
      kind: "list",
      parts: value.map((entry, i) => shapeOf(entry, `${path}[${i}]`, leaves)),
    };
  }
  if (isPlainObject(value)) {
    const names = Object.keys(value).sort();
    const parts = names.map((name) => shapeOf(value[name], joined(path, name), leaves));
    return { kind: "object", names, parts };
  }
  if (
    value === null ||
    value === undefined ||
    typeof value === "string" ||
    typeof value === "boolean"
  ) {
    return { kind: "fixed", value };
  }
  const what = value instanceof Promise ? "a Promise (await it first)" : describe(value);
  return fail(
    `tree: ${what} at ${path || "the root"} is neither an array, a number, a list nor a plain object`,
  );
}

/** Keys and paths are long texts, made when somebody asks. */
function treeDef(shape: TreeShape, leaves: number): TreeDef {
  let key: string | undefined;
  let paths: string[] | undefined;
  return {
    shape,
    leaves,
    get key() {
      key ??= keyOf(shape);
      return key;
    },
    get paths() {
      paths ??= pathsOf(shape, "");
      return paths;
    },
  };
}

function keyOf(shape: TreeShape): string {
  switch (shape.kind) {
    case "leaf":
      return "*";
    case "list":
      return `[${shape.parts.map(keyOf).join()}]`;
    case "object":
      return `{${shape.names.map((name, i) => `${JSON.stringify(name)}:${keyOf(shape.parts[i])}`).join()}}`;
    case "fixed":
      return typeof shape.value === "string" ? JSON.stringify(shape.value) : String(shape.value);
  }
}

function pathsOf(shape: TreeShape, path: string): string[] {
  switch (shape.kind) {
    case "leaf":
      return [path];
    case "list":
      return shape.parts.flatMap((part, i) => pathsOf(part, `${path}[${i}]`));
    case "object":
      return shape.parts.flatMap((part, i) => pathsOf(part, joined(path, shape.names[i])));
    case "fixed":
      return [];
  }
}

const joined = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

/**
 * The leaves of a tree if it has the structure, else undefined: what flattening and comparing keys
 * gives, for the many calls that look like the one before.
 */
export function treeLeavesIf(structure: TreeDef, tree: unknown): Leaf[] | undefined {
  const leaves: Leaf[] = [];
  return collect(structure.shape, tree, leaves) ? leaves : undefined;
}

function collect(shape: TreeShape, value: unknown, leaves: Leaf[]): boolean {
  switch (shape.kind) {
    case "leaf":
      if (!isLeaf(value)) return false;
      leaves.push(value);
      return true;
    case "list":
      return (
        Array.isArray(value) &&
        value.length === shape.parts.length &&
        shape.parts.every((part, i) => collect(part, value[i], leaves))
      );
    case "object":
      return (
        !isLeaf(value) &&
        isPlainObject(value) &&
        Object.keys(value).length === shape.names.length &&
        shape.names.every(
          (name, i) => Object.hasOwn(value, name) && collect(shape.parts[i], value[name], leaves),
        )
      );
    case "fixed":
      return value === shape.value;
  }
}

/** Put leaves back into a structure; the inverse of {@link treeFlatten}. */
export function treeUnflatten(structure: TreeDef, leaves: readonly unknown[]): unknown {
  if (leaves.length !== structure.leaves) {
    fail(`treeUnflatten: ${leaves.length} leaves for a structure of ${structure.leaves}`);
  }
  let position = 0;
  const build = (shape: TreeShape): unknown => {
    switch (shape.kind) {
      case "leaf":
        return leaves[position++];
      case "list":
        return shape.parts.map(build);
      case "object":
        return Object.fromEntries(shape.names.map((name, i) => [name, build(shape.parts[i])]));
      case "fixed":
        return shape.value;
    }
  };
  return build(structure.shape);
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
      ? { [K in keyof T]-?: LeafOf<T[K]> }[T extends readonly unknown[]
          ? number & keyof T
          : keyof T]
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
