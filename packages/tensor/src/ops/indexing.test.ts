import fc from "fast-check";
import { describe, test } from "vitest";
import { checkCase } from "../testing/check.ts";
import {
  alongAxisCases,
  gatherCases,
  oneHotCase,
  orderingCases,
} from "../testing/indexing-cases.ts";
import { shapeAndAxis, shapes } from "../testing/shapes.ts";
import { choices } from "../testing/tables.ts";
import { checkTogether } from "../testing/together.ts";
import "../methods.ts";

describe("choosing and ordering", () => {
  for (const c of choices) test(c.name, () => checkCase(c));
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
