/** The method, for use in one's own training. */
export {
  lastIterateBound,
  optimalWeights,
  ratesFromWeights,
  scheduleFromWeights,
  worstCaseRates,
} from "./bound.ts";
export { gradientNorm, recordGradientNorms, scaledGradientNorm } from "./gradientNorms.ts";
export { lastIterate } from "./lastIterate.ts";
export { meanFilterReflect } from "./meanFilter.ts";
export { medianFilterReflect } from "./medianFilter.ts";
export { type NumericalSchedule, numericalSchedule, scheduleBound } from "./numericalBound.ts";
export { type PolynomialFit, polynomialFit } from "./polynomialFit.ts";
export {
  type FilterKind,
  finiteNorms,
  type NormKind,
  type RefineOptions,
  refinedSchedule,
  refineSchedule,
} from "./refine.ts";
export { resample } from "./resample.ts";
export {
  cosine,
  flat,
  inverse,
  inverseSqrt,
  linearDecay,
  polynomial,
  stepwise,
} from "./standardSchedules.ts";
