import fc from "fast-check";
import { describe, test } from "vitest";
import { setThreads } from "../runtime/device.ts";
import { checkCase } from "../testing/check.ts";
import {
  axisCases,
  flatArgCases,
  layerNormCases,
  reductionCases,
} from "../testing/reduce-cases.ts";
import { shapeAndAxes, shapeAndAxis } from "../testing/shapes.ts";
import { checkTogether } from "../testing/together.ts";
import "../methods.ts";

setThreads(1);

describe("reductions", () => {
  const cases = [
    ...reductionCases([3, 4], undefined),
    ...reductionCases([3, 4], 0),
    ...reductionCases([3, 4, 2], [0, -1], true),
    ...axisCases([3, 4], -1),
    ...axisCases([3, 4], 0),
    ...flatArgCases([3, 4]),
    ...layerNormCases([3, 5], -1),
    ...layerNormCases([2, 3, 4], 1),
  ];
  for (const c of cases) test(c.name, () => checkCase(c));
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
