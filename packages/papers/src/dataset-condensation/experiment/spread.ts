/** Means over seeds and how sure they are. */
import { meanInterval } from "@etude/learn";
import { type Baseline, baselines, isAugmented, type Method } from "../settings.ts";
import { meanOf } from "./claims.ts";
import type { Options } from "./options.ts";

/** Of the intervals shown, as of those that decide the claims. */
export const confidence = 0.9;

/** "51.5 ± 3.2", half the interval over seeds; the mean alone with one seed. */
export function spread(values: readonly number[], digits = 1): string {
  const mean = meanOf(values).toFixed(digits);
  if (values.length < 2) return mean;
  const [low, high] = meanInterval(values, confidence);
  return `${mean} ± ${((high - low) / 2).toFixed(digits)}`;
}

/** Names of the sets, the baselines first. */
export const setsOf = ({ methods }: Options): (Method | Baseline)[] => [
  ...baselines.filter((name) => name === "random" || methods.some(isAugmented)),
  ...methods,
];
