/** grad2_yy g z = grad_y f: solved exactly, by a truncated series, or known by its largest eigenvalue. */
import { globalNorm, mapTensors } from "@etude/learn";
import {
  hessian,
  lift,
  linalg,
  random,
  type Tensor,
  treeLeaves,
  treeRavel,
  where,
} from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import { lowerHvp, mixedProduct, upperGradients } from "./oracles.ts";
import { type BilevelProblem, scalar } from "./problem.ts";
import {
  type Arrays,
  addScaled,
  compiled,
  dot,
  floatOf,
  scaled,
  scanTrees,
  subtract,
  zerosOf,
} from "./trees.ts";

/**
 * nu sum_{q=0}^{products} (I - nu A)^q p, with `products` products (11). It tends to A^-1 p when
 * nu < 2 / lambda_max(A), with ratio max |1 - nu lambda|.
 */
export function neumann<Y>(apply: (v: Y) => Y, p: Y, rate: Tensor, products: number): Y {
  let [term, sum] = [p, p];
  for (let q = 0; q < products; q++) {
    term = addScaled(term, rate.neg(), apply(term));
    sum = mapTensors((a, b) => a.add(b), sum, term);
  }
  return scaled(sum, rate);
}

/**
 * Conjugate gradients for A v = b from v = 0, all iterations in one loop; once the residual is below
 * `tolerance` |b| nothing moves any more.
 *
 * Hestenes, Stiefel, "Methods of conjugate gradients for solving linear systems", 1952.
 *
 * @returns the solution and |b - A v| / |b| by the recurrence (0 for b = 0)
 */
export function conjugateGradients<Y>(
  apply: (v: Y) => Y,
  b: Y,
  iterations: number,
  tolerance: number,
): { solution: Y; residual: Tensor } {
  type Carry = { v: Y; r: Y; p: Y; rr: Tensor };
  const bb = dot(b, b);
  const step = ({ v, r, p, rr }: Carry) => {
    const product = apply(p);
    const going = rr.greater(bb.mul(tolerance ** 2));
    const zero = lift(0, rr.dtype);
    const curvature = dot(p, product);
    // Denominators of a loop that has ended are made 1.
    const alpha = where(going, rr.div(where(going, curvature, lift(1, rr.dtype))), zero);
    const left = addScaled(r, alpha.neg(), product);
    const next = dot(left, left);
    const beta = where(going, next.div(where(going, rr, lift(1, rr.dtype))), zero);
    const carry = { v: addScaled(v, alpha, p), r: left, p: addScaled(left, beta, p), rr: next };
    return [carry, []] as const;
  };
  const start: Carry = { v: zerosOf(b), r: b, p: b, rr: bb };
  const [{ v, rr }] = scanTrees(step, start, [], { length: iterations });
  const one = lift(1, bb.dtype);
  return { solution: v, residual: rr.div(where(bb.greater(0), bb, one)).sqrt() };
}

export interface ExactOptions {
  /** cg: products only; dense: the Hessian itself, for small y. */
  readonly solver?: "cg" | "dense";
  /** Of the residual over |grad_y f|; 1e-5, or 1e-10 in float64. */
  readonly tol?: number;
  /** Most iterations of CG: twice the entries of y, 500 at most, where it is not given. */
  readonly iterations?: number;
}

export interface ExactHypergradient<X, Y> {
  readonly gradient: Arrays<X>;
  /** z* of (2). */
  readonly z: Arrays<Y>;
  /** |grad_y f - grad2_yy g z| / |grad_y f|. */
  readonly residual: number;
}

/**
 * grad Phi(x) (2) with the linear system solved, everything on one batch. It is the gradient of Phi
 * where y = y*(x), and the best estimate elsewhere.
 *
 * @throws UsageError when CG does not reach the tolerance
 */
export async function exactHypergradient<X, Y, B>(
  problem: BilevelProblem<X, Y, B>,
  x: Arrays<X>,
  y: Arrays<Y>,
  batch: Arrays<B>,
  options: ExactOptions = {},
): Promise<ExactHypergradient<X, Y>> {
  const { solver = "cg" } = options;
  const size = sizeOf(y);
  const { tol = floatOf(y) === "float64" ? 1e-10 : 1e-5 } = options;
  const { iterations = Math.min(2 * size, 500) } = options;
  const compute = (x: X, y: Y, batch: B) => {
    const { px, py } = upperGradients(problem, x, y, batch);
    const apply = (v: Y): Y => lowerHvp(problem, x, y, v, batch);
    const z =
      solver === "cg"
        ? conjugateGradients(apply, py, iterations, tol / 2).solution
        : denseSolution(problem, x, y, py, batch);
    return {
      gradient: subtract(px, mixedProduct(problem, x, y, z, batch)),
      z,
      left: globalNorm(subtract(py, apply(z))),
      py: globalNorm(py),
    };
  };
  const { gradient, z, left, py } = await compiled(compute)(x, y, batch);
  const residual = py.item() > 0 ? left.item() / py.item() : 0;
  if (!(residual <= Math.max(tol, solver === "dense" ? 1e-3 : 0)))
    throw new UsageError(
      `exactHypergradient: ${solver} ended with a relative residual of ${residual.toPrecision(2)}, not ${tol}; is the lower objective strongly convex in y? Otherwise raise { iterations } or { tol }`,
    );
  return { gradient, z, residual };
}

function denseSolution<X, Y, B>(
  problem: BilevelProblem<X, Y, B>,
  x: X,
  y: Y,
  right: Y,
  batch: B,
): Y {
  const [vector, unravel] = treeRavel(y);
  const lower = (flat: Tensor) => scalar("lower", problem.lower(x, unravel(flat) as Y, batch));
  const matrix = hessian(lower)(vector) as Tensor;
  return unravel(linalg.solve(matrix, treeRavel(right)[0])) as Y;
}

/**
 * The largest eigenvalue of grad2_yy g on a batch, by power iteration; 0 where y does not enter g. A
 * rate nu of (5) or gamma of (10) is stable below 2 over it.
 */
export async function lowerCurvature<X, Y, B>(
  problem: BilevelProblem<X, Y, B>,
  x: Arrays<X>,
  y: Arrays<Y>,
  batch: Arrays<B>,
  { iterations = 30, seed = 0 }: { readonly iterations?: number; readonly seed?: number } = {},
): Promise<number> {
  const dtype = floatOf(y);
  const compute = (x: X, y: Y, batch: B, key: Tensor): Tensor => {
    const [flat, unravel] = treeRavel(y);
    const apply = (v: Tensor): Tensor =>
      treeRavel(lowerHvp(problem, x, y, unravel(v) as Y, batch))[0];
    const unit = (v: Tensor): Tensor => v.div(v.mul(v).sum().sqrt().add(1e-30));
    const start = unit(random.normal(key, [flat.size]).astype(dtype));
    const [v] = scanTrees((v: Tensor) => [unit(apply(v)), []] as const, start, [], {
      length: iterations,
    });
    return dot(v, apply(v));
  };
  return (await compiled(compute)(x, y, batch, random.key(seed))).item();
}

const sizeOf = (tree: unknown): number =>
  treeLeaves(tree).reduce<number>((sum, leaf) => sum + lift(leaf).size, 0);
