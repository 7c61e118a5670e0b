/** Sweeps of a network: each schedule is a step of its own. */
import { random } from "@etude/tensor";
import type { RunContext } from "../contract/context.ts";
import { progress, type Running } from "../contract/events.ts";
import type { RefineOptions } from "./refine.ts";
import { linearDecay } from "./standardSchedules.ts";
import { bestOf, type Losses, refinedFrom, type Shape } from "./sweep.ts";

export interface Trained {
  /** What schedules are compared by. */
  readonly loss: number;
  /** Norms of the gradients, one a step. */
  readonly norms: Float64Array;
}

/**
 * Trainings by learning rates, all from the same start and on the same batches, which the generator
 * draws: side by side if that is faster. Of each the result.
 */
export type Training = (
  rates: readonly Float64Array[],
  draw: random.Generator,
) => Promise<readonly Trained[]>;

export interface NetworkRun {
  readonly losses: Losses;
  /** Absent where there was no schedule to be had. */
  readonly refined?: Shape;
}

/**
 * All schedules at all peaks from the same start and on the same batches, linear decay among them;
 * then the norms of one more run of linear decay, at its best peak and with a start and batches of its
 * own, and the schedule refined from them swept like the others.
 *
 * @param name of the steps
 * @param purposes of the generators: what is swept, and what is recorded
 */
export async function* sweepNetwork(
  name: string,
  train: Training,
  schedules: Readonly<Record<string, Float64Array>>,
  options: {
    readonly steps: number;
    readonly peaks: readonly number[];
    readonly refine: RefineOptions;
    readonly purposes: readonly [swept: number, recorded: number];
  },
  context: Pick<RunContext, "seed" | "step">,
): Running<NetworkRun> {
  const { steps, peaks, refine } = options;
  const [swept, recorded] = options.purposes;
  const chance = random.generator(context.seed);
  const runs = (Object.keys(schedules).length + 1) * peaks.length + 1;
  let done = 0;

  const sweep = (schedule: string, multipliers: Float64Array): Running<readonly number[]> => {
    const before = done;
    done += peaks.length;
    return context.step(`${name}, ${schedule}`, async function* () {
      yield progress(before, runs, `${name}: ${schedule}`);
      const rates = peaks.map((peak) => multipliers.map((multiplier) => multiplier * peak));
      const found = (await train(rates, chance.fork(swept))).map(({ loss }) => loss);
      for (const [place, value] of found.entries())
        yield { type: "metric", name: `loss by peak rate: ${name}`, step: place, value };
      return found;
    });
  };
  const losses: Record<string, readonly number[]> = {};
  for (const [schedule, multipliers] of Object.entries(schedules))
    losses[schedule] = yield* sweep(schedule, multipliers);

  const peak = peaks[bestOf(losses.linear)];
  yield progress(done++, runs, `${name}: recording norms`);
  const norms = yield* context.step(`${name}, norms`, async () => {
    const rates = linearDecay(steps).map((multiplier) => multiplier * peak);
    const [{ norms }] = await train([rates], chance.fork(recorded));
    return Array.from(norms);
  });
  const refined = refinedFrom(norms, refine);
  if (refined === undefined) return { losses: { ...losses, refined: peaks.map(() => Number.NaN) } };
  const again = yield* sweep("refined", refined.schedule);
  return { losses: { ...losses, refined: again }, refined: refined.shape };
}
