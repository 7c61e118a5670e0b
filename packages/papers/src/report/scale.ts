/** The axes of a figure in numbers: limits, ticks and where a value stands between them. */
import { linearLabels, linearTicks, logLabels, logTicks, tickStep } from "./ticks.ts";

export interface Scale {
  /** Of a band, place i is the i-th name. */
  readonly kind: "linear" | "log" | "band";
  readonly low: number;
  readonly high: number;
  readonly names: readonly string[];
}

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** About `count` ticks; of a band, every k-th name so that no more than `count` are left. */
export function ticksOf({ kind, low, high, names }: Scale, count: number): Tick[] {
  if (kind === "band") {
    const every = Math.max(1, Math.ceil(names.length / Math.max(1, count)));
    return names.flatMap((label, at) => (at % every === 0 ? [{ at, label }] : []));
  }
  const at = kind === "log" ? logTicks(low, high, count) : linearTicks(low, high, count);
  const labels = kind === "log" ? logLabels(at) : linearLabels(at);
  return at.map((at, index) => ({ at, label: labels[index] }));
}

/** From a value on the scale to [0, 1]. */
export function fraction({ kind, low, high }: Scale, value: number): number {
  return kind === "log"
    ? (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low))
    : (value - low) / (high - low);
}

/** How far an axis goes beyond its values: not, a little, or to round numbers. */
export type Margin = "none" | "small" | "round";

export const bandScale = (names: readonly string[]): Scale => ({
  kind: "band",
  low: -0.5,
  high: Math.max(1, names.length) - 0.5,
  names,
});

export function numberScale(
  kind: "linear" | "log",
  values: readonly number[],
  margin: Margin,
): Scale {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) [low, high] = kind === "log" ? [1, 10] : [0, 1];
  if (low === high) [low, high] = around(kind, low);
  else [low, high] = widened(kind, low, high, margin);
  return { kind, low, high, names: [] };
}

/** Limits about a single value, which alone would span nothing. */
function around(kind: "linear" | "log", value: number): [number, number] {
  if (kind === "log") return [value / 3, value * 3];
  const reach = value === 0 ? 1 : Math.abs(value) * 0.1;
  return [value - reach, value + reach];
}

function widened(
  kind: "linear" | "log",
  low: number,
  high: number,
  margin: Margin,
): [number, number] {
  if (margin === "none") return [low, high];
  if (kind === "log") {
    const factor = Math.exp((Math.log(high) - Math.log(low)) * 0.04);
    return [low / factor, high * factor];
  }
  if (margin === "round") {
    const step = tickStep(low, high, 5);
    // Half steps: whole ones can leave a third of the plot empty.
    const half = step / 2;
    return [Math.floor(low / half + 1e-9) * half, Math.ceil(high / half - 1e-9) * half];
  }
  const reach = (high - low) * 0.03;
  return [low - reach, high + reach];
}
