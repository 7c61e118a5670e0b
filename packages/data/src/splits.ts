/** Training and test parts. */
import { NDArray, random } from "@etude/tensor";
import { count, quote, refuse } from "./errors.ts";

/** Positions of rows, each in random order. */
export interface Split {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/** The class of each row. */
export type Labels = ArrayLike<number> | readonly string[] | NDArray;

export interface SplitOptions {
  /** Part of the rows that goes to the test part, between 0 and 1; a quarter where it is not given. */
  readonly testFraction?: number;
  readonly seed: number;
  /** Keep the proportions of the classes in both parts, as is done by default where labels are given. */
  readonly stratify?: boolean;
}

/**
 * Rows divided at random into a training and a test part; both have at least one row. With labels,
 * each class is divided in the same proportion, and both parts have at least one row of each.
 *
 * @param rows how many there are, or their labels
 * @throws DataError when a part would be empty, or a class has one row only
 * @example
 * const { train, test } = trainTestSplit(labels, { testFraction: 0.2, seed: 1 });
 */
export function trainTestSplit(rows: number | Labels, options: SplitOptions): Split {
  const { testFraction = 0.25, seed, stratify = typeof rows !== "number" } = options;
  const n = numberOf(rows);
  if (!(testFraction > 0 && testFraction < 1))
    refuse(`trainTestSplit: testFraction is ${testFraction}; give a number between 0 and 1`);
  if (n < 2) refuse(`trainTestSplit: ${n} rows cannot be divided into two parts`);
  const wanted = Math.min(Math.max(Math.round(n * testFraction), 1), n - 1);
  const order = random.generator(seed).permutation(n);
  if (!stratify) return { test: order.slice(0, wanted), train: order.slice(wanted) };
  if (typeof rows === "number")
    return refuse("trainTestSplit: stratify needs the labels of the rows, not their number");

  const classes = rowsByClass(rows, order, "trainTestSplit");
  if (wanted < classes.length || n - wanted < classes.length)
    refuse(
      `trainTestSplit: parts of ${count(n - wanted)} and ${count(wanted)} rows cannot both hold each of the ${count(classes.length)} classes; choose another testFraction`,
    );
  const shares = shareOut(
    classes.map(({ members }) => members.length),
    wanted,
  );
  const inTest = new Uint8Array(n);
  classes.forEach(({ members }, i) => {
    for (const row of members.slice(0, shares[i])) inTest[row] = 1;
  });
  return {
    test: order.filter((row) => inTest[row] === 1),
    train: order.filter((row) => inTest[row] === 0),
  };
}

/**
 * How many of each class, `total` in all, in proportion to their sizes: at least one and at most all
 * but one. The largest remainders round up.
 */
function shareOut(sizes: readonly number[], total: number): number[] {
  const n = sizes.reduce((sum, size) => sum + size, 0);
  const exact = sizes.map((size) => (size * total) / n);
  const shares = exact.map((share, i) => Math.min(Math.max(Math.floor(share), 1), sizes[i] - 1));
  const given = (): number => shares.reduce((sum, share) => sum + share, 0);
  const best = (score: (i: number) => number, allowed: (i: number) => boolean): number =>
    sizes.reduce(
      (chosen, _, i) => (allowed(i) && (chosen < 0 || score(i) > score(chosen)) ? i : chosen),
      -1,
    );
  while (given() < total) {
    const next = best(
      (i) => exact[i] - shares[i],
      (i) => shares[i] < sizes[i] - 1,
    );
    shares[next]++;
  }
  while (given() > total) {
    const next = best(
      (i) => shares[i] - exact[i],
      (i) => shares[i] > 1,
    );
    shares[next]--;
  }
  return shares;
}

/**
 * k ways to divide rows into a training and a test part, such that each row is in one test part; the
 * parts differ by at most one row.
 *
 * @throws DataError when k is no whole number from 2 to the number of rows
 */
export function kFold(n: number, k: number, seed: number): Split[] {
  checkFolds("kFold", n, k);
  const order = random.generator(seed).permutation(n);
  return foldsOf(order, (place) => place % k, k);
}

/**
 * `kFold` with the rows of each class spread evenly over the test parts.
 *
 * @throws DataError when k is no whole number from 2 to the number of rows, or a class has one row only
 */
export function stratifiedKFold(labels: Labels, k: number, seed: number): Split[] {
  const n = numberOf(labels);
  checkFolds("stratifiedKFold", n, k);
  const order = random.generator(seed).permutation(n);
  const classes = rowsByClass(labels, order, "stratifiedKFold");
  // Dealt out like cards, one class after the other, so that the parts stay equal in size too.
  const fold = new Int32Array(n);
  let dealt = 0;
  for (const { members } of classes) for (const row of members) fold[row] = dealt++ % k;
  return foldsOf(order, (_, row) => fold[row], k);
}

const foldsOf = (order: Int32Array, foldOf: (place: number, row: number) => number, k: number) =>
  Array.from(
    { length: k },
    (_, fold): Split => ({
      train: order.filter((row, place) => foldOf(place, row) !== fold),
      test: order.filter((row, place) => foldOf(place, row) === fold),
    }),
  );

function checkFolds(name: string, n: number, k: number): void {
  if (!Number.isInteger(k) || k < 2) refuse(`${name}: k is ${k}; give a whole number from 2`);
  if (k > n) refuse(`${name}: ${count(n)} rows cannot fill ${count(k)} folds; choose a smaller k`);
}

const numberOf = (rows: number | Labels): number =>
  typeof rows === "number" ? rows : rows instanceof NDArray ? rows.size : rows.length;

/** The rows of each class, in the given order; classes in the order of their labels. */
function rowsByClass(
  labels: Labels,
  order: Int32Array,
  name: string,
): { label: number | string; members: number[] }[] {
  const values: ArrayLike<number | string> = labels instanceof NDArray ? labels.data : labels;
  const members = new Map<number | string, number[]>();
  for (const row of order) {
    const found = members.get(values[row]);
    if (found === undefined) members.set(values[row], [row]);
    else found.push(row);
  }
  const classes = [...members].map(([label, rows]) => ({ label, members: rows }));
  const single = classes.find((entry) => entry.members.length === 1);
  if (single !== undefined)
    refuse(
      `${name}: the class ${quote(String(single.label))} has one row only (row ${single.members[0]}, from 0), which cannot be in both parts; leave the class out, or do not stratify`,
    );
  return classes.sort((a, b) => (a.label < b.label ? -1 : 1));
}
