/** Functions and points that several tests look at. */
import { array, lift, type NDArray, type Tensor } from "@etude/tensor";
import type { ScalarFunction } from "./scalarFunction.ts";

const columns = (x: Tensor): Tensor[] =>
  Array.from({ length: x.shape[1] }, (_, j) => x.slice(null, j));

/** x1^2 + 2 x1 x2 + 3 x3 + x1 x2 x3 */
export const polynomial: ScalarFunction = (x) => {
  const [a, b, c] = columns(x);
  return a.mul(a).add(a.mul(b).mul(2)).add(c.mul(3)).add(a.mul(b).mul(c));
};

/** sigmoid(0.8 x1 - 1.5 x2 + 0.4 x3 + 0.3) */
export const sigmoidal: ScalarFunction = (x) =>
  x
    .matmul(array([0.8, -1.5, 0.4], { dtype: x.dtype }))
    .add(0.3)
    .sigmoid();

/** (1, 2, -1), where the polynomial is 0. */
export const point = lift(array([1, 2, -1], { dtype: "float64" }));

export const listOf = ({ data }: NDArray): number[] => Array.from(data, Number);

/**
 * Nodes and weights of Gauss and Hermite for the mean under N(0, 1), exact for polynomials of degree
 * 2 count - 1, as a product over three dimensions: a population in place of samples.
 */
export function gaussianPopulation(count: number, sigma: number) {
  const { nodes, weights } = gaussHermite(count);
  const xi: number[][] = [];
  const products: number[] = [];
  for (const [i, a] of nodes.entries())
    for (const [j, b] of nodes.entries())
      for (const [k, c] of nodes.entries()) {
        xi.push([a * sigma, b * sigma, c * sigma]);
        products.push(weights[i] * weights[j] * weights[k]);
      }
  return {
    xi: array(xi, { dtype: "float64" }),
    weights: array(products, { dtype: "float64" }),
  };
}

/** Roots of the probabilists' Hermite polynomial by bisection between those of the degree below. */
function gaussHermite(count: number): { nodes: number[]; weights: number[] } {
  const hermite = (n: number, x: number): number => {
    let [before, now] = [1, x];
    if (n === 0) return 1;
    for (let k = 2; k <= n; k++) [before, now] = [now, x * now - (k - 1) * before];
    return now;
  };
  let roots: number[] = [0];
  for (let n = 2; n <= count; n++) {
    const far = 2 * Math.sqrt(n) + 1;
    const ends = [-far, ...roots, far];
    roots = Array.from({ length: n }, (_, i) => {
      let [low, high] = [ends[i], ends[i + 1]];
      const rising = hermite(n, high) > 0;
      for (let step = 0; step < 100; step++) {
        const middle = (low + high) / 2;
        if (hermite(n, middle) > 0 === rising) high = middle;
        else low = middle;
      }
      return (low + high) / 2;
    });
  }
  let factorial = 1;
  for (let k = 2; k < count; k++) factorial *= k; // (count - 1)!
  // w = n! / (n^2 He_(n-1)(x)^2) for the mean under N(0, 1).
  const weights = roots.map((x) => factorial / (count * hermite(count - 1, x) ** 2));
  return { nodes: roots, weights };
}
