/** Random shapes for property-based tests: scalars, lengths 0 and 1 among them. */
import fc from "fast-check";

type Shape = readonly number[];

/** Lengths of axes, of which a few are 0 or 1. */
const length = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 2, max: 3 }) },
  { weight: 2, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.constant(0) },
);

export const shapes = (ranks: { min?: number; max?: number } = {}): fc.Arbitrary<Shape> =>
  fc.array(length, { minLength: ranks.min ?? 0, maxLength: ranks.max ?? 3 });

/** Two shapes that broadcast: parts of one shape with some axes cut off in front and some of length 1. */
export const broadcastPairs: fc.Arbitrary<[Shape, Shape]> = shapes().chain((whole) => {
  const part = fc
    .tuple(
      fc.integer({ min: 0, max: whole.length }),
      fc.array(fc.boolean(), { minLength: whole.length, maxLength: whole.length }),
    )
    .map(([from, single]) => whole.map((n, axis) => (single[axis] ? 1 : n)).slice(from));
  return fc.tuple(part, part);
});

/** A shape and some of its axes, counted from either end. */
export const shapeAndAxes: fc.Arbitrary<[Shape, number[]]> = shapes().chain((shape) =>
  fc.tuple(
    fc.constant(shape),
    fc
      .subarray([...shape.keys()])
      .chain((axes) =>
        fc
          .array(fc.boolean(), { minLength: axes.length, maxLength: axes.length })
          .map((negative) => axes.map((axis, i) => (negative[i] ? axis - shape.length : axis))),
      ),
  ),
);

/** A shape and one of its axes, counted from either end. */
export const shapeAndAxis: fc.Arbitrary<[Shape, number]> = shapes({ min: 1 }).chain((shape) =>
  fc.tuple(fc.constant(shape), fc.integer({ min: -shape.length, max: shape.length - 1 })),
);

/** Shapes whose matrix product exists: leading axes that broadcast, and vectors on either side. */
export const productPairs: fc.Arbitrary<[Shape, Shape]> = fc
  .tuple(broadcastPairs, length, length, length, fc.boolean(), fc.boolean())
  .map(([[a, b], rows, inner, columns, isRow, isColumn]) => [
    isRow ? [inner] : [...a.slice(-2), rows, inner],
    isColumn ? [inner] : [...b.slice(-2), inner, columns],
  ]);
