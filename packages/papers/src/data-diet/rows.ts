/** Consecutive examples of a data set, without copying. */
import { NDArray } from "@etude/tensor";

/** At most `count` rows of an array from `from` on. */
export function rowsOf({ data, shape, dtype }: NDArray, from: number, count: number): NDArray {
  const [rows, ...rest] = shape;
  const to = Math.min(rows, from + count);
  const width = rest.reduce((product, length) => product * length, 1);
  return new NDArray(data.subarray(from * width, to * width), [to - from, ...rest], dtype);
}

/** At most `count` labels from `from` on: int32. */
export function labelsFrom(labels: ArrayLike<number>, from: number, count: number): NDArray {
  const length = Math.min(labels.length - from, count);
  return new NDArray(
    Int32Array.from({ length }, (_, i) => labels[from + i]),
    [length],
    "int32",
  );
}
