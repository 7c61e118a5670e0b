/** The choice among normalisations of images, for nets that leave it open. */
import type { random, Tensor } from "@etude/tensor";
import {
  type BatchNormOptions,
  type BatchNormState,
  batchNorm,
  type ScaleAndBias,
} from "./batchNorm.ts";
import { groupNorm, instanceNorm } from "./normalization.ts";

/** "none" has no parameters; only "batch" has a state. */
export type NormChoice = "batch" | "group" | "instance" | "none";

/** Parameters and state of whatever was chosen: empty where there are none. */
export type NormParams = ScaleAndBias | Record<string, never>;
export type NormState = BatchNormState | Record<string, never>;

export interface FeatureNormOptions {
  features: number;
  /** Batch normalisation by default. */
  norm?: NormChoice;
  /** For "group": how many groups; 8 by default, or as many as there are features if fewer. */
  groups?: number;
  dtype?: random.FloatType;
}

/** A normalisation as chosen: state in, state out, whether it has one or not. */
export interface FeatureNorm {
  (
    params: NormParams,
    state: NormState,
    x: Tensor,
    options?: BatchNormOptions,
  ): [y: Tensor, state: NormState];
  init(): NormParams;
  initState(): NormState;
}

const isScaled = (params: NormParams): params is ScaleAndBias => "scale" in params;
const isRunning = (state: NormState): state is BatchNormState => "mean" in state;

/**
 * One of the normalisations of images [N, C, ...], with one way to call them all.
 *
 * @example
 * const norm = featureNorm({ features: 16, norm: "group" });
 * const [y, state] = norm(norm.init(), norm.initState(), x, { training: true });
 */
export function featureNorm(choice: FeatureNormOptions): FeatureNorm {
  const { features, norm = "batch", dtype, groups = Math.min(8, features) } = choice;
  const apply = (
    params: NormParams,
    state: NormState,
    x: Tensor,
    options: BatchNormOptions = {},
  ): [Tensor, NormState] => {
    if (!isScaled(params)) return [x, state];
    const { epsilon } = options;
    if (isRunning(state)) return batchNorm(params, state, x, options);
    return norm === "group"
      ? [groupNorm(params, x, { groups, epsilon }), state]
      : [instanceNorm(params, x, { epsilon }), state];
  };
  return Object.assign(apply, {
    init: () => (norm === "none" ? {} : batchNorm.init({ features, dtype })),
    initState: () => (norm === "batch" ? batchNorm.initState({ features, dtype }) : {}),
  });
}
