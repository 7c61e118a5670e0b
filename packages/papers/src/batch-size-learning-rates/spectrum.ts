/**
 * Stochastic Lanczos quadrature: the density of a spectrum from a few random vectors. The Ritz values
 * and weights of m steps are Gauss's quadrature for the measure a vector sees: sum_k w_k theta_k^j =
 * q^T A^j q for j up to 2 m - 1, which for a random q estimates tr(A^j) / P.
 *
 * Reference: Ubaru, Chen, Saad, "Fast estimation of tr(f(A)) via stochastic Lanczos quadrature", 2017.
 */
import { random } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { lanczos } from "./lanczos.ts";
import type { Product } from "./product.ts";

export interface SpectrumOptions {
  /** Lanczos steps of each probe (100). */
  readonly steps?: number;
  /** Random vectors; 5, or 1 from 100,000 parameters on. */
  readonly probes?: number;
  readonly generator?: random.Generator;
}

export interface Spectrum {
  /** Of all probes, ascending. */
  readonly nodes: Float64Array;
  /** Adding up to 1. */
  readonly weights: Float64Array;
  /** The number of eigenvalues, P. */
  readonly size: number;
  readonly products: number;
  /** The density at x, each node smeared to a normal curve of this standard deviation. */
  density(x: number, width: number): number;
  /** An estimate of tr f(A) = sum over eigenvalues of f. */
  trace(f: (eigenvalue: number) => number): number;
}

const manyParameters = 1e5;

/** @example const spectrum = await slq(product, { steps: 80, probes: 3, generator }); */
export async function slq(product: Product, options: SpectrumOptions = {}): Promise<Spectrum> {
  const { size } = product;
  const { steps = 100, probes = size < manyParameters ? 5 : 1 } = options;
  const generator = options.generator ?? random.generator(0);
  if (!Number.isInteger(probes) || probes < 1)
    throw new UsageError(`slq: ${probes} probes; give a whole number from 1`);
  const found: { node: number; weight: number }[] = [];
  let products = 0;
  for (let probe = 0; probe < probes; probe++) {
    const run = await lanczos(product, { steps, generator: generator.fork(probe) });
    products += run.products;
    run.ritzValues.forEach((node, k) => {
      found.push({ node, weight: run.weights[k] / probes });
    });
  }
  found.sort((a, b) => a.node - b.node);
  const nodes = Float64Array.from(found, ({ node }) => node);
  const weights = Float64Array.from(found, ({ weight }) => weight);
  return {
    nodes,
    weights,
    size,
    products,
    density: (x, width) => smoothed(nodes, weights, x, width),
    trace: (f) => size * nodes.reduce((sum, node, k) => sum + weights[k] * f(node), 0),
  };
}

/** The density at x of weighted nodes, each smeared to a normal curve of standard deviation `width`. */
export function smoothed(
  nodes: ArrayLike<number>,
  weights: ArrayLike<number>,
  x: number,
  width: number,
): number {
  if (!(width > 0)) throw new UsageError(`density: the width ${width} is not positive`);
  let sum = 0;
  for (let k = 0; k < nodes.length; k++)
    sum += weights[k] * Math.exp(-0.5 * ((x - nodes[k]) / width) ** 2);
  return sum / (width * Math.sqrt(2 * Math.PI));
}

/** The usual width for a plot: a hundredth of the range. */
export function plotWidth(nodes: ArrayLike<number>): number {
  const values = Array.from(nodes);
  const range = Math.max(...values) - Math.min(...values);
  return range > 0 ? 0.01 * range : 1e-12;
}
