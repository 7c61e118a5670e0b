/** How parallel two predictions are (eq. 2): the quantity that decides when guidance may stop. */
import type { NDArray, Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

/**
 * <a, b> / (|a| |b|) over all entries of a sample: [B, ...] twice to [B]. An expression; a sample that is
 * zero gives NaN.
 */
export function cosines(a: Tensor, b: Tensor): Tensor {
  const flat = (x: Tensor): Tensor => x.reshape([x.shape[0], -1]);
  const [x, y] = [flat(a), flat(b)];
  const product = (u: Tensor, v: Tensor): Tensor => u.mul(v).sum(-1);
  return product(x, y).div(product(x, x).sqrt().mul(product(y, y).sqrt()));
}

/**
 * The same of arrays, in float64.
 *
 * @throws UsageError when a sample is zero, which has no direction, or the shapes differ
 */
export function alignment(a: NDArray, b: NDArray): Float64Array {
  if (a.shape.join() !== b.shape.join() || a.rank < 1)
    throw new UsageError(
      `alignment compares predictions of one shape [B, ...], got [${a.shape.join(", ")}] and [${b.shape.join(", ")}]`,
    );
  const samples = a.shape[0];
  const width = a.size / Math.max(1, samples);
  return Float64Array.from({ length: samples }, (_, i) => {
    let [ab, aa, bb] = [0, 0, 0];
    for (let j = i * width; j < (i + 1) * width; j++) {
      ab += a.data[j] * b.data[j];
      aa += a.data[j] ** 2;
      bb += b.data[j] ** 2;
    }
    if (aa === 0 || bb === 0)
      throw new UsageError(`alignment: sample ${i} is zero in one prediction and has no direction`);
    return ab / (Math.sqrt(aa) * Math.sqrt(bb));
  });
}
