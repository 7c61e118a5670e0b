/** How numbers look, everywhere the same: on the page, in the terminal, on the site. */

/** What stands where there is no number. */
export const missing = "–";

const withMinus = (text: string): string => text.replaceAll("-", "−");

/** Fewer than five digits are read at a glance; longer whole numbers get thin spaces. */
function grouped(digits: string): string {
  const [whole, fraction] = digits.split(".");
  const sign = whole.startsWith("-") ? "-" : "";
  const absolute = whole.slice(sign.length);
  const spaced = absolute.length > 4 ? absolute.replace(/\B(?=(\d{3})+$)/g, "\u202f") : absolute;
  return sign + spaced + (fraction === undefined ? "" : `.${fraction}`);
}

const trimmed = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

/**
 * A number to `digits` significant digits without trailing zeros: `0.8731`, `1.2e−7`, `60 000`.
 * Whole numbers below 10^12 keep all of their digits, as they are mostly counts. `null` and NaN are
 * a dash.
 */
export function formatNumber(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) return missing;
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e12) return withMinus(grouped(`${value}`));
  const magnitude = Math.abs(value);
  if (magnitude < 1e-4 || magnitude >= 1e6) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
    return withMinus(`${trimmed(mantissa)}e${Number(exponent)}`);
  }
  const rounded = Number(value.toPrecision(digits));
  return withMinus(grouped(trimmed(rounded.toFixed(decimalsFor(magnitude, digits)))));
}

/** Decimals that show `digits` significant digits of numbers of this magnitude. */
function decimalsFor(magnitude: number, digits: number): number {
  if (!(magnitude > 0)) return 0;
  return Math.min(100, Math.max(0, digits - 1 - Math.floor(Math.log10(magnitude))));
}

/** Numbers at which a fixed count of decimals is still short to read. */
const isPlain = (magnitude: number): boolean =>
  magnitude === 0 || (magnitude >= 1e-4 && magnitude < 1e6);

/**
 * A mean and its interval, all three to the digits that the interval leaves certain (two of its half
 * width): `0.873 [0.861, 0.885]`. Without an interval, the mean alone.
 */
export function formatInterval(
  mean: number,
  interval: readonly [low: number, high: number] | null,
): string {
  if (interval === null) return formatNumber(mean);
  const halfWidth = (interval[1] - interval[0]) / 2;
  // What is nothing beside the interval is rounding: 0, not 4e-17.
  const values = [mean, ...interval].map((value) =>
    Math.abs(value) < 1e-6 * halfWidth ? 0 : value,
  );
  const fixed = values.every((value) => Number.isFinite(value) && isPlain(Math.abs(value)));
  const decimals = halfWidth > 0 ? decimalsFor(halfWidth, 2) : undefined;
  const [centre, low, high] = values.map((value) =>
    fixed && decimals !== undefined && decimals <= 8
      ? withMinus(grouped(value.toFixed(decimals)))
      : formatNumber(value),
  );
  return `${centre} [${low}, ${high}]`;
}

/**
 * The numbers of one column, with as many decimals in every row, so that digits stand under digits.
 * Where the magnitudes differ too much for that, each number is formatted by itself.
 */
export function formatColumn(values: readonly (number | null)[], digits = 4): string[] {
  const present = values.filter(
    (value): value is number => value !== null && Number.isFinite(value),
  );
  const magnitudes = present.map(Math.abs).filter((magnitude) => magnitude > 0);
  const largest = Math.max(0, ...magnitudes);
  const smallest = Math.min(Number.POSITIVE_INFINITY, ...magnitudes);
  if (
    present.every(Number.isInteger) ||
    !isPlain(largest) ||
    !isPlain(smallest) ||
    smallest < largest / 1000
  ) {
    return values.map((value) => formatNumber(value, digits));
  }
  const most = decimalsFor(largest, digits);
  const needed = present.map((value) => {
    const [, fraction = ""] = trimmed(value.toFixed(most)).split(".");
    return fraction.length;
  });
  const decimals = Math.max(0, ...needed);
  return values.map((value) =>
    value === null || !Number.isFinite(value)
      ? formatNumber(value)
      : withMinus(grouped(value.toFixed(decimals))),
  );
}

/** A time span: `3.2 ms`, `870 ms`, `12.3 s`, `2 min 13 s`, `3 h 5 min`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return formatNumber(seconds);
  if (seconds < 0) return `−${formatDuration(-seconds)}`;
  if (seconds === 0) return "0 s";
  if (seconds < 0.9995) {
    const milliseconds = seconds * 1000;
    return `${formatNumber(milliseconds, milliseconds < 10 ? 2 : 3)} ms`;
  }
  if (seconds < 59.95) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  const rounded = Math.round(seconds / 60);
  const hours = Math.floor(rounded / 60);
  if (hours < 48) return `${hours} h ${rounded % 60} min`;
  const roundedHours = Math.round(seconds / 3600);
  return `${Math.floor(roundedHours / 24)} d ${roundedHours % 24} h`;
}

/** What to expect, from minutes: "about 6 s", "about 4 min", "about 3 h", "about 140 days". */
export function formatExpected(minutes: number): string {
  if (minutes < 1) return `about ${Math.max(1, Math.round(minutes * 60))} s`;
  if (minutes < 90) return `about ${Math.round(minutes)} min`;
  const hours = minutes / 60;
  if (hours < 72) return `about ${Math.round(hours)} h`;
  return `about ${Math.round(hours / 24)} days`;
}

/** A size of a file in decimal units: `812 B`, `1.2 kB`, `34 MB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${formatNumber(value, Math.abs(value) < 10 ? 2 : 3)} ${units[unit]}`;
}

/** Where a claim's mean must lie, in brief: `≥ 0.9`, `≤ 0.05`, `0.4 to 0.6`. */
export function formatBar(
  bar:
    | { readonly atLeast: number }
    | { readonly atMost: number }
    | { readonly between: readonly [number, number] },
): string {
  if ("atLeast" in bar) return `≥ ${formatNumber(bar.atLeast)}`;
  if ("atMost" in bar) return `≤ ${formatNumber(bar.atMost)}`;
  return `${formatNumber(bar.between[0])} to ${formatNumber(bar.between[1])}`;
}

/** A moment, to the minute, in UTC: `2026-03-01 14:05 UTC`. */
export function formatMoment(iso: string): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return missing;
  return `${moment.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
