/** The kind of a column of texts: categories, or texts that each stand for themselves. */
import { isDate } from "./csvCells.ts";

/** A column with more different values than this is never one of categories. */
export const mostCategories = 1000;

/**
 * Whether texts are categories: some value occurs twice, there are at most 20 different ones or at
 * least ten values for each on average, at most {@link mostCategories}, and they are not all dates.
 *
 * @param present number of values that are not missing
 */
export function areCategories(distinct: readonly string[], present: number): boolean {
  if (distinct.length === 0 || distinct.length > mostCategories) return false;
  if (distinct.length >= present) return false;
  if (distinct.length > Math.max(20, present / 10)) return false;
  return !distinct.every(isDate);
}

/**
 * Categories in an order that does not depend on the order of rows: numbers by size, texts by their
 * characters.
 */
export function orderOfCategories(categories: readonly string[]): string[] {
  const numeric = categories.every(
    (category) => category !== "" && Number.isFinite(Number(category)),
  );
  return [...categories].sort(numeric ? (a, b) => Number(a) - Number(b) || compare(a, b) : compare);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
