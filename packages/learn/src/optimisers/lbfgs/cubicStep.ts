/** One trial step of the line search: interpolation in an interval that holds a minimiser. */

/** A point of the search: the step, the function there, and its derivative along the direction. */
export interface Point {
  readonly step: number;
  readonly value: number;
  readonly slope: number;
}

export interface Interval {
  /** The best point so far. */
  readonly best: Point;
  /** The other end. */
  readonly other: Point;
  /** Whether a minimiser is known to lie between the two. */
  readonly bracketed: boolean;
}

/**
 * The interval with a trial point taken in, and the next trial step. Cubics and secants through
 * values and slopes of the trial and of an end of the interval, in four cases.
 *
 * Moré, Thuente, "Line search algorithms with guaranteed sufficient decrease", ACM TOMS 20 (1994),
 * section 4; the safeguards are those of MINPACK-2's `dcstep`.
 *
 * @param least bounds of the next step
 */
export function nextStep(
  { best, other, bracketed }: Interval,
  trial: Point,
  least: number,
  most: number,
): { interval: Interval; step: number } {
  const opposite = Math.sign(trial.slope) * Math.sign(best.slope) < 0;
  const secant = trial.step + (trial.slope / (trial.slope - best.slope)) * (best.step - trial.step);

  if (trial.value > best.value) {
    // Case 1: a higher value. There is a minimum between; the cubic if it stays nearer to the best
    // point than the parabola through both values and the best slope, else halfway to the latter.
    const cubic = cubicMinimum(best, trial);
    const width = trial.step - best.step;
    const chord = (best.value - trial.value) / width;
    const parabola = best.step + (best.slope / (chord + best.slope) / 2) * width;
    const nearer = Math.abs(cubic - best.step) <= Math.abs(parabola - best.step);
    return {
      interval: { best, other: trial, bracketed: true },
      step: nearer ? cubic : cubic + (parabola - cubic) / 2,
    };
  }

  if (opposite) {
    // Case 2: lower, but the slope has changed its sign. Whichever goes farther from the trial.
    const cubic = cubicMinimum(trial, best);
    const farther = Math.abs(cubic - trial.step) > Math.abs(secant - trial.step);
    return {
      interval: { best: trial, other: best, bracketed: true },
      step: farther ? cubic : secant,
    };
  }

  const interval = { best: trial, other, bracketed };
  const forward = trial.step > best.step;
  if (Math.abs(trial.slope) < Math.abs(best.slope)) {
    // Case 3: lower, same sign, flatter. The cubic may have no minimum in that direction.
    const cubic = cubicBeyond(trial, best) ?? (forward ? most : least);
    const cubicIsNearer = Math.abs(cubic - trial.step) < Math.abs(secant - trial.step);
    if (bracketed) {
      const step = cubicIsNearer ? cubic : secant;
      const limit = trial.step + 0.66 * (other.step - trial.step);
      return { interval, step: forward ? Math.min(limit, step) : Math.max(limit, step) };
    }
    const cubicIsFarther = Math.abs(cubic - trial.step) > Math.abs(secant - trial.step);
    const step = cubicIsFarther ? cubic : secant;
    return { interval, step: Math.min(most, Math.max(least, step)) };
  }

  // Case 4: lower, same sign, not flatter. The cubic to the other end, or as far as allowed.
  if (bracketed) return { interval, step: cubicMinimum(trial, other) };
  return { interval, step: forward ? most : least };
}

/** Terms of the cubic through two points: `theta` and the scaled root `gamma` of its discriminant. */
function cubicTerms(from: Point, to: Point): { theta: number; gamma: number } {
  const theta = (3 * (from.value - to.value)) / (to.step - from.step) + from.slope + to.slope;
  const size = Math.max(Math.abs(theta), Math.abs(from.slope), Math.abs(to.slope));
  const discriminant = (theta / size) ** 2 - (from.slope / size) * (to.slope / size);
  const gamma = size * Math.sqrt(Math.max(0, discriminant));
  return { theta, gamma: to.step < from.step ? -gamma : gamma };
}

/** Where the cubic through both points is least, between them. */
function cubicMinimum(from: Point, to: Point): number {
  const { theta, gamma } = cubicTerms(from, to);
  const ratio = (gamma - from.slope + theta) / (gamma - from.slope + gamma + to.slope);
  return from.step + ratio * (to.step - from.step);
}

/** The minimum of the cubic if it lies beyond `from`, seen from `to`; else undefined. */
function cubicBeyond(from: Point, to: Point): number | undefined {
  const { theta, gamma } = cubicTerms(from, to);
  const ratio = (gamma - from.slope + theta) / (gamma + (to.slope - from.slope) + gamma);
  return ratio < 0 && gamma !== 0 ? from.step + ratio * (to.step - from.step) : undefined;
}
