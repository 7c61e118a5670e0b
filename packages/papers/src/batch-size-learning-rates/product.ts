/** Symmetric matrices that are only known by their products, and the arithmetic of vectors in float64. */
import type { random } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

/** A symmetric matrix [size, size]. */
export interface Product {
  readonly size: number;
  apply(vector: Float64Array): Promise<Float64Array>;
}

export function dot(a: Float64Array, b: Float64Array): number {
  // Four sums that do not wait for one another: Lanczos spends its own time here.
  let [first, second, third, fourth] = [0, 0, 0, 0];
  const whole = a.length - (a.length % 4);
  for (let i = 0; i < whole; i += 4) {
    first += a[i] * b[i];
    second += a[i + 1] * b[i + 1];
    third += a[i + 2] * b[i + 2];
    fourth += a[i + 3] * b[i + 3];
  }
  for (let i = whole; i < a.length; i++) first += a[i] * b[i];
  return first + second + (third + fourth);
}

export const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));

/** a + factor b, into a. */
export function addScaled(a: Float64Array, factor: number, b: Float64Array): void {
  for (let i = 0; i < a.length; i++) a[i] += factor * b[i];
}

/** A vector of length 1 in a direction all of which are equally likely. */
export function unitVector(size: number, generator: random.Generator): Float64Array {
  const vector = Float64Array.from({ length: size }, () => generator.normal());
  return normalised(vector);
}

export function normalised(vector: Float64Array): Float64Array {
  const length = norm(vector);
  if (!(length > 0 && Number.isFinite(length)))
    throw new UsageError(`a vector of length ${length} has no direction`);
  return vector.map((entry) => entry / length);
}

/** D^(-1/2) A D^(-1/2) for a positive diagonal D: what a step divided by D sees of A. */
export function preconditioned({ size, apply }: Product, diagonal: Float64Array): Product {
  if (diagonal.length !== size || !diagonal.every((entry) => entry > 0))
    throw new UsageError("preconditioned: the diagonal needs one positive entry a parameter");
  const factor = diagonal.map((entry) => 1 / Math.sqrt(entry));
  const times = (vector: Float64Array) => vector.map((entry, i) => entry * factor[i]);
  return { size, apply: async (vector) => times(await apply(times(vector))) };
}

/**
 * Checks <u, A v> = <v, A u> for two random vectors.
 *
 * @throws UsageError when the matrix is not symmetric
 */
export async function checkSymmetric(
  { size, apply }: Product,
  generator: random.Generator,
  tolerance = 1e-4,
): Promise<void> {
  const [u, v] = [unitVector(size, generator), unitVector(size, generator)];
  const [atU, atV] = [await apply(u), await apply(v)];
  const [one, other] = [dot(u, atV), dot(v, atU)];
  if (Math.abs(one - other) <= tolerance * Math.max(norm(atU), norm(atV))) return;
  throw new UsageError(
    `the matrix is not symmetric: <u, A v> is ${one.toPrecision(6)} and <v, A u> is ${other.toPrecision(6)}; Lanczos needs a Hessian or another symmetric matrix`,
  );
}
