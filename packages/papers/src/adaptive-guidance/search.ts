/** The search for a policy by gradient descent through the whole sampler (section 3.1 of the paper). */
import { adam, applyUpdates } from "@etude/learn";
import {
  array,
  checkpoint,
  full,
  jit,
  lift,
  NDArray,
  random,
  scan,
  type Tensor,
  type TensorTree,
  valueAndGrad,
} from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { type Place, progress, type Running } from "../contract/events.ts";
import {
  type Condition,
  type ConditionArrays,
  classifierFreeGuidance,
  conditionRows,
  initialNoise,
  type Predict,
  type Sampler,
} from "../diffusion/index.ts";
import { type FixedPolicy, fixedPolicy } from "./policy.ts";

export interface SearchOptions {
  /** Conditions to draw from, int32 [N] or [N, ...]. */
  readonly conditions: ConditionArrays;
  /** What samples are not to be like, an entry for each condition; the empty condition by default. */
  readonly negative?: ConditionArrays | null;
  /** Shape of one sample. */
  readonly shape: readonly number[];
  readonly steps: number;
  /** The strength to be imitated. */
  readonly strength: number;
  /** Strengths to choose from; half, the same and double by default (the paper does not say). */
  readonly strengths?: readonly number[];
  /** lambda: what an evaluation costs, in relative squared error. 2e-3 by default. */
  readonly costWeight?: number;
  readonly iterations?: number;
  readonly batch?: number;
  readonly learningRate?: number;
  /**
   * The temperature of the softmax falls from 1 to this, so that weights become choices: 1 by default,
   * which leaves mixtures.
   */
  readonly finalTemperature?: number;
  /** Evaluate the network again on the way back instead of keeping its values: for large ones. */
  readonly checkpointed?: boolean;
  readonly dtype?: random.FloatType;
  readonly seed: number;
}

export interface SearchedPolicy {
  /** w [T, k + 2]: unconditional, conditional, guided with each of the strengths. */
  readonly weights: NDArray;
  readonly strengths: readonly number[];
  /** G_t: the weight on guided options, by step. */
  readonly guidanceMass: readonly number[];
  /** sum_o w_o s_o: a mixture of options is one guided step of this strength. */
  readonly effectiveStrength: readonly number[];
  /** sum_t sum_o w_o cost_o. */
  readonly evaluations: number;
  /** |x_0 - x_0^CFG|^2 over |x_0^CFG|^2 in the last iterations, and at the first. */
  readonly relativeError: number;
  readonly firstRelativeError: number;
}

/** Iterations in one call. */
const atOnce = 10;

/** Cost and strength of each option: unconditional, conditional, guided. */
export const searchSpace = (strengths: readonly number[]) => ({
  costs: [1, 1, ...strengths.map(() => 2)],
  strengths: [0, 1, ...strengths],
});

/** Expected evaluations and strength of one step's weights. */
export function mixtureOf(weights: readonly number[], strengths: readonly number[]) {
  const space = searchSpace(strengths);
  const sum = (of: readonly number[]) =>
    weights.reduce((total, weight, option) => total + weight * of[option], 0);
  return { evaluations: sum(space.costs), effectiveStrength: sum(space.strengths) };
}

/**
 * Minimises over logits a [T, options]
 *
 *     E |x_0(a) - x_0^CFG(s)|^2 / E |x_0^CFG(s)|^2 + lambda sum_t sum_o w_to cost_o,    w_t = softmax(a_t),
 *
 * where every step takes the mixture of its options: unconditional, conditional, and guided with several
 * strengths. As all of them lie on one line, the mixture is the guided prediction of the effective strength
 * sum_o w_o s_o, which is how it is computed. Noise and conditions are drawn anew in each iteration.
 *
 * @param metric the name of the objective in the events
 */
export async function* searchPolicy(
  predict: Predict,
  sampler: Sampler,
  options: SearchOptions,
  place: Place,
  metric?: string,
): Running<SearchedPolicy> {
  const plan = planOf(sampler, options);
  const { iterations, steps, strengths, finalTemperature, dtype } = plan;
  const { conditions, negative = null } = options;
  const advance = compileSearch(predict, sampler, plan);
  const logits = full([steps, 2 + strengths.length], 0, dtype);
  let state: SearchState = { logits, optimiser: adam(plan.learningRate).init({ a: logits }) };
  const draw = random.generator(options.seed);
  const errors: number[] = [];
  for (let done = 0; done < iterations; done += atOnce) {
    const count = Math.min(atOnce, iterations - done);
    const keys = Uint32Array.from({ length: 2 * count }, () => draw.bits());
    const heat = Array.from(
      { length: count },
      (_, i) => finalTemperature ** ((done + i) / Math.max(1, iterations - 1)),
    );
    const [next, seen] = await advance(
      state,
      { conditions, negative },
      new NDArray(keys, [count, 2], "uint32"),
      array(heat, { dtype }),
    );
    state = next;
    errors.push(...Array.from(seen.error.data, Number));
    const loss = Number(seen.loss.data[count - 1]);
    if (!Number.isFinite(loss))
      throw new UsageError(`the search is not finite after ${done + count} iterations`);
    if (metric !== undefined)
      yield { type: "metric", name: metric, step: done + count, value: loss };
    const label = `${place.label}, iteration ${done + count} of ${iterations}`;
    yield progress(place.done + (done + count) / iterations, place.total, label);
  }
  const weights = await jit((a: Tensor) => a.div(finalTemperature).softmax())(state.logits);
  return describe(weights, strengths, errors);
}

/** The options with what they are when nothing is said. */
function planOf(sampler: Sampler, options: SearchOptions) {
  const { strength, steps, costWeight = 2e-3, iterations = 120, batch = 32 } = options;
  const { strengths = [strength / 2, strength, 2 * strength], learningRate = 0.1 } = options;
  const { finalTemperature = 1, checkpointed = false, dtype = "float32" } = options;
  if (!(strength >= 0)) throw new UsageError(`the strength must not be negative, got ${strength}`);
  if (!(costWeight >= 0))
    throw new UsageError(`costWeight must not be negative, got ${costWeight}`);
  if (!(finalTemperature > 0)) throw new UsageError("finalTemperature must be positive");
  if (steps < 2) throw new UsageError(`a policy needs 2 steps or more, got ${steps}`);
  if (strengths.length === 0) throw new UsageError("strengths to choose from are missing");
  const times = sampler.times(steps);
  const moves = times.slice(0, -1).map((time, k) => sampler.coefficients(time, times[k + 1]));
  if (moves.some(({ noise }) => noise !== 0))
    throw new UsageError(`the search needs a sampler without fresh noise, not ${sampler.name}`);
  return {
    strength,
    steps,
    shape: options.shape,
    costWeight,
    iterations,
    batch,
    strengths,
    learningRate,
    finalTemperature,
    checkpointed,
    dtype,
    times,
    moves,
    pool: poolSize(options.conditions),
  };
}

interface Carry {
  readonly logits: Tensor;
  readonly optimiser: TensorTree;
}
/** The same outside of graphs. */
interface SearchState {
  readonly logits: NDArray;
  readonly optimiser: unknown;
}
interface Seen<T> {
  readonly loss: T;
  readonly error: T;
}
type Advance = (
  state: SearchState,
  from: { readonly conditions: ConditionArrays; readonly negative: ConditionArrays | null },
  keys: NDArray,
  temperatures: NDArray,
) => Promise<[SearchState, Seen<NDArray>]>;

/** So many iterations as there are keys, in one call. */
function compileSearch(
  predict: Predict,
  sampler: Sampler,
  plan: ReturnType<typeof planOf>,
): Advance {
  const { steps, batch, dtype, shape, pool, costWeight, times, moves } = plan;
  const each = (values: readonly number[]) => array(values, { dtype });
  const schedule = {
    t: each(times.slice(0, -1)),
    x: each(moves.map((move) => move.x)),
    prediction: each(moves.map((move) => move.prediction)),
  };
  const asked = lift(full([steps], plan.strength, dtype));
  const space = searchSpace(plan.strengths);
  const rule = adam(plan.learningRate);
  const network: Predict = plan.checkpointed
    ? (x, t, condition) => checkpoint((y: Tensor) => predict(y, t, condition))(x)
    : predict;

  /** Samples x_0 when step k is guided with strength s_k. */
  const rollout = (
    start: Tensor,
    condition: Condition,
    negative: Condition | null,
    s: Tensor,
  ): Tensor => {
    const step = (x: Tensor, now: { t: Tensor; x: Tensor; prediction: Tensor; s: Tensor }) => {
      const t = now.t.broadcastTo([batch]);
      const v = classifierFreeGuidance(network(x, t, condition), network(x, t, negative), now.s);
      return [x.mul(now.x).add(v.mul(now.prediction)), null] as [Tensor, null];
    };
    const sequences = { ...schedule, s } as unknown as Parameters<typeof step>[1];
    return scan(step, start, sequences)[0];
  };

  const advance = (
    carry: Carry,
    from: { conditions: Condition; negative: Condition | null },
    keys: Tensor,
    heat: Tensor,
  ) => {
    const one = ({ logits, optimiser }: Carry, now: { key: Tensor; temperature: Tensor }) => {
      const [noiseKey, rowKey] = random.split(now.key);
      const start = initialNoise(sampler, steps, noiseKey, [batch, ...shape], dtype);
      const rows = random.randint(rowKey, [batch], 0, pool);
      const condition = conditionRows(from.conditions, rows);
      const negative = conditionRows(from.negative, rows);
      const target = rollout(start, condition, negative, asked);
      const scale = target.mul(target).mean();
      const objective = (a: Tensor): [Tensor, Tensor] => {
        const w = a.div(now.temperature).softmax();
        const effective = w.mul(each(space.strengths)).sum(-1);
        const apart = rollout(start, condition, negative, effective).sub(target);
        const error = apart.mul(apart).mean().div(scale);
        return [error.add(w.mul(each(space.costs)).sum().mul(costWeight)), error];
      };
      const [[loss, error], gradient] = valueAndGrad(objective, { hasAux: true })(logits);
      const { updates, state } = rule.update({ a: gradient }, optimiser, { a: logits });
      const next: Carry = { logits: applyUpdates({ a: logits }, updates).a, optimiser: state };
      return [next, { loss, error }];
    };
    return scan(one as never, carry, { key: keys, temperature: heat });
  };
  // The types of a tree of optimiser states cannot say that arrays go in and arrays come out.
  return jit(advance) as unknown as Advance;
}

function poolSize(conditions: ConditionArrays): number {
  const leaf =
    conditions instanceof NDArray
      ? conditions
      : Object.values(conditions).find((part) => part !== null);
  if (leaf === null || leaf === undefined || leaf.rank === 0 || leaf.shape[0] === 0)
    throw new UsageError("the search needs conditions to draw from");
  return leaf.shape[0];
}

function describe(
  weights: NDArray,
  strengths: readonly number[],
  errors: readonly number[],
): SearchedPolicy {
  const [steps, options] = weights.shape;
  const rows = Array.from({ length: steps }, (_, k) =>
    Array.from(weights.data.subarray(k * options, (k + 1) * options), Number),
  );
  const mixtures = rows.map((row) => mixtureOf(row, strengths));
  const last = errors.slice(-20);
  return {
    weights,
    strengths,
    guidanceMass: rows.map((row) => row.slice(2).reduce((sum, weight) => sum + weight, 0)),
    effectiveStrength: mixtures.map(({ effectiveStrength }) => effectiveStrength),
    evaluations: mixtures.reduce((sum, { evaluations }) => sum + evaluations, 0),
    relativeError: last.reduce((sum, error) => sum + error, 0) / last.length,
    firstRelativeError: errors[0],
  };
}

/**
 * What a search means for sampling: guidance where its mass is at least `least`, else none. The largest
 * weight says little, for mixtures hide a strength between the options.
 */
export const discretisePolicy = (
  { guidanceMass }: Pick<SearchedPolicy, "guidanceMass">,
  least = 0.1,
): FixedPolicy =>
  fixedPolicy(guidanceMass.map((mass) => (mass >= least ? "guided" : "conditional")));
