/** Every method at its own best rate: the one with the least mean over seeds. */
import { meanOf } from "@etude/learn";

/** Scores of one method by seed and candidate (a rate, or a rate and a start); null: diverged. */
export type Grid = readonly (readonly (number | null)[])[];

export interface Chosen {
  /** The place among the candidates. */
  readonly candidate: number;
  /** Scores there, one a seed. */
  readonly scores: readonly number[];
  readonly mean: number;
}

/** Less is better; a candidate that diverged for one seed is out. */
export function chosen(grid: Grid): Chosen {
  const candidates = (grid[0] ?? []).map((_, candidate) => {
    const scores = grid.map((seed) => seed[candidate] ?? Number.POSITIVE_INFINITY);
    return { candidate, scores, mean: meanOf(scores) };
  });
  return candidates.reduce((best, other) => (other.mean < best.mean ? other : best));
}

/** Of several methods the one with the least mean. */
export function bestOf<M extends string>(
  methods: readonly M[],
  of: (method: M) => Chosen,
): Chosen & { readonly method: M } {
  return methods
    .map((method) => ({ method, ...of(method) }))
    .reduce((best, other) => (other.mean < best.mean ? other : best));
}
