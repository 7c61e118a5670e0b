/** What a subscriber chose, in words. */
import { isTopic, topics } from "@etude/papers/cards";
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

/** "about all topics", "about these topics: Optimisation; Tables". */
export const about = (topics: readonly string[]): string =>
  topics.length === 0 ? "about all topics" : `about these topics: ${labels(topics)}`;

/** Topics by the names that people know. */
export const labels = (chosen: readonly string[]): string =>
  chosen.map((topic) => (isTopic(topic) ? topics[topic] : tidy(topic))).join("; ");
