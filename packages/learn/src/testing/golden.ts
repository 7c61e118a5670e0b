/** Values made by the programs in `golden/`, and the formula both sides make their inputs with. */
import { readFileSync } from "node:fs";
import { array, type NDArray } from "@etude/tensor";
import { expect } from "vitest";

export const readGolden = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../golden/${name}.json`, import.meta.url), "utf8"));

/** Entry i is size sin(1.7 i + phase), in float64. */
export function wave(phase: number, shape: readonly number[], size = 1): NDArray {
  const count = shape.reduce((product, length) => product * length, 1);
  const values = Float64Array.from({ length: count }, (_, i) => size * Math.sin(1.7 * i + phase));
  return array(values, { shape });
}

/** Entry for entry, in units of max(1, |expected|). */
export function expectNear(got: NDArray | number, expected: number[] | number, tolerance = 1e-8) {
  const have = typeof got === "number" ? [got] : Array.from(got.data);
  const want = [expected].flat();
  expect(have.length).toBe(want.length);
  const errors = have.map((value, i) => Math.abs(value - want[i]) / Math.max(1, Math.abs(want[i])));
  const worst = errors.reduce((at, error, i) => (error > errors[at] ? i : at), 0);
  const odd = errors.findIndex((error) => !(error <= tolerance));
  if (odd >= 0) {
    const at = Number.isNaN(errors[odd]) ? odd : worst;
    expect.fail(`entry ${at}: expected ${want[at]}, got ${have[at]}, tolerance ${tolerance}`);
  }
}
