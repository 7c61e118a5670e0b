import fc from "fast-check";
import { describe, test } from "vitest";
import { checkCase } from "../testing/check.ts";
import { broadcastCases, unaryCases } from "../testing/elementwise-cases.ts";
import { broadcastPairs } from "../testing/shapes.ts";
import { elementwise } from "../testing/tables.ts";
import { checkTogether } from "../testing/together.ts";
import "../methods.ts";

test("elementwise operations at random shapes, scalars and empty ones among them", async () => {
  const property = fc.asyncProperty(broadcastPairs, ([a, b]) =>
    checkTogether([...unaryCases(a), ...broadcastCases(a, b)]),
  );
  await fc.assert(property, { numRuns: 20, seed: 11 });
});

describe("elementwise operations", () => {
  for (const c of elementwise) {
    test(c.name, () => checkCase(c));
  }
});
