/** The eight methods as data: what each is in the framework (section 3, table 1), and its own formula. */
import type { Tensor, TensorLike } from "@etude/tensor";
import { cLime } from "./cLime.ts";
import { gradientTimesInput, vanillaGradients } from "./gradients.ts";
import { integratedGradients } from "./integratedGradients.ts";
import { kernelShap } from "./kernelShap.ts";
import { lime } from "./lime.ts";
import {
  bernoulliExponential,
  gaussian,
  type Neighbourhood,
  oneHot,
  shapley,
  uniformScale,
} from "./neighbourhoods.ts";
import type { LfaLoss } from "./observations.ts";
import { occlusion } from "./occlusion.ts";
import type { Operation, Setting } from "./perturbation.ts";
import type { ScalarFunction } from "./scalarFunction.ts";
import { smoothGrad } from "./smoothGrad.ts";
import type { Surrogate } from "./surrogates.ts";

export const methodNames = [
  "LIME",
  "KernelSHAP",
  "Occlusion",
  "Integrated Gradients",
  "Gradient x Input",
  "Vanilla Gradients",
  "SmoothGrad",
  "C-LIME",
] as const;
export type MethodName = (typeof methodNames)[number];

/** What methods can be told; each takes what concerns it. */
export interface MethodSettings {
  /** Deviation of Gaussian noise: 0.1. */
  readonly sigma?: number;
  /** Of LIME's kernel: 1. */
  readonly kernelWidth?: TensorLike;
  /** What stands for noise so small that only the gradient is left: 0.01. */
  readonly smallSigma?: number;
  /** What stands for scales so near 1 that only the gradient is left: 0.95. */
  readonly largeAlpha?: number;
}

/** A method in the framework: an approximation problem (eq. 1). */
export interface Instance {
  readonly neighbourhood: Neighbourhood;
  readonly loss: LfaLoss;
  readonly model: Surrogate;
}

export interface Method {
  readonly operation: Operation;
  /** Whether the perturbations change inputs a little, remove features, or scale all of them. */
  readonly perturbation: PerturbationKind;
  /** Whether its own formula needs a gradient of f. */
  readonly needsGradient: boolean;
  /** Its own formula: x [m, inputs] to [m, d]. */
  readonly direct: (
    f: ScalarFunction,
    x: Tensor,
    options: MethodSettings & Setting & { readonly samples: number; readonly key: TensorLike },
  ) => Tensor;
  readonly instance: (settings: MethodSettings) => Instance;
}

export const perturbationKinds = ["continuous", "removal", "scaling"] as const;
export type PerturbationKind = (typeof perturbationKinds)[number];

const additive = { operation: "additive", perturbation: "continuous" } as const;
const removal = { operation: "multiplicative", perturbation: "removal" } as const;
const scaling = { operation: "multiplicative", perturbation: "scaling" } as const;

export const methods: Readonly<Record<MethodName, Method>> = {
  LIME: {
    ...removal,
    needsGradient: false,
    direct: lime,
    instance: ({ kernelWidth = 1 }) => ({
      neighbourhood: bernoulliExponential(kernelWidth),
      loss: "squaredError",
      model: "linear",
    }),
  },
  KernelSHAP: {
    ...removal,
    needsGradient: false,
    direct: kernelShap,
    instance: () => ({ neighbourhood: shapley(), loss: "squaredError", model: "linear" }),
  },
  Occlusion: {
    ...removal,
    needsGradient: false,
    direct: occlusion,
    instance: () => ({
      neighbourhood: oneHot(),
      loss: "deltaSquaredError",
      model: "linearNoBias",
    }),
  },
  "Integrated Gradients": {
    ...scaling,
    needsGradient: true,
    direct: (f, x, { samples, ...options }) =>
      integratedGradients(f, x, { ...options, steps: samples }),
    instance: () => ({
      neighbourhood: uniformScale(0),
      loss: "gradientMatching",
      model: "linearNoBias",
    }),
  },
  "Gradient x Input": {
    ...scaling,
    needsGradient: true,
    direct: gradientTimesInput,
    instance: ({ largeAlpha = 0.95 }) => ({
      neighbourhood: uniformScale(largeAlpha),
      loss: "gradientMatching",
      model: "linearNoBias",
    }),
  },
  "Vanilla Gradients": {
    ...additive,
    needsGradient: true,
    direct: vanillaGradients,
    instance: ({ smallSigma = 0.01 }) => ({
      neighbourhood: gaussian(smallSigma),
      loss: "gradientMatching",
      model: "linearNoBias",
    }),
  },
  SmoothGrad: {
    ...additive,
    needsGradient: true,
    direct: smoothGrad,
    instance: ({ sigma = 0.1 }) => ({
      neighbourhood: gaussian(sigma),
      loss: "gradientMatching",
      model: "linearNoBias",
    }),
  },
  "C-LIME": {
    ...additive,
    needsGradient: false,
    direct: cLime,
    instance: ({ sigma = 0.1 }) => ({
      neighbourhood: gaussian(sigma),
      loss: "squaredError",
      model: "linear",
    }),
  },
};

/** The methods of an operation, in the order of `methodNames`. */
export const methodsThat = (accept: (method: Method) => boolean): readonly MethodName[] =>
  methodNames.filter((name) => accept(methods[name]));

export const additiveMethods: readonly MethodName[] = methodsThat(
  ({ operation }) => operation === "additive",
);
export const multiplicativeMethods: readonly MethodName[] = methodsThat(
  ({ operation }) => operation === "multiplicative",
);
