/** Imitation of the logged pendulum expert: is weighted cloning nearer to it than plain cloning? */
import type { Transitions as LoggedTransitions } from "@etude/data";
import { array, NDArray, random } from "@etude/tensor";
import { type Place, progress, type Running } from "../contract/events.ts";
import { pendulum, rollout } from "../environments/index.ts";
import { type Cloned, cloneBehaviour } from "./cloning.ts";
import { imitationDefaults } from "./config.ts";
import { actor } from "./inspect.ts";
import { imitate } from "./trainOdice.ts";
import { standardisationOf, standardised, type Transitions } from "./transitions.ts";

export interface ImitationRun {
  /** Root mean square error of held-out actions, of a range from -1 to 1. */
  readonly error: number;
  /** Mean return of episodes in the pendulum. */
  readonly return: number;
  /** Share of logged actions with a positive weight at the end; 1 for cloning. */
  readonly kept: number;
}

export interface ImitationResult {
  readonly weighted: ImitationRun;
  readonly cloning: ImitationRun;
  /** Mean return of the logged episodes. */
  readonly expertReturn: number;
}

const torque = 2;
/** One expert trajectory, as in the paper, of 200 steps; the next 20 judge. */
const [trainSteps, heldSteps] = [200, 4000];
const evaluationEpisodes = 20;

/** Both ways of cloning one trajectory, drawn by the seed; actions are torque over its bound. */
export async function* imitationStudy(
  log: LoggedTransitions,
  { steps, seed, place }: { steps: number; seed: number; place: Place },
): Running<ImitationResult> {
  const n = log.rewards.size;
  const first = trainSteps * random.generator(seed).integer(n / trainSteps);
  const expert = rowsOf(log, first, trainSteps);
  const held = rowsOf(log, (first + trainSteps) % n, heldSteps);
  const scale = standardisationOf(expert);
  const key = random.key(seed);
  const data = standardised(expert, scale);
  const changes = { steps, valueHidden: [256, 256], policyHidden: [256, 256] };
  const judged = async (trained: Cloned, kept: number): Promise<ImitationRun> => {
    const policy = actor(trained);
    const predicted = await policy(standardised(held, scale).observation);
    const squares = Array.from(predicted.data, (a, i) => (a - held.action.data[i]) ** 2);
    const episodes = await rollout(
      pendulum,
      async (seen) => {
        const states = { ...held, observation: seen, nextObservation: seen };
        const { data: actions, shape } = await policy(standardised(states, scale).observation);
        return array(
          Float32Array.from(actions, (a) => torque * a),
          { shape: [...shape] },
        );
      },
      { episodes: evaluationEpisodes, seed },
    );
    return {
      error: Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length),
      return: episodes.reduce((sum, { reward }) => sum + reward, 0) / episodes.length,
      kept,
    };
  };
  const cloned = yield* counted(
    cloneBehaviour(key, data, { ...imitationDefaults, ...changes }),
    place,
    0,
  );
  const cloning = await judged(cloned, 1);
  const trained = yield* counted(imitate(key, data, changes), place, 0.5);
  const weighted = await judged(trained, trained.history.at(-1)?.kept ?? Number.NaN);
  const total = Array.from(log.rewards.data, Number).reduce((sum, reward) => sum + reward, 0);
  return { weighted, cloning, expertReturn: (total / n) * trainSteps };
}

async function* counted<R>(
  training: AsyncGenerator<{ step: number; steps: number }, R, void>,
  { label, done, total }: Place,
  offset: number,
): Running<R> {
  for (;;) {
    const next = await training.next();
    if (next.done) return next.value;
    yield progress(done + offset + next.value.step / next.value.steps / 2, total, label);
  }
}

/** Rows from `first` on, going on at the beginning; torque scaled to [-1, 1]. */
function rowsOf(log: LoggedTransitions, first: number, count: number): Transitions {
  const n = log.rewards.size;
  const take = ({ data, shape, dtype }: NDArray, factor = 1): NDArray => {
    const width = data.length / n;
    const values = Float32Array.from(
      { length: count * width },
      (_, i) => factor * Number(data[(first * width + i) % data.length]),
    );
    return new NDArray(values, [count, ...shape.slice(1)], dtype);
  };
  return {
    observation: take(log.observations),
    action: take(log.actions, 1 / torque),
    reward: take(log.rewards),
    nextObservation: take(log.nextObservations),
    terminal: take(log.terminals),
    timeout: take(log.timeouts),
  };
}
