/** A figure's line through means over seeds. */
import { meanInterval } from "@etude/learn";
import { confidence } from "./bar.ts";
import type { Mark } from "./figure.ts";

/** A line of means, with a band of their intervals where there are several seeds. */
export function lineOver(
  series: string,
  x: readonly number[],
  samples: readonly (readonly number[])[],
): Mark[] {
  const means = samples.map(
    (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  );
  const line: Mark = { type: "line", series, x, y: means };
  if (samples.some((values) => values.length < 2)) return [line];
  const intervals = samples.map((values) => meanInterval(values, confidence));
  const low = intervals.map(([from]) => from);
  return [line, { type: "band", series, x, low, high: intervals.map(([, to]) => to) }];
}
