/** The running median that takes the noise of single batches out of a record of gradient norms. */
import { padded } from "./window.ts";

/**
 * The median over a window around every value; what stands beyond the ends {@link padded} says.
 *
 * @param width odd
 * @returns as many values
 * @example medianFilterReflect([5, 9, 3, 4, 8], 3) // [5, 5, 4, 4, 4]
 */
export function medianFilterReflect(values: ArrayLike<number>, width: number): Float64Array {
  return width === 1 || values.length < 2
    ? Float64Array.from(values)
    : runningMedian(padded(values, width), width);
}

/**
 * Medians of all whole windows. Windows are a tenth of the run, so sorting each would take minutes for
 * a run of 1e5 steps. Instead every value has its place in the order of all (its rank), a window is a
 * set of ranks, and from one window to the next the median moves by one member at most.
 */
function runningMedian(values: Float64Array, width: number): Float64Array {
  const sorted = values.slice().sort();
  const ranks = ranksIn(sorted, values);
  const window = rankSet(values.length);
  for (let i = 0; i < width; i++) window.add(ranks[i]);
  const half = (width - 1) / 2;
  let median = window.next(0);
  for (let i = 0; i < half; i++) median = window.next(median + 1);
  const medians = new Float64Array(values.length - width + 1);
  medians[0] = sorted[median];
  for (let t = 1; t < medians.length; t++) {
    const [leaves, enters] = [ranks[t - 1], ranks[t + width - 1]];
    window.add(enters);
    // With the one that enters there are width + 1 members; the median is that of those that stay.
    if (leaves <= median && enters > median) median = window.next(median + 1);
    else if (leaves >= median && enters < median) median = window.previous(median - 1);
    window.remove(leaves);
    medians[t] = sorted[median];
  }
  return medians;
}

/** The place of every value in the sorted sequence; equal values have neighbouring places. */
function ranksIn(sorted: Float64Array, values: Float64Array): Uint32Array {
  const taken = new Uint32Array(sorted.length);
  const ranks = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sorted[middle] < value) low = middle + 1;
      else high = middle;
    }
    ranks[i] = low + taken[low]++;
  }
  return ranks;
}

/**
 * A set of whole numbers below `size` that knows the neighbours of any place: a tree of 32-bit words,
 * in which a bit says whether the word below it has any.
 */
function rankSet(size: number) {
  const levels: Uint32Array[] = [];
  for (let bits = size; levels.length === 0 || bits > 1; bits = Math.ceil(bits / 32))
    levels.push(new Uint32Array(Math.ceil(bits / 32)));

  /** Down to the lowest level by the first or last bit of every word. */
  const descend = (level: number, place: number, bit: (word: number) => number): number => {
    let at = place;
    for (let i = level - 1; i >= 0; i--) at = at * 32 + bit(levels[i][at]);
    return at;
  };
  const first = (word: number): number => 31 - Math.clz32(word & -word);
  const last = (word: number): number => 31 - Math.clz32(word);

  return {
    add(member: number): void {
      let at = member;
      for (let level = 0; level < levels.length; level++) {
        const words = levels[level];
        const had = words[at >>> 5];
        words[at >>> 5] = had | (1 << (at & 31));
        if (had !== 0) return;
        at >>>= 5;
      }
    },
    remove(member: number): void {
      let at = member;
      for (let level = 0; level < levels.length; level++) {
        const words = levels[level];
        words[at >>> 5] &= ~(1 << (at & 31));
        if (words[at >>> 5] !== 0) return;
        at >>>= 5;
      }
    },
    /** The least member from a place on; there must be one. */
    next(from: number): number {
      let at = from;
      for (let level = 0; level < levels.length; level++) {
        const words = levels[level];
        const rest = (words[at >>> 5] ?? 0) & (-1 << (at & 31));
        if (rest !== 0) return descend(level, (at & ~31) | first(rest), first);
        at = (at >>> 5) + 1;
      }
      return -1;
    },
    /** The greatest member up to a place; there must be one. */
    previous(from: number): number {
      let at = from;
      for (let level = 0; level < levels.length; level++) {
        const words = levels[level];
        const rest = words[at >>> 5] & (-1 >>> (31 - (at & 31)));
        if (rest !== 0) return descend(level, (at & ~31) | last(rest), last);
        at = (at >>> 5) - 1;
        if (at < 0) return -1;
      }
      return -1;
    },
  };
}
