import fc from "fast-check";
import { describe, test } from "vitest";
import { checkCase } from "../testing/check.ts";
import { einsumCase, matmulCase, triangleCases } from "../testing/matrix-cases.ts";
import { productPairs, shapes } from "../testing/shapes.ts";
import { einsums, products, triangles } from "../testing/tables.ts";
import { checkTogether } from "../testing/together.ts";
import "../methods.ts";

describe("matrix products, triangles and diagonals", () => {
  for (const c of [...products, ...triangles, ...einsums]) test(c.name, () => checkCase(c));
});

test("matrix products of random shapes", async () => {
  const property = fc.asyncProperty(
    fc.array(productPairs, { minLength: 4, maxLength: 4 }),
    (pairs) => checkTogether(pairs.map(([a, b]) => matmulCase(a, b))),
  );
  await fc.assert(property, { numRuns: 20, seed: 14 });
});

test("triangles and diagonals of random shapes", async () => {
  const property = fc.asyncProperty(shapes({ min: 2, max: 4 }), (shape) =>
    checkTogether(triangleCases(shape)),
  );
  await fc.assert(property, { numRuns: 15, seed: 15 });
});

test("einsum of random equations", async () => {
  // Up to three operands over the letters a to d, each letter at most once an operand.
  const letters = ["a", "b", "c", "d"];
  const term = fc.shuffledSubarray(letters, { maxLength: 3 });
  const property = fc.asyncProperty(
    fc.array(term, { minLength: 1, maxLength: 3 }),
    fc.shuffledSubarray(letters),
    fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }),
    (terms, order, lengths) => {
      const used = new Set(terms.flat());
      const equation = `${terms.map((term) => term.join("")).join()}->${order.filter((l) => used.has(l)).join("")}`;
      const shapesOf = terms.map((list) => list.map((l) => lengths[letters.indexOf(l)]));
      return checkTogether([einsumCase(equation, ...shapesOf)]);
    },
  );
  await fc.assert(property, { numRuns: 60, seed: 16 });
});
