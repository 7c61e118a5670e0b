/** Tables of single expectations, all evaluated in one compiled graph. */
import type { Tensor } from "../graph.ts";
import { jit } from "../jit.ts";
import { array, type NDArray } from "../ndarray.ts";
import { grad } from "../transform/derivatives.ts";
import { expectClose, Mismatch, type Tolerance, toReference } from "./compare.ts";

/** A function of some arrays and the entries its result must have. */
export interface Expectation {
  readonly name: string;
  readonly inputs: readonly NDArray[];
  readonly f: (...inputs: Tensor[]) => Tensor;
  readonly expected: readonly number[];
  readonly tolerance?: Tolerance;
}

export const double = (...values: number[]): NDArray => array(values, { dtype: "float64" });
export const single = (...values: number[]): NDArray => array(values, { dtype: "float32" });
export const int = (...values: number[]): NDArray => array(values, { dtype: "int32" });
export const uint = (...values: number[]): NDArray => array(values, { dtype: "uint32" });

export const entry = (
  name: string,
  inputs: Expectation["inputs"],
  f: Expectation["f"],
  expected: readonly number[],
): Expectation => ({ name, inputs, f, expected });

/** The same row in both precisions. */
export const both = (
  name: string,
  f: Expectation["f"],
  inputs: readonly number[][],
  expected: readonly number[],
  relative = { float64: 4e-16, float32: 3e-7 },
): Expectation[] =>
  (["float64", "float32"] as const).map((dtype) => ({
    name: `${name} in ${dtype}`,
    f,
    inputs: inputs.map((list) => array(list, { dtype })),
    expected,
    tolerance: { relative: relative[dtype] },
  }));

export type Unary = (x: Tensor) => Tensor;

/** The derivative of a function of each entry, or the gradient of a function of all. */
export const slope =
  (f: Unary): Unary =>
  (x) =>
    grad((y: Tensor) => f(y).sum())(x);

/** Check every row; NaN is expected where NaN is given. */
export async function expectEntries(rows: readonly Expectation[]): Promise<void> {
  const all = jit((inputs: Tensor[][]) => rows.map(({ f }, i) => f(...inputs[i])));
  const results = (await all(rows.map(({ inputs }) => [...inputs]))) as NDArray[];
  const wrong = rows.flatMap(({ name, inputs, expected, tolerance }, i) => {
    const wanted = toReference(array([...expected], { dtype: "float64" }));
    try {
      expectClose(
        `${name} of ${inputs.map(String).join(", ")}`,
        results[i].reshape([-1]),
        wanted,
        tolerance,
      );
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
  if (wrong.length > 0) throw new Mismatch(wrong.join("\n"));
}
