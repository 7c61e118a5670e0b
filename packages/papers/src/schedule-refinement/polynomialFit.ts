/** A refined schedule in two numbers: a warm-up and the power of a decay. */
import { UsageError } from "../contract/errors.ts";

export interface PolynomialShape {
  /** The share of the run in which the rate rises. */
  readonly warmup: number;
  /** The exponent q of the decay (1 - s)^q, s the share done of what is left. */
  readonly power: number;
}

export interface PolynomialFit extends PolynomialShape {
  /** The root of the mean squared difference between schedule and fit. */
  readonly error: number;
}

/** Least squares are over so many points at most: a shape needs no more. */
const mostPoints = 500;
const powers = [0.05, 20] as const;

/**
 * The polynomial schedule with warm-up that is nearest to a schedule, by least squares:
 *
 *     (t + 1) / (u T),  t < u T;    (1 - (t - u T) / (T - u T))^q  after that
 *
 * For a run of another length, or of a library that takes no table of values.
 *
 * @param schedule multipliers of peak 1, one a step
 * @example polynomialFit(polynomial(1000, { warmup: 0.2, power: 0.9 })) // warmup 0.2, power 0.9
 */
export function polynomialFit(schedule: ArrayLike<number>): PolynomialFit {
  const { length } = schedule;
  if (length < 2)
    throw new UsageError(`a schedule of ${length} steps has no shape; give two or more`);
  const count = Math.min(length, mostPoints);
  const places = Float64Array.from({ length: count }, (_, i) =>
    count === length ? i : Math.round((i * (length - 1)) / (count - 1)),
  );
  const values = places.map((t) => schedule[t]);

  const errorOf = (warmup: number, power: number): number => {
    const rise = warmup * length;
    let total = 0;
    for (let i = 0; i < count; i++) {
      const t = places[i];
      const fit =
        t < rise ? Math.min((t + 1) / rise, 1) : (1 - (t - rise) / (length - rise)) ** power;
      total += (values[i] - fit) ** 2;
    }
    return total / count;
  };
  const bestPower = (warmup: number, narrowings = 26): { power: number; error: number } => {
    const range = [Math.log(powers[0]), Math.log(powers[1])] as const;
    const at = goldenSection((log) => errorOf(warmup, Math.exp(log)), range, narrowings);
    return { power: Math.exp(at), error: errorOf(warmup, Math.exp(at)) };
  };

  // The error over u may have several valleys: look everywhere first, then closely at the deepest.
  const grid = Array.from({ length: 50 }, (_, i) => i / 50);
  const errors = grid.map((warmup) => bestPower(warmup, 12).error);
  const coarse = grid[errors.indexOf(Math.min(...errors))];
  const near = [Math.max(coarse - 0.02, 0), Math.min(coarse + 0.02, 0.995)] as const;
  const fine = goldenSection((warmup) => bestPower(warmup).error, near, 16);
  const [warmup] = [coarse, fine].sort((a, b) => bestPower(a).error - bestPower(b).error);
  const { power, error } = bestPower(warmup);
  return { warmup, power, error: Math.sqrt(error) };
}

const ratio = (Math.sqrt(5) - 1) / 2;

/** The lowest place of a function with one valley (Kiefer 1953): 0.618^narrowings of the range is left. */
function goldenSection(
  f: (x: number) => number,
  [from, to]: readonly [number, number],
  narrowings: number,
): number {
  let [low, high] = [from, to];
  let [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
  let [left, right] = [f(a), f(b)];
  for (let i = 0; i < narrowings; i++) {
    if (left < right) {
      [high, b, right] = [b, a, left];
      a = high - ratio * (high - low);
      left = f(a);
    } else {
      [low, a, left] = [a, b, right];
      b = low + ratio * (high - low);
      right = f(b);
    }
  }
  return (low + high) / 2;
}
