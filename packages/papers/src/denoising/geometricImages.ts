/** Images with contours and backgrounds of a known regularity, algorithm 2 of the paper. */
import { array, concat, iota, jit, lift, NDArray, random, type Tensor, where } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

export interface GeometricOptions {
  /** Pixels a side. */
  readonly size: number;
  /** Regularity of the contour. */
  readonly alpha: number;
  /** Regularity of the two backgrounds; alpha by default. */
  readonly beta?: number;
  /** Whether the contour is blurred over 2x2 pixels, as in the paper; true by default. */
  readonly blur?: boolean;
}

/** Integer frequencies of a discrete Fourier transform, without their signs: 0, 1, ..., S/2, ..., 1. */
const frequencies = (size: number): number[] =>
  Array.from({ length: size }, (_, k) => Math.min(k, size - k));

/** Real and imaginary parts of the transform's matrix exp(-2 pi i j k / S) as cos and sin. */
function fourierMatrices(size: number, dtype: "float32" | "float64") {
  const entry = (wave: (angle: number) => number) =>
    lift(
      array(
        Float64Array.from({ length: size * size }, (_, at) =>
          wave((2 * Math.PI * ((Math.floor(at / size) * (at % size)) % size)) / size),
        ),
        { shape: [size, size], dtype },
      ),
    );
  return { cos: entry(Math.cos), sin: entry(Math.sin) };
}

/**
 * Random numbers filtered with |k|^-alpha: C = Re ifft(fft(c) F^alpha), F = 1 at the frequencies 0 and
 * 1. The larger alpha, the smoother.
 *
 * @param c [..., S], float32 or float64
 */
export function contour(c: Tensor, alpha: number): Tensor {
  const size = c.shape[c.rank - 1];
  const dtype = c.dtype === "float64" ? "float64" : "float32";
  const { cos, sin } = fourierMatrices(size, dtype);
  const gains = frequencies(size).map((k) => Math.max(k, 1) ** -alpha / size);
  const filter = lift(array(Float64Array.from(gains), { dtype }));
  // The filter is even, so that the inverse transform of filtered real numbers is real.
  return c.matmul(cos).mul(filter).matmul(cos).add(c.matmul(sin).mul(filter).matmul(sin));
}

/** The row at which the contour crosses every column: round(S C) + floor(S / 2), [..., S]. */
export const contourRows = (c: Tensor, alpha: number): Tensor => {
  const size = c.shape[c.rank - 1];
  return contour(c, alpha)
    .mul(size)
    .round()
    .add(Math.floor(size / 2));
};

/** Random fields [n, S, S] filtered with (k^2 + l^2)^(-beta/2), 1 at the frequency 0. */
function smoothFields(b: Tensor, beta: number): Tensor {
  const size = b.shape[2];
  const { cos, sin } = fourierMatrices(size, "float32");
  const k = frequencies(size);
  const gains = k.flatMap((row) =>
    k.map((column) => Math.max(row ** 2 + column ** 2, 1) ** (-beta / 2) / size ** 2),
  );
  const filter = lift(array(Float32Array.from(gains), { shape: [size, size] }));
  const both = (x: Tensor, left: Tensor, right: Tensor) => left.matmul(x.matmul(right));
  const real = both(b, cos, cos)
    .sub(both(b, sin, sin))
    .mul(filter);
  const imaginary = both(b, cos, sin)
    .add(both(b, sin, cos))
    .mul(filter);
  return both(real, cos, cos)
    .sub(both(real, sin, sin))
    .add(both(imaginary, cos, sin))
    .add(both(imaginary, sin, cos));
}

/** Every field rescaled so that its least and its largest value are `low` and `high`, [n] each. */
function rescaled(fields: Tensor, low: Tensor, high: Tensor): Tensor {
  const per = (x: Tensor) => x.reshape([-1, 1, 1]);
  const [least, most] = [fields.min([1, 2]), fields.max([1, 2])];
  return fields
    .sub(per(least))
    .mul(per(high.sub(low).div(most.sub(least))))
    .add(per(low));
}

/** Means over 2x2 pixels: of a pixel and those above and to the left, reflected at the border. */
function blurred(mask: Tensor): Tensor {
  const size = mask.shape[1];
  const above = concat([mask.slice(null, [1, 2]), mask.slice(null, [0, size - 1])], 1);
  const rows = mask.add(above);
  const left = concat([rows.slice(null, null, [1, 2]), rows.slice(null, null, [0, size - 1])], 2);
  return rows.add(left).mul(0.25);
}

function drawImages(
  key: Tensor,
  n: number,
  { size, alpha, beta, blur }: Required<GeometricOptions>,
) {
  const [contourKey, firstKey, secondKey, bitKey, lowKey, highKey] = random.split(key, 6);
  const uniform = (of: Tensor, shape: number[]) => random.uniform(of, shape, { low: -1, high: 1 });
  const rows = contourRows(uniform(contourKey, [n, size]), alpha).reshape([n, 1, size]);
  const below = iota(size, "int32").astype("float32").reshape([1, size, 1]).greaterEqual(rows);
  const sharp = below.astype("float32");
  const mask = blur ? blurred(sharp) : sharp;
  const [u, v] = [random.uniform(lowKey, [n]), random.uniform(highKey, [n])];
  const swapped = random.bernoulli(bitKey, 0.5, [n]);
  const zero = u.mul(0);
  const one = zero.add(1);
  // Bright from [u, 1], dark from [0, v]: a fair bit says which of the two is below the contour.
  const first = smoothFields(uniform(firstKey, [n, size, size]), beta);
  const second = smoothFields(uniform(secondKey, [n, size, size]), beta);
  const low = where(swapped, zero, u);
  const high = where(swapped, v, one);
  const otherLow = where(swapped, u, zero);
  const otherHigh = where(swapped, one, v);
  const inside = rescaled(first, low, high).mul(mask);
  const outside = rescaled(second, otherLow, otherHigh).mul(mask.neg().add(1));
  return inside.add(outside).minimum(1).maximum(0);
}

/** Images of one compiled call: image i depends on the key and i alone, not on how many are drawn. */
const chunk = 256;

/**
 * Images of the class C^alpha: [n, 1, S, S] in [0, 1], two smooth backgrounds that meet at a contour.
 *
 *     row[j] = round(S C[j]) + floor(S/2),  mask[i, j] = 1 where i >= row[j], blurred
 *     x = B1 mask + B2 (1 - mask)
 *
 * The best PSNR curve of the class has slope alpha / (alpha + 1) as the noise vanishes.
 *
 * @throws UsageError for a size that is no whole number from 3, or regularities that are not positive
 */
export async function geometricImages(
  key: NDArray,
  n: number,
  options: GeometricOptions,
): Promise<NDArray> {
  const { size, alpha, beta = alpha, blur = true } = options;
  if (!Number.isInteger(size) || size < 3)
    throw new UsageError(
      `size: ${JSON.stringify(size)} is no side of a square image; give a whole number from 3`,
    );
  for (const [name, value] of Object.entries({ alpha, beta }))
    if (!(value > 0)) throw new UsageError(`${name}: ${value} is not positive`);
  const draw = jit((of: Tensor, part: Tensor) =>
    drawImages(random.foldIn(of, part), chunk, { size, alpha, beta, blur }),
  );
  return inChunks(n, chunk, [1, size, size], (part) =>
    draw(key, array(part, { shape: [], dtype: "int32" })),
  );
}

/** n images [n, ...shape], drawn so many at a time. */
export async function inChunks(
  n: number,
  count: number,
  shape: readonly number[],
  draw: (part: Int32Array) => Promise<NDArray>,
): Promise<NDArray> {
  if (!Number.isInteger(n) || n < 1) throw new UsageError(`${n} is no number of images`);
  const pixels = shape.reduce((product, length) => product * length, 1);
  const values = new Float32Array(n * pixels);
  for (let from = 0; from < n; from += count) {
    const { data } = await draw(Int32Array.of(from / count));
    values.set(data.subarray(0, Math.min(count, n - from) * pixels), from * pixels);
  }
  return new NDArray(values, [n, ...shape], "float32");
}
