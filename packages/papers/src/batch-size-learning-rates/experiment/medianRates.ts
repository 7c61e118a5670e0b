import { largestStable, medianLoss } from "../stability.ts";
import type { Options } from "./options.ts";
import type { Result } from "./result.ts";

/** The largest rate whose median loss over seeds is below the threshold, for every batch size. */
export function medianRates(
  results: readonly Result[],
  place: number,
  { threshold, sweepBatchSizes }: Options,
): (number | null)[] {
  const { rates } = results[0].sweep[place];
  return sweepBatchSizes.map((_, b) => {
    const medians = rates.map((_, k) =>
      medianLoss(results.map(({ sweep }) => sweep[place].losses[b][k] ?? Number.NaN)),
    );
    const largest = largestStable(rates, medians, threshold);
    return Number.isFinite(largest) ? largest : null;
  });
}
