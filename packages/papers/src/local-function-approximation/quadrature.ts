/** Where to look at a function between two ends so that a weighted sum is its mean. */

export interface Quadrature {
  readonly nodes: readonly number[];
  /** They add up to 1. */
  readonly weights: readonly number[];
}

/** The middles of equal parts of [low, high]. */
export const midpoint = (count: number, low: number, high: number): Quadrature => ({
  nodes: Array.from({ length: count }, (_, i) => low + ((high - low) * (i + 0.5)) / count),
  weights: new Array<number>(count).fill(1 / count),
});

/**
 * Gauss and Legendre's rule, exact for polynomials of degree 2 count - 1: nodes are the roots of the
 * Legendre polynomial P, found by Newton's method from their asymptotic places.
 */
export function gaussLegendre(count: number, low: number, high: number): Quadrature {
  const found = Array.from({ length: count }, (_, i) => {
    let root = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let slope = 1;
    for (let iteration = 0; iteration < 100; iteration++) {
      const [value, derivative] = legendre(count, root);
      slope = derivative;
      const change = value / derivative;
      root -= change;
      if (Math.abs(change) < 1e-15) break;
    }
    // The integral over [-1, 1] has weights 2 / ((1 - x^2) P'(x)^2); half of that is a mean.
    return { node: root, weight: 1 / ((1 - root * root) * slope * slope) };
  }).reverse();
  return {
    nodes: found.map(({ node }) => low + ((high - low) * (node + 1)) / 2),
    weights: found.map(({ weight }) => weight),
  };
}

/** P_n and its derivative, by the recurrence of three terms. */
function legendre(n: number, x: number): readonly [value: number, derivative: number] {
  let [before, now] = [1, x];
  for (let k = 2; k <= n; k++)
    [before, now] = [now, ((2 * k - 1) * x * now - (k - 1) * before) / k];
  return [now, (n * (x * now - before)) / (x * x - 1)];
}
