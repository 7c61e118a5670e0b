import fc from "fast-check";
import { describe, test } from "vitest";
import { checkCase } from "../testing/check.ts";
import { axisCases, layerNormCases, reductionCases } from "../testing/reduce-cases.ts";
import { shapeAndAxes, shapeAndAxis } from "../testing/shapes.ts";
import { reductions } from "../testing/tables.ts";
import { checkTogether } from "../testing/together.ts";
import "../methods.ts";

describe("reductions", () => {
  for (const c of reductions) test(c.name, () => checkCase(c));
});

test("reductions of random shapes over random axes", async () => {
  const property = fc.asyncProperty(shapeAndAxes, fc.boolean(), ([shape, axes], keepDims) =>
    checkTogether([
      ...reductionCases(shape, axes, keepDims),
      ...reductionCases(shape, undefined, keepDims),
    ]),
  );
  await fc.assert(property, { numRuns: 20, seed: 12 });
});

test("operations along a random axis of random shapes", async () => {
  const property = fc.asyncProperty(shapeAndAxis, ([shape, axis]) => {
    const first = axis < 0 ? axis + shape.length : axis;
    const trailing = shape.slice(first);
    return checkTogether([
      ...axisCases(shape, axis),
      ...(trailing.includes(0) ? [] : layerNormCases(shape, axis)),
    ]);
  });
  await fc.assert(property, { numRuns: 20, seed: 13 });
});
