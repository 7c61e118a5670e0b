/** What a trained value and policy say about states and about the log. */
import { array, jit, type MapLeaves, type NDArray, type Tensor } from "@etude/tensor";
import type { Cloned } from "./cloning.ts";
import { learningDefaults, type OdiceConfig } from "./config.ts";
import { policyWeight } from "./conjugate.ts";
import { type PolicyParams, stateValue, type ValueParams } from "./networks.ts";
import type { Trained } from "./trainOdice.ts";
import type { Transitions } from "./transitions.ts";

/** Rows of one compiled call, so that a long log needs little memory. */
const chunk = 8192;

/** `f` over the rows of x in pieces; every piece but the last has the same shape. */
async function inPieces(
  x: NDArray,
  f: (piece: NDArray) => Promise<NDArray>,
): Promise<Float32Array<ArrayBuffer>> {
  const [n, d] = x.shape;
  const pieces: NDArray[] = [];
  for (let first = 0; first < n; first += chunk) {
    const rows = Math.min(chunk, n - first);
    const piece = x.data.subarray(first * d, (first + rows) * d);
    pieces.push(await f(array(Float32Array.from(piece), { shape: [rows, d] })));
  }
  const all = new Float32Array(pieces.reduce((sum, { size }) => sum + size, 0));
  let place = 0;
  for (const { data } of pieces) {
    all.set(data, place);
    place += data.length;
  }
  return all;
}

/** V(s) [n] of observations [n, d], the smaller of both heads. */
export async function valuesOf(
  { networks, value }: Pick<Trained, "networks" | "value">,
  observation: NDArray,
): Promise<Float32Array> {
  const run = jit((params: ValueParams, x: Tensor) => stateValue(networks.value, params, x));
  return inPieces(observation, (piece) => run(value, piece));
}

/**
 * What the policy does in states [n, d]: float32 [n, k] within [-1, 1], or int32 [n]. Compiled once for
 * each number of rows.
 */
export function actor({ networks, policy }: Pick<Cloned, "networks" | "policy">) {
  const run = jit((params: PolicyParams, x: Tensor) => networks.policy.act(params, x));
  return (observation: NDArray): Promise<NDArray> => run(policy, observation);
}

/** What the policy does in states [n, d], once; see {@link actor} for doing it often. */
export const act = (trained: Pick<Cloned, "networks" | "policy">, observation: NDArray) =>
  actor(trained)(observation);

/** Means [n, k] of a Gaussian policy, or probabilities [n, actions]. */
export function policyOutputs(
  { networks, policy }: Pick<Cloned, "networks" | "policy">,
  observation: NDArray,
): Promise<NDArray> {
  const run = jit((params: PolicyParams, x: Tensor) => networks.policy.outputs(params, x));
  return run(policy as MapLeaves<PolicyParams, NDArray>, observation);
}

export interface Residuals {
  /** T = r + (1 - terminal) gamma V(s') - V(s), the smaller head on both sides. */
  readonly residual: Float32Array;
  /** V(s) and V(s') of each transition. */
  readonly value: Float32Array;
  readonly nextValue: Float32Array;
}

/** Residuals of logged transitions under trained values. */
export async function residualsOf(
  trained: Pick<Trained, "networks" | "value">,
  { observation, reward, nextObservation, terminal }: Transitions,
  gamma = learningDefaults.gamma,
): Promise<Residuals> {
  const value = await valuesOf(trained, observation);
  const nextValue = await valuesOf(trained, nextObservation);
  const residual = Float32Array.from(
    value,
    (v, i) => Number(reward.data[i]) + (1 - Number(terminal.data[i])) * gamma * nextValue[i] - v,
  );
  return { residual, value, nextValue };
}

/**
 * omega of each transition, float32 [n]: how much the learnt policy follows that logged action. Where it
 * is 0 the method leaves the action out.
 */
export async function densityRatio(
  trained: Pick<Trained, "networks" | "value">,
  data: Transitions,
  options: Partial<Pick<OdiceConfig, "gamma" | "f" | "weights" | "maxWeight">> = {},
): Promise<NDArray> {
  const { gamma, f, weights, maxWeight } = { ...learningDefaults, ...options };
  const { residual } = await residualsOf(trained, data, gamma);
  const run = jit((y: Tensor) => policyWeight(y, { f, rule: weights, max: maxWeight }));
  return run(array(Float32Array.from(residual)));
}
