/** What a subscriber chose, in words. */
import { tidy } from "./words.ts";

export type Frequency = "daily" | "weekly";

/** What a subscription brings and how often; no topics means all. */
export interface Choice {
  readonly frequency: Frequency;
  readonly topics: readonly string[];
}

/** "every day", "every Monday". */
export const often: Readonly<Record<Frequency, string>> = {
  daily: "every day",
  weekly: "every Monday",
};

/** "about all topics", "about optimisation and pruning". */
export function about(topics: readonly string[]): string {
  if (topics.length === 0) return "about all topics";
  return `about ${new Intl.ListFormat("en-GB").format(topics.map(tidy))}`;
}
