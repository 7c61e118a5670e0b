/** What the tests of this folder share: small arrays, and tables made from formulas. */
import { array, type NDArray, type NestedList, random } from "@etude/tensor";

export const float64 = (values: NestedList): NDArray => array(values, { dtype: "float64" });

export interface Toy {
  /** [rows, features], standard normal */
  readonly x: NDArray;
  /** [rows] */
  readonly y: NDArray;
}

/** y = sin(2 x_1) + x_2 / 2 + noise. */
export function toyRegression(rows: number, features: number, seed: number): Toy {
  const x = normal(rows, features, seed);
  const noise = random.generator(seed).fork(1);
  const y = Float64Array.from({ length: rows }, (_, i) => {
    const [first, second] = x.data.subarray(i * features, i * features + 2);
    return Math.sin(2 * first) + second / 2 + 0.1 * noise.normal();
  });
  return { x, y: array(y) };
}

/** As many classes as asked for, by the size of {@link toyRegression}'s y. */
export function toyClasses(rows: number, features: number, classes: number, seed: number): Toy {
  const { x, y } = toyRegression(rows, features, seed);
  const sorted = Float64Array.from(y.data).sort();
  const labels = Float64Array.from(y.data, (value) => {
    const share = sorted.findIndex((other) => other >= value) / rows;
    return Math.floor(share * classes);
  });
  return { x, y: array(labels) };
}

function normal(rows: number, features: number, seed: number): NDArray {
  const draw = random.generator(seed);
  const values = Float64Array.from({ length: rows * features }, () => draw.normal());
  return array(values, { shape: [rows, features] });
}
