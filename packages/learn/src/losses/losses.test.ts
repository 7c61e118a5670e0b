import {
  array,
  evaluate,
  grad,
  hvp,
  jit,
  lift,
  type NDArray,
  type Tensor,
  vmap,
  zeros,
} from "@etude/tensor";
import { describe, expect, test } from "vitest";
import { expectNear, readGolden, wave } from "../testing/golden.ts";
import {
  absoluteError,
  contrastiveLoss,
  cosineDistance,
  cosineSimilarity,
  gaussianNegativeLogLikelihood,
  hingeLoss,
  huberLoss,
  infoNce,
  klDivergence,
  logCosh,
  multiclassHingeLoss,
  ntXent,
  poissonNegativeLogLikelihood,
  quantileLoss,
  sigmoidBinaryCrossEntropy,
  sigmoidFocalLoss,
  softmaxCrossEntropy,
  softmaxFocalLoss,
  squaredError,
  tripletLoss,
} from "./index.ts";

/** Made by `golden/make_losses.py`. */
const golden = readGolden("losses") as Record<string, { value: number[]; gradient: number[] }>;

const logits = wave(1, [4, 3], 2);
const other = wave(2, [4, 3], 2);
const labels = lift(array([2, 0, 1, 1], { dtype: "int32" }));
const float64 = { dtype: "float64" } as const;
const binary = lift(
  array(
    [
      [1, 0, 1],
      [0, 0, 1],
      [1, 0, 1],
      [1, 0, 0],
    ],
    float64,
  ),
);
const signs = binary.mul(2).sub(1);
const same = lift(array([1, 0, 0, 1], float64));
const o = lift(other);
const variances = lift(wave(3, [4, 3], 2));

const losses: Record<string, (x: Tensor) => Tensor> = {
  softmax: (x) => softmaxCrossEntropy(x, labels),
  smoothed: (x) => softmaxCrossEntropy(x, labels, { smoothing: 0.1 }),
  probabilities: (x) => softmaxCrossEntropy(x, o.softmax()),
  sigmoid: (x) => sigmoidBinaryCrossEntropy(x, binary),
  squared: (x) => squaredError(x, o),
  absolute: (x) => absoluteError(x, o),
  huber: (x) => huberLoss(x, o, { delta: 0.7 }),
  logCosh: (x) => logCosh(x, o),
  hinge: (x) => hingeLoss(x, signs),
  multiclassHinge: (x) => multiclassHingeLoss(x, labels),
  softmaxFocal: (x) => softmaxFocalLoss(x, labels),
  sigmoidFocal: (x) => sigmoidFocalLoss(x, binary, { alpha: 0.25 }),
  kl: (x) => klDivergence(x.logSoftmax(), o.softmax()),
  cosine: (x) => cosineDistance(x, o),
  gaussian: (x) => gaussianNegativeLogLikelihood(x, variances.mul(variances).add(0.1), o),
  poisson: (x) => poissonNegativeLogLikelihood(x, o.abs()),
  quantile: (x) => quantileLoss(x, o, { quantile: 0.3 }),
  contrastive: (x) => contrastiveLoss(x, o, same, { margin: 1.5 }),
  triplet: (x) => tripletLoss(x, o, lift(wave(3, [4, 3], 2)), { margin: 1.2 }),
  infoNce: (x) => infoNce(x, o),
  ntXent: (x) => ntXent(x, o),
};

test("values and gradients are PyTorch's", async () => {
  const run = jit((x: Tensor) =>
    Object.fromEntries(
      Object.entries(losses).map(([name, loss]) => [
        name,
        { value: loss(x), gradient: grad((z: Tensor) => loss(z).sum())(x) },
      ]),
    ),
  );
  const results = await run(logits);
  expect(Object.keys(golden).sort()).toEqual(Object.keys(losses).sort());
  for (const [name, { value, gradient }] of Object.entries(golden)) {
    expectNear(results[name].value, value);
    expectNear(results[name].gradient, gradient);
  }
});

describe("with logits of +-10,000", () => {
  const far = array([
    [1e4, -1e4, 0],
    [-1e4, 1e4, 1e4],
  ]);
  const classes = lift(array([1, 1], { dtype: "int32" }));
  const targets = lift(
    array([
      [1, 1, 0],
      [0, 1, 0],
    ]),
  );

  test("values are exact and gradients finite", async () => {
    const cases: Record<string, [(x: Tensor) => Tensor, number[]]> = {
      softmax: [(x) => softmaxCrossEntropy(x, classes), [2e4, Math.LN2]],
      smoothed: [
        (x) => softmaxCrossEntropy(x, classes, { smoothing: 0.3 }),
        [1.7e4, 0.7 * Math.LN2 + 0.1 * (2e4 + 3 * Math.LN2)],
      ],
      sigmoid: [(x) => sigmoidBinaryCrossEntropy(x, targets), [0, 1e4, Math.LN2, 0, 0, 1e4]],
      softmaxFocal: [(x) => softmaxFocalLoss(x, classes), [2e4, Math.LN2 / 4]],
      sigmoidFocal: [(x) => sigmoidFocalLoss(x, targets), [0, 1e4, Math.LN2 / 4, 0, 0, 1e4]],
      logCosh: [
        (x) => logCosh(x, lift(0)),
        [1e4, 1e4, 0, 1e4, 1e4, 1e4].map((v) => v && v - Math.LN2),
      ],
      multiclassHinge: [(x) => multiclassHingeLoss(x, classes), [20_001, 1]],
      kl: [
        (x) =>
          klDivergence(
            x.logSoftmax(),
            lift(
              array([
                [1, 0, 0],
                [0, 0, 1],
              ]),
            ),
          ),
        [0, Math.LN2],
      ],
    };
    const run = jit((x: Tensor) =>
      Object.fromEntries(
        Object.entries(cases).map(([name, [loss]]) => [
          name,
          [loss(x), grad((z: Tensor) => loss(z).sum())(x)] as const,
        ]),
      ),
    );
    const results = await run(far);
    for (const [name, [, expected]] of Object.entries(cases)) {
      const [value, gradient] = results[name];
      expectNear(value, expected, 1e-6);
      expect(gradient.data.every(Number.isFinite), name).toBe(true);
    }
  });

  test("small losses keep their digits", async () => {
    const loss = await evaluate(
      sigmoidBinaryCrossEntropy(lift(array([20, -20])), lift(array([1, 0]))),
    );
    // log(1 + exp(-20)), far below the spacing of floats near 20.
    for (const value of loss.data) expect(value / 2.0611536e-9).toBeCloseTo(1, 5);
  });
});

describe("where formulas have corners", () => {
  test("Huber and log cosh have curvature 1 at zero error; zero distances have gradient 0", async () => {
    const at = lift(zeros([1, 2]));
    const results = await evaluate({
      huber: hvp((x: Tensor) => huberLoss(x, lift(0)).sum())(zeros([2]), array([1, -3])),
      logCosh: hvp((x: Tensor) => logCosh(x, lift(0)).sum())(zeros([2]), array([1, -3])),
      triplet: grad((x: Tensor) => tripletLoss(x, at, at).sum())(at),
      cosine: grad((x: Tensor) => cosineDistance(x, at.add(1)).sum())(at.add(1)),
      cosineOfZero: cosineSimilarity(at, at.add(1)),
      pairs: grad((x: Tensor) => contrastiveLoss(x, at, lift(array([0]))).sum())(at),
      kl: klDivergence(lift(array([[-1, Number.NEGATIVE_INFINITY]])), lift(array([[1, 0]]))),
    });
    for (const name of ["huber", "logCosh"] as const)
      expect([...results[name].data]).toEqual([1, -3]);
    for (const name of ["triplet", "pairs", "cosine"] as const)
      expectNear(results[name], [0, 0], 1e-6);
    expect(results.cosineOfZero.item()).toBe(0);
    expect(results.kl.item()).toBe(1);
  });

  test("the pinball loss is least at the quantile it names", async () => {
    const sample = array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const guesses = array(Float32Array.from({ length: 23 }, (_, i) => i / 2));
    const run = jit((s: Tensor, g: Tensor) =>
      vmap((q: Tensor) => quantileLoss(q, s, { quantile: 0.75 }).mean())(g).argmin(),
    );
    expect((await run(sample, guesses)).item() / 2).toBe(8); // 7.5 examples of 10 below
  });
});

test("batches are a map over examples, and may have any leading axes", async () => {
  const run = jit((x: Tensor, y: Tensor) => ({
    whole: softmaxCrossEntropy(x, y),
    each: vmap((a: Tensor, b: Tensor) => softmaxCrossEntropy(a, b))(x, y),
    steps: softmaxCrossEntropy(x.reshape([2, 2, 3]), y.reshape([2, 2])).reshape([4]),
  }));
  const { whole, each, steps } = await run(logits, array([2, 0, 1, 1], { dtype: "int32" }));
  expectNear(each, [...whole.data], 1e-12);
  expectNear(steps, [...whole.data], 1e-12);
});

test("arguments that do not fit are refused with both shapes", () => {
  const column: NDArray = zeros([4, 1]);
  expect(() => squaredError(lift(column), lift(zeros([4])))).toThrow(
    /predictions \[4, 1\] and targets \[4\] differ in shape/,
  );
  expect(() => softmaxCrossEntropy(lift(logits), labels.reshape([4, 1]))).toThrow(
    /labels \[4, 1\] for logits \[4, 3\]; class indices are \[4\]/,
  );
  expect(() => softmaxCrossEntropy(lift(logits), lift(zeros([4])))).toThrow(/probabilities \[4\]/);
  expect(() => quantileLoss(o, o, { quantile: 1 })).toThrow(/between 0 and 1/);
  expect(() => infoNce(lift(zeros([3])), lift(zeros([3])))).toThrow(/\[n, features\]/);
});
