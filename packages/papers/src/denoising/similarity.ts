/** Whether images are alike: the centred cosine of equation 16. */
import { jit, NDArray, type Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { imageRange, pixelsOf, shrinkImages } from "./images.ts";

/** Variance that rounding leaves to a constant image. */
const constantVariance = 1e-14;

/** Norms below this one count as this one, as in the official code. */
const leastNorm = 1e-3;

/**
 * Images as unit vectors, float64 [n, d]: the image minus its mean (if `centre`) over its norm.
 *
 * @throws UsageError for a centred image without any variance: it is like nothing
 */
function unitRows(images: NDArray, centre: boolean): Float64Array {
  const [n] = images.shape;
  const d = pixelsOf(images);
  const rows = Float64Array.from(images.data);
  for (let i = 0; i < n; i++) {
    const row = rows.subarray(i * d, (i + 1) * d);
    const mean = centre ? row.reduce((sum, value) => sum + value, 0) / d : 0;
    let squares = 0;
    for (let k = 0; k < d; k++) {
      row[k] -= mean;
      squares += row[k] * row[k];
    }
    if (centre && squares <= constantVariance * d)
      throw new UsageError(`image ${i} (from 0) is constant: it has no correlation with any other`);
    const norm = Math.max(leastNorm, Math.sqrt(squares));
    for (let k = 0; k < d; k++) row[k] /= norm;
  }
  return rows;
}

const dot = (a: Float64Array, i: number, b: Float64Array, j: number, d: number): number => {
  let sum = 0;
  for (let k = 0; k < d; k++) sum += a[i * d + k] * b[j * d + k];
  return sum;
};

/**
 * Equation 16 for all pairs, [Na, Nb]: <a - mean a, b - mean b> over the norms. Without centring any
 * two gray images are nearly alike, and every claim about likeness holds.
 */
export function imageCorrelation(a: NDArray, b: NDArray, centre = true): NDArray {
  const [rows, columns, d] = [a.shape[0], b.shape[0], pixelsOf(a)];
  checkSame(a, b);
  const [left, right] = [unitRows(a, centre), unitRows(b, centre)];
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) values[i * columns + j] = dot(left, i, right, j, d);
  return new NDArray(values, [rows, columns], "float64");
}

/** Equation 16 for image i of `a` with image i of `b`, [n]. */
export function pairedCorrelation(a: NDArray, b: NDArray): number[] {
  checkSame(a, b);
  if (a.shape[0] !== b.shape[0])
    throw new UsageError(`${a.shape[0]} images have no pairs with ${b.shape[0]}`);
  const [left, right] = [unitRows(a, true), unitRows(b, true)];
  return Array.from({ length: a.shape[0] }, (_, i) => dot(left, i, right, i, pixelsOf(a)));
}

export interface Nearest {
  /** The largest correlation with any image of the set. */
  readonly correlation: number;
  /** Which image that is. */
  readonly index: number;
}

/** Rows of a set that are compared in one compiled call. */
const blockRows = 2048;

/** The image of `set` that is most like each of `images` by equation 16. */
export async function nearestImages(images: NDArray, set: NDArray): Promise<Nearest[]> {
  checkSame(images, set);
  if (set.shape[0] === 0) throw new UsageError("there is no image to compare with");
  const d = pixelsOf(images);
  const rows = new NDArray(unitRows(images, true), [images.shape[0], d], "float64");
  let best: Nearest[] = Array.from({ length: images.shape[0] }, () => ({
    correlation: Number.NEGATIVE_INFINITY,
    index: -1,
  }));
  for (let from = 0; from < set.shape[0]; from += blockRows) {
    const part = imageRange(set, from, Math.min(set.shape[0], from + blockRows));
    const others = new NDArray(unitRows(part, true), [part.shape[0], d], "float64");
    const { most, place } = await strongest(rows, others);
    best = best.map((known, i) =>
      most.data[i] > known.correlation
        ? { correlation: most.data[i], index: from + place.data[i] }
        : known,
    );
  }
  return best;
}

const strongest = jit((a: Tensor, b: Tensor) => {
  const all = a.matmul(b.transpose());
  return { most: all.max(1), place: all.argmax(1) };
});

/** The side to which images are averaged before they are compared for duplicates. */
const comparedSide = 20;

/**
 * The images that are left when of every pair that is nearly equal the later one goes: averaged to
 * 20x20, without their mean, |correlation| above the threshold. A constant image is like no other.
 *
 * @returns positions of the images that are kept, ascending
 */
export async function removeNearDuplicates(
  images: NDArray,
  threshold = 0.95,
): Promise<{ kept: number[] }> {
  if (!(threshold > 0 && threshold <= 1))
    throw new UsageError(`threshold: ${threshold} is not in (0, 1]`);
  const small = shrinkImages(images, comparedSide, comparedSide);
  const [n, d] = [small.shape[0], pixelsOf(small)];
  const rows = new Float64Array(n * d);
  for (let i = 0; i < n; i++) {
    const image = imageRange(small, i, i + 1);
    const isConstant = image.data.every((value) => value === image.data[0]);
    if (!isConstant) rows.set(unitRows(image, true), i * d);
  }
  const block = (from: number) => {
    const end = Math.min(n, from + blockRows);
    return new NDArray(rows.subarray(from * d, end * d), [end - from, d], "float64");
  };
  const dropped = new Uint8Array(n);
  for (let from = 0; from < n; from += blockRows) {
    const first = block(from);
    for (let other = from; other < n; other += blockRows) {
      const second = block(other);
      const { data } = await correlations(first, second);
      const columns = second.shape[0];
      for (let i = 0; i < first.shape[0]; i++) {
        if (dropped[from + i]) continue;
        for (let j = other === from ? i + 1 : 0; j < columns; j++)
          if (Math.abs(data[i * columns + j]) > threshold) dropped[other + j] = 1;
      }
    }
  }
  return { kept: Array.from({ length: n }, (_, i) => i).filter((i) => !dropped[i]) };
}

const correlations = jit((a: Tensor, b: Tensor) => a.matmul(b.transpose()));

function checkSame(a: NDArray, b: NDArray): void {
  const [x, y] = [a.shape.slice(1), b.shape.slice(1)];
  if (String(x) === String(y)) return;
  throw new UsageError(`images of [${x.join(", ")}] and [${y.join(", ")}] cannot be compared`);
}
