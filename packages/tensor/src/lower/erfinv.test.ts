import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { array, grad, jit, type NDArray, type Tensor } from "../index.ts";

const { erfinv: points } = JSON.parse(
  await readFile(new URL("../../golden/random.json", import.meta.url), "utf8"),
) as { erfinv: { x: number[]; y: number[] } };

const inverse = jit((x: Tensor) => x.erfinv());

/** The largest relative error at the points that are below 1 in this precision. */
async function worst(dtype: "float32" | "float64"): Promise<number> {
  const x = array(points.x, { dtype });
  const y = await inverse(x);
  return Math.max(
    ...points.y.map((expected, i) =>
      x.data[i] === 1 || expected === 0 ? 0 : Math.abs(y.data[i] / expected - 1),
    ),
  );
}

test("erfinv keeps its relative accuracy up to the last float below 1", async () => {
  expect(points.x.at(-1)).toBe(1 - 2 ** -53);
  expect(await worst("float64")).toBeLessThan(2e-15);
  expect(await worst("float32")).toBeLessThan(4e-7);
});

test("erfinv is infinite at -1 and 1, NaN beyond and odd", async () => {
  for (const dtype of ["float32", "float64"] as const) {
    const y = await inverse(array([-1, 1, -1.5, 2, 0, -0.5, 0.5], { dtype }));
    expect(Array.from(y.data.subarray(0, 5))).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      Number.NaN,
      0,
    ]);
    expect(y.data[5]).toBe(-y.data[6]);
  }
});

test("erfinv inverts erf, and so do its derivatives", async () => {
  const x = array(Float64Array.of(-2.5, -1, -0.1, 0.3, 1.7, 3));
  const there = (t: Tensor) => t.erf().erfinv();
  const slope = (t: Tensor) => grad((u: Tensor) => there(u).sum())(t);
  const curvature = (t: Tensor) => grad((u: Tensor) => slope(u).sum())(t);
  const [back, ones, zeros] = await jit((t: Tensor) => [there(t), slope(t), curvature(t)])(x);
  const error = (result: NDArray, expected: (i: number) => number) =>
    Math.max(...Array.from(result.data, (value, i) => Math.abs(value - expected(i))));
  expect(error(back, (i) => x.data[i])).toBeLessThan(1e-11);
  expect(error(ones, () => 1)).toBeLessThan(1e-10);
  expect(error(zeros, () => 0)).toBeLessThan(1e-9);
});
