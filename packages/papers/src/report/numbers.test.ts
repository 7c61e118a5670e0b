import { describe, expect, it } from "vitest";
import {
  formatBar,
  formatBytes,
  formatColumn,
  formatDuration,
  formatExpected,
  formatInterval,
  formatMoment,
  formatNumber,
} from "./numbers.ts";
import { linearLabels, linearTicks, logLabels, logTicks } from "./ticks.ts";

describe("numbers", () => {
  it("are shown to four significant digits without trailing zeros", () => {
    const shown = [0.87312, 0.5, 12.3456, -0.00012345, 0.99996, 123456.7, 1234567.8, 1.2e-7, 1e300];
    expect(shown.map((value) => formatNumber(value))).toEqual([
      "0.8731",
      "0.5",
      "12.35",
      "−0.0001234",
      "1",
      "123\u202f500",
      "1.235e6",
      "1.2e−7",
      "1e300",
    ]);
  });

  it("that count something keep all of their digits", () => {
    expect([0, 9999, 10000, 1234567, -60000].map((value) => formatNumber(value))).toEqual([
      "0",
      "9999",
      "10\u202f000",
      "1\u202f234\u202f567",
      "−60\u202f000",
    ]);
  });

  it("that are missing or infinite have a sign of their own", () => {
    const values = [
      null,
      undefined,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ];
    expect(values.map((value) => formatNumber(value))).toEqual(["–", "–", "–", "∞", "−∞"]);
  });

  it("have the digits that their interval leaves certain", () => {
    expect(formatInterval(3.7e-17, [-0.01411, 0.01411])).toBe("0.000 [−0.014, 0.014]");
    expect(formatInterval(0.87312, [0.86104, 0.8852])).toBe("0.873 [0.861, 0.885]");
    expect(formatInterval(1234.4, [1100.2, 1368.6])).toBe("1234 [1100, 1369]");
    expect(formatInterval(0.9, [0.9, 0.9])).toBe("0.9 [0.9, 0.9]");
    expect(formatInterval(0.0000012, [0.000001, 0.0000014])).toBe("1.2e−6 [1e−6, 1.4e−6]");
    expect(formatInterval(0.25, null)).toBe("0.25");
    expect(formatInterval(Number.NaN, null)).toBe("–");
  });

  it("of a column have as many decimals, unless their magnitudes differ too much", () => {
    expect(formatColumn([0.9, 0.87, null, 0.8712])).toEqual(["0.9000", "0.8700", "–", "0.8712"]);
    expect(formatColumn([12, 250])).toEqual(["12", "250"]);
    expect(formatColumn([0.3, 0.0000007])).toEqual(["0.3", "7e−7"]);
  });
});

describe("times, sizes and bars", () => {
  it("says what to expect in the unit one plans by", () => {
    expect([0.1, 4.2, 200, 600_000].map(formatExpected)).toEqual([
      "about 6 s",
      "about 4 min",
      "about 3 h",
      "about 417 days",
    ]);
  });

  it("are read as people say them", () => {
    const seconds = [0, 0.0032, 0.87, 12.34, 59.97, 133, 3599.6, 11_100, 200_000];
    expect(seconds.map(formatDuration)).toEqual([
      "0 s",
      "3.2 ms",
      "870 ms",
      "12.3 s",
      "1 min 0 s",
      "2 min 13 s",
      "1 h 0 min",
      "3 h 5 min",
      "2 d 8 h",
    ]);
    expect([0, 999, 1200, 34_000_000].map(formatBytes)).toEqual([
      "0 B",
      "999 B",
      "1.2 kB",
      "34 MB",
    ]);
    expect(formatMoment("2026-03-01T14:05:33.120Z")).toBe("2026-03-01 14:05 UTC");
    expect([{ atLeast: 0.9 }, { atMost: -0.05 }].map(formatBar)).toEqual(["≥ 0.9", "≤ −0.05"]);
    expect(formatBar({ between: [0.4, 0.6] })).toBe("0.4 to 0.6");
  });
});

describe("ticks", () => {
  it("are round numbers inside the limits", () => {
    expect(linearTicks(0.13, 0.87, 4)).toEqual([0.2, 0.4, 0.6, 0.8]);
    expect(linearTicks(-3, 3, 6)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
    expect(logTicks(0.002, 500, 6)).toEqual([0.01, 0.1, 1, 10, 100]);
    expect(logTicks(8, 250, 6)).toEqual([10, 20, 50, 100, 200]);
    expect(logTicks(1e-12, 1e12, 5).length).toBeLessThanOrEqual(6);
    expect(logTicks(2.1, 2.9, 4)).toEqual([2.2, 2.4, 2.6, 2.8]);
  });

  it("are labelled alike", () => {
    expect(linearLabels([0, 0.5, 1])).toEqual(["0", "0.5", "1.0"]);
    expect(linearLabels([0, 5000, 10000])).toEqual(["0", "5k", "10k"]);
    expect(linearLabels([-0.0002, 0.0002])).toEqual(["−0.0002", "0.0002"]);
    expect(logLabels([1e-5, 1, 2e6])).toEqual(["10⁻⁵", "10⁰", "2·10⁶"]);
    expect(logLabels([0.01, 20])).toEqual(["0.01", "20"]);
  });
});
