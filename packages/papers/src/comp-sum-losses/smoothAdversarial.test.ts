import {
  array,
  evaluate,
  grad,
  jit,
  lift,
  type NestedList,
  random,
  type Tensor,
} from "@etude/tensor";
import { describe, expect, test } from "vitest";
import { standardAttacks, survives } from "./attacks.ts";
import { pgdTrainingLoss, tradesLoss } from "./baselines.ts";
import { compSumLoss } from "./losses.ts";
import { margins } from "./margins.ts";
import { perturb, project } from "./perturbation.ts";
import { type SmoothAdversarialOptions, smoothAdversarialLoss } from "./smoothAdversarial.ts";
import { phi } from "./transform.ts";

const float64 = (values: NestedList) => lift(array(values, { dtype: "float64" }));
const int32 = (values: NestedList) => lift(array(values, { dtype: "int32" }));
const key = random.key(3);

/** Scores W x for the rows W of each class. */
const weights = float64([
  [1, -0.5],
  [-0.2, 0.7],
  [0.3, 0.1],
]);
const linear = (x: Tensor): Tensor => x.matmul(weights.transpose());
const x = float64([[0.6, -0.4]]);
const y = int32([0]);
const ball = { norm: "linf", radius: 0.1 } as const;
const smooth = (options: SmoothAdversarialOptions, model = linear, scale = 1) =>
  smoothAdversarialLoss((z) => model(z).mul(scale), x, y, options, key);

test("linear scores: the supremum is found, and the loss is that of the formula", async () => {
  const results = await evaluate({
    margins: margins(linear(x), y),
    one: [0, 1, 1.5].map((tau) => smooth({ ...ball, tau })),
    narrow: [0, 1, 1.5].map((tau) => smooth({ ...ball, tau, rho: 0.5, nu: 2 }).loss),
    round: smooth({ norm: "l2", radius: 0.1 }).smoothTerm,
    scaled: smooth(ball, linear, 2).loss,
  });
  expect([...results.margins.data].map((v) => Math.round(v * 1e9) / 1e9)).toEqual([0, 1.2, 0.66]);
  [1.090992428, 0.87070893, 0.789651597].forEach((value, i) => {
    expect(results.one[i].loss.item()).toBeCloseTo(value, 8);
    expect(results.one[i].smoothTerm.item()).toBeCloseTo(0.272946881, 8);
  });
  [0.903747018, 0.851798726, 0.829552764].forEach((value, i) => {
    expect(results.narrow[i].item()).toBeCloseTo(value, 8);
  });
  // The step along the normalised gradient converges to the direction of the largest singular value.
  expect(results.round.item()).toBeCloseTo(0.193032003, 6);
  // (17): the scale of the scores is a change of rho and nu.
  expect(results.scaled.item()).toBeCloseTo(results.narrow[1].item(), 8);
});

test("no weight or no ball is the plain loss; scores that do not move have no smooth term", async () => {
  const still = (z: Tensor) =>
    z
      .mul(0)
      .sum(-1, { keepDims: true })
      .add(float64([[0.1, 0.2, 0.3]]));
  const { plain, weightless, pointless, constant } = await evaluate({
    plain: compSumLoss(linear(x), y),
    weightless: smooth({ ...ball, nu: 0 }),
    pointless: smooth({ ...ball, radius: 0 }),
    constant: smooth(ball, still),
  });
  for (const { loss, smoothTerm } of [weightless, pointless]) {
    expect(loss.item()).toBe(plain.item());
    expect(smoothTerm.item()).toBe(0);
  }
  // The guard of the root.
  expect(constant.smoothTerm.item()).toBeCloseTo(1e-6, 12);
});

test("both places of the smooth term are differentiated, the perturbation is not", async () => {
  // D_h(x') - D_h(x) = scale * W (x' - x): its length is proportional to the scale, so d/d scale = length / scale.
  const of = (scale: Tensor) =>
    smoothAdversarialLoss((z) => linear(z).mul(scale), x, y, { ...ball, nu: 1 }, key);
  const { slope, term, plain } = await evaluate({
    slope: grad((scale: Tensor) => of(scale).smoothTerm.sum())(float64(2)),
    term: of(float64(2)).smoothTerm,
    plain: grad((z: Tensor) =>
      smooth({ ...ball, nu: 0 })
        .loss.sum()
        .add(z.sum().mul(0)),
    )(x),
  });
  expect(slope.item()).toBeCloseTo(term.item() / 2, 9);
  expect(plain.data.every(Number.isFinite)).toBe(true);
});

describe("a random linear model of 3 inputs and 4 classes", () => {
  const count = 40;
  const classes = 4;
  const inputs = 3;
  const draw = random.generator(11);
  const normal = (n: number) => Array.from({ length: n }, () => draw.normal());
  const rows = Array.from({ length: classes }, () => normal(inputs));
  const points = Array.from({ length: count }, () => normal(inputs));
  const labels = points.map(() => draw.integer(classes));
  const model = (z: Tensor): Tensor => z.matmul(float64(rows).transpose());

  const scoresOf = (point: readonly number[]) =>
    rows.map((row) => row.reduce((sum, w, i) => sum + w * point[i], 0));
  const corners = (radius: number) =>
    Array.from({ length: 2 ** inputs }, (_, bits) =>
      Array.from({ length: inputs }, (_, i) => (bits & (1 << i) ? radius : -radius)),
    );
  const marginsAt = (point: readonly number[], label: number) => {
    const scores = scoresOf(point);
    return scores.map((score) => scores[label] - score);
  };
  /** The supremum of a convex function over a box is at a corner. */
  const supremum = (i: number, radius: number) =>
    Math.max(
      ...corners(radius).map((offset) => {
        const shifted = marginsAt(offset, labels[i]);
        return Math.hypot(...shifted);
      }),
    );

  test("ascent never beats the exact supremum, restarts come nearer, and the smooth loss bounds the adversarial error", async () => {
    const radius = 0.2;
    const [tau, rho] = [1, 1];
    const nu = Math.sqrt(classes - 1) / rho;
    const run = jit((z: Tensor, t: Tensor, k: Tensor) => {
      const options = { norm: "linf", radius, tau, rho, nu } as const;
      return {
        once: smoothAdversarialLoss(model, z, t, options, k),
        often: smoothAdversarialLoss(model, z, t, { ...options, restarts: 8, start: "uniform" }, k),
      };
    });
    const { once, often } = await run(
      array(points, { dtype: "float64" }),
      array(labels, { dtype: "int32" }),
      await evaluate(key),
    );
    let [single, many] = [0, 0];
    for (let i = 0; i < count; i++) {
      const exact = supremum(i, radius);
      const ratio = once.smoothTerm.data[i] / exact;
      expect(ratio).toBeLessThan(1 + 1e-9);
      expect(ratio).toBeGreaterThan(0.5);
      single += ratio / count;
      many += often.smoothTerm.data[i] / exact / count;
      // (15) with the exact supremum, against the exact adversarial zero-one loss (12).
      const at = points[i];
      const wrong = corners(radius).some((offset) => {
        const moved = marginsAt(
          at.map((v, j) => v + offset[j]),
          labels[i],
        );
        return moved.some((margin, c) => c !== labels[i] && margin <= 0);
      });
      const plain = once.loss.data[i] - nu * once.smoothTerm.data[i];
      if (wrong) expect(plain + nu * exact).toBeGreaterThanOrEqual(phi(1, tau));
    }
    expect(many).toBeGreaterThan(single);
    expect(many).toBeGreaterThan(0.99);
    // A wider ball has the larger supremum.
    for (let i = 0; i < 5; i++) expect(supremum(i, 0.4)).toBeGreaterThan(supremum(i, 0.2));
  });
});

test("perturbed inputs stay in the ball, in the range, and still where they must not move", async () => {
  const from = lift(
    array(
      Float32Array.from({ length: 60 }, (_, i) => (i % 11) / 10),
      { shape: [10, 6] },
    ),
  );
  const movable = array([1, 1, 0, 1, 0, 1]);
  const goal = (z: Tensor) => z.mul(z).sum(-1);
  const range = { low: 0, high: 1, movable, steps: 12 };
  const { box, ball2, far } = await evaluate({
    box: perturb(goal, from, { norm: "linf", radius: 0.15, start: "uniform", ...range }, key).sub(
      from,
    ),
    ball2: perturb(goal, from, { norm: "l2", radius: 0.3, start: "uniform", ...range }, key).sub(
      from,
    ),
    far: project(from.add(5), from, { norm: "l2", radius: 0.3 }).sub(from),
  });
  for (let i = 0; i < 60; i++) {
    expect(Math.abs(box.data[i])).toBeLessThan(0.15 + 1e-6);
    if (movable.data[i % 6] === 0) expect(box.data[i]).toBe(0);
    const value = (i % 11) / 10 + box.data[i];
    expect(value).toBeGreaterThan(-1e-6);
    expect(value).toBeLessThan(1 + 1e-6);
  }
  for (let row = 0; row < 10; row++) {
    const length = ({ data }: typeof ball2) =>
      Math.hypot(...Array.from(data.subarray(row * 6, row * 6 + 6), Number));
    expect(length(ball2)).toBeLessThan(0.3 + 1e-6);
    expect(length(far)).toBeCloseTo(0.3, 5);
  }
});

test("baselines: no divergence at beta 0, adversarial loss above the clean one, attacks find the exact error", async () => {
  const many = random.normal(key, [64, 2], { dtype: "float64" });
  const labels = linear(many).argmax(-1).astype("int32");
  const attack = { ...ball, radius: 0.3 };
  const { clean, zero, pgd, trades, safe, robust, scores } = await evaluate({
    clean: compSumLoss(linear(many), labels),
    zero: tradesLoss(linear, many, labels, { ...attack, beta: 0 }, key),
    pgd: pgdTrainingLoss(linear, many, labels, attack, key),
    trades: tradesLoss(linear, many, labels, { ...attack, beta: 6 }, key),
    safe: survives(linear, many, labels, standardAttacks({ ...attack, radius: 0 }), key),
    robust: survives(
      linear,
      many,
      labels,
      standardAttacks(attack, ["margin", "crossEntropy", "logitRatio"]),
      key,
    ),
    scores: linear(many),
  });
  const w = [
    [1, -0.5],
    [-0.2, 0.7],
    [0.3, 0.1],
  ];
  for (let i = 0; i < 64; i++) {
    expect(zero.data[i]).toBeCloseTo(clean.data[i], 12);
    expect(pgd.data[i]).toBeGreaterThan(clean.data[i]);
    expect(trades.data[i]).toBeGreaterThan(clean.data[i]);
    expect(safe.data[i]).toBe(1);
    // A linear margin falls by radius times the l1 norm of the difference of the rows.
    const row = [0, 1, 2].map((c) => scores.data[3 * i + c]);
    const label = row.indexOf(Math.max(...row));
    const least = Math.min(
      ...[0, 1, 2].flatMap((c) =>
        c === label
          ? []
          : [
              row[label] -
                row[c] -
                0.3 * w[label].reduce((sum, v, j) => sum + Math.abs(v - w[c][j]), 0),
            ],
      ),
    );
    if (Math.abs(least) > 1e-6) expect(robust.data[i]).toBe(least > 0 ? 1 : 0);
  }
});

test("what makes no sense is refused", () => {
  expect(() => smooth({ ...ball, nu: -1 })).toThrow(/nu must be/);
  expect(() => smooth({ ...ball, rho: 0 })).toThrow(/rho must be/);
  expect(() => smooth({ ...ball, radius: -0.1 })).toThrow(/radius must be/);
  expect(() => smooth({ ...ball, steps: 0 })).toThrow(/steps >= 1/);
  expect(() => smooth({ ...ball, start: 0 })).toThrow(/no gradient/);
  expect(() => smooth({ ...ball, low: 1, high: 0 })).toThrow(/between 1 and 0/);
  expect(() => tradesLoss(linear, x, y, { ...ball, beta: -1 }, key)).toThrow(/beta/);
  expect(() => survives((z) => z, x, y, standardAttacks(ball, ["logitRatio"]), key)).toThrow(
    /three classes/,
  );
});
