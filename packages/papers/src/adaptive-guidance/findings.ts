/** What else was seen, computed from the results. */
import { type Result, rowOf } from "./claims.ts";
import { fewerName } from "./exactStudy.ts";
import { calibratedName, equalCostName } from "./learnedStudy.ts";
import { meanOf, type Row } from "./measure.ts";
import type { Options } from "./options.ts";

export function findings(results: readonly Result[], options: Options): string[] {
  const over = (of: (result: Result) => number) => meanOf(results.map(of));
  const strengths = results[0].exact.strengths;
  const exact = (place: number, name: string, of: (row: Row) => number) =>
    over((result) => of(rowOf(result.exact.strengths[place].rows, name)));
  const learned = (name: string, of: (row: Row) => number) =>
    over((result) => of(rowOf(result.learned.velocity[0].rows, name)));
  const error = ({ error: value }: Row) => value;
  const ssim = ({ ssim: value }: Row) => value;
  const accuracy = ({ accuracy: value }: Row) => 100 * (value ?? Number.NaN);
  const ridge = `LinearAG, ridge ${options.ridge}`;
  const each = (of: (strength: number, place: number) => string) =>
    strengths.map(({ strength }, place) => of(strength, place)).join("; ");
  const minimum = (result: Result) => {
    const { mean } = result.learned.velocity[0].alignment;
    return mean.indexOf(Math.min(...mean));
  };
  const equal = equalCostName(options);
  const fewer = learned(equal, ssim);
  const calibrated = learned(calibratedName, ssim);
  return [
    `AG with threshold 0.99 on the exact model: ${each(
      (strength, i) =>
        `strength ${strength}, ${exact(i, "AG 0.99", (row) => row.evaluations).toFixed(1)} evaluations, relative error ${exact(i, "AG 0.99", error).toExponential(1)} (${exact(i, fewerName(Math.round(0.75 * options.steps)), error).toExponential(1)} for full guidance in ${Math.round(0.75 * options.steps)} steps)`,
    )}.`,
    `A lower threshold is no bargain there: at 0.95 the relative error is ${each(
      (strength, i) => `${exact(i, "AG 0.95", error).toExponential(1)} at strength ${strength}`,
    )}.`,
    `A relative ridge of ${options.ridge} changes LinearAG's error by a factor of ${each(
      (strength, i) =>
        `${(exact(i, ridge, error) / exact(i, "LinearAG", error)).toPrecision(2)} at strength ${strength}`,
    )}.`,
    `Without a price the search spreads guidance over all steps, ${(100 * over(({ exact: e }) => e.freeSearch.firstHalf)).toFixed(0)} % of it in the first half, at a relative error of ${over(({ exact: e }) => e.freeSearch.error).toExponential(1)}: what it finds with a price is where guidance is worth one.`,
    `The searched mixtures hide strengths: ${results[0].exact.search.effectiveStrength.map((s) => s.toFixed(1)).join(" ")} by step, where guidance has ${options.searchStrength}. Discretised, the policy has a relative error of ${over(({ exact: e }) => e.search.discretised.error).toExponential(1)} at ${over(({ exact: e }) => e.search.discretised.evaluations).toFixed(1)} evaluations.`,
    `Learned model: mean alignment is ${over(({ learned: l }) => l.velocity[0].alignment.mean[0]).toFixed(3)} at the first step, least at step ${over(minimum).toFixed(1)}, and ${over(({ learned: l }) => l.velocity[0].alignment.mean.at(-1) ?? Number.NaN).toFixed(3)} at the last; the calibrated threshold is ${over(({ learned: l }) => l.velocity[0].threshold).toFixed(3)}.`,
    `Learned model: at the cost of AG, ${fewer > calibrated ? "simply fewer steps are nearer to full guidance" : "AG is nearer to full guidance than fewer steps"}: similarity ${fewer.toFixed(4)} for ${equal} against ${calibrated.toFixed(4)}. Class accuracy: ${learned("full guidance", accuracy).toFixed(1)} % under full guidance, ${learned(calibratedName, accuracy).toFixed(1)} % under AG, ${learned("conditional only", accuracy).toFixed(1)} % without guidance (the classifier gets ${(100 * over(({ learned: l }) => l.judgeAccuracy)).toFixed(1)} % of real test pictures right).`,
    ...noiseFindings(results),
  ];
}

function noiseFindings(results: readonly Result[]): string[] {
  const over = (of: (result: Result) => number) => meanOf(results.map(of));
  const exact = (name: string, of: (row: Row) => number) =>
    over((result) => of(rowOf(result.exact.noisePrediction.rows, name)));
  const start = over(({ exact: e }) => e.noisePrediction.alignment.mean[0]);
  const quarter = results[0].exact.noisePrediction.rows.find(({ name }) =>
    name.includes("from step"),
  );
  const sentences = [
    `Exact noise predictions have a mean alignment of ${start.toFixed(4)} at the very first step: a threshold of 0.98 needs ${exact("AG 0.98", (row) => row.evaluations).toFixed(1)} evaluations and reaches a similarity of ${exact("AG 0.98", (row) => row.ssim).toFixed(3)}; 0.9999 needs ${exact("AG 0.9999", (row) => row.evaluations).toFixed(1)} and reaches ${exact("AG 0.9999", (row) => row.ssim).toFixed(4)}. ${quarter?.name ?? ""}: ${exact(quarter?.name ?? "", (row) => row.evaluations).toFixed(1)} and ${exact(quarter?.name ?? "", (row) => row.ssim).toFixed(4)}; 0.99 on estimates of x_0: ${exact("AG 0.99 on estimates of x_0", (row) => row.evaluations).toFixed(1)} and ${exact("AG 0.99 on estimates of x_0", (row) => row.ssim).toFixed(4)}.`,
  ];
  if (results.some(({ learned }) => learned.noise === null)) return sentences;
  const learned = (name: string, of: (row: Row) => number) =>
    over((result) => of(rowOf(result.learned.noise?.rows ?? [], name)));
  const gamma = (k: number) =>
    over((result) => result.learned.noise?.alignment.mean.at(k) ?? Number.NaN);
  const accuracy = ({ accuracy: value }: Row) => 100 * (value ?? Number.NaN);
  return [
    ...sentences,
    `The network that predicts noise goes from an alignment of ${gamma(0).toFixed(4)} to ${gamma(-1).toFixed(3)}${gamma(-1) < gamma(0) ? ": near the data its own error decides the direction" : ""}. AG at 0.99 needs ${learned("AG 0.99", (row) => row.evaluations).toFixed(1)} evaluations and reaches a similarity of ${learned("AG 0.99", (row) => row.ssim).toFixed(3)} and a class accuracy of ${learned("AG 0.99", accuracy).toFixed(1)} %, full guidance ${learned("full guidance", accuracy).toFixed(1)} %.`,
  ];
}
