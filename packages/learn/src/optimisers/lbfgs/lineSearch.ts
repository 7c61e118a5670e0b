/** A step along a direction that decreases the function enough and flattens its slope enough. */
import { type Interval, nextStep, type Point } from "./cubicStep.ts";

export interface LineSearchOptions {
  /** c1 of sufficient decrease, f(a) <= f(0) + c1 a f'(0). */
  sufficientDecrease: number;
  /** c2 of the curvature condition, |f'(a)| <= c2 |f'(0)|. */
  curvature: number;
  /** Stop when the interval is narrower than this, relative to its upper end. */
  intervalTolerance: number;
  /** Longest step. */
  longest: number;
}

/**
 * The search asks for the function at `step`; or the step just taken in is `accepted`; or it has
 * `stalled`, because the interval has become too narrow, and its best step is what there is.
 */
export type SearchState =
  | { readonly kind: "evaluate"; readonly step: number }
  | { readonly kind: "accepted" }
  | { readonly kind: "stalled" };

export interface LineSearch {
  /** The best step so far; 0 while none is better than the start. */
  best(): number;
  /** Take in the function at the step asked for. */
  advance(trial: Point): SearchState;
  /** The function was not finite at the step asked for: the next step is nearer to the best one. */
  shorten(step: number): SearchState;
}

/**
 * Moré and Thuente's search for a point with both (strong Wolfe) conditions, from the values at one
 * step after the other.
 *
 * It keeps an interval that holds such a point. While no step has both a sufficient decrease and a
 * slope >= 0 (the first stage) it interpolates f(a) - f(0) - c1 a f'(0) instead of f.
 *
 * Moré, Thuente, "Line search algorithms with guaranteed sufficient decrease", ACM TOMS 20 (1994),
 * in the form of MINPACK-2's `dcsrch`: the same trial steps, except that a best point which it would
 * evaluate once more before giving up is not.
 *
 * @param start the function at step 0, with a negative slope
 * @param first the first trial step, positive
 */
export function lineSearch(start: Point, first: number, options: LineSearchOptions): LineSearch {
  const { sufficientDecrease, curvature, intervalTolerance } = options;
  const testSlope = sufficientDecrease * start.slope;
  let interval: Interval = { best: start, other: start, bracketed: false };
  let firstStage = true;
  let ceiling = options.longest; // no step beyond it; it comes down where the function is not finite
  let open = true; // whether a step may be as long as the ceiling
  let [least, most] = [0, 5 * first];
  let [width, widthBefore] = [ceiling, 2 * ceiling];

  const advance = (trial: Point): SearchState => {
    const { step, value, slope } = trial;
    const bound = start.value + step * testSlope;
    if (firstStage && value <= bound && slope >= 0) firstStage = false;
    const flatEnough = Math.abs(slope) <= -curvature * start.slope;
    const stillFalling = step === ceiling && slope <= testSlope; // and no longer step is allowed
    if (value <= bound && (flatEnough || stillFalling)) return { kind: "accepted" };

    let next: number;
    if (firstStage && value <= interval.best.value && value > bound) {
      const tilted = nextStep(tilt(interval, testSlope), tilt(trial, testSlope), least, most);
      interval = tilt(tilted.interval, -testSlope);
      next = tilted.step;
    } else {
      ({ interval, step: next } = nextStep(interval, trial, least, most));
    }

    const { best, other } = interval;
    if (interval.bracketed) {
      // The interval must shrink to two thirds in two steps.
      const span = Math.abs(other.step - best.step);
      if (span >= 0.66 * widthBefore) next = best.step + 0.5 * (other.step - best.step);
      [width, widthBefore] = [span, width];
      least = Math.min(best.step, other.step);
      most = Math.max(best.step, other.step);
    } else {
      least = next + 1.1 * (next - best.step);
      most = next + 4 * (next - best.step);
    }
    return propose(Math.min(ceiling, Math.max(0, next)));
  };

  const propose = (wanted: number): SearchState => {
    const { best, bracketed } = interval;
    // Rounding or the tolerance leaves no step between the ends.
    const exhausted =
      bracketed && (wanted <= least || wanted >= most || most - least <= intervalTolerance * most);
    if (exhausted || !Number.isFinite(wanted)) return { kind: "stalled" };
    const step = !open && wanted >= ceiling ? (best.step + ceiling) / 2 : wanted;
    return { kind: "evaluate", step };
  };

  const shorten = (step: number): SearchState => {
    const { best } = interval;
    if (step > best.step) {
      ceiling = step;
      open = false;
    }
    return { kind: "evaluate", step: best.step + (step - best.step) / 2 };
  };

  return { best: () => interval.best.step, advance, shorten };
}

/** Points of f as points of f(a) - a slope, and back with the slope reversed. */
function tilt<T extends Point | Interval>(what: T, slope: number): T {
  const tilted = ({ step, value, slope: own }: Point): Point => ({
    step,
    value: value - step * slope,
    slope: own - slope,
  });
  if ("step" in what) return tilted(what) as T;
  const { best, other, bracketed } = what as Interval;
  return { best: tilted(best), other: tilted(other), bracketed } as T;
}
