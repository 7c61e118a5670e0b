/** What a claim must reach, apart from judging: pages that only show verdicts need no statistics. */

/** Where the mean over seeds must lie. */
export type Bar =
  | { readonly atLeast: number }
  | { readonly atMost: number }
  | { readonly between: readonly [low: number, high: number] };

/**
 * Of the interval for the mean over seeds (Student's t). Either end may be wrong once in twenty:
 * "holds" means that a one-sided test at the 5 % level rejects a mean beyond the bar.
 */
export const confidence = 0.9;

/** The bar as the range the mean must lie in. */
export function limits(bar: Bar): readonly [low: number, high: number] {
  if ("atLeast" in bar) return [bar.atLeast, Number.POSITIVE_INFINITY];
  if ("atMost" in bar) return [Number.NEGATIVE_INFINITY, bar.atMost];
  return bar.between;
}

/** The bar in words: "at least 0.9"; of five sixths "at least 0.8333". */
export function describeBar(bar: Bar): string {
  if ("atLeast" in bar) return `at least ${short(bar.atLeast)}`;
  if ("atMost" in bar) return `at most ${short(bar.atMost)}`;
  return `between ${short(bar.between[0])} and ${short(bar.between[1])}`;
}

/** Bars are round numbers, but for quotients. */
const short = (value: number): number => Number(value.toPrecision(4));
