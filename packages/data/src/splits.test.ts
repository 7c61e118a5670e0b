import { array, NDArray } from "@etude/tensor";
import fc from "fast-check";
import { expect, describe as group, test } from "vitest";
import { batches, gatherRows } from "./batches.ts";
import { type ArrayDataset, arrayDataset, subset, take } from "./dataset.ts";
import { kFold, type Split, stratifiedKFold, trainTestSplit } from "./splits.ts";

const sorted = (...parts: Int32Array[]) => parts.flatMap((part) => [...part]).sort((a, b) => a - b);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
const isPartition = ({ train, test: tested }: Split, n: number) =>
  expect(sorted(train, tested)).toEqual(upTo(n));
const numberOf = (label: number, labels: readonly number[], rows: Int32Array) =>
  rows.filter((row) => labels[row] === label).length;

/** Labels of classes with at least `least` members each. */
const anyLabels = (least: number) =>
  fc.array(fc.integer({ min: least, max: 12 }), { minLength: 1, maxLength: 5 }).chain((sizes) =>
    fc.shuffledSubarray(
      sizes.flatMap((size, label) => new Array<number>(size).fill(label)),
      { minLength: sizes.reduce((a, b) => a + b) },
    ),
  );

group("trainTestSplit", () => {
  test("each row is in one part, the parts have the sizes asked for, and the seed decides", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.nat(),
        (n, testFraction, seed) => {
          const split = trainTestSplit(n, { testFraction, seed });
          isPartition(split, n);
          expect(split.test.length).toBe(
            Math.min(Math.max(Math.round(n * testFraction), 1), n - 1),
          );
          expect(trainTestSplit(n, { testFraction, seed })).toEqual(split);
        },
      ),
      { numRuns: 100, seed: 1 },
    );
    const { train } = trainTestSplit(1000, { seed: 1 });
    expect(trainTestSplit(1000, { seed: 2 }).train).not.toEqual(train);
    expect([...train]).not.toEqual(sorted(train)); // in random order
  });

  test("with labels every class is in both parts, and but for that within one row of its proportion", () => {
    fc.assert(
      fc.property(
        anyLabels(2),
        fc.double({ min: 0.2, max: 0.8, noNaN: true }),
        fc.nat(),
        (labels, testFraction, seed) => {
          const n = labels.length;
          const wanted = Math.round(n * testFraction);
          const classes = new Set(labels).size;
          fc.pre(wanted >= classes && n - wanted >= classes);
          const split = trainTestSplit(labels, { testFraction, seed });
          isPartition(split, n);
          expect(split.test.length).toBe(wanted);
          const shares = [...new Set(labels)].map((label) => {
            const size = labels.filter((other) => other === label).length;
            const inTest = numberOf(label, labels, split.test);
            expect(inTest).toBeGreaterThanOrEqual(1);
            expect(inTest).toBeLessThan(size);
            return { inTest, size, exact: (size * wanted) / n };
          });
          // Where a class has to have a row in either part, others make up for it.
          if (shares.every(({ exact, size }) => exact >= 1 && exact <= size - 1))
            for (const { inTest, exact } of shares)
              expect(Math.abs(inTest - exact)).toBeLessThan(1);
        },
      ),
      { numRuns: 200, seed: 2 },
    );
    const labels = upTo(300).map((i) => (i % 10 === 0 ? 1 : 0));
    const { test: tested } = trainTestSplit(labels, { testFraction: 0.2, seed: 3 });
    expect([numberOf(0, labels, tested), numberOf(1, labels, tested)]).toEqual([54, 6]);
  });

  test("labels may be numbers, texts or an array, and give the same split", () => {
    const labels = [0, 1, 0, 1, 0, 1, 1, 0];
    const split = trainTestSplit(labels, { seed: 4 });
    expect(trainTestSplit(array(labels, { dtype: "int32" }), { seed: 4 })).toEqual(split);
    expect(
      trainTestSplit(
        labels.map((label) => "ab"[label]),
        { seed: 4 },
      ),
    ).toEqual(split);
  });

  test("errors", () => {
    expect(() => trainTestSplit(1, { seed: 0 })).toThrow(
      "trainTestSplit: 1 rows cannot be divided into two parts",
    );
    expect(() => trainTestSplit(9, { testFraction: 1, seed: 0 })).toThrow(
      "trainTestSplit: testFraction is 1; give a number between 0 and 1",
    );
    expect(() => trainTestSplit(9, { stratify: true, seed: 0 })).toThrow(
      "stratify needs the labels of the rows",
    );
    expect(() => trainTestSplit(["a", "b", "a", "a"], { testFraction: 0.5, seed: 0 })).toThrow(
      'trainTestSplit: the class "b" has one row only (row 1, from 0), which cannot be in both parts; leave the class out, or do not stratify',
    );
    expect(() => trainTestSplit([0, 0, 0, 1, 1, 1], { testFraction: 0.1, seed: 0 })).toThrow(
      "trainTestSplit: parts of 5 and 1 rows cannot both hold each of the 2 classes; choose another testFraction",
    );
    isPartition(trainTestSplit([0, 1, 1], { stratify: false, seed: 0 }), 3);
  });
});

group("folds", () => {
  test("each row is tested once, in parts that differ by one row at most", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 40 }),
        fc.integer({ min: 2, max: 10 }),
        fc.nat(),
        (n, k, seed) => {
          fc.pre(k <= n);
          const folds = kFold(n, k, seed);
          for (const fold of folds) isPartition(fold, n);
          expect(sorted(...folds.map((fold) => fold.test))).toEqual(upTo(n));
          const sizes = folds.map((fold) => fold.test.length);
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
          expect(kFold(n, k, seed)).toEqual(folds);
        },
      ),
      { numRuns: 100, seed: 1 },
    );
  });

  test("stratified: the rows of each class too are spread evenly", () => {
    fc.assert(
      fc.property(anyLabels(2), fc.integer({ min: 2, max: 6 }), fc.nat(), (labels, k, seed) => {
        fc.pre(k <= labels.length);
        const folds = stratifiedKFold(labels, k, seed);
        for (const fold of folds) isPartition(fold, labels.length);
        expect(sorted(...folds.map((fold) => fold.test))).toEqual(upTo(labels.length));
        const spread = (numbers: number[]) => Math.max(...numbers) - Math.min(...numbers);
        expect(spread(folds.map((fold) => fold.test.length))).toBeLessThanOrEqual(1);
        for (const label of new Set(labels))
          expect(
            spread(folds.map((fold) => numberOf(label, labels, fold.test))),
          ).toBeLessThanOrEqual(1);
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  test("errors", () => {
    expect(() => kFold(3, 4, 0)).toThrow("kFold: 3 rows cannot fill 4 folds; choose a smaller k");
    expect(() => kFold(3, 1, 0)).toThrow("kFold: k is 1; give a whole number from 2");
    expect(() => stratifiedKFold([0, 1, 1], 2, 0)).toThrow(
      'stratifiedKFold: the class "0" has one row only (row 0, from 0)',
    );
  });
});

group("batches", () => {
  test("an epoch sees every row once, in an order that seed and epoch decide", () => {
    fc.assert(
      fc.property(
        fc.nat(50),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(),
        fc.nat(5),
        (n, size, seed, epoch) => {
          const all = batches(n, size, { seed, epoch });
          expect(sorted(...all)).toEqual(upTo(n));
          expect(all.slice(0, -1).every((batch) => batch.length === size)).toBe(true);
          expect(batches(n, size, { seed, epoch })).toEqual(all);
          if (n >= size)
            expect(batches(n, size, { seed, epoch, dropLast: true })).toEqual(
              all.filter((batch) => batch.length === size),
            );
        },
      ),
      { numRuns: 100, seed: 1 },
    );
    const first = batches(100, 100, { seed: 1, epoch: 0 });
    expect(batches(100, 100, { seed: 1, epoch: 1 })).not.toEqual(first);
    expect(batches(5, 2, { seed: 1, shuffle: false }).map((batch) => [...batch])).toEqual([
      [0, 1],
      [2, 3],
      [4],
    ]);
  });

  test("errors", () => {
    expect(() => batches(5, 0, { seed: 0 })).toThrow(
      "batches: the size is 0; give a whole number from 1",
    );
    expect(() => batches(-1, 2, { seed: 0 })).toThrow("batches: there cannot be -1 examples");
    expect(() => batches(5, 6, { seed: 0, dropLast: true })).toThrow(
      "batches: 5 examples make no full batch of 6, and dropLast leaves out the others; use smaller batches",
    );
  });
});

group("rows of arrays", () => {
  const dataset: ArrayDataset = {
    name: "three",
    inputs: array([
      [0, 1],
      [2, 3],
      [4, 5],
    ]),
    targets: array([1, 0, 1], { dtype: "int32" }),
    classes: ["a", "b"],
    inputNames: ["x", "y"],
  };

  test("are copied in the order asked for, and may be repeated", () => {
    const { inputs, targets, classes } = subset(dataset, [2, 0, 2]);
    expect(inputs.tolist()).toEqual([
      [4, 5],
      [0, 1],
      [4, 5],
    ]);
    expect([targets.dtype, ...targets.data]).toEqual(["int32", 1, 1, 1]);
    expect(classes).toEqual(["a", "b"]);
    const bools = gatherRows(array([true, false]), Int32Array.of(1, 1));
    expect([bools.dtype, bools.tolist()]).toEqual(["bool", [false, false]]);
    expect(gatherRows(new NDArray(new Float32Array(0), [3, 0], "float32"), [1]).shape).toEqual([
      1, 0,
    ]);
  });

  test("take gives the first ones, or all", () => {
    expect(take(dataset, 2).inputs.tolist()).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(take(dataset, 9).targets.size).toBe(3);
    expect(() => take(dataset, -1)).toThrow("three: cannot take -1 examples: give a whole number");
  });

  test("errors", () => {
    expect(() => gatherRows(dataset.inputs, [3])).toThrow(
      "gatherRows: there is no row 3 in 3 rows, from 0",
    );
    const wrong = (change: Partial<ArrayDataset>) => () => arrayDataset({ ...dataset, ...change });
    expect(arrayDataset(dataset)).toBe(dataset);
    expect(wrong({ targets: array([1, 2]) })).toThrow(
      "three: 3 inputs, but targets are float32 [2]",
    );
    expect(wrong({ targets: array([0, 1, 0], { dtype: "float64" }) })).toThrow(
      "three: targets are int32 [n], float32 [n] or float32 [n, k]; these are float64 [3]",
    );
    expect(wrong({ classes: ["a"] })).toThrow(
      "three: example 0 has class 1, but classes are 0 to 0",
    );
    expect(wrong({ inputNames: ["x"] })).toThrow('three: 1 input names for 2 inputs: "x"');
  });
});
