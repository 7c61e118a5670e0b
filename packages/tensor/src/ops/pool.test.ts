import fc from "fast-check";
import { describe, test } from "vitest";
import { checkCase } from "../testing/check.ts";
import { patchCases, poolCases } from "../testing/convolution-cases.ts";
import { entry, expectEntries, single, slope } from "../testing/entries.ts";
import { pools } from "../testing/tables.ts";
import { checkPrecisions, checkTogether } from "../testing/together.ts";
import "../methods.ts";

describe("pooling and patches", () => {
  for (const c of pools) test(c.name, () => checkCase(c));
});

/** One spatial axis; less padding than the window is long, so that none lies outside the image. */
const axis = fc
  .record({
    window: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    before: fc.integer({ min: 0, max: 2 }),
    after: fc.integer({ min: 0, max: 2 }),
    extra: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ before, after, ...drawn }) => ({
    ...drawn,
    length: (drawn.window - 1) * drawn.dilation + 1 + drawn.extra,
    padding: [Math.min(before, drawn.window - 1), Math.min(after, drawn.window - 1)] as const,
  }));

test("windows of random geometries, in both precisions", async () => {
  const property = fc.asyncProperty(
    fc.array(axis, { minLength: 1, maxLength: 2 }),
    fc.integer({ min: 0, max: 2 }),
    fc.integer({ min: 1, max: 2 }),
    fc.boolean(),
    async (axes, samples, channels, isSame) => {
      const shape = [samples, channels, ...axes.map(({ length }) => length)];
      const window = axes.map((drawn) => drawn.window);
      const options = {
        stride: axes.map(({ stride }) => stride),
        padding: isSame ? ("same" as const) : axes.map(({ padding }) => padding),
      };
      const dilation = axes.map((drawn) => drawn.dilation);
      const cases = [
        ...poolCases(shape, window, options),
        ...patchCases(shape, window, { ...options, dilation }),
      ];
      await checkTogether(cases);
      await checkPrecisions(cases);
    },
  );
  await fc.assert(property, { numRuns: 25, seed: 22 });
});

test("the first of equal entries in a window receives the cotangent", () =>
  expectEntries([
    entry(
      "slope of maxPool",
      [single(1, 3, 3, 2, 5, 5)],
      slope((x) => x.reshape([1, 1, 6]).maxPool(3, { stride: 1 })),
      [0, 2, 0, 0, 2, 0],
    ),
    entry(
      "maxPool of negative entries with padding",
      [single(-3, -1, -2)],
      (x) => x.reshape([1, 1, 3]).maxPool(3, { stride: 1, padding: 1 }),
      [-1, -1, -1],
    ),
  ]));
