/**
 * Activation patterns: which samples a hidden unit with weights g lets through, D = diag(1[X g >= 0]).
 * The convex program has one pair of blocks for each of them.
 *
 * Bai, Gautam, Sojoudi, "Efficient Global Optimization of Two-layer ReLU Networks", SIAM J. Math. Data
 * Sci. 2023, arXiv:2201.01965, section 2 and algorithm 2.1.
 */
import type { NDArray, random } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

export interface Patterns {
  /** The diagonals, one pattern after the other: entry i * samples + k is 1 where pattern i lets sample k through. */
  readonly D: Uint8Array;
  /** n */
  readonly samples: number;
  /** P, all different. */
  readonly count: number;
  /** False if drawing was given up before as many were found as were asked for, because no new ones came. */
  readonly complete: boolean;
}

/**
 * How many patterns there are: P = 2 sum_{k=0}^{r-1} C(n-1, k) for n samples in general position whose
 * matrix has rank r (eq. 2); duplicates and dependent rows leave fewer.
 */
export function patternCount(n: number, rank: number): bigint {
  requireWhole("n", n, 1);
  requireWhole("rank", rank, 1);
  let binomial = 1n;
  let sum = 0n;
  for (let k = 0; k < Math.min(rank, n); k++) {
    sum += binomial;
    binomial = (binomial * BigInt(n - 1 - k)) / BigInt(k + 1);
  }
  return 2n * sum;
}

/**
 * How many sampled patterns suffice so that, with probability 1 - xi over the sample, one further
 * random pattern lowers the optimum with probability psi at most:
 *
 *     min{ (n + 1) / (psi xi) - 1,  (2 / psi) (n + 1 - ln xi) }
 *
 * The second term is the bound of scenario optimisation, N >= (2 / eps) (ln(1 / delta) + dimension),
 * with eps = psi, delta = xi and n + 1 dimensions.
 *
 * @param psi probability of an improvement, in (0, 1)
 * @param xi probability of an unlucky sample, in (0, 1)
 */
export function scenarioBound(n: number, psi: number, xi: number): number {
  requireWhole("n", n, 1);
  for (const [name, value] of [["psi", psi] as const, ["xi", xi] as const]) {
    if (!(value > 0 && value < 1))
      throw new UsageError(`${name} must lie between 0 and 1, got ${value}`);
  }
  return Math.min((n + 1) / (psi * xi) - 1, (2 / psi) * (n + 1 - Math.log(xi)));
}

/**
 * All patterns of samples in the plane, by the angles at which a sample changes sides.
 *
 * @param X [n, 2]
 */
export function allPatterns2d(X: NDArray): Patterns {
  if (X.rank !== 2 || X.shape[1] !== 2)
    throw new UsageError(
      `patterns are enumerated for two columns (one and the bias), got [${X.shape.join(", ")}]; sample them instead`,
    );
  const angles = [...changes(X)].sort((a, b) => a - b);
  const found = collector(X.shape[0]);
  angles.forEach((angle, i) => {
    const next = i + 1 < angles.length ? angles[i + 1] : angles[0] + 2 * Math.PI;
    const middle = (angle + next) / 2;
    found.add(activation(X, [Math.cos(middle), Math.sin(middle)]));
  });
  if (angles.length === 0) found.add(activation(X, [1, 0]));
  return found.patterns(true);
}

/** Angles in [0, 2 pi) at which some row is orthogonal to the direction (cos t, sin t). */
export function changes({ data, shape: [n] }: NDArray): Set<number> {
  const angles = new Set<number>();
  for (let k = 0; k < n; k++) {
    const [a, b] = [data[2 * k], data[2 * k + 1]];
    if (a === 0 && b === 0) continue;
    for (const turn of [0.5, 1.5]) {
      const angle = Math.atan2(b, a) + turn * Math.PI;
      angles.add(((angle % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI));
    }
  }
  return angles;
}

/**
 * Algorithm 2.1: patterns of directions g ~ N(0, I), kept if new, until there are `count`. As there may
 * be fewer, drawing ends after many that bring nothing new; `complete` says so and `count` how many
 * were found.
 *
 * @param X [n, d]
 */
export function samplePatterns(X: NDArray, count: number, generator: random.Generator): Patterns {
  requireWhole("patterns", count, 1);
  const [n, d] = X.shape;
  const found = collector(n);
  const patience = patienceFor(count);
  for (let misses = 0; found.size() < count && misses < patience; ) {
    misses = found.add(activation(X, direction(d, generator))) ? 0 : misses + 1;
  }
  return found.patterns(found.size() === count);
}

/** Cells of a thousandth of the sphere should not be missed. */
const patienceFor = (count: number): number => Math.max(5000, 100 * count);

/** Patterns of given directions, such as the units of a trained network, before others: each once. */
export function joinPatterns(X: NDArray, U: NDArray, others: Patterns): Patterns {
  const [n, d] = X.shape;
  const found = collector(n);
  for (let j = 0; j < U.shape[0]; j++)
    found.add(activation(X, Array.from(U.data.subarray(j * d, (j + 1) * d))));
  for (let i = 0; i < others.count; i++) found.add(others.D.slice(i * n, (i + 1) * n));
  return found.patterns(others.complete);
}

/**
 * The patterns and the one that lets every sample through, if it is not among them. Where there is a
 * bias that is not perturbed its robust cone (15) is never empty: for any weights v', a bias of
 *
 *     max over k of eps |v'|_1 - x_k^T v'
 *
 * is in it. And v - w over this pattern is any linear model, so that robust training has something to
 * fall back on; sampled patterns that cut through the data often have no robust cone but zero.
 */
export function withAllOnes({ D, samples, count, complete }: Patterns): Patterns {
  const found = collector(samples);
  for (let i = 0; i < count; i++) found.add(D.slice(i * samples, (i + 1) * samples));
  found.add(new Uint8Array(samples).fill(1));
  return found.patterns(complete);
}

/**
 * Patterns for robust training: for each direction that of the data, and those of `variants` - 1
 * corners X + eps sgn(R) of the perturbation set, R Gaussian. Columns of `bias` are not perturbed.
 */
export function sampleRobustPatterns(
  X: NDArray,
  eps: number,
  options: {
    readonly directions: number;
    readonly variants: number;
    readonly bias?: readonly number[];
    readonly generator: random.Generator;
  },
): Patterns {
  const { directions, variants, generator } = options;
  requireWhole("directions", directions, 1);
  requireWhole("variants", variants, 1);
  if (!(eps >= 0)) throw new UsageError(`eps must not be negative, got ${eps}`);
  const [n, d] = X.shape;
  const bias = new Set(options.bias ?? [d - 1]);
  const found = collector(n);
  for (let h = 0; h < directions; h++) {
    const g = direction(d, generator);
    found.add(activation(X, g));
    for (let variant = 1; variant < variants; variant++) {
      const corner = Float64Array.from(X.data);
      // A sign needs one bit: a word of the generator serves 32 entries.
      let [word, left] = [0, 0];
      for (let e = 0; e < corner.length; e++) {
        if (bias.has(e % d)) continue;
        if (left === 0) [word, left] = [generator.bits(), 32];
        corner[e] += (word & 1) === 1 ? eps : -eps;
        word >>>= 1;
        left--;
      }
      found.add(activation({ data: corner, shape: X.shape }, g));
    }
  }
  return found.patterns(true);
}

const direction = (d: number, generator: random.Generator): number[] =>
  Array.from({ length: d }, () => generator.normal());

/** 1[X g >= 0] */
function activation(
  { data, shape: [n, d] }: Pick<NDArray, "data" | "shape">,
  g: readonly number[],
): Uint8Array {
  const pattern = new Uint8Array(n);
  for (let k = 0; k < n; k++) {
    let product = 0;
    for (let j = 0; j < d; j++) product += data[k * d + j] * g[j];
    pattern[k] = product >= 0 ? 1 : 0;
  }
  return pattern;
}

/** Patterns in the order they came, each once. */
function collector(samples: number) {
  const seen = new Set<string>();
  const kept: Uint8Array[] = [];
  return {
    size: () => kept.length,
    /** Whether it is new. */
    add(pattern: Uint8Array): boolean {
      const key = pattern.join("");
      if (seen.has(key)) return false;
      seen.add(key);
      kept.push(pattern);
      return true;
    },
    patterns(complete: boolean): Patterns {
      const D = new Uint8Array(samples * kept.length);
      kept.forEach((pattern, i) => {
        D.set(pattern, i * samples);
      });
      return { D, samples, count: kept.length, complete };
    },
  };
}

export function requireWhole(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least)
    throw new UsageError(`${name} must be a whole number from ${least}, got ${value}`);
}
