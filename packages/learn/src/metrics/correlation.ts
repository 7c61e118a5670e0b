/** Whether two quantities go together. */
import { fail } from "../errors.ts";
import { type Numbers, pairsOf } from "./arguments.ts";
import { averageRanks } from "./ranks.ts";

const names = ["values of x", "values of y"] as const;

function checked(metric: string, x: Numbers, y: Numbers): [ArrayLike<number>, ArrayLike<number>] {
  const pairs = pairsOf(metric, names, x, y);
  pairs.forEach((values, i) => {
    if (Array.from(values).every((value) => value === values[0])) {
      fail(
        `${metric}: all ${names[i]} are equal${values.length === 1 ? " (there is one)" : ""}; ` +
          "nothing varies that could correlate",
      );
    }
  });
  return pairs;
}

/**
 * Pearson's correlation: the covariance over the product of the standard deviations, -1 to 1.
 *
 * @throws if one of the two does not vary.
 */
export function pearson(x: Numbers, y: Numbers): number {
  return correlation(...checked("pearson", x, y));
}

function correlation(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const mean = (values: ArrayLike<number>) =>
    Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [x[i] - mx, y[i] - my];
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return Math.max(-1, Math.min(1, xy / Math.sqrt(xx) / Math.sqrt(yy)));
}

/** Spearman's rank correlation: Pearson's of the ranks, equal values sharing theirs. */
export function spearman(x: Numbers, y: Numbers): number {
  const [a, b] = checked("spearman", x, y);
  return correlation(averageRanks(a), averageRanks(b));
}

/**
 * Kendall's rank correlation tau-b: pairs in the same order minus pairs in opposite order, over the
 * geometric mean of the pairs not tied in x and of those not tied in y.
 *
 * Counted by merging, in time n log n (Knight 1966, "A computer method for calculating Kendall's tau
 * with ungrouped data").
 */
export function kendall(x: Numbers, y: Numbers): number {
  const [a, b] = checked("kendall", x, y);
  const n = a.length;
  const order = Int32Array.from({ length: n }, (_, i) => i).sort(
    (i, j) => a[i] - a[j] || b[i] - b[j],
  );
  const sorted = Float64Array.from(order, (i) => b[i]);
  const tiedInX = tiedPairs(order, (i, j) => a[i] === a[j]);
  const tiedInBoth = tiedPairs(order, (i, j) => a[i] === a[j] && b[i] === b[j]);
  const exchanges = inversions(sorted); // leaves y in order
  const tiedInY = tiedPairs(sorted, (u, v) => u === v);
  const pairs = (n * (n - 1)) / 2;
  const difference = pairs - tiedInX - tiedInY + tiedInBoth - 2 * exchanges;
  return difference / Math.sqrt(pairs - tiedInX) / Math.sqrt(pairs - tiedInY);
}

/** Pairs within runs of neighbours that are equal. */
function tiedPairs(values: ArrayLike<number>, equal: (a: number, b: number) => boolean): number {
  let [pairs, run] = [0, 1];
  for (let i = 1; i <= values.length; i++) {
    if (i < values.length && equal(values[i - 1], values[i])) run++;
    else {
      pairs += (run * (run - 1)) / 2;
      run = 1;
    }
  }
  return pairs;
}

/** How many pairs stand in the wrong order; sorts the values by merging. */
function inversions(values: Float64Array): number {
  let count = 0;
  const merged = new Float64Array(values.length);
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      const middle = Math.min(start + width, values.length);
      const stop = Math.min(start + 2 * width, values.length);
      let [left, right] = [start, middle];
      for (let at = start; at < stop; at++) {
        const fromLeft = right >= stop || (left < middle && values[left] <= values[right]);
        if (!fromLeft) count += middle - left;
        merged[at] = fromLeft ? values[left++] : values[right++];
      }
    }
    values.set(merged);
  }
  return count;
}
