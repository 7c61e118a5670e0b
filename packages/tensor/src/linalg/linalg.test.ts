import { describe, expect, test } from "vitest";
import { array, evaluate, eye, grad, jit, NDArray, type Tensor, zeros } from "../index.ts";
import { diag } from "../ops/matrix.ts";
import { expectClose, toReference } from "../testing/compare.ts";
import { randomFrom } from "../testing/random.ts";
import { transposed } from "./adjoint.ts";
import { cases, draw, inputsOf, largest, positiveDefinite, regular, stackArrays } from "./cases.ts";
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

const float64 = (data: readonly number[], shape: readonly number[]) =>
  array(Float64Array.from(data), { shape });

/** What each decomposition promises, as differences that should vanish. */
const identities = jit((spd: Tensor, square: Tensor, tall: Tensor, wide: Tensor) => {
  const product = (...factors: Tensor[]) => factors.reduce((a, b) => a.matmul(b));
  const orthonormalColumns = (q: Tensor) =>
    product(transposed(q), q).sub(eye(q.shape[q.rank - 1], undefined, q.dtype));
  const ofSvd = (a: Tensor) => {
    const [u, s, vT] = svd(a);
    const gaps = s.slice(null, [0, -1]).sub(s.slice(null, [1, null]));
    return {
      product: product(u, diag(s), vT).sub(a),
      u: orthonormalColumns(u),
      v: orthonormalColumns(transposed(vT)),
      descending: gaps.minimum(0),
    };
  };
  const ofQr = (a: Tensor) => {
    const [q, r] = qr(a);
    return {
      product: product(q, r).sub(a),
      q: orthonormalColumns(q),
      below: r.tril(-1),
      diagonal: r.diagonal().minimum(0),
    };
  };
  const l = cholesky(spd);
  const [w, v] = eigh(spd);
  const [sign, logarithm] = slogdet(square);
  return {
    cholesky: { product: product(l, transposed(l)).sub(spd), above: l.triu(1) },
    eigh: {
      product: product(v, diag(w), transposed(v)).sub(spd),
      v: orthonormalColumns(v),
      ascending: w
        .slice(null, [1, null])
        .sub(w.slice(null, [0, -1]))
        .minimum(0),
    },
    svd: [square, tall, wide].map(ofSvd),
    qr: [square, tall, wide].map(ofQr),
    solve: product(square, solve(square, wide.slice(null, null, [0, 3]))).sub(
      wide.slice(null, null, [0, 3]),
    ),
    inv: product(square, inv(square)).sub(eye(4, undefined, "float64")),
    det: det(square).sub(sign.mul(logarithm.exp())),
    detOfProduct: det(product(square, square)).sub(det(square).mul(det(square))),
    eigenvaluesAndTrace: w.sum(-1).sub(spd.trace()),
    eigenvaluesAndDeterminant: w.log().sum(-1).sub(slogdet(spd)[1]),
    lstsq: product(transposed(tall), product(tall, lstsq(tall, tall.mul(2))).sub(tall.mul(2))),
  };
});

test("factors are what they should be and multiply to the matrix", async () => {
  const random = randomFrom(5);
  const three = (make: () => NDArray) => stackArrays([make(), make(), make()]);
  const got = await identities(
    three(() => positiveDefinite(random, 6)),
    three(() => regular(random, 4)),
    three(() => draw(random, [7, 4])),
    three(() => draw(random, [4, 7])),
  );
  const check = (value: unknown, path: string): void => {
    if (value instanceof NDArray) expect(largest(value), path).toBeLessThan(2e-13);
    else for (const [key, part] of Object.entries(value as object)) check(part, `${path}.${key}`);
  };
  check(got, "identities");
});

test("the results have the operands' dtype, in float32 rounded only at the end", async () => {
  for (const c of cases) {
    const wide = inputsOf(c).map((x) => x.astype("float32"));
    const run = jit((operands: Tensor[]) => ({
      single: c.f(...operands),
      double: c.f(...operands.map((x) => x.astype("float64"))),
    }));
    const { single, double } = await run(wide);
    single.forEach((value, i) => {
      expect(value.dtype).toBe("float32");
      expect(double[i].dtype).toBe("float64");
      // lstsq and the end of a wide R are products of rounded factors.
      const isComposed = c.name === "lstsq" || c.name === "qr, wide" || c.name === "det";
      const expected = toReference(double[i].astype("float32"));
      expectClose(c.name, value, expected, isComposed ? { whole: 1e-6 } : {});
    });
  }
});

test("matrices of one entry and of none", async () => {
  const minus = float64([-4], [1, 1]);
  const plus = float64([4], [1, 1]);
  const none = (...shape: number[]) => zeros(shape, "float64");
  const got = await evaluate({
    one: [
      cholesky(plus),
      solve(minus, float64([8], [1])),
      ...eigh(minus),
      ...svd(minus),
      ...qr(minus),
      ...slogdet(minus),
    ],
    empty: {
      cholesky: cholesky(none(2, 0, 0)),
      eigh: eigh(none(0, 0)),
      svd: svd(none(0, 3)),
      qr: [qr(none(3, 0)), qr(none(0, 2))],
      solve: [solve(none(0, 0), none(0, 2)), solve(minus, none(1, 0))],
      triangularSolve: triangularSolve(none(0, 0), none(0)),
      noMembers: [inv(none(0, 3, 3)), ...slogdet(none(0, 3, 3))],
      slogdet: slogdet(none(2, 0, 0)),
      det: det(none(0, 0)),
    },
    gradients: [
      grad((a: Tensor) => cholesky(a).sum())(plus),
      grad((a: Tensor) => eigh(a)[0].sum())(minus),
      grad((a: Tensor) => svd(a)[1].sum())(minus),
      grad((a: Tensor) => qr(a)[1].sum())(minus),
      grad((a: Tensor) => slogdet(a)[1])(minus),
      // Vectors of one entry are 1 or -1 and do not move.
      grad((a: Tensor) => eigh(a)[1].sum())(minus),
      grad((a: Tensor) => svd(a)[2].sum())(minus),
      grad((a: Tensor) => qr(a)[0].sum())(minus),
    ],
    emptyGradient: grad((a: Tensor) => eigh(a)[0].sum().add(cholesky(a).sum()))(none(0, 0)),
  });
  expect(got.one.map((x) => x.item())).toEqual([2, -2, -4, 1, 1, 4, -1, -1, 4, -1, Math.log(4)]);
  expect(got.gradients.map((x) => x.item())).toEqual([0.25, 1, -1, -1, -0.25, 0, 0, 0]);
  const { empty } = got;
  expect(empty.cholesky.shape).toEqual([2, 0, 0]);
  expect(empty.eigh.map(({ shape }) => shape)).toEqual([[0], [0, 0]]);
  expect(empty.svd.map(({ shape }) => shape)).toEqual([[0, 0], [0], [0, 3]]);
  expect(empty.qr.map((pair) => pair.map(({ shape }) => shape))).toEqual([
    [
      [3, 0],
      [0, 0],
    ],
    [
      [0, 0],
      [0, 2],
    ],
  ]);
  expect(empty.solve.map(({ shape }) => shape)).toEqual([
    [0, 2],
    [1, 0],
  ]);
  expect(empty.triangularSolve.shape).toEqual([0]);
  expect(empty.noMembers.map(({ shape }) => shape)).toEqual([[0, 3, 3], [0], [0]]);
  expect(empty.slogdet.map((x) => x.tolist())).toEqual([
    [1, 1],
    [0, 0],
  ]);
  expect(empty.det.item()).toBe(1);
  expect(got.emptyGradient.shape).toEqual([0, 0]);
});

describe("matrices at the edge", () => {
  const hilbert = float64(
    Array.from({ length: 100 }, (_, i) => 1 / (Math.floor(i / 10) + (i % 10) + 1)),
    [10, 10],
  );

  test("a nearly singular system is solved with a small residual", async () => {
    const ones = float64(new Array<number>(10).fill(1), [10]);
    const got = await jit((a: Tensor, b: Tensor) => {
      const x = solve(a, a.matmul(b)); // condition 1e13: three digits of x at least, all of a x
      const l = cholesky(a);
      return {
        error: x.sub(b),
        residual: a.matmul(x).sub(a.matmul(b)),
        cholesky: l.matmul(transposed(l)).sub(a),
        least: lstsq(a, a.matmul(b)).sub(b),
      };
    })(hilbert, ones);
    expect(largest(got.error)).toBeLessThan(1e-2);
    expect(largest(got.least)).toBeLessThan(1e-2);
    expect(largest(got.residual)).toBeLessThan(1e-14);
    expect(largest(got.cholesky)).toBeLessThan(1e-15);
  });

  test("entries near the limits of float64 do no harm", async () => {
    let worst = 0;
    for (const scale of [1e-310, 1e-200, 1e200, 1e307]) {
      const random = randomFrom(7);
      const square = draw(random, [5, 5]);
      const big = new NDArray(square.data.map((x) => x * scale) as Float64Array, [5, 5], "float64");
      const got = await jit((a: Tensor, scale: Tensor) => {
        const [w, v] = eigh(a);
        const [u, s, vT] = svd(a);
        const [q, r] = qr(a);
        const symmetric = a.mul(0.5).add(transposed(a).mul(0.5));
        return [
          v
            .matmul(diag(w.div(scale)))
            .matmul(transposed(v))
            .sub(symmetric.div(scale)),
          u
            .matmul(diag(s.div(scale)))
            .matmul(vT)
            .sub(a.div(scale)),
          q.matmul(r.div(scale)).sub(a.div(scale)),
        ];
      })(big, float64([scale], []));
      for (const difference of got) worst = Math.max(worst, largest(difference));
    }
    expect(worst).toBeLessThan(1e-12); // 1e-310 has 43 of 53 bits left
  });

  test("rank deficiency is no obstacle to svd, eigh and qr, nor repeated values to their sums", async () => {
    const ones = float64(new Array<number>(12).fill(1), [4, 3]);
    const identity = eye(3, undefined, "float64");
    const got = await evaluate({
      s: svd(ones)[1],
      ofZero: [...svd(zeros([2, 3], "float64")), ...eigh(zeros([2, 2], "float64"))],
      r: qr(ones)[1],
      nuclear: grad((a: Tensor) => svd(a)[1].sum())(identity),
      spectral: grad((a: Tensor) => eigh(a)[0].mul(eigh(a)[0]).sum())(identity),
    });
    expectClose("s", got.s, { shape: [3], data: [Math.sqrt(12), 0, 0] }, { entry: 1e-14 });
    expect(got.ofZero.map((x) => x.tolist())).toEqual([
      [
        [1, 0],
        [0, 1],
      ],
      [0, 0],
      [
        [-1, 0, 0],
        [0, -1, 0],
      ],
      [0, 0],
      [
        [1, 0],
        [0, 1],
      ],
    ]);
    expectClose("r", got.r, { shape: [3, 3], data: [2, 2, 2, 0, 0, 0, 0, 0, 0] }, { entry: 1e-15 });
    expectClose("nuclear norm", got.nuclear, toReference(identity), { entry: 1e-15 });
    expectClose(
      "sum of squares",
      got.spectral,
      toReference(float64([2, 0, 0, 0, 2, 0, 0, 0, 2], [3, 3])),
      { entry: 1e-15 },
    );
  });

  test("a singular matrix has determinant 0, whose logarithm is -Infinity", async () => {
    const singular = float64([1, 2, 2, 4], [2, 2]);
    const got = await evaluate([det(singular), ...slogdet(singular)]);
    expect(got.map((x) => x.item())).toEqual([0, 0, Number.NEGATIVE_INFINITY]);
  });

  test("a vector's sign does not depend on rounding where its entries are equally large", async () => {
    // Eigenvectors (1, 1) and (1, -1), whichever way the entries are nudged.
    for (const nudge of [-1e-12, 0, 1e-12]) {
      const [, v] = await evaluate(eigh(float64([2 + nudge, 1, 1, 2 - nudge], [2, 2])));
      const half = Math.SQRT1_2;
      expectClose("v", v, { shape: [2, 2], data: [half, half, -half, half] }, { entry: 1e-10 });
    }
  });
});

test("the triangle that is not asked for is not looked at", async () => {
  const nan = Number.NaN;
  const lower = float64([2, nan, 1, 4], [2, 2]);
  const unit = float64([nan, nan, 1, nan], [2, 2]);
  const b = float64([2, 9], [2]);
  const f = (a: Tensor, options: object) => triangularSolve(a, b, options);
  const got = await evaluate([
    f(lower as unknown as Tensor, {}),
    f(unit as unknown as Tensor, { unitDiagonal: true }),
    grad((a: Tensor) => f(a, { unitDiagonal: true }).sum())(unit),
  ]);
  expect(got.map((x) => x.tolist())).toEqual([
    [1, 2],
    [2, 7],
    [
      [0, 0],
      [-2, 0],
    ],
  ]);
});
