/** Scores read from the results of all seeds. */
import type { Result } from "../experiment.ts";
import type { Options } from "./options.ts";
import { type PixelMethodName, pixelRuns, ratesAt } from "./pixelStudy.ts";
import { type Chosen, chosen } from "./selection.ts";

export const pixelBaselines: readonly PixelMethodName[] = ["SOBA", "MA-SOBA", "StocBiO"];

/** From y = 0, from the refined y, or from whichever of the two is better. */
export type Start = "plain" | "refined" | "better";

/** Phi - 1 of a method at its best rate; candidates are rates, from y = 0 first where both count. */
export const growingAt = (
  results: readonly Result[],
  method: string,
  rho: number,
  horizon: string,
  start: Start,
): Chosen =>
  chosen(
    results.map(({ growing }) =>
      (growing[method]?.scores ?? [])
        .filter((row) => row.rho === rho && row.horizon === horizon)
        .filter(({ refined }) => start === "better" || refined === (start === "refined"))
        .flatMap(({ scores }) => scores),
    ),
  );

/** The least validation loss on the way, at the best rate. */
export const pixelAt = (
  results: readonly Result[],
  method: PixelMethodName,
  gain: number,
  options: Options,
): Chosen => chosen(results.map((result) => leastLosses(result, method, gain, options)));

function leastLosses(
  { pixels }: Result,
  method: PixelMethodName,
  gain: number,
  options: Options,
): (number | null)[] {
  const curve = pixels[method];
  return runsOfGain(gain, options).map((run) => {
    const losses = (curve?.loss ?? []).flatMap((judged) => judged[run] ?? []);
    return losses.length > 0 ? Math.min(...losses) : null;
  });
}

/** The grid of rates as the study takes it. */
const gridOf = ({ gains, pixelRates: rates, steepRates }: Options) => ({
  gains,
  rates,
  steepRates,
});

/** Places of the runs of a gain, one a rate. */
export const runsOfGain = (gain: number, options: Options): number[] =>
  pixelRuns(gridOf(options)).flatMap((run, i) => (run.gain === gain ? [i] : []));

/** The rate of a candidate of {@link pixelAt}. */
export const pixelRate = (gain: number, candidate: number, options: Options): number =>
  ratesAt(gain, gridOf(options))[candidate];

/** Test accuracy where the validation loss of a run is least, one a seed. */
export function pixelAccuracy(
  results: readonly Result[],
  method: PixelMethodName,
  gain: number,
  options: Options,
): number[] {
  const { candidate } = pixelAt(results, method, gain, options);
  const run = runsOfGain(gain, options)[candidate];
  return results.map(({ pixels }) => {
    const { loss = [], accuracy = [] } = pixels[method] ?? {};
    const at = loss.reduce(
      (best, judged, i) => ((judged[run] ?? Infinity) < (loss[best][run] ?? Infinity) ? i : best),
      0,
    );
    return accuracy[at]?.[run] ?? Number.NaN;
  });
}
