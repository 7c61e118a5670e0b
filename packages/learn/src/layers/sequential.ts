/** Nets one after another. */
import { random, type Tensor, type TensorLike } from "@etude/tensor";

/** A layer with its configuration fixed: parameters from a key, a result from parameters and input. */
export interface Net<Params> {
  (params: Params, x: Tensor): Tensor;
  init(key: TensorLike): Params;
}

/** A net from its two functions. */
export const net = <Params>(
  init: (key: TensorLike) => Params,
  apply: (params: Params, x: Tensor) => Tensor,
): Net<Params> => Object.assign((params: Params, x: Tensor) => apply(params, x), { init });

/** A function without parameters as a net. */
export const fixed = (f: (x: Tensor) => Tensor): Net<Record<string, never>> =>
  net(
    () => ({}),
    (_, x) => f(x),
  );

/**
 * Nets applied from left to right; the parameters are the list of theirs.
 *
 * @example
 * const model = sequential(
 *   net((key) => dense.init(key, { inputs: 4, outputs: 8 }), dense),
 *   fixed((x) => x.relu()),
 *   net((key) => dense.init(key, { inputs: 8, outputs: 3 }), dense),
 * );
 * const params = await evaluate(model.init(random.key(0)));
 */
export function sequential<Params extends unknown[]>(
  ...nets: { [K in keyof Params]: Net<Params[K]> }
): Net<Params> {
  return net(
    (key) =>
      nets.map((stage, place) => stage.init(random.foldIn(key, place))) as unknown[] as Params,
    (params, x) => nets.reduce((y, stage, place) => stage(params[place], y), x),
  );
}
