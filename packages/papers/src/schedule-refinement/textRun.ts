/** The experiment on text: a small language model under each schedule, warm-ups included. */
import type { RunContext } from "../contract/context.ts";
import type { Running } from "../contract/events.ts";
import { compileLanguageModel, corpusOf, type LanguageModelOptions } from "./languageModel.ts";
import { type NetworkRun, sweepNetwork } from "./scheduleSweeps.ts";
import { cosine, flat, linearDecay } from "./standardSchedules.ts";

export interface TextOptions extends LanguageModelOptions {
  readonly steps: number;
  readonly peaks: readonly number[];
  /** Warm-ups before linear decay, as shares of the run. */
  readonly warmups: readonly number[];
  readonly smoothing: number;
}

const warmUpName = (share: number): string => `${Math.round(share * 1000) / 10} % warm-up, linear`;

/** Validation losses, nats a character, by schedule and peak. */
export function runText(
  text: string,
  options: TextOptions,
  context: RunContext,
): Running<NetworkRun> {
  const { steps, peaks, warmups, smoothing } = options;
  const schedules = {
    flat: flat(steps),
    cosine: cosine(steps),
    linear: linearDecay(steps),
    ...Object.fromEntries(
      warmups.map((warmup) => [warmUpName(warmup), linearDecay(steps, { warmup })]),
    ),
  };
  const { train } = compileLanguageModel(corpusOf(text), options);
  const settings = { steps, peaks, refine: { norm: "l1", smoothing }, purposes: [5, 6] } as const;
  return sweepNetwork("text", train, schedules, settings, context);
}

/** A text that needs no file: the numbers from 0 on, in words. */
export function numbersInWords(count: number): string {
  const small =
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
      " ",
    );
  const tens = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
  const words = (n: number): string => {
    if (n < 20) return small[n];
    if (n < 100) return tens[Math.floor(n / 10) - 2] + (n % 10 > 0 ? `-${small[n % 10]}` : "");
    const [unit, name] = n < 1000 ? [100, "hundred"] : [1000, "thousand"];
    const rest = n % unit > 0 ? ` ${words(n % unit)}` : "";
    return `${words(Math.floor(n / unit))} ${name}${rest}`;
  };
  return Array.from({ length: count }, (_, n) => words(n)).join(", ");
}
