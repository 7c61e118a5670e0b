/** Round numbers along an axis, and what is written at them. */
import { formatNumber } from "./numbers.ts";

/**
 * Multiples of 1, 2 or 5 times a power of ten within `[low, high]`, about `count` of them.
 */
export function linearTicks(low: number, high: number, count: number): number[] {
  const step = tickStep(low, high, count);
  if (!(step > 0)) return [low];
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // Built from whole multiples: sums of steps would drift away from round numbers.
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

export function tickStep(low: number, high: number, count: number): number {
  const rough = (high - low) / Math.max(1, count);
  if (!(rough > 0) || !Number.isFinite(rough)) return 0;
  const power = 10 ** Math.floor(Math.log10(rough));
  const fraction = rough / power;
  const multiple = fraction < 1.5 ? 1 : fraction < 3.5 ? 2 : fraction < 7.5 ? 5 : 10;
  return multiple * power;
}

/**
 * Powers of ten within `[low, high]`, every k-th if there are many; with twos and fives between
 * them if there are few; linear ticks within less than a factor of about five.
 */
export function logTicks(low: number, high: number, count: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const decades = last - first + 1;
  if (decades >= 3 || decades >= count) {
    const every = Math.max(1, Math.ceil(decades / Math.max(1, count)));
    const powers = Array.from({ length: decades }, (_, index) => first + index);
    return powers.filter((power) => power % every === 0).map(powerOfTen);
  }
  const ticks: number[] = [];
  for (let power = first - 1; power <= last; power++) {
    for (const multiple of [1, 2, 5]) {
      const tick = multiple * powerOfTen(power);
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push(tick);
    }
  }
  return ticks.length >= 3 ? ticks : linearTicks(low, high, count).filter((tick) => tick > 0);
}

/** Exact for negative powers too, where `10 ** -3` may not be the nearest double of 0.001. */
const powerOfTen = (power: number): number => Number(`1e${power}`);

/** Labels of linear ticks, all with as many decimals, large ones in thousands, millions ... */
export function linearLabels(ticks: readonly number[]): string[] {
  const largest = Math.max(0, ...ticks.map(Math.abs));
  const step = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) : largest;
  if (largest === 0) return ticks.map(() => "0");
  if (largest >= 1e15 || largest < 1e-3) return ticks.map((tick) => formatNumber(tick, 3));
  const scales: readonly (readonly [number, string])[] = [
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ];
  const [divisor, suffix] = scales.find(([size]) => largest >= Math.max(size, 1e4)) ?? [1, ""];
  const decimals = Math.min(12, Math.max(0, -Math.floor(Math.log10(step / divisor) + 1e-9)));
  return ticks.map((tick) => {
    if (tick === 0) return "0";
    return (tick / divisor).toFixed(decimals).replace("-", "−") + suffix;
  });
}

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** Labels of logarithmic ticks: `0.01`, `200`, `10⁻⁵`, `2·10⁶`. */
export function logLabels(ticks: readonly number[]): string[] {
  const plain = ticks.every((tick) => tick >= 1e-3 && tick < 1e5);
  return ticks.map((tick) => {
    if (plain) return formatNumber(tick, 3);
    const [mantissa, exponent] = tick.toExponential(2).split("e");
    const power = exponent
      .replace("+", "")
      .replace("-", "⁻")
      .replace(/\d/g, (digit) => superscripts[Number(digit)]);
    return Number(mantissa) === 1 ? `10${power}` : `${Number(mantissa)}·10${power}`;
  });
}
