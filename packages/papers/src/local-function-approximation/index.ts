/** The methods for programs: eight explainers, the problem they all solve, and what to judge them by. */
export { type AdamGrid, paperGrid } from "./adamFit.ts";
export { approximations } from "./approximations.ts";
export { chooseExplainer, recovered } from "./choice.ts";
export {
  type CLimeOptions,
  cLime,
  cLimeDesign,
  cLimeRegression,
} from "./cLime.ts";
export { type Design, designOf, regress } from "./design.ts";
export { type AttributionDistances, attributionDistances, relativeL1 } from "./distances.ts";
export { gradientTimesInput, vanillaGradients } from "./gradients.ts";
export { type IntegratedGradientsOptions, integratedGradients } from "./integratedGradients.ts";
export {
  type KernelShapOptions,
  kernelShap,
  kernelShapDesign,
  kernelShapRegression,
} from "./kernelShap.ts";
export type { Regression } from "./leastSquares.ts";
export { type LimeOptions, lime, limeDesign, limeRegression } from "./lime.ts";
export {
  type Approximation,
  type ApproximationOptions,
  localFunctionApproximation,
} from "./localFunctionApproximation.ts";
export {
  type Instance,
  type Method,
  type MethodName,
  type MethodSettings,
  methodNames,
  methods,
  type PerturbationKind,
} from "./methods.ts";
export {
  bernoulli,
  bernoulliExponential,
  everySubset,
  gaussian,
  type Neighbourhood,
  oneHot,
  shapley,
  shapleySizes,
  uniformScale,
  weightedPoints,
} from "./neighbourhoods.ts";
export { type ExplanationLossOptions, explanationLosses } from "./noFreeLunch.ts";
export type { LfaLoss } from "./observations.ts";
export { occlusion, occlusionPoints, occlusionWeights } from "./occlusion.ts";
export { paper } from "./paper.ts";
export type { Operation, Setting } from "./perturbation.ts";
export {
  type PerturbationTestOptions,
  perturbationTest,
  perturbationTests,
} from "./perturbationTest.ts";
export type { ScalarFunction } from "./scalarFunction.ts";
export { shapleyValues } from "./shapleyValues.ts";
export { type SmoothGradOptions, smoothGrad } from "./smoothGrad.ts";
export type { Surrogate } from "./surrogates.ts";
