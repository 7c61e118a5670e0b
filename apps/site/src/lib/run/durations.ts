/** Spans of time as one plans by them. */
import { formatDuration } from "@etude/papers/report/numbers";

/** Whole seconds: "7 s", "2 min 13 s" */
export function showSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : formatDuration(whole);
}
