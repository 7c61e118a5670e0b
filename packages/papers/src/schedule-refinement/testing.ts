/** What the tests of this folder share. */
import { expect } from "vitest";

/** All values within an absolute tolerance: half a unit of the eighth digit where nothing is said. */
export function expectClose(
  values: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance = 6e-9,
): void {
  expect(values.length).toBe(expected.length);
  for (let i = 0; i < values.length; i++) {
    const off = Math.abs(values[i] - expected[i]);
    expect(off, `value ${i} is ${values[i]}, expected ${expected[i]}`).toBeLessThanOrEqual(
      tolerance,
    );
  }
}
