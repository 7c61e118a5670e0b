/** Names that are nearly right: what a mistyped column was probably meant to be. */
import { quote } from "./errors.ts";

/**
 * The end of a message about a name that does not exist: the nearest names, or all of them where
 * none is near.
 *
 * @example `there is no column "pirce"; ${suggestNames("pirce", names)}` // did you mean "price"?
 */
export function suggestNames(wanted: string, names: readonly string[]): string {
  const near = nearNames(wanted, names);
  if (near.length > 0) return `did you mean ${near.map(quote).join(" or ")}?`;
  if (names.length === 0) return "there are none";
  const shown = names.slice(0, 12).map(quote).join(", ");
  return `there are ${shown}${names.length > 12 ? ` and ${names.length - 12} more` : ""}`;
}

/** Up to three names, the nearest first: equal but for case, a few typing errors away, or containing it. */
export function nearNames(wanted: string, names: readonly string[]): string[] {
  const plain = simplify(wanted);
  const tolerated = Math.max(1, Math.floor(plain.length / 3));
  return names
    .map((name) => {
      const other = simplify(name);
      const contains = plain.length > 2 && (other.includes(plain) || plain.includes(other));
      const distance = typingErrors(plain, other);
      return { name, distance: contains && other !== "" ? Math.min(distance, 1) : distance };
    })
    .filter(({ distance }) => distance <= tolerated)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

const simplify = (name: string): string => name.toLowerCase().replace(/[\s_.-]+/g, "");

/**
 * Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other
 * (the restricted Damerau-Levenshtein distance).
 */
export function typingErrors(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (swapped) row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    [beforeLast, last] = [last, row];
  }
  return last[to.length];
}
