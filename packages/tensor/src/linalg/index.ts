/**
 * Linear algebra on matrices [..., rows, columns], float32 or float64. It is computed in float64 on the
 * host, between the device segments of a compiled graph, and differentiable to any order. Leading axes
 * are batch axes.
 */
export { cholesky } from "./cholesky.ts";
export { det, slogdet } from "./determinant.ts";
export { eigh } from "./eigh.ts";
export { lstsq, qr } from "./qr.ts";
export { inv, solve } from "./solve.ts";
export { svd } from "./svd.ts";
export { type TriangularSolveOptions, triangularSolve } from "./triangularSolve.ts";
