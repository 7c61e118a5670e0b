import { array, type NDArray } from "@etude/tensor";
import { describe, expect, test } from "vitest";
import { expectNear, readGolden, wave } from "../testing/golden.ts";
import {
  accuracy,
  auroc,
  averagePrecision,
  brierScore,
  calibrationBins,
  confusionMatrix,
  expectedCalibrationError,
  f1,
  kendall,
  logLoss,
  meanAbsoluteError,
  pearson,
  precision,
  psnr,
  r2,
  recall,
  rootMeanSquaredError,
  spearman,
  ssim,
  topKAccuracy,
} from "./index.ts";

type Averages = Record<"macro" | "micro" | "binary", number>;

/** Made by `golden/make_metrics.py`. */
const golden = readGolden("metrics") as Record<"binary" | "labels" | "confusion", number[]> &
  Record<"precision" | "recall" | "f1", Averages> &
  Record<
    | "accuracy"
    | "top2"
    | "auroc"
    | "aurocMacro"
    | "aurocWeighted"
    | "averagePrecision"
    | "logLoss"
    | "logLossBinary"
    | "brier"
    | "brierBinary"
    | "rmse"
    | "mae"
    | "r2"
    | "psnr"
    | "ssim"
    | "pearson"
    | "spearman"
    | "kendall",
    number
  >;

const map = (a: NDArray, f: (value: number, i: number) => number): NDArray =>
  array(Float64Array.from(a.data, f), { shape: a.shape });
const rounded = (a: NDArray) =>
  map(a, (v) => (Math.floor(Math.abs(v) * 10 + 0.5) / 10) * Math.sign(v));

const n = 60;
const scores = rounded(wave(1, [n]));
const noise = wave(2, [n]);
const exponentials = map(wave(3, [n, 4], 2), Math.exp);
const probabilities = map(exponentials, (value, i) => {
  const row = exponentials.data.slice(4 * Math.floor(i / 4), 4 * Math.floor(i / 4) + 4);
  return value / (row[0] + row[1] + row[2] + row[3]);
});
const single = map(wave(1, [n]), (v) => 1 / (1 + Math.exp(-2 * v)));
const { binary, labels } = golden;

describe("classification, as scikit-learn has it", () => {
  test("accuracy, top k, confusion", () => {
    expectNear(accuracy(probabilities, labels), golden.accuracy, 1e-12);
    expectNear(topKAccuracy(probabilities, labels, 2), golden.top2, 1e-12);
    expect(topKAccuracy(probabilities, labels, 1)).toBe(accuracy(probabilities, labels));
    expect([...confusionMatrix(probabilities, labels).data]).toEqual(golden.confusion);
    // With equal scores the first classes come first.
    expect(topKAccuracy(array([[1, 1, 1]]), [2], 2)).toBe(0);
  });

  test("precision, recall and F1, averaged three ways", () => {
    const guessed = Array.from(scores.data, (v) => (v > 0 ? 1 : 0));
    for (const [name, metric] of Object.entries({ precision, recall, f1 })) {
      const expected = golden[name as "f1"];
      expectNear(metric(probabilities, labels), expected.macro, 1e-12);
      expectNear(metric(probabilities, labels, { average: "micro" }), expected.micro, 1e-12);
      expectNear(metric(guessed, binary, { average: "binary" }), expected.binary, 1e-12);
    }
  });

  test("a class nobody mentions does not count, one never predicted counts 0", () => {
    expect(precision([0, 0, 2], [0, 2, 2])).toBeCloseTo((0.5 + 1) / 2);
    expect(precision([0, 0, 0], [0, 1, 1])).toBeCloseTo(1 / 3 / 2);
    expect(recall([1, 1], [0, 1], { average: "binary" })).toBe(1);
    expect(() => f1([0, 1, 2], [0, 1, 2], { average: "binary" })).toThrow(/not binary/);
  });
});

describe("ranking, as scikit-learn has it", () => {
  test("area under the curve with ties, and against the rest", () => {
    expectNear(auroc(scores, binary), golden.auroc, 1e-12);
    expectNear(auroc(probabilities, labels), golden.aurocMacro, 1e-12);
    expectNear(auroc(probabilities, labels, { average: "weighted" }), golden.aurocWeighted, 1e-12);
    expectNear(averagePrecision(scores, binary), golden.averagePrecision, 1e-12);
  });

  test("scores that are all equal rank like chance; negated scores turn the area round", () => {
    expect(auroc([3, 3, 3, 3], [0, 1, 1, 0])).toBe(0.5);
    const turned = Array.from(scores.data, (v) => -v);
    expect(auroc(turned, binary)).toBeCloseTo(1 - golden.auroc, 12);
    expect(averagePrecision([3, 3, 3, 3], [0, 1, 1, 1])).toBe(0.75);
  });

  test("one side missing is an error that says which", () => {
    expect(() => auroc([1, 2], [1, 1])).toThrow(/every label is 1/);
    expect(() => auroc([1, 2], [0, 0])).toThrow(/no label is 1/);
    expect(() =>
      auroc(
        array([
          [0.2, 0.5, 0.3],
          [0.1, 0.8, 0.1],
        ]),
        [0, 1],
      ),
    ).toThrow(/no label is class 2/);
    expect(() => averagePrecision([1, 2], [0, 0])).toThrow(/nothing to recall/);
    expect(() => auroc([1, Number.NaN], [0, 1])).toThrow(/scores 1 is NaN/);
    expect(() => auroc([1, 2, 3], [0, 1])).toThrow(/3 scores and 2 labels/);
    expect(() => auroc([1, 2], [0, 0.5])).toThrow(/entry 1 of the labels is 0.5/);
  });
});

describe("calibration", () => {
  test("log loss and Brier score, as scikit-learn has them", () => {
    expectNear(logLoss(probabilities, labels), golden.logLoss, 1e-12);
    expectNear(logLoss(single, binary), golden.logLossBinary, 1e-12);
    expectNear(brierScore(probabilities, labels), golden.brier, 1e-12);
    expectNear(brierScore(single, binary), golden.brierBinary, 1e-12);
    expect(logLoss(array([1, 0]), [0, 0])).toBeCloseTo(-Math.log(2 ** -52) / 2, 12);
    expect(() => logLoss(array([[2, -1]]), [0])).toThrow(/take the softmax first/);
  });

  test("expected calibration error, by hand", () => {
    const p = array(
      [
        [0.9, 0.1],
        [0.8, 0.2],
        [0.3, 0.7],
        [0.4, 0.6],
        [0.65, 0.35],
      ],
      { dtype: "float64" },
    );
    const truth = [0, 1, 1, 0, 0];
    // Five bins: (0.4, 0.6] 0.6 wrong; (0.6, 0.8] 0.8 wrong, 0.7 and 0.65 right; (0.8, 1] 0.9 right.
    const width = (0.6 + 3 * Math.abs(2 / 3 - 2.15 / 3) + 0.1) / 5;
    expect(expectedCalibrationError(p, truth, { bins: 5 })).toBeCloseTo(width, 6);
    // Two bins of three and two: 0.6 wrong, 0.65 and 0.7 right; 0.8 wrong, 0.9 right.
    const mass = (Math.abs(2 - 1.95) + Math.abs(1 - 1.7)) / 5;
    expect(expectedCalibrationError(p, truth, { bins: 2, binning: "mass" })).toBeCloseTo(mass, 6);
    // 0.7 * 10 rounds up, and yet belongs to (0.6, 0.7].
    const edge = calibrationBins(array([0.7], { dtype: "float64" }), [1], { bins: 10 });
    expect(edge.findIndex(({ count }) => count === 1)).toBe(6);
    const counts = (binning: "width" | "mass") =>
      calibrationBins(probabilities, labels, { bins: 7, binning }).map(({ count }) => count);
    expect(counts("mass")).toEqual([9, 9, 9, 9, 8, 8, 8]);
    expect(counts("width").reduce((a, b) => a + b)).toBe(n);
  });

  test("probabilities that are right about themselves have no error", () => {
    const p = array(Float64Array.from({ length: 100 }, () => 0.75));
    expect(
      expectedCalibrationError(
        p,
        Array.from(p.data, (_, i) => (i % 4 === 0 ? 0 : 1)),
      ),
    ).toBe(0);
  });
});

test("errors of numbers, as scikit-learn has them", () => {
  expectNear(rootMeanSquaredError(scores, noise), golden.rmse, 1e-12);
  expectNear(meanAbsoluteError(scores, noise), golden.mae, 1e-12);
  expectNear(r2(scores, noise), golden.r2, 1e-12);
  expect(() => r2([1, 2], [3, 3])).toThrow(/no variance to explain/);
  expect(() => meanAbsoluteError([], [])).toThrow(/no predictions/);
  expect(() => meanAbsoluteError(array([[1, 2]]), array([[1], [2]]))).not.toThrow();
  expect(() => meanAbsoluteError(wave(1, [2, 3]), wave(1, [3, 2]))).toThrow(
    /\[2, 3\] and targets \[3, 2\]/,
  );
});

test("correlations with ties, as SciPy has them", () => {
  const y = rounded(map(wave(1, [n]), (v, i) => v + 0.7 * noise.data[i]));
  expectNear(pearson(scores, y), golden.pearson, 1e-12);
  expectNear(spearman(scores, y), golden.spearman, 1e-12);
  expectNear(kendall(scores, y), golden.kendall, 1e-12);
  const cubes = map(scores, (v) => v ** 3);
  expect([spearman(scores, cubes), kendall(scores, cubes)].map((v) => v.toFixed(12))).toEqual([
    "1.000000000000",
    "1.000000000000",
  ]);
  expect(() => pearson([1, 2, 3], [5, 5, 5])).toThrow(/all values of y are equal/);
});

describe("images, as scikit-image has them", () => {
  const image = map(wave(1, [24, 20]), (v) => (v + 1) / 2);
  const shifts = wave(2, [24, 20]);
  const reference = map(image, (v, i) => Math.min(1, Math.max(0, v + 0.2 * shifts.data[i])));

  test("peak signal-to-noise ratio and structural similarity", () => {
    expectNear(psnr(image, reference), golden.psnr, 1e-10);
    expectNear(ssim(image, reference), golden.ssim, 1e-10);
  });

  test("do not depend on the unit, and average over leading axes", () => {
    const bytes = [image, reference].map((a) => map(a, (v) => 255 * v));
    expectNear(ssim(bytes[0], bytes[1], { peak: 255 }), golden.ssim, 1e-10);
    expectNear(psnr(bytes[0], bytes[1], { peak: 255 }), golden.psnr, 1e-10);
    const pair = (a: NDArray, b: NDArray) =>
      array(Float64Array.of(...a.data, ...b.data), { shape: [2, 1, 24, 20] });
    expectNear(ssim(pair(image, image), pair(reference, image)), (golden.ssim + 1) / 2, 1e-10);
    expect(psnr(image, image)).toBe(Number.POSITIVE_INFINITY);
    expect(() => ssim(wave(1, [10, 30]), wave(2, [10, 30]))).toThrow(/11 x 11/);
  });
});
