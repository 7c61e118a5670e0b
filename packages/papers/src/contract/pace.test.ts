import { describe, expect, it } from "vitest";
import { paceOf } from "./pace.ts";

describe("the remaining time", () => {
  it("is that of a steady pace, counted down between events", () => {
    const pace = paceOf();
    for (let t = 0; t <= 10; t++) pace.note(t / 100, t);
    expect(pace.remaining(10)).toBeCloseTo(90, 6);
    expect(pace.remaining(12)).toBeCloseTo(88, 6);
    expect(pace.remaining(1000)).toBe(0);
  });

  it("is unknown before some work was seen", () => {
    const pace = paceOf();
    expect(pace.remaining(0)).toBeUndefined();
    pace.note(0, 0);
    pace.note(0.1, 1);
    expect(pace.remaining(1)).toBeUndefined();
  });

  it("does not count what a resumed run leaps over", () => {
    const pace = paceOf();
    pace.note(0, 0);
    pace.note(0.8, 0.1);
    for (let t = 1; t <= 10; t++) pace.note(0.8 + t / 100, t);
    expect(pace.remaining(10)).toBeGreaterThan(9);
    expect(pace.remaining(10)).toBeLessThan(12);
  });

  it("forgets an early pace that was another", () => {
    const pace = paceOf();
    for (let t = 0; t <= 20; t++) pace.note(t / 50, t); // 2 % a second
    for (let t = 21; t <= 200; t++) pace.note(0.4 + (t - 20) / 1000, t); // 0.1 % a second
    expect(pace.remaining(200)).toBeCloseTo((1 - 0.58) * 1000, 0);
  });

  it("follows the pace of late, counted down, without what a resumed run leaps over", () => {
    const pace = paceOf();
    pace.note(0, 0);
    pace.note(0.5, 0.1); // taken from an earlier run
    expect(pace.remaining(0.1)).toBeUndefined();
    for (let second = 1; second <= 10; second++) pace.note(0.5 + second * 0.01, second);
    expect(pace.remaining(10)).toBeCloseTo(40, 0);
    expect(pace.remaining(15)).toBeCloseTo(35, 0);
  });
});
