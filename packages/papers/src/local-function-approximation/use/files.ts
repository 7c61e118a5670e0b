/** What is left behind: attributions as CSV and JSON, judgements as CSV. */
import { csvCell } from "@etude/data";
import type { OutputFile } from "../../contract/use.ts";
import type { Attributions, LossTable, Recommendation, Recovery } from "./judge.ts";
import type { Problem } from "./study.ts";

/** As many digits as float32 has. */
const shown = (value: number): string => String(Number(value.toPrecision(7)));

const csv = (rows: readonly (readonly (string | number)[])[]): Uint8Array =>
  new TextEncoder().encode(
    `${rows
      .map((row) =>
        row.map((cell) => (typeof cell === "number" ? shown(cell) : csvCell(cell))).join(","),
      )
      .join("\n")}\n`,
  );

export interface Explained {
  readonly problem: Problem;
  readonly attributions: Attributions;
  /** Of every row: the class explained, and its score. */
  readonly classes: readonly number[];
  readonly scores: readonly number[];
}

/** A line for every row and method. */
export function attributionsCsv({
  problem: { subject },
  attributions,
  classes,
  scores,
}: Explained): OutputFile {
  const { featureNames, labels } = subject;
  const d = featureNames.length;
  const lines = labels.flatMap((label, row) =>
    [...attributions].map(([method, { data }]) => [
      label,
      String(classes[row]),
      scores[row],
      method,
      ...Array.from(data.slice(row * d, (row + 1) * d), Number),
    ]),
  );
  return {
    name: "attributions.csv",
    describe: "an attribution for every row, method and feature",
    bytes: csv([["row", "class", "score", "method", ...featureNames], ...lines]),
  };
}

/** The same and the judgements, with all settings, for programs. */
export function attributionsJson(
  { problem, attributions, classes, scores }: Explained,
  losses: LossTable,
  recoveries: readonly Recovery[],
  recommendations: readonly Recommendation[],
): OutputFile {
  const { subject, samples, sigma, seed } = problem;
  const { featureNames, labels } = subject;
  const d = featureNames.length;
  const document = {
    features: featureNames,
    samples,
    sigma,
    seed,
    rows: labels.map((label, row) => ({
      row: label,
      class: classes[row],
      score: scores[row],
      attributions: Object.fromEntries(
        [...attributions].map(([method, { data }]) => [
          method,
          Array.from(data.slice(row * d, (row + 1) * d), (value) => Number(shown(Number(value)))),
        ]),
      ),
    })),
    losses,
    recovery: recoveries,
    recommendations: recommendations.map(({ candidates, ...rest }) => ({
      ...rest,
      candidates: candidates.map(([method, unexplained]) => ({ method, unexplained })),
    })),
  };
  return {
    name: "explanations.json",
    describe: "attributions, losses, recovery and recommendations, with all settings",
    bytes: new TextEncoder().encode(`${JSON.stringify(document, null, 1)}\n`),
  };
}

export const lossesCsv = ({ methods, columns, unexplained }: LossTable): OutputFile => ({
  name: "losses.csv",
  describe:
    "what each explanation leaves unexplained in each neighbourhood: 0 nothing, 1 all of it",
  bytes: csv([["explanation", ...columns], ...unexplained.map((row, e) => [methods[e], ...row])]),
});
