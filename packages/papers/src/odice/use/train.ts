/** Training on the user's log, and running what came out where an environment is given. */
import { array, type NDArray, random } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { UsageError } from "../../contract/errors.ts";
import { progress, type Running } from "../../contract/events.ts";
import {
  cartPole,
  clipped,
  type Environment,
  pendulum,
  rollout,
} from "../../environments/index.ts";
import { cloneBehaviour } from "../cloning.ts";
import { checkConfig, imitationDefaults, learningDefaults, type OdiceConfig } from "../config.ts";
import { actor } from "../inspect.ts";
import type { Networks } from "../training.ts";
import {
  networksFor,
  type OdiceMetrics,
  type PolicyArrays,
  trainOdice,
  type ValueArrays,
} from "../trainOdice.ts";
import { checkTransitions } from "../transitions.ts";
import { halfRange, type PreparedLog } from "./log.ts";
import type { UseOptions } from "./options.ts";

export interface TrainedOnLog {
  readonly config: OdiceConfig;
  readonly networks: Networks;
  readonly value: ValueArrays;
  readonly policy: PolicyArrays;
  readonly history: readonly OdiceMetrics[];
  readonly evaluation: Evaluation | null;
}

export interface Evaluation {
  /** Returns of episodes. */
  readonly policy: readonly number[];
  readonly cloning: readonly number[];
}

/** How often, in all, the target network follows V to a distance of 1 / e, unless the limits say otherwise. */
const followed = 200;
const fastestTarget = 0.05;

/** The settings of a training on a log of the user's. */
export function configFor(options: UseOptions): OdiceConfig {
  const imitates = options.task === "imitate";
  const defaults = imitates ? imitationDefaults : learningDefaults;
  const config: OdiceConfig = {
    ...defaults,
    rule: options.rule,
    f: options.f,
    weights: options.weights,
    lambda: options.lambda ?? defaults.lambda,
    eta: options.eta,
    gamma: options.gamma,
    steps: options.steps,
    batchSize: options.batchSize,
    valueRate: options.rate,
    policyRate: options.rate,
    // The target network must have time to follow: as fast as the paper's where training is as long.
    targetRate: clipped(followed / options.steps, defaults.targetRate, fastestTarget),
    valueHidden: options.hidden,
    policyHidden: options.hidden,
    twin: options.twin,
  };
  checkConfig(config);
  return config;
}

const evaluationsOnTheWay = 10;

export async function* trainOnLog(
  log: PreparedLog,
  options: UseOptions,
  { seed, step, checkpoints }: RunContext,
): Running<TrainedOnLog> {
  const config = configFor(options);
  const { file: name, data } = log;
  checkTransitions(data, { name, squash: config.squash || !options.scaleActions });
  const actionCount = log.actions.kind === "discrete" ? log.actions.names.length : undefined;
  const run = environmentRun(log, options, seed);
  const total = config.steps * (run === null ? 1 : 1.3);
  const key = random.key(seed);
  const surroundings = { name, ...(actionCount !== undefined && { actionCount }) };
  const trained = yield* step("train", async function* () {
    const { networks: _, ...arrays } = yield* told(
      trainOdice(key, data, config, {
        ...surroundings,
        checkpoint: checkpoints("train"),
        ...(run !== null && {
          evaluate: {
            every: Math.ceil(config.steps / evaluationsOnTheWay),
            measure: async (networks, policy) => mean(await run(networks, policy)),
          },
        }),
      }),
      total,
    );
    return arrays;
  });
  const networks = networksFor(data, config, actionCount);
  if (run === null) return { config, networks, ...trained, evaluation: null };
  const cloned = yield* step("clone", async function* () {
    const training = cloneBehaviour(key, data, config, surroundings);
    for (;;) {
      const next = await training.next();
      if (next.done) return next.value.policy;
      const share = next.value.step / next.value.steps;
      yield progress(config.steps * (1 + 0.3 * share), total, "behaviour cloning, to compare with");
    }
  });
  const evaluation = {
    policy: await run(networks, trained.policy),
    cloning: await run(networks, cloned),
  };
  return { config, networks, ...trained, evaluation };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

async function* told<R>(
  training: AsyncGenerator<OdiceMetrics, R, void>,
  total: number,
): Running<R> {
  for (;;) {
    const next = await training.next();
    if (next.done) return next.value;
    const { step, meanValue, kept, cosine, evaluation, warning } = next.value;
    yield progress(step, total, `training, step ${step}`);
    yield { type: "metric", name: "mean V", step, value: meanValue };
    yield { type: "metric", name: "share kept", step, value: kept };
    yield { type: "metric", name: "cosine of the gradients", step, value: cosine };
    if (evaluation !== undefined) yield { type: "metric", name: "return", step, value: evaluation };
    if (warning !== undefined) yield { type: "log", message: warning };
  }
}

type EnvironmentRun = (networks: Networks, policy: PolicyArrays) => Promise<readonly number[]>;

/** Episodes of a policy in the environment of the options, if there is one; their returns. */
function environmentRun(
  log: PreparedLog,
  { environment, episodes }: UseOptions,
  seed: number,
): EnvironmentRun | null {
  switch (environment) {
    case "none":
      return null;
    case "cart-pole":
      return runIn(cartPole, log, episodes, seed);
    case "pendulum":
      return runIn(pendulum, log, episodes, seed);
  }
}

function runIn<S>(
  environment: Environment<S>,
  log: PreparedLog,
  episodes: number,
  seed: number,
): EnvironmentRun {
  const { name, observations, actions } = environment;
  const { standardisation, actions: logged } = log;
  if (log.observations.length !== observations.length) {
    throw new UsageError(
      `--environment ${name} shows ${observations.length} numbers (${observations.slice(0, 4).join(", ")}${observations.length > 4 ? ", ..." : ""}), the log's state has ${log.observations.length}: ${log.observations.slice(0, 8).join(", ")}`,
    );
  }
  if (actions.kind !== logged.kind)
    throw new UsageError(
      `--environment ${name} has ${actions.kind} actions, the log ${logged.kind} ones`,
    );
  const taken = numbersOfActions(logged);
  if (actions.kind === "discrete") {
    const foreign = taken.find((action) => !(action >= 0 && action < actions.count));
    if (foreign !== undefined) {
      throw new UsageError(
        `--environment ${name} has actions 0 to ${actions.count - 1}; the log has others: ${log.actions.kind === "discrete" ? log.actions.names.join(", ") : ""}`,
      );
    }
  }
  const [means, scales] = [standardisation.mean.data, standardisation.scale.data];
  const d = observations.length;
  return async (networks, policy) => {
    const decide = actor({ networks, policy });
    const runs = await rollout(
      environment,
      async (seen) => {
        const inputs = Float32Array.from(
          seen.data,
          (value, i) => (Number(value) - Number(means[i % d])) / Number(scales[i % d]),
        );
        const decided = await decide(array(inputs, { shape: [...seen.shape] }));
        return inUserUnits(decided, logged, taken);
      },
      { episodes, seed },
    );
    return runs.map(({ reward }) => reward);
  };
}

/** What each place of a choice stands for in an environment whose actions are numbers. */
const numbersOfActions = (actions: LogActionsOf): number[] =>
  actions.kind === "discrete" ? actions.names.map(Number) : [];
type LogActionsOf = PreparedLog["actions"];

function inUserUnits(
  { data, shape }: NDArray,
  actions: LogActionsOf,
  taken: readonly number[],
): NDArray {
  const values =
    actions.kind === "discrete"
      ? Float32Array.from(data, (place) => taken[place])
      : Float32Array.from(data, (value, i) => {
          const j = i % actions.low.length;
          const [low, high] = [actions.low[j], actions.high[j]];
          return (low + high) / 2 + halfRange(low, high) * value;
        });
  return array(values, { shape: [...shape] });
}
