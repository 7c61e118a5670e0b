/** What label cleaning showed. */
import { meanOf } from "@etude/learn";
import type { DataTable } from "../../contract/figure.ts";
import type { Result } from "../experiment.ts";
import { cleaningMethods } from "./cleaningStudy.ts";
import type { Options } from "./options.ts";
import { chosen } from "./selection.ts";

export function cleaningTable(results: readonly Result[], options: Options): DataTable[] {
  const methods = cleaningMethods
    .map(({ name }) => name)
    .filter((name) => results.every(({ cleaning }) => cleaning[name] !== undefined));
  if (methods.length === 0) return [];
  const last = <T>(values: readonly T[]): T => values[values.length - 1];
  return [
    {
      id: "cleaning",
      title: `Label cleaning of ${options.cleaning}, ${100 * options.noise} % of the labels false`,
      caption:
        "At the end, means over seeds at the rate of the least validation loss. Separation: how likely a true label has a greater weight than a false one.",
      columns: ["method", "rate", "validation loss", "test accuracy", "separation"],
      rows: methods.map((name) => {
        const of = results.map(({ cleaning }) => cleaning[name]);
        const { candidate, mean } = chosen(of.map(({ curve }) => last(curve.loss)));
        return [
          name,
          options.cleaningRates[candidate],
          mean,
          meanOf(of.map(({ curve }) => last(curve.accuracy)[candidate])),
          meanOf(of.map(({ auroc }) => auroc[candidate])),
        ];
      }),
    },
  ];
}
