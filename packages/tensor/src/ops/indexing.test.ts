import fc from "fast-check";
import { describe, test } from "vitest";
import { setThreads } from "../runtime/device.ts";
import { checkCase } from "../testing/check.ts";
import {
  alongAxisCases,
  gatherCases,
  iotaCase,
  oneHotCase,
  orderingCases,
} from "../testing/indexing-cases.ts";
import { shapeAndAxis, shapes } from "../testing/shapes.ts";
import { checkTogether } from "../testing/together.ts";
import "../methods.ts";

setThreads(1);

describe("indexing", () => {
  const cases = [
    ...gatherCases([4, 3], [5], 0),
    ...gatherCases([4, 3], [2, 2], 1),
    ...gatherCases([2, 5, 3], [4], 1),
    ...gatherCases([5], [], 0),
    ...gatherCases([2, 5, 3], [2, 3], -2),
    ...alongAxisCases([3, 4], 2, 1),
    ...alongAxisCases([3, 4], 5, 0),
    oneHotCase([3], 4, -1),
    oneHotCase([2, 3], 4, 0),
    oneHotCase([2, 3], 4, 1),
    oneHotCase([], 3, 0),
    iotaCase(5),
    iotaCase(0),
    ...orderingCases([3, 5], -1),
    ...orderingCases([4, 2], 0),
  ];
  for (const c of cases) test(c.name, () => checkCase(c));
});

test("choosing and ordering at random shapes", async () => {
  const property = fc.asyncProperty(
    shapeAndAxis,
    shapes({ max: 2 }),
    fc.integer({ min: 0, max: 3 }),
    ([shape, axis], index, length) => {
      // Of an axis without entries only no entries can be chosen.
      const isEmpty = shape.at(axis) === 0;
      return checkTogether([
        ...gatherCases(shape, isEmpty ? [0, ...index] : index, axis),
        ...alongAxisCases(shape, isEmpty ? 0 : length, axis),
        ...orderingCases(shape, axis),
        oneHotCase(shape, length, axis),
      ]);
    },
  );
  await fc.assert(property, { numRuns: 30, seed: 18 });
});
