import { describe, expect, test } from "vitest";
import { array, evaluate, grad, jit, lift, type Tensor, type TensorLike, zeros } from "../index.ts";
import {
  cholesky,
  det,
  eigh,
  inv,
  lstsq,
  qr,
  slogdet,
  solve,
  svd,
  triangularSolve,
} from "./index.ts";

const oneMatrix = { cholesky, det, eigh, inv, qr, slogdet, svd };
const square = { cholesky, det, eigh, inv, slogdet };
const systems = { solve, triangularSolve, lstsq };

const good = [
  [2, 1],
  [1, 3],
];

describe("while tracing", () => {
  test.each(Object.entries(oneMatrix))("%s: integers and vectors are refused", (name, f) => {
    expect(() => f(array(good, { dtype: "int32" }))).toThrow(/: takes floats, got int32/);
    expect(() => f(array([1, 2]))).toThrow(/shape \[2\] has no rows and columns/);
    expect(() => f(array([1, 2]))).toThrow(name === "det" ? "slogdet:" : `${name}:`);
  });

  test.each(Object.entries(square))("%s: matrices must be square", (_, f) => {
    expect(() => f(zeros([4, 2, 3]))).toThrow(/takes square matrices, got shape \[4, 2, 3\]/);
  });

  test("the matrix of a system must be square, but for lstsq, which must be tall", () => {
    expect(() => solve(zeros([2, 3]), zeros([2]))).toThrow(/solve: takes square matrices/);
    expect(() => triangularSolve(zeros([2, 3]), zeros([2]))).toThrow(
      /triangularSolve: takes square matrices/,
    );
    expect(() => lstsq(zeros([2, 3]), zeros([2]))).toThrow(
      /lstsq: 2 equations do not determine 3 unknowns; .*solve/,
    );
  });

  test.each(Object.entries(systems))("%s: right-hand sides must fit", (name, f) => {
    const fails = (b: TensorLike, message: RegExp) => {
      expect(() => f(zeros([5, 2, 2]), b)).toThrow(message);
      expect(() => f(zeros([5, 2, 2]), b)).toThrow(`${name}: `);
    };
    fails(zeros([3]), /b has shape \[3(, 1)?\] where a \[5, 2, 2\] needs 2 rows/);
    fails(zeros([5, 3, 2]), /b has shape \[5, 3, 2\] where a \[5, 2, 2\] needs 2 rows/);
    fails(zeros([4, 2, 1]), /leading axes: shapes \[5\] and \[4\] do not broadcast/);
    fails(zeros([2], "float64"), /float32 and float64 do not mix/);
    fails(lift(1), /b is a scalar/);
  });
});

describe("while running", () => {
  const three = (second: readonly (readonly number[])[]) => lift(array([good, second, good]));
  const fails = (f: () => unknown, message: RegExp) =>
    expect(evaluate(f())).rejects.toThrow(message);

  test("cholesky names the matrix and the minor that is not positive", async () => {
    const saddle = [
      [1, 2],
      [2, 1],
    ];
    await fails(
      () => cholesky(three(saddle)),
      /cholesky: matrix \[1\] of the batch is not positive definite: its leading minor of order 2 is not positive/,
    );
    await fails(() => cholesky(array(saddle)), /cholesky: the matrix is not positive definite/);
    await fails(() => cholesky(zeros([3, 3])), /its leading minor of order 1 is not positive/);
    await fails(
      () => cholesky(three(saddle).reshape([3, 1, 2, 2])),
      /cholesky: matrix \[1, 0\] of the batch/,
    );
  });

  test("singular matrices are named, with who asked", async () => {
    const singular = [
      [1, 2],
      [2, 4],
    ];
    const b = array([1, 1]);
    await fails(
      () => solve(three(singular), b),
      /solve: matrix \[1\] of the batch is singular: its pivot 1 is 0/,
    );
    await fails(() => inv(array(singular)), /inv: the matrix is singular/);
    await fails(
      () => grad((a: Tensor) => slogdet(a)[1].sum())(three(singular)),
      /derivative of slogdet: matrix \[1\] of the batch is singular/,
    );
    await fails(
      () => triangularSolve(array([1, 0, 2, 0], { shape: [2, 2] }), b),
      /triangularSolve: the matrix is singular: its diagonal is 0 at \[1, 1\]/,
    );
    await fails(
      () => lstsq(three(singular), b),
      /lstsq: the columns of matrix \[1\] of the batch are linearly dependent: column 1 /,
    );
    // Dependent but for rounding: 0.1 + 0.2 is not 0.3.
    const almost = [
      [0.1, 0.2, 0.3],
      [0.4, 0.1, 0.5],
      [0.7, 0.6, 1.3],
      [0.2, 0.9, 1.1],
    ];
    await fails(
      () => lstsq(array(almost, { dtype: "float64" }), zeros([4], "float64")),
      /column 2 /,
    );
  });

  test("NaN and infinite entries are found and placed", async () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const matrices = three([
        [2, bad],
        [bad, 3],
      ]);
      for (const f of Object.values(oneMatrix)) {
        await fails(
          () => f(matrices),
          /: a is (NaN|-?Infinity) at \[0, 1\] \(matrix \[1\] of the batch\)/,
        );
      }
      const upper = { lower: false };
      for (const f of [solve, (a: Tensor, b: TensorLike) => triangularSolve(a, b, upper), lstsq]) {
        await fails(() => f(matrices, array([1, 2])), /: a is (NaN|-?Infinity) at \[0, 1\]/);
      }
      for (const f of [solve, triangularSolve]) {
        await fails(() => f(array(good), array([1, bad])), /: b is (NaN|-?Infinity) at \[1, 0\]/);
      }
    }
  });

  test("an error leaves the compiled function usable", async () => {
    const f = jit((a: Tensor) => inv(a));
    await expect(f(zeros([2, 2]))).rejects.toThrow(/singular/);
    expect(
      (
        await f(
          array([
            [2, 0],
            [0, 4],
          ]),
        )
      ).tolist(),
    ).toEqual([
      [0.5, 0],
      [0, 0.25],
    ]);
  });
});
