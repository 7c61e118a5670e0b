import { fail, showShape } from "./errors.ts";

export type Shape = readonly number[];

export const sizeOf = (shape: Shape): number => shape.reduce((size, length) => size * length, 1);

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((length, axis) => length === b[axis]);

/** NumPy's broadcasting rule, or undefined when the shapes do not broadcast. */
export function tryBroadcast(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let axis = 1; axis <= rank; axis++) {
    const m = a[a.length - axis] ?? 1;
    const n = b[b.length - axis] ?? 1;
    if (m !== n && m !== 1 && n !== 1) return undefined;
    result[rank - axis] = m === 1 ? n : m;
  }
  return result;
}

export function broadcastShapes(operation: string, ...shapes: Shape[]): Shape {
  return shapes.reduce((joined, shape) => {
    const next = tryBroadcast(joined, shape);
    return (
      next ?? fail(`${operation}: shapes ${shapes.map(showShape).join(" and ")} do not broadcast`)
    );
  });
}

/** An axis counted from the front; negative axes count from the back. */
export function normalizeAxis(operation: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    fail(`${operation}: axis ${axis} is outside a tensor of rank ${rank}`);
  }
  return axis < 0 ? axis + rank : axis;
}

export type Axes = number | readonly number[] | null | undefined;

/** Sorted, distinct, non-negative axes; no axes given means all of them. */
export function normalizeAxes(operation: string, axes: Axes, rank: number): number[] {
  if (axes === undefined || axes === null) return range(rank);
  const list = typeof axes === "number" ? [axes] : axes;
  const result = list.map((axis) => normalizeAxis(operation, axis, rank)).sort((a, b) => a - b);
  if (new Set(result).size !== result.length) fail(`${operation}: axes [${list}] repeat an axis`);
  return result;
}

export function range(start: number, stop?: number): number[] {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

export const withoutAxes = (shape: Shape, axes: readonly number[]): number[] =>
  shape.filter((_, axis) => !axes.includes(axis));

export const keepAxes = (shape: Shape, axes: readonly number[]): number[] =>
  shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
