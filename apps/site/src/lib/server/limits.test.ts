import { expect, it } from "vitest";
import { limiter } from "./limits.ts";

it("allows a burst, then what refills", () => {
  let now = 0;
  const allow = limiter({ burst: 3, perMinute: 6 }, () => now);
  expect([1, 2, 3, 4].map(() => allow("a"))).toEqual([true, true, true, false]);
  expect(allow("b")).toBe(true);
  now += 9_999;
  expect(allow("a")).toBe(false);
  now += 1;
  expect(allow("a")).toBe(true);
  expect(allow("a")).toBe(false);
  now += 3_600_000;
  expect([1, 2, 3, 4].map(() => allow("a"))).toEqual([true, true, true, false]);
});
