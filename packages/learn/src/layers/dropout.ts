/** Units left out at random. */
import { random, type Shape, type Tensor, type TensorLike } from "@etude/tensor";
import { fail } from "../errors.ts";

/** How much is dropped, and by which key. Where a layer takes this, leaving it out is evaluation. */
export interface Dropout {
  rate: number;
  key: TensorLike;
}

/**
 * Entries set to zero with probability `rate`, the others divided by 1 - rate so that the mean stays
 * (Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting").
 *
 * Only for training: for evaluation leave the call out.
 *
 * @param shape The shape of the mask, which broadcasts to x: [n, c, 1, 1] drops whole channels.
 * @throws if the rate is not in [0, 1).
 */
export function dropout(
  x: Tensor,
  { rate, key }: Dropout,
  { shape = x.shape }: { shape?: Shape } = {},
): Tensor {
  if (!(rate >= 0 && rate < 1)) fail(`dropout: the rate ${rate} is not in [0, 1)`);
  if (rate === 0) return x;
  const kept = random.bernoulli(key, 1 - rate, shape).astype(x.dtype);
  return x.mul(kept.mul(1 / (1 - rate)));
}

/** Dropout where it is asked for, with a key of its own for each place. */
export function dropoutAt(place: number, x: Tensor, options: Dropout | undefined): Tensor {
  return options === undefined
    ? x
    : dropout(x, { rate: options.rate, key: random.foldIn(options.key, place) });
}
