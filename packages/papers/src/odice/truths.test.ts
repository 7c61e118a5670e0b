import { array, evaluate, jit, lift, type NDArray, scan, type Tensor } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { conjugate, conjugateSlope, type Generator, policyWeight } from "./conjugate.ts";
import { innerProduct, projectOut } from "./projection.ts";
import { type GradientRule, type ValueOptions, valueGradient } from "./valueGradient.ts";

const float64 = (values: Parameters<typeof array>[0]) => array(values, { dtype: "float64" });
const expectNear = (
  actual: NDArray | readonly number[],
  expected: readonly number[],
  digits = 9,
) => {
  const values = Array.isArray(actual) ? actual : Array.from((actual as NDArray).data, Number);
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], digits);
  });
};

describe("the conjugate (eq. 1)", () => {
  it("of Pearson's divergence: value and slope", async () => {
    const y = float64([-3, -2, -1, -0.5, 0, 1, 2.5]);
    const [value, slope] = await evaluate([
      conjugate(lift(y), "pearson"),
      conjugateSlope(lift(y), "pearson"),
    ]);
    expectNear(value, [-1, -1, -0.75, -0.4375, 0, 1.25, 4.0625], 14);
    expectNear(slope, [0, 0, 0.5, 0.75, 1, 1.5, 2.25], 14);
  });

  it("of the reverse KL divergence", async () => {
    const y = lift(float64([-3, -1, 0, 1, 2.5]));
    const [value, slope] = await evaluate([
      conjugate(y, "reverse-kl"),
      conjugateSlope(y, "reverse-kl"),
    ]);
    const expected = [0.0183156389, 0.1353352832, 0.3678794412, 1, 4.4816890703];
    expectNear(value, expected, 10);
    expectNear(slope, expected, 10);
  });

  it("is the maximum over ratios that are not negative", async () => {
    const ratios = Array.from({ length: 40_001 }, (_, i) => i / 10_000);
    for (const [f, of] of [
      ["pearson", (w: number) => (w - 1) ** 2],
      ["reverse-kl", (w: number) => (w === 0 ? 0 : w * Math.log(w))],
    ] as const) {
      for (const y of [-4, -1.3, 0.2, 1.1]) {
        const best = ratios.map((w) => w * y - of(w)).reduce((a, b) => Math.max(a, b));
        expectNear(await evaluate(conjugate(lift(float64(y)), f)), [best], 6);
      }
    }
  });
});

/** Section 7 of the specification: V(s) = theta . phi(s). */
const batch = {
  observation: float64([
    [1, 0.5],
    [0.2, -1],
    [0.7, 0.3],
  ]),
  nextObservation: float64([
    [0.8, 0.9],
    [-0.4, -0.6],
    [0.1, 1.2],
  ]),
  reward: float64([0.5, -0.2, 1]),
  terminal: float64([0, 0, 1]),
};
type Batch = { [K in keyof typeof batch]: Tensor };
const theta = float64([0.3, -0.4]);
const thetaBar = float64([0.25, -0.1]);
const linear = (weights: Tensor, phi: Tensor): Tensor => phi.matmul(weights).reshape([1, -1]);
const settings: ValueOptions = {
  rule: "orthogonal",
  lambda: 0.6,
  eta: 1,
  gamma: 0.9,
  f: "pearson",
};

const gradientOf = (changes: Partial<ValueOptions>, at = theta, data = batch) =>
  jit((weights: Tensor, target: Tensor, given: Batch) =>
    valueGradient(linear, weights, target, given, { ...settings, ...changes }),
  )(at, thetaBar, data);

/** g_f, g_b and g_lin, from the rules that are sums of them. */
async function parts(eta = 1) {
  const of = async (changes: Partial<ValueOptions>) =>
    Array.from((await gradientOf(changes)).grad.data, Number);
  const [semi, sum] = [await of({ rule: "semi" }), await of({ rule: "sum", eta })];
  const phi = batch.observation.data;
  const linearPart = [0, 1].map((j) => (0.4 * (phi[j] + phi[2 + j] + phi[4 + j])) / 3);
  return {
    linear: linearPart,
    forward: semi.map((g, j) => g - linearPart[j]),
    backward: sum.map((g, j) => g - semi[j]),
  };
}

describe("the gradients of a linear value (eqs. 4 to 10)", () => {
  it("has the forward residual and the three parts", async () => {
    expectNear((await gradientOf({})).forwardResidual, [0.499, -0.696, 0.91]);
    const { forward, backward, linear: linearPart } = await parts();
    expectNear(forward, [-0.47968, -0.08185]);
    expectNear(backward, [0.094536, 0.08262]);
    expectNear(linearPart, [0.253333333, -0.026666667]);
  });

  it.each<[GradientRule, number, number[]]>([
    ["orthogonal", 1, [-0.237370985, -0.043908908]],
    ["orthogonal", 0.5, [-0.231858826, -0.076212787]],
    ["semi", 1, [-0.226346667, -0.108516667]],
    ["true", 1, [-0.095630667, 0.023693333]],
    ["sum", 1, [-0.226346667 + 0.094536, -0.108516667 + 0.08262]],
  ])("%s, eta %d", async (rule, eta, expected) => {
    expectNear((await gradientOf({ rule, eta })).grad, expected);
  });

  it("measures the conflict, and the objective of the true gradient", async () => {
    const { conflict, cosine } = await gradientOf({});
    expectNear(conflict, [-0.220064039]);
    const product = -0.47968 * 0.094536 - 0.08185 * 0.08262;
    const lengths = Math.hypot(0.47968, 0.08185) * Math.hypot(0.094536, 0.08262);
    expectNear(cosine, [product / lengths]);
    expectNear((await gradientOf({ rule: "true" })).objective, [0.2775700667]);
  });

  it("projects the backward part", async () => {
    const { forward, backward } = await parts();
    const [b, f] = [lift(float64(backward)), lift(float64(forward))];
    const projected = await evaluate(projectOut(b, f));
    expectNear(projected, [-0.011024318, 0.064607758]);
    expectNear(await evaluate(innerProduct(lift(projected), f)), [0], 15);
  });

  it("weighs logged actions by either rule, up to the largest weight", async () => {
    const residual = lift(float64([0.499, -0.696, 0.91]));
    const weigh = (rule: "relu" | "conjugate", f: Generator = "pearson", max = 100) =>
      evaluate(policyWeight(residual, { f, rule, max }));
    expectNear(await weigh("relu"), [0.499, 0, 0.91]);
    expectNear(await weigh("conjugate"), [1.2495, 0.652, 1.455]);
    expectNear(await weigh("conjugate", "pearson", 1.3), [1.2495, 0.652, 1.3]);
    const exponential = [0.499, -0.696, 0.91].map((t) => Math.exp(t - 1));
    expectNear(await weigh("relu", "reverse-kl"), exponential);
    expectNear(await weigh("conjugate", "reverse-kl"), exponential);
  });
});

describe("invariants", () => {
  it("the projection leaves the forward part as it is, whatever eta (eq. 12)", async () => {
    const { forward, linear: linearPart } = await parts();
    const along = (g: readonly number[]) => g[0] * forward[0] + g[1] * forward[1];
    const semi = along(linearPart.map((g, j) => g + forward[j]));
    for (const eta of [0.1, 1, 30]) {
      const { grad } = await gradientOf({ eta });
      expect(along(Array.from(grad.data, Number))).toBeCloseTo(semi, 12);
    }
  });

  it("the projected backward part still lowers the backward loss (eq. 13)", async () => {
    const { backward } = await parts();
    const { cosine } = await gradientOf({});
    const projected = [-0.011024318, 0.064607758];
    const product = backward[0] * projected[0] + backward[1] * projected[1];
    const squaredSine = 1 - cosine.item() ** 2;
    expect(product).toBeCloseTo((backward[0] ** 2 + backward[1] ** 2) * squaredSine, 9);
  });

  it("eta = 0 is exactly the semi-gradient", async () => {
    const semi = await gradientOf({ rule: "semi" });
    for (const rule of ["orthogonal", "sum"] as const)
      expect((await gradientOf({ rule, eta: 0 })).grad.data).toEqual(semi.grad.data);
  });

  it("a backward part along the forward one is taken away whole, also where they agree", async () => {
    const tree = { a: lift(float64([1, -2])), b: lift(float64([[3]])) };
    for (const k of [-2, 0.5]) {
      const multiple = { a: tree.a.mul(k), b: tree.b.mul(k) };
      const rest = await evaluate(projectOut(multiple, tree));
      expectNear(rest.a, [0, 0], 14);
      expectNear(rest.b, [0], 14);
    }
    // A vanishing direction takes nothing away.
    const zero = { a: tree.a.mul(0), b: tree.b.mul(0) };
    expectNear((await evaluate(projectOut(tree, zero))).a, [1, -2], 15);
  });

  it("is one projection over all parameters: their order and their parts change nothing", async () => {
    const columns = [lift(float64([[1], [0]])), lift(float64([[0], [1]]))];
    const apart = (params: Tensor[], phi: Tensor): Tensor =>
      columns
        .map((unit, j) => phi.matmul(unit).reshape([1, -1]).mul(params[j]))
        .reduce((sum, term) => sum.add(term));
    const split = await jit((given: Batch) => {
      const leaves = (v: NDArray) => [0, 1].map((j) => lift(float64(Number(v.data[j]))));
      return valueGradient(apart, leaves(theta), leaves(thetaBar), given, settings).grad;
    })(batch);
    const whole = Array.from((await gradientOf({})).grad.data, Number);
    expectNear(
      split.map((leaf) => leaf.item()),
      whole,
      14,
    );
  });

  it("averages over the heads of twins, whose targets are the smaller ones", async () => {
    const twins = (params: Tensor, phi: Tensor): Tensor => phi.matmul(params).transpose();
    // Two equal heads: the gradient of each is half of that of one.
    const both = await jit((given: Batch) => {
      const double = (v: NDArray) => lift(float64(Array.from(v.data, (x) => [x, x] as number[])));
      return valueGradient(twins, double(theta), double(thetaBar), given, settings).grad;
    })(batch);
    const one = Array.from((await gradientOf({})).grad.data, Number);
    expectNear(
      both,
      one.flatMap((g) => [g / 2, g / 2]),
      14,
    );
  });

  it("terminal transitions give nothing to the backward part", async () => {
    const ends = { ...batch, terminal: float64([1, 1, 1]) };
    const [sum, semi] = [
      await gradientOf({ rule: "sum", eta: 7 }, theta, ends),
      await gradientOf({ rule: "semi" }, theta, ends),
    ];
    expect(sum.grad.data).toEqual(semi.grad.data);
  });

  it("after a step the forward loss differs from that of a semi-gradient step by its square", async () => {
    const loss = async (at: readonly number[]): Promise<number> => {
      const { forwardResidual } = await gradientOf({}, float64([...at]));
      const values = await evaluate(conjugate(lift(forwardResidual), "pearson").mean());
      return 0.6 * values.item();
    };
    const rules = ["orthogonal", "semi"] as const;
    const [orthogonal, semi] = await Promise.all(
      rules.map(async (rule) => Array.from((await gradientOf({ rule })).grad.data, Number)),
    );
    const moved = (g: readonly number[], a: number) =>
      [0, 1].map((j) => Number(theta.data[j]) - a * g[j]);
    const gap = async (a: number) =>
      (await loss(moved(orthogonal, a))) - (await loss(moved(semi, a)));
    expect((await gap(0.02)) / (await gap(0.01))).toBeCloseTo(4, 1);
  });
});

/** V of one number a state, by semi-gradient descent to its fixed point. */
async function fixedPoint(rewards: readonly number[], lambda: number, f: Generator) {
  const data = {
    observation: float64(rewards.map(() => [1])),
    nextObservation: float64(rewards.map(() => [1])),
    reward: float64([...rewards]),
    terminal: float64(rewards.map(() => 1)),
  };
  const options = { ...settings, rule: "semi" as const, lambda, f };
  const descend = jit((start: Tensor, given: Batch) => {
    const step = (v: Tensor) => v.sub(valueGradient(linear, v, v, given, options).grad);
    const [end] = scan((v: Tensor) => [step(v), []], start, undefined, { length: 400 });
    return end;
  });
  return (await descend(float64([0]), data)).item();
}

describe("fixed points of the semi-gradient", () => {
  it.each([
    [0.4, -0.5, -0.785350601],
    [0.5, 0.5, -0.379885493],
    [0.6, 1.166666667, 0.025579615],
    [0.8, 2, 1.006408868],
    [0.9, 2.555555556, 1.817339084],
  ])("one state, rewards 0 and 1, lambda %d", async (lambda, pearson, kl) => {
    expect(await fixedPoint([0, 1], lambda, "pearson")).toBeCloseTo(pearson, 6);
    expect(await fixedPoint([0, 1], lambda, "reverse-kl")).toBeCloseTo(kl, 6);
  });

  it("rewards 0, 1, 3 and 10; and at lambda 0.6 no positive relu weight for rewards 0 and 1", async () => {
    expect(await fixedPoint([0, 1, 3, 10], 0.6, "pearson")).toBeCloseTo(6.666666667, 5);
    expect(await fixedPoint([0, 1, 3, 10], 0.8, "pearson")).toBeCloseTo(10, 5);
    const v = await fixedPoint([0, 1], 0.6, "pearson");
    const residual = lift(float64([0 - v, 1 - v]));
    expectNear(await evaluate(policyWeight(residual, { f: "pearson", rule: "relu" })), [0, 0], 12);
    const conjugateWeights = policyWeight(residual, { f: "pearson", rule: "conjugate" });
    expectNear(await evaluate(conjugateWeights), [0.4166667, 0.9166667], 6);
  });

  it("a deterministic chain has the same residual, -2/3, everywhere", async () => {
    // Solved from the end: V = r + gamma V' + 2/3, because f*' = (1 - lambda) / lambda = 2/3.
    const expected = [0.666666667, 0.326666667, -0.009933333, -0.343167333, -0.673068993];
    const n = expected.length;
    const state = (i: number) => Array.from({ length: n }, (_, j) => Number(i === j));
    const data = {
      observation: float64(expected.map((_, i) => state(i))),
      nextObservation: float64(expected.map((_, i) => state(Math.max(0, i - 1)))),
      reward: float64(expected.map((_, i) => (i === 0 ? 0 : -1))),
      terminal: float64(expected.map((_, i) => Number(i === 0))),
    };
    const options = { ...settings, rule: "semi" as const, gamma: 0.99 };
    const descend = jit((start: Tensor, given: Batch) => {
      const [v] = scan(
        (v: Tensor) => [v.sub(valueGradient(linear, v, v, given, options).grad.mul(3)), []],
        start,
        undefined,
        { length: 600 },
      );
      return v;
    });
    expectNear(await descend(float64(new Array(n).fill(0)), data), expected, 8);
  });
});
