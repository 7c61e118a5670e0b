/** Random crops and mirror images, as the paper's recipe for CIFAR has them. */
import { iota, random, type Tensor, type TensorLike, where } from "@etude/tensor";

/**
 * Every image padded by 4 pixels on each side by reflection, cut back to its size at a random place,
 * and mirrored left to right half of the time.
 *
 * @param x [N, C, H, W]
 * @param key uint32 [2]
 */
export function cropAndFlip(x: Tensor, key: TensorLike, padding = 4): Tensor {
  const [count, , height, width] = x.shape;
  const [rowKey, columnKey, flipKey] = random.split(key, 3);
  const shift = (of: TensorLike): Tensor =>
    random.randint(of, [count, 1, 1, 1], -padding, padding + 1);
  const rows = reflected(places(height, [1, 1, height, 1]).add(shift(rowKey)), height);
  const columns = reflected(places(width, [1, 1, 1, width]).add(shift(columnKey)), width);
  const mirrored = random.bernoulli(flipKey, 0.5, [count, 1, 1, 1]);
  const seen = where(mirrored, columns.neg().add(width - 1), columns);
  return x.takeAlongAxis(rows.broadcastTo(x.shape), 2).takeAlongAxis(seen.broadcastTo(x.shape), 3);
}

const places = (length: number, shape: readonly number[]): Tensor => iota(length).reshape(shape);

/** Positions beyond either end, mirrored at the outermost pixel: -1 is 1. */
const reflected = (place: Tensor, length: number): Tensor =>
  place
    .abs()
    .sub(length - 1)
    .abs()
    .neg()
    .add(length - 1);
