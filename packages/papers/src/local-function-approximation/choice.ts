/**
 * The guiding principle (section 4.2): choose a method whose neighbourhood is the one you care about
 * and which gives f back whenever f itself is in G.
 */
import { type MethodName, methodNames, methods, type PerturbationKind } from "./methods.ts";

/**
 * The methods to choose from for a kind of perturbation, in the order of the paper's table:
 *
 * - continuous: inputs change a little, so noise must be added: C-LIME, SmoothGrad, Vanilla Gradients;
 * - removal: features are there or not: LIME, KernelSHAP, Occlusion;
 * - scaling: all inputs grow and shrink together: Integrated Gradients, Gradient x Input.
 */
export const chooseExplainer = (question: {
  readonly perturbation: PerturbationKind;
}): readonly MethodName[] =>
  methodNames.filter((name) => methods[name].perturbation === question.perturbation);

/**
 * What a method gives for f(x) = w.x + c (eq. 19): w if it adds to the input, w (x0 - x') if it
 * multiplies it.
 *
 * @param x0 [d], @param baseline x' [d]
 */
export const recovered = (
  name: MethodName,
  weights: readonly number[],
  x0: readonly number[],
  baseline: readonly number[],
): number[] =>
  methods[name].operation === "additive"
    ? [...weights]
    : weights.map((w, j) => w * (x0[j] - baseline[j]));
