/** Names for a model's inputs, outputs and initializers, from where they sit in trees. */
import { fail } from "../errors.ts";
import { isLeaf, treeFlatten } from "../tree.ts";

/** A tree and the name its leaves' names begin with. */
interface Part {
  readonly prefix: string;
  readonly tree: unknown;
}

/**
 * Parts of a list, such as a function's arguments. Without `given` names they are `hint0`, `hint1`,
 * ..., and a lone part is `hint` if it is a leaf and goes without a prefix if it is a tree.
 */
export function namedParts(
  operation: string,
  hint: string,
  trees: readonly unknown[],
  given: readonly string[] | undefined,
): Part[] {
  if (given !== undefined && given.length !== trees.length) {
    fail(`${operation}: ${given.length} ${hint}Names for ${trees.length} ${hint}(s)`);
  }
  return trees.map((tree, i) => {
    if (given !== undefined) return { prefix: given[i], tree };
    if (trees.length > 1) return { prefix: `${hint}${i}`, tree };
    return { prefix: isLeaf(tree) ? hint : "", tree };
  });
}

/** One name a leaf, `params.layers.0.weight`, unlike all in `taken`, which is extended. */
export function leafNames(parts: readonly Part[], taken: Set<string>): string[] {
  return parts.flatMap(({ prefix, tree }) =>
    treeFlatten(tree)[1].paths.map((path) => {
      const name = sanitize(`${prefix}.${path}`);
      let unique = name;
      for (let i = 2; taken.has(unique); i++) unique = `${name}_${i}`;
      taken.add(unique);
      return unique;
    }),
  );
}

const sanitize = (path: string): string => {
  const name = path
    .replace(/\[(\d+)\]/g, ".$1")
    .replace(/\.{2,}/g, ".")
    .replace(/^\.|\.$/g, "")
    .replace(/[^\w.]/g, "_");
  return name === "" ? "value" : name;
};
