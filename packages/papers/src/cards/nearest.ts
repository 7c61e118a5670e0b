/**
 * The slugs nearest to a word by edit distance, nearest first; ties in the order of the alphabet.
 * A word is also compared with each part of a slug, so that "denoiser" finds
 * "geometry-adaptive-denoisers" although most of the slug is missing.
 */
export function nearestSlugs(
  word: string,
  slugs: readonly string[],
  count: number,
): readonly string[] {
  const asked = word.trim().toLowerCase();
  return slugs
    .map((slug) => {
      const whole = editDistance(asked, slug);
      const parts = slug.split("-").map((part) => editDistance(asked, part));
      return { slug, closest: Math.min(whole, ...parts), whole };
    })
    .sort((a, b) => a.closest - b.closest || a.whole - b.whole || (a.slug < b.slug ? -1 : 1))
    .slice(0, count)
    .map(({ slug }) => slug);
}

/**
 * The least number of inserted, deleted or replaced characters that turn `a` into `b`.
 *
 * Reference: Wagner and Fischer, "The string-to-string correction problem", 1974.
 */
export function editDistance(a: string, b: string): number {
  // distances[j]: from the characters of `a` read so far to the first j of `b`.
  let distances = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = distances[j] + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, distances[j + 1] + 1, next[j] + 1));
    }
    distances = next;
  }
  return distances[b.length];
}
