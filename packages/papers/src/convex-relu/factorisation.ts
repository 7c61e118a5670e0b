/**
 * Ways to solve the linear system of ADMM's u-update for the squared loss (eq. 11),
 *
 *     (I + F^T F / rho + G^T G) u = r,
 *
 * whose matrix never changes. As (2D - I)^2 = I, every diagonal block of I + G^T G is B = I + X^T X, and
 * with H = X B^-1 X^T
 *
 *     F (I + G^T G)^-1 F^T = 2 H o (sum_i D_i D_i^T)        (o: entry by entry)
 *
 * so that by Woodbury's identity a d x d and an n x n factorisation are enough (eq. 12):
 *
 *     u = Z - B^-1 F^T C^-1 F Z,   Z = B^-1 r,   C = rho I + F (I + G^T G)^-1 F^T.
 */
import { scanConjugateGradient } from "@etude/learn";
import { eye, jit, lift, linalg, type NDArray, type Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { outputsOf, type Program, pullOutputs } from "./program.ts";

/**
 * - woodbury: eq. 12; the least work, memory for n x n numbers.
 * - cholesky: eq. 11 as it stands; memory for (2 d P)^2 numbers.
 * - cg: conjugate gradients from the iterate before; no factorisation beyond d x d.
 */
export const solverNames = ["woodbury", "cholesky", "cg"] as const;
export type SolverName = (typeof solverNames)[number];

/** What a solver computes once for a problem and a penalty. */
export interface Factors<T> {
  /** woodbury: B^-1; cg: L^-1 for B = L L^T; cholesky: B itself. [d, d] */
  readonly inner: T;
  /** woodbury: C^-1 [n, n]; cg: L [d, d]; cholesky: the inverse of the whole matrix [2 d P, 2 d P]. */
  readonly outer: T;
}

/** Numbers of the largest factorised matrix that are accepted: 0.5 GB in float64. */
const mostEntries = 64e6;

const identity = (order: number): Tensor => lift(eye(order, order, "float64"));

/** L and L^-1 of a matrix L L^T. */
function cholesky(matrix: Tensor): { lower: Tensor; inverseLower: Tensor } {
  const lower = linalg.cholesky(matrix);
  return { lower, inverseLower: linalg.triangularSolve(lower, identity(matrix.shape[0])) };
}

const inverse = (matrix: Tensor): Tensor => {
  const { inverseLower } = cholesky(matrix);
  return inverseLower.transpose().matmul(inverseLower);
};

const innerMatrix = (X: Tensor): Tensor => X.transpose().matmul(X).add(identity(X.shape[1]));

const woodburyFactors = jit(({ X, masks }: Program<Tensor>, rho: Tensor) => {
  const inner = inverse(innerMatrix(X));
  const H = X.matmul(inner).matmul(X.transpose());
  // masks has every pattern twice, which is the 2 of the formula.
  const together = masks.transpose().matmul(masks);
  const C = H.mul(together).add(identity(X.shape[0]).mul(rho));
  return { inner, outer: inverse(C) };
});

const choleskyFactors = jit((program: Program<Tensor>, rho: Tensor) => {
  const { X, masks, signs } = program;
  const [blocks, n] = masks.shape;
  const d = X.shape[1];
  const B = innerMatrix(X);
  // F as a matrix: [n, 2P, d] flattened.
  const F = masks
    .mul(signs)
    .transpose()
    .reshape([n, blocks, 1])
    .mul(X.reshape([n, 1, d]))
    .reshape([n, blocks * d]);
  const diagonal = identity(blocks)
    .reshape([blocks, 1, blocks, 1])
    .mul(B.reshape([1, d, 1, d]));
  const matrix = F.transpose()
    .matmul(F)
    .div(rho)
    .add(diagonal.reshape([blocks * d, blocks * d]));
  return { inner: B, outer: inverse(matrix) };
});

const cgFactors = jit(({ X }: Program<Tensor>) => {
  const { lower, inverseLower } = cholesky(innerMatrix(X));
  return { inner: inverseLower, outer: lower };
});

/**
 * The factors of a solver.
 *
 * @throws UsageError when a matrix would take too much memory
 */
export async function factorise(
  program: Program<NDArray>,
  rho: NDArray,
  solver: SolverName,
): Promise<Factors<NDArray>> {
  const [blocks, n] = program.masks.shape;
  const d = program.X.shape[1];
  if (solver === "cholesky" && (blocks * d) ** 2 > mostEntries)
    throw new UsageError(
      `the dense system of ${blocks} blocks of ${d} weights has order ${blocks * d}, more than ${Math.sqrt(mostEntries)}; take the solver woodbury or cg`,
    );
  if (solver === "woodbury" && n ** 2 > mostEntries)
    throw new UsageError(
      `${n} samples are more than the ${Math.sqrt(mostEntries)} that woodbury factorises; take the solver cg, or convexReluAdmmRbcd`,
    );
  if (solver === "woodbury") return woodburyFactors(program, rho);
  return solver === "cholesky" ? choleskyFactors(program, rho) : cgFactors(program);
}

/** Steps of conjugate gradients in one u-update, from the u before. */
const gradientSteps = 12;

/**
 * u with (I + F^T F / rho + G^T G) u = r: [2P, d].
 *
 * @param before the u of the last iteration, from which cg starts
 */
export function solveUpdate(
  program: Program<Tensor>,
  { inner, outer }: Factors<Tensor>,
  r: Tensor,
  rho: Tensor,
  before: Tensor,
  solver: SolverName,
): Tensor {
  if (solver === "cholesky") return outer.matmul(r.reshape([r.size, 1])).reshape(r.shape);
  if (solver === "woodbury") {
    const Z = r.matmul(inner);
    const correction = outer.matmul(outputsOf(program, Z));
    return Z.sub(pullOutputs(program, correction).matmul(inner));
  }
  // In the variables L^T u, with B = L L^T, the matrix is the identity and a term of rank n.
  const product = (x: Tensor): Tensor => {
    const image = pullOutputs(program, outputsOf(program, x.matmul(inner)));
    return x.add(image.div(rho).matmul(inner.transpose()));
  };
  const start = before.matmul(outer);
  const [change] = scanConjugateGradient(product, r.matmul(inner.transpose()).sub(product(start)), {
    iterations: gradientSteps,
  });
  return start.add(change).matmul(inner);
}
