/** Spans of time as one plans by them. */
import { formatDuration } from "@etude/papers/report/numbers";

/** Whole seconds: "7 s", "2 min 13 s" */
export function showSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : formatDuration(whole);
}

/** "about 6 s", "about 4 min", "about 3 h", "about 140 days" */
export function showMinutes(minutes: number): string {
  if (minutes < 1) return `about ${Math.max(1, Math.round(minutes * 60))} s`;
  if (minutes < 90) return `about ${Math.round(minutes)} min`;
  const hours = minutes / 60;
  if (hours < 72) return `about ${Math.round(hours)} h`;
  return `about ${Math.round(hours / 24)} days`;
}
