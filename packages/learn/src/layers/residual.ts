/** Residual blocks for images (He et al. 2016, "Deep residual learning for image recognition"). */
import { random, type Tensor, type TensorLike } from "@etude/tensor";
import { heNormal, type Initializer } from "../initializers.ts";
import type { BatchNormOptions } from "./batchNorm.ts";
import { type ConvParams, conv } from "./conv.ts";
import { featureNorm, type NormChoice, type NormParams, type NormState } from "./featureNorm.ts";

export interface ResidualOptions {
  /** Channels in. */
  inputs: number;
  /** Channels inside; the block gives as many, a bottleneck 4 times as many. */
  width: number;
  /** Of the block as a whole; 1 by default. */
  stride?: number;
  /** Batch normalisation by default. */
  norm?: NormChoice;
  /** For group normalisation; see {@link featureNorm}. */
  groups?: number;
  /**
   * How the shortcut follows a change of shape: a convolution of window 1 with a norm ("projection",
   * option B of the paper, the default), or every stride-th place and zeros for new channels
   * ("padding", option A, without parameters).
   */
  shortcut?: "projection" | "padding";
  /** {@link heNormal} by default. */
  weight?: Initializer;
  dtype?: random.FloatType;
}

/** A convolution and the normalisation of its result. */
export interface NormedConvParams {
  conv: ConvParams;
  norm: NormParams;
}

export interface ResidualParams {
  /** From the input to the sum: two for a basic block, three for a bottleneck. */
  main: NormedConvParams[];
  /** Of a projection. */
  shortcut?: NormedConvParams;
}

export interface ResidualState {
  main: NormState[];
  shortcut?: NormState;
}

/** A layer with state and its configuration fixed. */
export interface StatefulNet<Params, State> {
  (
    params: Params,
    state: State,
    x: Tensor,
    options?: BatchNormOptions,
  ): [y: Tensor, nextState: State];
  init(key: TensorLike): Params;
  initState(): State;
}

export type ResidualBlock = StatefulNet<ResidualParams, ResidualState> & {
  /** Channels out. */
  readonly outputs: number;
};

export interface NormedConvOptions {
  inputs: number;
  outputs: number;
  kernel: number;
  stride?: number;
  norm?: NormChoice;
  groups?: number;
  weight?: Initializer;
  dtype?: random.FloatType;
}

/** A convolution that keeps the size (at stride 1) and has no bias, then a normalisation. */
export function normedConv(options: NormedConvOptions): StatefulNet<NormedConvParams, NormState> {
  const { inputs, outputs, kernel, stride = 1, weight = heNormal(), dtype } = options;
  const norm = featureNorm({
    features: outputs,
    norm: options.norm,
    groups: options.groups,
    dtype,
  });
  const apply = (
    params: NormedConvParams,
    state: NormState,
    x: Tensor,
    mode: BatchNormOptions = {},
  ): [Tensor, NormState] => {
    const y = conv(params.conv, x, { stride, padding: (kernel - 1) / 2 });
    return norm(params.norm, state, y, mode);
  };
  return Object.assign(apply, {
    init: (key: TensorLike): NormedConvParams => ({
      conv: conv.init(key, { inputs, outputs, kernel, weight, bias: false, dtype }),
      norm: norm.init(),
    }),
    initState: norm.initState,
  });
}

/** Stages with rectifiers in between, plus a shortcut, and a rectifier of the sum. */
function residual(
  { inputs, stride = 1, shortcut = "projection", ...common }: ResidualOptions,
  outputs: number,
  stages: readonly StatefulNet<NormedConvParams, NormState>[],
): ResidualBlock {
  const changes = stride !== 1 || inputs !== outputs;
  const { norm, groups, weight, dtype } = common;
  const projection =
    changes && shortcut === "projection"
      ? normedConv({ inputs, outputs, kernel: 1, stride, norm, groups, weight, dtype })
      : undefined;
  const around = (x: Tensor): Tensor =>
    changes
      ? x
          .slice(null, null, ...x.shape.slice(2).map((n) => [0, n, stride] as const))
          .pad([
            [0, 0],
            [0, Math.max(0, outputs - inputs)],
            ...x.shape.slice(2).map(() => [0, 0] as const),
          ])
          .slice(null, [0, outputs])
      : x;

  const apply = (
    params: ResidualParams,
    state: ResidualState,
    x: Tensor,
    mode: BatchNormOptions = {},
  ): [Tensor, ResidualState] => {
    const main: NormState[] = [];
    const y = stages.reduce((z, stage, place) => {
      const [next, nextState] = stage(params.main[place], state.main[place], z, mode);
      main.push(nextState);
      return place < stages.length - 1 ? next.relu() : next;
    }, x);
    if (projection === undefined || params.shortcut === undefined || state.shortcut === undefined)
      return [y.add(around(x)).relu(), { main }];
    const [shown, nextShortcut] = projection(params.shortcut, state.shortcut, x, mode);
    return [y.add(shown).relu(), { main, shortcut: nextShortcut }];
  };

  return Object.assign(apply, {
    outputs,
    init: (key: TensorLike): ResidualParams => {
      const main = stages.map((stage, place) => stage.init(random.foldIn(key, place)));
      return projection === undefined
        ? { main }
        : { main, shortcut: projection.init(random.foldIn(key, stages.length)) };
    },
    initState: (): ResidualState => {
      const main = stages.map((stage) => stage.initState());
      return projection === undefined ? { main } : { main, shortcut: projection.initState() };
    },
  });
}

/**
 * The basic block: two convolutions of window 3, each normalised, around a shortcut; the first has
 * the stride.
 *
 * @example
 * const block = basicBlock({ inputs: 16, width: 32, stride: 2 });
 * const [y, state] = block(block.init(key), block.initState(), x, { training: true });
 */
export function basicBlock(options: ResidualOptions): ResidualBlock {
  const { inputs, width, stride, norm, groups, weight, dtype } = options;
  const common = { norm, groups, weight, dtype };
  return residual(options, width, [
    normedConv({ inputs, outputs: width, kernel: 3, stride, ...common }),
    normedConv({ inputs: width, outputs: width, kernel: 3, ...common }),
  ]);
}

/**
 * The bottleneck: a convolution of window 1 down to `width`, one of window 3 with the stride, one of
 * window 1 up to 4 `width`.
 */
export function bottleneckBlock(options: ResidualOptions): ResidualBlock {
  const { inputs, width, stride, norm, groups, weight, dtype } = options;
  const common = { norm, groups, weight, dtype };
  return residual(options, 4 * width, [
    normedConv({ inputs, outputs: width, kernel: 1, ...common }),
    normedConv({ inputs: width, outputs: width, kernel: 3, stride, ...common }),
    normedConv({ inputs: width, outputs: 4 * width, kernel: 1, ...common }),
  ]);
}
