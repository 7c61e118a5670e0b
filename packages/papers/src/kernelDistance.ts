/** How far a tangent kernel has turned; for all papers that look at one. */
import { UsageError } from "./contract/errors.ts";

/**
 * 1 - <A, B> / (|A| |B|) with the Frobenius product: 0 for kernels that differ by a factor, 1 for those
 * at right angles (Fort et al. 2020, arXiv 2010.15110).
 *
 * @throws UsageError when the kernels differ in size
 */
export function kernelDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length)
    throw new UsageError(`kernelDistance: kernels of ${a.length} and ${b.length} entries`);
  let [aa, bb, ab] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    aa += a[i] * a[i];
    bb += b[i] * b[i];
    ab += a[i] * b[i];
  }
  // Rounding must not make a distance negative.
  return Math.max(0, 1 - ab / Math.sqrt(aa) / Math.sqrt(bb));
}
