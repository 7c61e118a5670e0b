/** Behaviour cloning: what a method that learns from a log must beat. */
import { array, jit, type NDArray, type Tensor } from "@etude/tensor";
import { checkConfig, learningDefaults, type OdiceConfig } from "./config.ts";
import {
  cloningSteps,
  initialState,
  type Networks,
  type OdiceState,
  type TransitionTensors,
} from "./training.ts";
import {
  arraysOf,
  networksFor,
  type PolicyArrays,
  type TrainingSurroundings,
} from "./trainOdice.ts";
import { checkTransitions, type Transitions } from "./transitions.ts";

export interface Cloned {
  readonly networks: Networks;
  readonly policy: PolicyArrays;
}

/** Behaviour cloning, the baseline: the same policy network, steps and optimiser, all weights 1. */
export async function* cloneBehaviour(
  key: NDArray,
  data: Transitions,
  changes: Partial<OdiceConfig> = {},
  { stretch = 100, actionCount, name }: TrainingSurroundings = {},
): AsyncGenerator<{ step: number; steps: number; policyLoss: number }, Cloned, void> {
  const config: OdiceConfig = { ...learningDefaults, ...changes };
  checkConfig(config);
  checkTransitions(data, { squash: config.squash, ...(name !== undefined && { name }) });
  const networks = networksFor(data, config, actionCount);
  type Part = Pick<OdiceState, "policy" | "policyOptimiser">;
  const initial = jit((key: Tensor): Part => {
    const { policy, policyOptimiser } = initialState(networks, config, key);
    return { policy, policyOptimiser };
  });
  const run = jit((state: Part, data: TransitionTensors, key: Tensor, steps: Tensor) =>
    cloningSteps(networks.policy, config, state, data, key, steps),
  );
  let state = await initial(key);
  for (let step = 0; step < config.steps; ) {
    const count = Math.min(stretch, config.steps - step);
    const numbers = Int32Array.from({ length: count }, (_, i) => step + i);
    const [next, loss] = await run(state, arraysOf(data), key, array(numbers, { dtype: "int32" }));
    state = next;
    step += count;
    yield { step, steps: config.steps, policyLoss: loss.item() };
  }
  return { networks, policy: state.policy };
}
