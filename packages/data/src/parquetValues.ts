/** Values of Parquet columns whose meaning is more than their bits: points in time, decimals. */
import type { SchemaElement } from "hyparquet";

/** Dates and timestamps as ISO 8601 text. A `Date` would cut microseconds off. */
export const timeParsers = {
  dateFromDays: (days: number | null | undefined) =>
    days == null ? undefined : isoSeconds(BigInt(days) * 86400n).slice(0, -10),
  timestampFromMilliseconds: (time: bigint | null | undefined) => isoTime(time, 3),
  timestampFromMicroseconds: (time: bigint | null | undefined) => isoTime(time, 6),
  timestampFromNanoseconds: (time: bigint | null | undefined) => isoTime(time, 9),
};

/** A count of 10^-digits seconds since 1970, in UTC. */
function isoTime(time: bigint | null | undefined, digits: number): string | undefined {
  if (time == null) return undefined;
  const ticks = BigInt(time); // a small count may come as a number
  const perSecond = 10n ** BigInt(digits);
  const rest = ((ticks % perSecond) + perSecond) % perSecond;
  const seconds = isoSeconds((ticks - rest) / perSecond);
  const fraction = rest.toString().padStart(digits, "0").replace(/0+$/, "");
  return fraction === "" ? seconds : `${seconds.slice(0, -1)}.${fraction}Z`;
}

const isoSeconds = (seconds: bigint): string =>
  new Date(Number(seconds) * 1000).toISOString().replace(/\.\d+Z$/, "Z");

/**
 * A decimal as the nearest float64. The reader multiplies the whole number by 0.1^scale, which makes
 * 0.30000000000000004 of 3 tenths; the quotient by 10^scale is correctly rounded.
 */
export function decimalsOf({
  converted_type,
  logical_type,
  scale = 0,
}: SchemaElement): (value: number) => number {
  const isDecimal = converted_type === "DECIMAL" || logical_type?.type === "DECIMAL";
  if (!isDecimal || scale === 0 || scale > 22) return Number;
  const unit = 10 ** scale;
  return (value) => {
    const whole = Math.round(value * unit);
    return Number.isSafeInteger(whole) ? whole / unit : value;
  };
}
