import { array, type Tensor } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { nothing, quadratic as problem, quiet, type Vector, vector } from "./fixtures.ts";
import {
  type Arrays,
  type BoRepOptions,
  boRep,
  compiled,
  epochSgd,
  lowerGradient,
  lowerHvp,
  maSoba,
  neumann,
  projectBall,
  soba,
  stackTrees,
  stocBio,
  totalCalls,
  ttsa,
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

describe("the lower level", () => {
  it("projects onto a ball", async () => {
    const run = compiled((y: Vector, c: Vector) => ({
      out: projectBall(y, c, 0.5),
      centre: projectBall(c, c, 0.5),
      inside: projectBall(y, c, 5),
    }));
    const { out, centre, inside } = await run(vector(2, 3), vector(1, 1));
    near(out, [1.223606798, 1.447213595]);
    near(centre, [1, 1]);
    near(inside, [2, 3]);
  });

  it("epoch SGD has the centres that were worked out by hand", async () => {
    const options = { epochs: 3, firstSteps: 4, rate: 0.3, radius: 2 };
    const run = compiled((x: Vector, y: Vector, batches: { noise: Tensor }) =>
      epochSgd(
        (at: Vector, b: { noise: Tensor }) => lowerGradient(problem, x, at, b),
        y,
        batches,
        options,
      ),
    );
    const centres = await run(x0, zero, stackTrees(many(28)));
    near(centres[0], [0.300118125, 0.944431875]);
    near(centres[1], [0.229953539, 1.295943004]);
    near(centres[2], [0.17051289, 1.480380844]);
    const refine = { kind: "epoch", ...options } as const;
    const solver = boRep(problem, { ...settings, refine });
    near((await solver.init(x0, zero, many(28))).y, [0.17051289, 1.480380844]);
  });
});

describe("baselines", () => {
  it("SOBA updates all three from the old point", async () => {
    const solver = soba(problem, { ...plain, stepSize: 0.05 });
    let state = await solver.init(x0, zero, many(1));
    const rows = [
      [
        [0.995, 1.99],
        [0.3, 0.54],
        [-0.2, 0.2],
      ],
      [
        [0.998025, 1.97205],
        [0.3375, 0.8703],
        [-0.28, 0.488],
      ],
    ] as const;
    for (const [x, y, z] of rows) {
      state = await solver.step(state, quiet);
      near(state.x, x);
      near(state.y, y);
      near(state.z, z);
    }
    expect(totalCalls(state.oracleCalls)).toBe(8);
  });

  it("MA-SOBA without momentum is SOBA; all get to the minimiser", async () => {
    const one = maSoba(problem, { ...plain, momentum: 0, stepSize: 0.05 });
    const first = await one.step(await one.init(x0, zero, many(1)), quiet);
    near(first.x, [0.995, 1.99]);
    const options = { ...plain, stepSize: 0.1 };
    // TTSA's rates fall, and a short series is biased.
    for (const [solver, digits] of [
      [soba(problem, options), 4],
      [maSoba(problem, options), 4],
      [stocBio(problem, { ...options, products: 20 }), 1],
      [ttsa(problem, { ...options, stepSize: 0.6, products: 20 }), 1],
    ] as const) {
      const { state } = await solver.run(await solver.init(x0, zero, many(1)), 1200, () => quiet);
      near(state.x, [1.107722337, -0.966207149], digits);
    }
  });

  it("the Neumann series of six terms, and of many", async () => {
    const run = (products: number) =>
      compiled((x: Vector, y: Vector, p: Vector, rate: Tensor, batch: { noise: Tensor }) =>
        neumann((v: Vector) => lowerHvp(problem, x, y, v, batch), p, rate, products),
      )(x0, zero, vector(0.2 / 3.5 - 1, 6.2 / 3.5 + 1), array(0.2, { dtype: "float64" }), nothing);
    near(await run(5), [-0.832664971, 2.227769086]);
    near(await run(200), [-1.330612245, 3.436734694]);
  });
});

describe("what is refused", () => {
  it("in one line that says what and where", async () => {
    const wrong = (options: Partial<BoRepOptions>) => () =>
      boRep(problem, { ...settings, ...options });
    expect(wrong({ period: 0 })).toThrow("the period I is 0");
    expect(wrong({ period: 1.5 })).toThrow("the period I is 1.5");
    expect(wrong({ lowerSteps: 0 })).toThrow("lowerSteps N is 0");
    expect(wrong({ momentum: 1 })).toThrow("the momentum 1 is not in [0, 1)");
    expect(wrong({ stepSize: 0 })).toThrow("stepSize is 0; it must be positive");
    expect(wrong({ linearRate: Number.NaN })).toThrow("linearRate is NaN");
    expect(wrong({ refine: { kind: "sgd", steps: 0 } })).toThrow("0 steps of refinement");

    const started = (changed: Partial<typeof problem>) =>
      boRep({ ...problem, ...changed }, plain).init(x0, zero, many(1));
    await expect(started({ lower: (_, { v: y }) => y })).rejects.toThrow(
      "the lower objective has shape [2]; it must be a scalar",
    );
    await expect(started({ lower: ({ v: x }) => x.sum() })).rejects.toThrow(
      "the lower objective does not depend on y",
    );
    const solver = boRep(problem, settings);
    await expect(solver.init(x0, zero, many(3))).rejects.toThrow("reads 20 lower batches, got 3");
    const state = await solver.init(x0, zero, many(20));
    const odd = { ...state, m: vector(0, 0, 0) };
    await expect(solver.step(odd, quiet)).rejects.toThrow("x and m have different structures at v");
    await expect(solver.step({ ...state, step: 2 }, { ...quiet, lowerSgd: [] })).rejects.toThrow(
      "step 2 updates y with 3 batches, lowerSgd has 0",
    );
    const steep = { ...problem, upper: ({ v: x }: Vector) => x.mul(1e200).exp().sum() };
    const broken = boRep(steep, plain);
    await expect(broken.step(await broken.init(x0, zero, many(1)), quiet)).rejects.toThrow(
      /hypergradient of step 0 has norm (NaN|Infinity)/,
    );
  });

  it("warns of a rate of z that diverges", async () => {
    const said: string[] = [];
    const solver = boRep(problem, { ...plain, linearRate: 1, warn: (line) => said.push(line) });
    await solver.init(x0, zero, many(1));
    expect(said[0]).toContain("is 2.21, not below 2");
  });
});
