/** Episodes of a policy in an environment. */
import { array, type NDArray, random } from "@etude/tensor";
import type { Environment } from "./environment.ts";

/** From observations float32 [m, d] to actions [m, k], or [m] where an action is one number. */
export type Policy = (observations: NDArray) => Promise<NDArray>;

export interface Episode {
  /** Sum of the rewards, without a discount. */
  readonly reward: number;
  readonly steps: number;
  /** Ended by the task and not by the clock. */
  readonly terminal: boolean;
}

export interface RolloutOptions {
  readonly episodes: number;
  readonly seed: number;
  /** Steps after which an episode is cut; the environment's own by default. */
  readonly limit?: number;
}

/**
 * Episodes side by side: the policy is asked once a step for all that still run. Chance of an episode
 * depends on the seed and its number only.
 *
 * @example const episodes = await rollout(cartPole, policy, { episodes: 20, seed: 0 });
 */
export async function rollout<S>(
  environment: Environment<S>,
  policy: Policy,
  { episodes, seed, limit = environment.limit }: RolloutOptions,
): Promise<Episode[]> {
  const running = Array.from({ length: episodes }, (_, i) => {
    const draws = random.generator(seed).fork(i);
    return { draws, state: environment.reset(draws), reward: 0, steps: 0, terminal: false };
  });
  const width = environment.observations.length;
  for (let step = 0; step < limit; step++) {
    const active = running.filter(({ terminal }) => !terminal);
    if (active.length === 0) break;
    // All episodes are shown, ended ones too, so that the policy compiles for one shape.
    const seen = running.flatMap(({ state }) => environment.observe(state));
    const actions = await policy(
      array(Float32Array.from(seen), { shape: [running.length, width] }),
    );
    const each = actions.size / running.length;
    running.forEach((episode, i) => {
      if (episode.terminal) return;
      const action = Array.from(actions.data.subarray(i * each, (i + 1) * each), Number);
      const next = environment.step(episode.state, action, episode.draws);
      episode.state = next.state;
      episode.reward += next.reward;
      episode.steps += 1;
      episode.terminal = next.terminal;
    });
  }
  return running.map(({ reward, steps, terminal }) => ({ reward, steps, terminal }));
}
