/** What is decided, with the bars of before the run. */
import type { Claim } from "../contract/claim.ts";
import type { Result } from "./experiment.ts";
import type { Options } from "./options.ts";
import { perSeed } from "./selection.ts";
import type { Phase } from "./tableRuns.ts";
import { drawn } from "./tables.ts";

const tablesPaper =
  "linear decay matches or beats cosine and all other standard schedules on a suite of logistic regressions and ten deep-learning problems; its tables were not seen here";
const refinementPaper =
  "refinement improves on linear decay on most problems; it has no experiment with a noisy phase";

export function claims(options: Options): Claim<Result>[] {
  return [...tableClaims(options), ...noisyClaims(options), ...textClaims(options)];
}

function tableClaims({ tables }: Options): Claim<Result>[] {
  if (tables.length === 0) return [];
  const lossesOn = (results: readonly Result[], table: string) =>
    results.map(({ standard }) => standard[table].sgd.losses);
  const across = (
    results: readonly Result[],
    schedules: readonly string[],
    quantity: (...losses: number[]) => number,
  ) => tables.map((table) => perSeed(lossesOn(results, table), schedules, quantity));
  const most = Math.ceil((2 / 3) * tables.length);
  return [
    {
      id: "linear-matches-cosine",
      statement: `SGD: the final training loss of linear decay over that of cosine, the largest of ${tables.length} tables`,
      paper: tablesPaper,
      bar: { atMost: 1.02 },
      measure: (results) => {
        const ratios = across(results, ["linear", "cosine"], (linear, cosine) => linear / cosine);
        return results.map((_, seed) => Math.max(...ratios.map((of) => of[seed])));
      },
    },
    {
      id: "linear-beats-others",
      statement: `SGD: tables, of ${tables.length}, on which the final training loss of linear decay is at most 0.97 times the least of flat, 1/t and 1/sqrt t`,
      paper: tablesPaper,
      bar: { atLeast: most },
      measure: (results) => {
        const wins = across(results, ["linear", "flat", "1/t", "1/sqrt t"], (linear, ...others) =>
          Number(linear <= 0.97 * Math.min(...others)),
        );
        return results.map((_, seed) => wins.reduce((sum, of) => sum + of[seed], 0));
      },
    },
  ];
}

function noisyClaims({ noisyTables }: Options): Claim<Result>[] {
  const measured = (
    table: string,
    phase: Phase,
    quantity: (refined: number, linear: number, optimum: number) => number,
  ): Claim<Result>["measure"] => {
    return (results) => {
      const optimum = results[0].optima[table];
      return perSeed(
        results.map(({ noisy }) => noisy[table][phase].losses),
        ["refined", "linear"],
        (refined, linear) => quantity(refined, linear, optimum),
      );
    };
  };
  return noisyTables.flatMap((table): Claim<Result>[] => {
    // Waveforms have so much noise of their own that only what is above the optimum says anything.
    const excess = table === drawn || table === "waveform";
    return [
      {
        id: `refined-first-${table}`,
        statement: excess
          ? `${table}, batches of one row in the first 30 % of the run: the final training loss above the optimum, refined over linear decay`
          : `${table}, batches of one row in the first 30 % of the run: the final training loss, refined over linear decay`,
        paper: refinementPaper,
        bar: { atMost: excess ? 0.7 : 0.93 },
        measure: measured(table, "first 30 %", (refined, linear, optimum) =>
          excess ? (refined - optimum) / (linear - optimum) : refined / linear,
        ),
      },
      {
        id: `refined-last-${table}`,
        statement: `${table}, batches of one row in the last 30 % of the run: the final training loss, refined over linear decay`,
        paper: refinementPaper,
        bar: { atMost: 1 },
        measure: measured(table, "last 30 %", (refined, linear) => refined / linear),
      },
    ];
  });
}

function textClaims({ text }: Options): Claim<Result>[] {
  if (text === "none") return [];
  const paper =
    "linear decay and refinement do at least as well as cosine on most of ten deep-learning problems, language models among them; its tables were not seen here";
  const measured = (other: string): Claim<Result>["measure"] => {
    return (results) =>
      perSeed(
        results.map((result) => result.text?.losses ?? {}),
        ["linear", "refined", other],
        (linear, refined, loss) => Math.max(linear, refined) - loss,
      );
  };
  return [
    {
      id: "text-matches-cosine",
      statement:
        "language model: the validation loss of linear decay or refined, the larger, minus that of cosine, nats a character",
      paper,
      bar: { atMost: 0.005 },
      measure: measured("cosine"),
    },
    {
      id: "text-beats-flat",
      statement:
        "language model: the validation loss of linear decay or refined, the larger, minus that of a constant rate, nats a character",
      paper,
      bar: { atMost: 0 },
      measure: measured("flat"),
    },
  ];
}
