/** All parts as one network, whose units trained last can be switched off (eqs. 14 to 16). */
import { array, iota, lift, type NDArray, type Tensor, type TensorLike } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import type { GbnnModel } from "./boosting.ts";
import type { Activation } from "./config.ts";
import { activate, type Shallow, shallowOutput } from "./shallow.ts";

/** One hidden layer of T J units in the order they were trained. */
export interface MergedNetwork {
  /** [d, TJ] */
  readonly W: NDArray;
  /** [TJ] */
  readonly b: NDArray;
  /** [TJ, K], multiplied with the steps and `outputScale`. */
  readonly V: NDArray;
  /**
   * [T + 1, K]: row m is the output bias that belongs to the first m parts. With another row the
   * constants of parts that are switched off would stay in the sum.
   */
  readonly prefixBias: NDArray;
  /** Outputs are so many times the raw scores F: 2 for two classes, so that P = sigmoid(output). */
  readonly outputScale: 1 | 2;
  /** Units are switched off in groups of so many, J. */
  readonly unitsPerStep: number;
  readonly activation: Activation;
}

/**
 * The parts side by side (eq. 14):
 *
 *     W = [W_1 | ... | W_T],  b = [b_1 .. b_T],  V = [step_1 V_1; ...; step_T V_T]
 *     c^(m) = F_0 + sum_{t <= m} step_t c_t
 *
 * V and c are doubled for two classes (eq. 15).
 */
export function mergeGbnn(model: GbnnModel): MergedNetwork {
  const { parts, features, init, activation } = model;
  const outputs = init.size;
  const unitsPerStep = parts[0]?.b.size ?? 1;
  const units = parts.length * unitsPerStep;
  const outputScale = model.task === "binary" ? 2 : 1;
  const W = new Float64Array(features * units);
  const b = new Float64Array(units);
  const V = new Float64Array(units * outputs);
  const prefixBias = new Float64Array((parts.length + 1) * outputs);

  const bias = Float64Array.from(init.data);
  prefixBias.set(bias.map((value) => outputScale * value));
  parts.forEach((part, t) => {
    const first = t * unitsPerStep;
    for (let i = 0; i < features; i++) {
      const row = part.W.data.subarray(i * unitsPerStep, (i + 1) * unitsPerStep);
      W.set(row, i * units + first);
    }
    b.set(part.b.data, first);
    part.V.data.forEach((value: number, i: number) => {
      V[first * outputs + i] = outputScale * part.step * value;
    });
    for (let k = 0; k < outputs; k++) {
      bias[k] += part.step * part.c.data[k];
      prefixBias[(t + 1) * outputs + k] = outputScale * bias[k];
    }
  });

  const shaped = (values: Float64Array<ArrayBuffer>, shape: readonly number[]) =>
    array(values, { shape, dtype: init.dtype });
  return {
    W: shaped(W, [features, units]),
    b: shaped(b, [units]),
    V: shaped(V, [units, outputs]),
    prefixBias: shaped(prefixBias, [parts.length + 1, outputs]),
    outputScale,
    unitsPerStep,
    activation,
  };
}

/**
 * The network of the first units alone (eq. 16).
 *
 * @throws UsageError unless `units` is a multiple of J from 0 to TJ
 */
export function prefix(network: MergedNetwork, units = network.b.size): Shallow<NDArray> {
  const { W, b, V, prefixBias, unitsPerStep } = network;
  const [features, all] = W.shape;
  const outputs = V.shape[1];
  if (!(Number.isInteger(units / unitsPerStep) && units >= 0 && units <= all))
    throw new UsageError(
      `units must be a multiple of ${unitsPerStep} from 0 to ${all}, got ${units}`,
    );
  const m = units / unitsPerStep;
  const kept = array(new Float64Array(features * units), {
    dtype: W.dtype,
    shape: [features, units],
  });
  for (let i = 0; i < features; i++)
    kept.data.set(W.data.subarray(i * all, i * all + units), i * units);
  return {
    W: kept,
    b: array(b.data.slice(0, units)),
    V: array(V.data.slice(0, units * outputs), { shape: [units, outputs] }),
    c: array(prefixBias.data.slice(m * outputs, (m + 1) * outputs)),
  };
}

/**
 * Outputs of a merged network, [n, K]: numbers, logits of the second class, or logits of all classes.
 * One product, activation and product: what is exported.
 *
 * @param x [n, d]
 * @param units how many units are active, trained first: a number leaves the others out of the graph;
 * an int32 scalar switches them off when the graph runs, down to a multiple of J
 * @throws UsageError unless a number is a multiple of J from 0 to TJ
 */
export function applyMerged(
  network: MergedNetwork,
  x: TensorLike,
  units?: number | Tensor,
): Tensor {
  if (units === undefined || typeof units === "number") {
    const { W, b, V, c } = prefix(network, units);
    const lifted = { W: lift(W), b: lift(b), V: lift(V), c: lift(c) };
    return shallowOutput(lifted, lift(x), network.activation);
  }
  const { W, b, V, prefixBias, unitsPerStep, activation } = network;
  const parts = prefixBias.shape[0] - 1;
  const m = units.floorDivide(unitsPerStep).maximum(0).minimum(parts);
  const active = iota(b.size)
    .less(m.mul(unitsPerStep))
    .astype(W.dtype as "float32");
  const hidden = activate[activation](lift(x).matmul(W).add(b)).mul(active);
  return hidden.matmul(V).add(lift(prefixBias).gather(m));
}
