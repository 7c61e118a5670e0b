import { lift, type Tensor } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { nothing, quadratic as problem, quiet, type Vector, vector } from "./fixtures.ts";
import {
  type Arrays,
  type BilevelProblem,
  type BoRepOptions,
  boRep,
  compiled,
  exactHypergradient,
  hypergradient,
  lowerCurvature,
  lowerDescent,
  lowerGradient,
  lowerHvp,
  mixedProduct,
  type SolverState,
} from "./index.ts";

const near = (actual: Arrays<Vector>, expected: readonly number[], digits = 9) => {
  expected.forEach((value, i) => {
    expect(actual.v.data[i]).toBeCloseTo(value, digits);
  });
};
const settings: BoRepOptions = {
  stepSize: 0.1,
  lowerRate: 0.3,
  linearRate: 0.2,
  refine: { kind: "sgd", steps: 20 },
};
const many = (n: number) => Array.from({ length: n }, () => nothing);
const plain = { ...settings, refine: undefined };
const x0 = vector(1, 2);
const zero = vector(0, 0);

describe("the exact hypergradient", () => {
  const yStar = vector(0.2 / 3.5, 6.2 / 3.5);

  it("of the quadratic problem, by conjugate gradients and by the Hessian itself", async () => {
    for (const solver of ["cg", "dense"] as const) {
      const { gradient, z, residual } = await exactHypergradient(problem, x0, yStar, nothing, {
        solver,
      });
      near(z, [-1.330612245, 3.436734694]);
      near(gradient, [-0.543265306, 2.949387755]);
      expect(residual).toBeLessThan(1e-12);
    }
    await expect(
      exactHypergradient(problem, x0, yStar, nothing, { iterations: 1 }),
    ).rejects.toThrow("relative residual");
  });

  it("agrees with central differences of Phi", async () => {
    const phi = compiled((x: Vector, batches: { noise: Tensor }) => {
      const gradient = (y: Vector) => lowerGradient(problem, x, y, batches);
      const y = lowerDescent(
        gradient,
        { v: x.v.mul(0) },
        { noise: batches.noise.tile([400, 1]) },
        lift(0.5, "float64"),
      );
      return problem.upper(x, y, batches);
    });
    expect((await phi(x0, nothing)).item()).toBeCloseTo(4.534897959, 9);
    const h = 1e-5;
    const at = async (a: number, b: number) => (await phi(vector(a, b), nothing)).item();
    const slopes = [
      ((await at(1 + h, 2)) - (await at(1 - h, 2))) / (2 * h),
      ((await at(1, 2 + h)) - (await at(1, 2 - h))) / (2 * h),
    ];
    expect(slopes[0]).toBeCloseTo(-0.543265306, 7);
    expect(slopes[1]).toBeCloseTo(2.949387755, 7);
  });

  it("vanishes at the minimiser of Phi", async () => {
    const [a, b] = [1.107722337, -0.966207149];
    const right = [a, 0.2 * a + 0.8 * b];
    const y = vector((right[0] - 0.5 * right[1]) / 1.75, (2 * right[1] - 0.5 * right[0]) / 1.75);
    const { gradient } = await exactHypergradient(problem, vector(a, b), y, nothing);
    near(gradient, [0, 0], 8);
    const value = await compiled(problem.upper)(vector(a, b), y, nothing);
    expect(value.item()).toBeCloseTo(0.131389533, 9);
  });

  it("is what hypergradient gives for z*", async () => {
    const z = vector(-1.330612245, 3.436734694);
    const run = compiled((x: Vector, y: Vector, v: Vector, batch: { noise: Tensor }) =>
      hypergradient(problem, x, y, v, batch),
    );
    near(await run(x0, yStar, z, nothing), [-0.543265306, 2.949387755]);
  });

  it("has mixed products that are transposes of one another", async () => {
    const run = compiled((x: Vector, y: Vector, u: Vector, v: Vector, batch: { noise: Tensor }) => {
      const swapped: BilevelProblem<Vector, Vector, { noise: Tensor }> = {
        upper: problem.upper,
        lower: (y, x, b) => entangled.lower(x, y, b),
      };
      const one = mixedProduct(entangled, x, y, v, batch).v.mul(u.v).sum();
      const other = mixedProduct(swapped, y, x, u, batch).v.mul(v.v).sum();
      return { one, other };
    });
    const entangled: typeof problem = {
      ...problem,
      lower: ({ v: x }, { v: y }) => x.mul(y).sum().sin().add(y.pow(2).mul(x.exp()).sum()),
    };
    const { one, other } = await run(
      x0,
      vector(0.3, -0.7),
      vector(0.2, 1.3),
      vector(-2, 0.4),
      nothing,
    );
    expect(one.item()).toBeCloseTo(other.item(), 12);
    expect(Math.abs(one.item())).toBeGreaterThan(0.1);
  });
});

describe("BO-REP", () => {
  const start = async (options: BoRepOptions = settings) => {
    const solver = boRep(problem, options);
    return { solver, state: await solver.init(x0, zero, many(20)) };
  };
  const after = async (
    steps: number,
    options?: BoRepOptions,
  ): Promise<SolverState<Vector, Vector>> => {
    const { solver, state } = await start(options);
    return (await solver.run(state, steps, () => quiet)).state;
  };

  it("takes the steps that were worked out by hand", async () => {
    near((await start()).state.y, [0.059843959, 1.764907535]);
    const rows = [
      [
        1,
        [0.996489461, 1.900061639],
        [0.059843959, 1.764907535],
        [-0.188031208, 0.552981507],
        [0.002256509, 0.064238521],
      ],
      [
        2,
        [0.99860085, 1.800083931],
        [0.059843959, 1.764907535],
        [-0.356148084, 1.014169833],
        [-0.003335659, 0.157948872],
      ],
      [
        3,
        [1.004314813, 1.700247311],
        [0.072814435, 1.662332884],
        [-0.500542947, 1.379417252],
        [-0.015482034, 0.270508204],
      ],
      [
        10,
        [1.08867817, 1.005514799],
        [0.214977787, 1.174268607],
        [-0.958681943, 2.449245323],
        [-0.166763442, 1.12414543],
      ],
    ] as const;
    for (const [steps, x, y, z, m] of rows) {
      const state = await after(steps);
      near(state.x, x);
      near(state.y, y);
      near(state.z, z);
      near(state.m, m);
    }
  });

  it("with the old z takes others", async () => {
    const rows = [
      [1, [0.955278641, 1.910557281]],
      [2, [0.942106073, 1.811428661]],
      [3, [0.939892728, 1.711453158]],
      [10, [1.013041041, 1.015764283]],
    ] as const;
    for (const [steps, x] of rows) near((await after(steps, { ...settings, useNewZ: false })).x, x);
  });

  it("moves x by eta, and y every I steps only; many steps at once are the same bits", async () => {
    for (const period of [1, 2, 3]) {
      const { solver, state: first } = await start({ ...settings, period });
      let state = first;
      for (let k = 0; k < 8; k++) {
        const next = await solver.step(state, quiet);
        const moved = Math.hypot(...[0, 1].map((i) => next.x.v.data[i] - state.x.v.data[i]));
        // The 1e-10 of (8) makes a step shorter by 1e-10 / |m|.
        const length = Math.hypot(...next.m.v.data);
        expect(moved / (0.1 / (1 + 1e-10 / length)) - 1).toBeCloseTo(0, 12);
        const updates = k > 0 && k % period === 0;
        expect(next.y.v.data[0] !== state.y.v.data[0]).toBe(updates);
        state = next;
      }
      const whole = await solver.run(first, 8, () => quiet);
      expect(whole.state).toEqual(state);
      const half = await solver.run(first, 5, () => quiet);
      expect((await solver.run(half.state, 3, () => quiet)).state).toEqual(state);
    }
  });

  it("stays where it is when the gradient is zero, without the normalisation moves by eta m", async () => {
    const flat: typeof problem = { ...problem, upper: (_, { v: y }) => y.mul(0).sum() };
    const solver = boRep(flat, plain);
    const { x, m } = await solver.step(await solver.init(x0, zero, many(1)), quiet);
    near(x, [1, 2]);
    near(m, [0, 0]);
    const free = boRep(problem, { ...plain, normalise: false });
    const next = await free.step(await free.init(x0, zero, many(1)), quiet);
    near(next.x, [1 - 0.1 * next.m.v.data[0], 2 - 0.1 * next.m.v.data[1]], 12);
  });

  it("counts a call for each batch", async () => {
    const { oracleCalls } = await after(6);
    // 20 of the refinement; y is updated at steps 2 and 4.
    expect(oracleCalls).toEqual({ upperGrad: 6, lowerGrad: 26, hvp: 6, mixed: 6 });
  });

  it("z contracts to z* with the factor of the largest |1 - nu lambda|", async () => {
    const run = compiled(
      (x: Vector, y: Vector, z: Vector, p: Vector, batch: { noise: Tensor }) => ({
        v: z.v.sub(lowerHvp(problem, x, y, z, batch).v.sub(p.v).mul(0.2)),
      }),
    );
    const p = vector(-0.942857143, 2.771428571);
    let z = zero;
    const [errors, star] = [[] as number[], [-1.330612245, 3.436734694]];
    for (let t = 0; t < 40; t++) {
      z = await run(x0, zero, z, p, nothing);
      errors.push(Math.hypot(...star.map((value, i) => z.v.data[i] - value)));
    }
    // lambda = (3 -+ sqrt 2) / 2
    const factor = 1 - 0.2 * ((3 - Math.SQRT2) / 2);
    expect(errors[39] / errors[38]).toBeCloseTo(factor, 6);
    expect(await lowerCurvature(problem, x0, zero, nothing)).toBeCloseTo((3 + Math.SQRT2) / 2, 6);
  });
});
