/** The training: minibatch, value gradient, Adam, target network and policy in one compiled loop. */
import { adam, applyUpdates, mapTensors } from "@etude/learn";
import {
  gather,
  random,
  scan,
  stack,
  type Tensor,
  type TensorTree,
  valueAndGrad,
  vmap,
} from "@etude/tensor";
import type { OdiceConfig } from "./config.ts";
import { policyWeight } from "./conjugate.ts";
import {
  asTree,
  type PolicyNetwork,
  type PolicyParams,
  policyLoss,
  type ValueNetwork,
  type ValueParams,
} from "./networks.ts";
import { type ValueGradient, valueGradient } from "./valueGradient.ts";

/** All that steps carry on. */
export interface OdiceState {
  readonly value: ValueParams;
  /** Parameters of Vbar. */
  readonly target: ValueParams;
  readonly policy: PolicyParams;
  readonly valueOptimiser: TensorTree;
  readonly policyOptimiser: TensorTree;
}

/** The data inside a graph: all transitions, or the rows of a minibatch. */
export interface TransitionTensors {
  readonly observation: Tensor;
  readonly action: Tensor;
  readonly reward: Tensor;
  readonly nextObservation: Tensor;
  readonly terminal: Tensor;
}

export interface Networks {
  readonly value: ValueNetwork;
  readonly policy: PolicyNetwork;
}

/** What a step tells: scalars. */
export const stepMeasures = ["objective", "meanValue", "kept", "meanWeight", "policyLoss"] as const;
export type StepMeasure = (typeof stepMeasures)[number];

const rowsOf = (data: TransitionTensors, rows: Tensor): TransitionTensors => ({
  observation: gather(data.observation, rows),
  action: gather(data.action, rows),
  reward: gather(data.reward, rows),
  nextObservation: gather(data.nextObservation, rows),
  terminal: gather(data.terminal, rows),
});

const optimisersOf = ({ valueRate, policyRate, policyDecay }: OdiceConfig) => ({
  value: adam(valueRate),
  policy: adam(policyRate, { weightDecay: policyDecay }),
});

/** The state before the first step; the target network starts equal to V. */
export function initialState(networks: Networks, config: OdiceConfig, key: Tensor): OdiceState {
  const [valueKey, policyKey] = random.split(key);
  const [value, policy] = [networks.value.init(valueKey), networks.policy.init(policyKey)];
  const optimisers = optimisersOf(config);
  return {
    value,
    target: value,
    policy,
    valueOptimiser: optimisers.value.init(asTree(value)),
    policyOptimiser: optimisers.policy.init(asTree(policy)),
  };
}

/** The value gradient of a state on some transitions. */
export const gradientAt = (
  { value }: Networks,
  config: OdiceConfig,
  state: OdiceState,
  batch: TransitionTensors,
): ValueGradient<ValueParams> =>
  valueGradient(value.apply, state.value, state.target, batch, config);

/** `(1 - beta) old + beta now`, leaf by leaf: how the target network follows V. */
export const movedTowards = <P>(old: P, now: P, beta: number): P =>
  mapTensors((a, b) => a.mul(1 - beta).add(b.mul(beta)), old, now);

/**
 * One step on a minibatch, in this order: residuals and gradient with the current V and Vbar; Adam on
 * V; `Vbar <- (1 - beta) Vbar + beta V`; the policy, weighted by the residuals from before.
 *
 * @returns the next state and a scalar for each of {@link stepMeasures}, as one vector
 */
export function odiceStep(
  networks: Networks,
  config: OdiceConfig,
  state: OdiceState,
  batch: TransitionTensors,
): [OdiceState, Tensor] {
  const optimisers = optimisersOf(config);
  const { grad, forwardResidual, objective } = gradientAt(networks, config, state, batch);
  const move = optimisers.value.update(asTree(grad), state.valueOptimiser, asTree(state.value));
  const value = applyUpdates(state.value, move.updates as unknown as ValueParams);
  const target = movedTowards(state.target, value, config.targetRate);
  const { f, weights: rule, maxWeight: max } = config;
  const weights = policyWeight(forwardResidual, { f, rule, max });
  const [loss, policy, policyOptimiser] = policyStep(
    networks.policy,
    config,
    state,
    batch,
    weights,
  );
  const measures: Readonly<Record<StepMeasure, Tensor>> = {
    objective,
    meanValue: networks.value.apply(state.value, batch.observation).mean(),
    kept: weights.greater(0).astype("float32").mean(),
    meanWeight: weights.mean(),
    policyLoss: loss,
  };
  return [
    { value, target, policy, valueOptimiser: move.state, policyOptimiser },
    stack(stepMeasures.map((name) => measures[name])),
  ];
}

function policyStep(
  network: PolicyNetwork,
  config: OdiceConfig,
  { policy, policyOptimiser }: Pick<OdiceState, "policy" | "policyOptimiser">,
  { observation, action }: TransitionTensors,
  weights: Tensor,
): [loss: Tensor, policy: PolicyParams, optimiser: TensorTree] {
  const [loss, gradient] = valueAndGrad((params: PolicyParams) =>
    policyLoss(network, params, observation, action, weights),
  )(policy);
  const optimiser = optimisersOf(config).policy;
  const move = optimiser.update(
    asTree(gradient as unknown as PolicyParams),
    policyOptimiser,
    asTree(policy),
  );
  const next = applyUpdates(policy, move.updates as unknown as PolicyParams);
  return [loss as Tensor, next, move.state];
}

/** Rows of the minibatch of each step: they depend on the key and the number of the step only. */
const minibatchRows = (key: Tensor, steps: Tensor, size: number, n: number): Tensor =>
  vmap((step: Tensor) => random.randint(random.foldIn(key, step), [size], 0, n))(steps) as Tensor;

/**
 * The steps of these numbers, one after the other, as one loop of the graph.
 *
 * @param steps int32 [K], their numbers
 * @returns the state after them, and means over them of {@link stepMeasures}
 */
export function odiceSteps(
  networks: Networks,
  config: OdiceConfig,
  state: OdiceState,
  data: TransitionTensors,
  key: Tensor,
  steps: Tensor,
): [OdiceState, Tensor] {
  const rows = minibatchRows(key, steps, config.batchSize, data.reward.shape[0]);
  return odiceStepsOn(networks, config, state, data, rows);
}

/** The same on given minibatches: int32 [K, batch], rows of the data. */
export function odiceStepsOn(
  networks: Networks,
  config: OdiceConfig,
  state: OdiceState,
  data: TransitionTensors,
  rows: Tensor,
): [OdiceState, Tensor] {
  const [next, measures] = scan(
    (carry, at) => {
      const batch = rowsOf(data, at);
      const [after, told] = odiceStep(networks, config, carry as unknown as OdiceState, batch);
      return [after, told];
    },
    state,
    rows,
  );
  return [next as unknown as OdiceState, measures.mean(0)];
}

/** Behaviour cloning: the policy's part of the steps, every action weighing 1. */
export function cloningSteps(
  network: PolicyNetwork,
  config: OdiceConfig,
  state: Pick<OdiceState, "policy" | "policyOptimiser">,
  data: TransitionTensors,
  key: Tensor,
  steps: Tensor,
): [Pick<OdiceState, "policy" | "policyOptimiser">, Tensor] {
  const rows = minibatchRows(key, steps, config.batchSize, data.reward.shape[0]);
  const [next, losses] = scan(
    (carry, at) => {
      const batch = rowsOf(data, at);
      const ones = batch.reward.mul(0).add(1).reshape([1, config.batchSize]);
      const before = carry as unknown as Pick<OdiceState, "policy" | "policyOptimiser">;
      const [loss, policy, policyOptimiser] = policyStep(network, config, before, batch, ones);
      return [{ policy, policyOptimiser }, loss];
    },
    state,
    rows,
  );
  return [next as unknown as Pick<OdiceState, "policy" | "policyOptimiser">, losses.mean(0)];
}
