import fc from "fast-check";
import { describe, test } from "vitest";
import { setThreads } from "../runtime/device.ts";
import { checkCase } from "../testing/check.ts";
import * as of from "../testing/layout-cases.ts";
import { shapes } from "../testing/shapes.ts";
import { checkTogether } from "../testing/together.ts";
import type { SliceSpec, Widths } from "./layout.ts";
import "../methods.ts";

setThreads(1);

describe("layout", () => {
  const cases = [
    of.transposeCase([3, 4]),
    of.transposeCase([2, 3, 4], [1, -1, 0]),
    of.swapAxesCase([2, 3, 4], 0, -1),
    of.moveAxisCase([2, 3, 4], 0, -1),
    of.moveAxisCase([2, 3, 4], 2, 0),
    of.reshapeCase([3, 4], [2, -1], [2, 6]),
    of.reshapeCase([3, 4], [12], [12]),
    of.reshapeCase([], [1, 1], [1, 1]),
    of.expandDimsCase([3, 4], [0, -1], [1, 3, 4, 1]),
    of.expandDimsCase([3, 4], 1, [3, 1, 4]),
    of.squeezeCase([1, 3, 1, 4], undefined, [3, 4]),
    of.squeezeCase([1, 3, 1], -1, [1, 3]),
    of.broadcastToCase([4], [3, 4]),
    of.broadcastToCase([3, 1], [2, 3, 4]),
    of.broadcastToCase([], [2, 3]),
    of.sliceCase([4, 5], [1, 3]),
    of.sliceCase([4, 5], 2),
    of.sliceCase([4, 5], null, -1),
    of.sliceCase([4, 5], [0, null, 2], [-4, -1, 2]),
    of.sliceCase([3, 7], null, [1, 6, 3]),
    of.sliceCase([3, 4], [2, 1]),
    of.padCase(
      [3, 4],
      [
        [1, 2],
        [0, 3],
      ],
    ),
    of.padCase(
      [3, 4],
      [
        [1, 0],
        [-1, 2],
      ],
      { value: 1 },
    ),
    of.padCase(
      [3, 4],
      [
        [-1, 0],
        [-1, -2],
      ],
    ),
    of.padCase(
      [3, 4],
      [
        [2, 1],
        [1, 0],
      ],
      { mode: "edge" },
    ),
    of.padCase(
      [3, 4],
      [
        [2, 1],
        [1, 3],
      ],
      { mode: "reflect" },
    ),
    of.concatCase(
      [
        [2, 3],
        [1, 3],
        [2, 3],
      ],
      0,
    ),
    of.concatCase(
      [
        [2, 3],
        [2, 1],
      ],
      -1,
    ),
    of.concatCase([[2, 3]], 0),
    of.stackCase([2, 3], 3, 1),
    of.stackCase([2, 3], 2, -1),
    of.splitCase([3, 4], 2, 1),
    of.splitCase([5, 2], [1, 3, 1], 0),
    of.unstackCase([3, 2], 0),
    of.unstackCase([3, 2], -1),
    of.flipCase([3, 4]),
    of.flipCase([3, 4], 0),
    of.flipCase([2, 3, 4], [0, -1]),
    of.rollCase([5, 2], 2, 0),
    of.rollCase([3, 4], -7, -1),
    of.tileCase([2, 3], [2, 2]),
    of.tileCase([3], [2, 2]),
    of.tileCase([2, 3], [3]),
    of.repeatCase([2, 3], 3, 0),
    of.repeatCase([2, 3], 2, -1),
  ];
  for (const c of cases) test(c.name, () => checkCase(c));
});

/** A random choice for every axis of a shape. */
const forAxes = <T>(shape: readonly number[], one: (length: number) => fc.Arbitrary<T>) =>
  fc.tuple(...shape.map(one));

const placed = (shape: readonly number[]) =>
  fc.integer({ min: -shape.length, max: shape.length - 1 });

const layouts = shapes({ min: 1 }).chain((shape) => {
  const rank = shape.length;
  const spec = (n: number) =>
    fc.oneof(
      fc.constant(null),
      ...(n === 0 ? [] : [fc.integer({ min: -n, max: n - 1 })]),
      fc.tuple(
        fc.integer({ min: -n - 1, max: n + 1 }),
        fc.option(fc.integer({ min: -n - 1, max: n + 1 })),
        fc.integer({ min: 1, max: 3 }),
      ),
    );
  const width = (n: number) =>
    fc
      .tuple(fc.integer({ min: -1, max: 2 }), fc.integer({ min: -1, max: 2 }))
      .filter(([before, after]) => n + Math.min(before, 0) + Math.min(after, 0) >= 0);
  const mirrored = (n: number) => fc.tuple(...[0, 1].map(() => fc.integer({ min: 0, max: n - 1 })));
  return fc
    .record({
      order: fc.shuffledSubarray([...shape.keys()], { minLength: rank }),
      specs: forAxes(shape, spec),
      widths: forAxes(shape, width),
      reflection: shape.includes(0) ? fc.constant(undefined) : forAxes(shape, mirrored),
      a: placed(shape),
      b: placed(shape),
      flipped: fc.subarray([...shape.keys()]),
      counts: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: rank + 1 }),
      lead: shapes({ max: 2 }),
      times: fc.integer({ min: 0, max: 3 }),
      shift: fc.integer({ min: -5, max: 5 }),
      other: fc.integer({ min: 0, max: 3 }),
    })
    .map((drawn) => ({ shape, ...drawn }));
});

test("layout at random shapes", async () => {
  const property = fc.asyncProperty(layouts, (drawn) => {
    const { shape, a, b, reflection, times } = drawn;
    const first = a < 0 ? a + shape.length : a;
    const count = shape.reduce((x, y) => x * y, 1);
    const widths = drawn.widths as Widths[];
    return checkTogether([
      of.transposeCase(shape, drawn.order),
      of.swapAxesCase(shape, a, b),
      of.moveAxisCase(shape, a, b),
      of.reshapeCase(shape, [count, 1], [count, 1]),
      of.expandDimsCase(shape, a, shape.toSpliced(a < 0 ? first + 1 : first, 0, 1)),
      of.broadcastToCase(shape, [...drawn.lead, ...shape]),
      of.broadcastToCase(shape.with(first, 1), [...drawn.lead, ...shape]),
      of.sliceCase(shape, ...(drawn.specs as SliceSpec[])),
      of.padCase(shape, widths, { value: 2 }),
      ...(reflection === undefined
        ? []
        : [
            of.padCase(shape, reflection as unknown as Widths[], { mode: "reflect" }),
            of.padCase(shape, reflection as unknown as Widths[], { mode: "edge" }),
          ]),
      of.concatCase([shape, shape.with(first, drawn.other), shape], a),
      of.stackCase(shape, 2, a),
      of.unstackCase(shape, a),
      of.splitCase(shape, [shape[first], 0], a),
      of.flipCase(shape, drawn.flipped),
      of.flipCase(shape),
      of.rollCase(shape, drawn.shift, a),
      of.tileCase(shape, drawn.counts),
      of.repeatCase(shape, times, a),
    ]);
  });
  await fc.assert(property, { numRuns: 30, seed: 17 });
});
