/** L-BFGS on a vector of numbers: minimisation of a smooth function from values and gradients. */
import { fail } from "../../errors.ts";
import { type LineSearchOptions, lineSearch } from "./lineSearch.ts";
import { addScaled, dot, infinityNorm, limitedMemory } from "./memory.ts";

/** A function's value and gradient at a point. */
export interface Evaluation {
  readonly value: number;
  readonly gradient: ArrayLike<number>;
}

/** The vector is the caller's to keep: every evaluation gets one of its own. */
export type ValueAndGradient = (x: Float64Array<ArrayBuffer>) => Evaluation | Promise<Evaluation>;

export interface LbfgsOptions {
  /** Number of pairs (step, change of the gradient) remembered: 10. */
  memory?: number;
  /** Stop after so many iterations: 15000. */
  maxIterations?: number;
  /** Stop after so many evaluations: 15000. */
  maxEvaluations?: number;
  /** Stop where no entry of the gradient is larger: 1e-5. */
  gradientTolerance?: number;
  /**
   * Stop when (f_k - f_{k+1}) / max(|f_k|, |f_{k+1}|, 1) is not larger: 2.22e-9 (L-BFGS-B's factr of
   * 1e7 times the spacing of float64), or `roundoff` if that is more.
   */
  relativeDecrease?: number;
  /**
   * Relative spacing of the numbers that the function is computed in: 2^-52. Give 2^-23 for a
   * function computed in float32: smaller decreases cannot be told from rounding. Steps that promise
   * to gain less than this of f are not searched for either; the search ends with "decrease".
   */
  roundoff?: number;
  /** c1 of the sufficient decrease: 1e-3. */
  sufficientDecrease?: number;
  /** c2 of the curvature condition: 0.9. */
  curvature?: number;
  /** Evaluations in one line search: 20. */
  maxTrials?: number;
  /** Called after every iteration. */
  onIteration?: (progress: LbfgsProgress) => void;
  /** Ends the search after the evaluation under way. */
  signal?: AbortSignal;
}

export interface LbfgsProgress {
  readonly iteration: number;
  readonly evaluations: number;
  readonly x: Float64Array;
  readonly value: number;
  /** Largest absolute entry of the gradient. */
  readonly gradientNorm: number;
}

/**
 * Why the search ended. At a minimum: "gradient" (small enough) or "decrease" (too small to go on).
 * Not certainly at one: "iterations", "evaluations", "lineSearch" (no step decreases the function,
 * also after forgetting the memory: rounding, or a gradient that is not the function's), "notFinite"
 * (at the start, or at every step tried), "aborted".
 */
export type StopReason =
  | "gradient"
  | "decrease"
  | "iterations"
  | "evaluations"
  | "lineSearch"
  | "notFinite"
  | "aborted";

export interface LbfgsResult {
  /** The best point found. */
  readonly x: Float64Array<ArrayBuffer>;
  readonly value: number;
  /** Largest absolute entry of the gradient there. */
  readonly gradientNorm: number;
  readonly iterations: number;
  readonly evaluations: number;
  readonly reason: StopReason;
  /** The reason in a sentence. */
  readonly message: string;
}

interface Evaluated {
  readonly x: Float64Array<ArrayBuffer>;
  readonly value: number;
  readonly gradient: Float64Array;
}

const defaults = {
  memory: 10,
  maxIterations: 15_000,
  maxEvaluations: 15_000,
  gradientTolerance: 1e-5,
  roundoff: 2 ** -52,
  sufficientDecrease: 1e-3,
  curvature: 0.9,
  maxTrials: 20,
};

/**
 * Minimise a smooth function by L-BFGS: quasi-Newton directions from the last few gradients, steps
 * by the line search of Moré and Thuente with both Wolfe conditions.
 *
 *     d_k = -H_k g_k,  x_{k+1} = x_k + a_k d_k,  s = x_{k+1} - x_k,  y = g_{k+1} - g_k
 *
 * with H_k from the last `memory` pairs (s, y) by the two-loop recursion on gamma I, gamma = s.y / y.y.
 * A pair whose curvature s.y is not above `roundoff` times the decrease -s.g_k that was expected is
 * not taken in. The first step is tried at length 1, later ones at a = 1. If a search
 * fails the memory is cleared and steepest descent tried once.
 *
 * For deterministic functions of a few to some ten thousands of variables. The same algorithm,
 * constants and stopping rules as L-BFGS-B (SciPy's default) without bounds, so with about the same
 * iterates; where a trial point is not finite, which that code does not handle, shorter steps are tried.
 *
 * Liu, Nocedal, "On the limited memory BFGS method for large scale optimization", Mathematical
 * Programming 45 (1989); Byrd, Lu, Nocedal, Zhu, "A limited memory algorithm for bound constrained
 * optimization", SIAM J. Sci. Comput. 16 (1995).
 *
 * @param valueAndGradient the function; may be asynchronous, as compiled ones are
 * @throws {LearnError} if an option makes no sense or the gradient has not the length of `start`
 *
 * @example
 * const { x, reason } = await lbfgs(
 *   ([a, b]) => ({
 *     value: (1 - a) ** 2 + 100 * (b - a * a) ** 2,
 *     gradient: [2 * (a - 1) - 400 * a * (b - a * a), 200 * (b - a * a)],
 *   }),
 *   [-1.2, 1],
 * ); // x = [1, 1], reason "gradient"
 */
export async function lbfgs(
  valueAndGradient: ValueAndGradient,
  start: ArrayLike<number>,
  options: LbfgsOptions = {},
): Promise<LbfgsResult> {
  const settings = { ...defaults, ...withoutUndefined(options) };
  check(settings);
  const relativeDecrease = options.relativeDecrease ?? Math.max(2.22e-9, settings.roundoff);
  const searchOptions: LineSearchOptions = {
    sufficientDecrease: settings.sufficientDecrease,
    curvature: settings.curvature,
    intervalTolerance: 0.1,
    longest: 1e10,
  };
  const memory = limitedMemory(settings.memory);
  let evaluations = 0;
  let iterations = 0;

  const evaluate = async (x: Float64Array<ArrayBuffer>): Promise<Evaluated> => {
    evaluations++;
    const { value, gradient } = await valueAndGradient(x.slice());
    if (gradient.length !== x.length)
      fail(`lbfgs: ${gradient.length} derivatives for ${x.length} variables`);
    return { x, value, gradient: Float64Array.from(gradient) };
  };

  /** A step along the direction: the new point, or why there is none. */
  const search = async (from: Evaluated, direction: Float64Array, first: number) => {
    const slope = dot(direction, from.gradient);
    if (!(slope < 0)) return "lineSearch";
    const walk = lineSearch({ step: 0, value: from.value, slope }, first, searchOptions);
    let step = first;
    let best: Evaluated | undefined;
    let anyFinite = false;
    for (let trial = 0; trial < settings.maxTrials; trial++) {
      if (settings.signal?.aborted) return best ?? "aborted";
      if (evaluations >= settings.maxEvaluations) return best ?? "evaluations";
      const x = Float64Array.from(from.x);
      addScaled(x, direction, step);
      const point = await evaluate(x);
      const pointSlope = dot(direction, point.gradient);
      const finite = Number.isFinite(point.value) && Number.isFinite(pointSlope);
      anyFinite ||= finite;
      const state = finite
        ? walk.advance({ step, value: point.value, slope: pointSlope })
        : walk.shorten(step);
      if (state.kind === "accepted") return point;
      if (finite && walk.best() === step) best = point;
      if (state.kind === "stalled") return best ?? "lineSearch";
      step = state.step;
    }
    return anyFinite ? "lineSearch" : "notFinite";
  };

  let current = await evaluate(Float64Array.from(start));
  const finish = (reason: StopReason): LbfgsResult => ({
    x: current.x,
    value: current.value,
    gradientNorm: infinityNorm(current.gradient),
    iterations,
    evaluations,
    reason,
    message: messages[reason],
  });
  if (!Number.isFinite(current.value) || !current.gradient.every(Number.isFinite))
    return finish("notFinite");
  if (infinityNorm(current.gradient) <= settings.gradientTolerance) return finish("gradient");

  for (;;) {
    if (settings.signal?.aborted) return finish("aborted");
    if (iterations >= settings.maxIterations) return finish("iterations");
    const direction = memory.direction(current.gradient);
    // Without memory the gradient says nothing about the length of a step: the length 1 at first, and
    // not more than that later on.
    const unit = 1 / Math.sqrt(dot(direction, direction));
    const first = memory.size() > 0 ? 1 : iterations === 0 ? unit : Math.min(1, unit);
    // What a step can gain is at most about -d.g: less than a rounding of f cannot be searched for.
    const gain = -first * dot(direction, current.gradient);
    if (memory.size() > 0 && gain >= 0 && gain <= settings.roundoff * Math.abs(current.value))
      return finish("decrease");
    const next = await search(current, direction, first);
    if (typeof next === "string") {
      if (next !== "lineSearch" || memory.size() === 0) return finish(next);
      memory.clear();
      continue;
    }
    iterations++;
    const previous = current;
    current = next;
    const gradientNorm = infinityNorm(next.gradient);
    settings.onIteration?.({
      iteration: iterations,
      evaluations,
      x: next.x,
      value: next.value,
      gradientNorm,
    });
    if (gradientNorm <= settings.gradientTolerance) return finish("gradient");
    const scale = Math.max(Math.abs(previous.value), Math.abs(next.value), 1);
    if (previous.value - next.value <= relativeDecrease * scale) return finish("decrease");

    const step = difference(next.x, previous.x);
    const change = difference(next.gradient, previous.gradient);
    const curvature = dot(step, change);
    if (curvature > settings.roundoff * -dot(step, previous.gradient))
      memory.push(step, change, curvature);
  }
}

const messages: Record<StopReason, string> = {
  gradient: "the gradient is as small as asked for",
  decrease: "the function hardly decreases any more",
  iterations: "the allowed number of iterations is used up",
  evaluations: "the allowed number of evaluations is used up",
  lineSearch:
    "no step along the gradient decreases the function: the minimum to within rounding, or the gradient is not that of the function",
  notFinite:
    "the function or its gradient is not finite at the start or at all steps tried: look for a logarithm, root or quotient outside its domain, or start elsewhere",
  aborted: "stopped from outside",
};

const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((v, i) => v - b[i]);

const withoutUndefined = (options: LbfgsOptions): LbfgsOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

function check(settings: typeof defaults): void {
  for (const name of ["memory", "maxTrials"] as const) {
    if (!Number.isInteger(settings[name]) || settings[name] < 1)
      fail(`lbfgs: ${name} must be a whole number >= 1, got ${settings[name]}`);
  }
  const { sufficientDecrease: c1, curvature: c2 } = settings;
  if (!(0 < c1 && c1 < c2 && c2 < 1)) {
    fail(`lbfgs: 0 < sufficientDecrease < curvature < 1 is needed, got ${c1} and ${c2}`);
  }
}
