/** The start of a training, chosen among several by their first steps. */
import { evaluate, type NDArray, random } from "@etude/tensor";
import { type Place, progress, type Running } from "../contract/events.ts";
import type { Regressor } from "./regressors.ts";
import { checkSize, type TaskSampler } from "./tasks.ts";
import { type TrainingOptions, trainer } from "./training.ts";

export interface StartOptions extends TrainingOptions {
  readonly sampler: TaskSampler;
  readonly key: NDArray;
  /** How many starts are tried. */
  readonly starts: number;
  /** Steps of each. */
  readonly startSteps: number;
}

export interface Start {
  /** Of the start with the least loss; 0 is the key itself. */
  readonly chosen: number;
  /** Of every start, the mean over its last hundred steps or so; empty for a single one. */
  readonly losses: readonly number[];
}

/** The key of a start: the given one, then others made of it. */
export const startKey = async (key: NDArray, which: number): Promise<NDArray> =>
  which === 0 ? key : evaluate(random.foldIn(key, 100 + which));

/**
 * Trains from several starts for a while and says which had the least loss. Some starts of
 * linear layers are drawn to a solution in which keys read the targets and values the inputs, and do not
 * leave it again; a few hundred steps tell.
 */
export async function* chooseStart<P>(
  regressor: Regressor<P>,
  { sampler, key, starts, startSteps, ...options }: StartOptions,
  { label, done, total }: Place,
): Running<Start> {
  checkSize("starts", starts);
  checkSize("startSteps", startSteps);
  if (starts === 1) return { chosen: 0, losses: [] };
  const train = trainer(regressor, sampler, { ...options, steps: startSteps });
  const losses: number[] = [];
  for (let which = 0; which < starts; which++) {
    const training = train({ key: await startKey(key, which) });
    for (;;) {
      const next = await training.next();
      if (next.done) {
        const last = next.value.history.slice(-2).map(({ loss }) => loss);
        losses.push(last.reduce((sum, loss) => sum + loss, 0) / last.length);
        break;
      }
      const share = (which + next.value.step / startSteps) / starts;
      yield progress(done + share, total, `${label}, start ${which + 1} of ${starts}`);
    }
  }
  return { chosen: losses.indexOf(Math.min(...losses)), losses };
}

/** Starts that end this much above the best of their kind count as drawn to another solution. */
const apart = 1.3;

/** How many starts were drawn to another solution, of how many. */
export function strayed(all: readonly (readonly number[])[]): { of: number; strayed: number } {
  const best = Math.min(...all.flat());
  const stray = all.flat().filter((loss) => loss > apart * best);
  return { of: all.flat().length, strayed: stray.length };
}
