import fc from "fast-check";
import { describe, test } from "vitest";
import { checkCase } from "../testing/check.ts";
import * as of from "../testing/layout-cases.ts";
import { shapes } from "../testing/shapes.ts";
import { layouts } from "../testing/tables.ts";
import { checkTogether } from "../testing/together.ts";
import type { SliceSpec, Widths } from "./window.ts";
import "../methods.ts";

describe("layout", () => {
  for (const c of layouts) test(c.name, () => checkCase(c));
});

/** A random choice for every axis of a shape. */
const forAxes = <T>(shape: readonly number[], one: (length: number) => fc.Arbitrary<T>) =>
  fc.tuple(...shape.map(one));

const placed = (shape: readonly number[]) =>
  fc.integer({ min: -shape.length, max: shape.length - 1 });

const arrangements = shapes({ min: 1 }).chain((shape) => {
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
  const property = fc.asyncProperty(arrangements, (drawn) => {
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
