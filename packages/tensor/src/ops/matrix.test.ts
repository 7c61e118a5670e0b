import fc from "fast-check";
import { describe, test } from "vitest";
import { setThreads } from "../runtime/device.ts";
import { checkCase } from "../testing/check.ts";
import {
  einsumCase,
  matmulCase,
  transposedProductCases,
  triangleCases,
  vectorCases,
} from "../testing/matrix-cases.ts";
import { productPairs, shapes } from "../testing/shapes.ts";
import { checkTogether } from "../testing/together.ts";
import "../methods.ts";

setThreads(1);

describe("matrix products", () => {
  const cases = [
    matmulCase([3, 4], [4, 5]),
    matmulCase([4], [4, 3]),
    matmulCase([3, 4], [4]),
    matmulCase([4], [4]),
    matmulCase([2, 3, 4], [4, 5]),
    matmulCase([3, 4], [2, 4, 5]),
    matmulCase([2, 3, 4], [2, 4, 3]),
    matmulCase([2, 1, 3, 4], [3, 4, 2]),
    matmulCase([2, 3, 4], [4]),
    matmulCase([4], [2, 4, 3]),
    ...transposedProductCases(3, 4, 5),
    ...vectorCases(3, 4),
  ];
  for (const c of cases) test(c.name, () => checkCase(c));
});

describe("triangles and diagonals", () => {
  for (const c of [...triangleCases([3, 4]), ...triangleCases([2, 4, 3])])
    test(c.name, () => checkCase(c));
});

describe("einsum", () => {
  const cases = [
    einsumCase("ij,jk->ik", [3, 4], [4, 2]),
    einsumCase("ij,jk", [3, 4], [4, 2]),
    einsumCase("bij,bjk->bik", [2, 3, 4], [2, 4, 3]),
    einsumCase("ii->i", [3, 3]),
    einsumCase("ii", [3, 3]),
    einsumCase("ij->", [3, 4]),
    einsumCase("ij->ji", [3, 4]),
    einsumCase("i,j->ij", [3], [4]),
    einsumCase("bhqd,bhkd->bhqk", [2, 2, 3, 4], [2, 2, 5, 4]),
    einsumCase("ij,j->ji", [3, 4], [4]),
    einsumCase("iji->j", [3, 2, 3]),
    einsumCase("ab,bc,cd->ad", [2, 3], [3, 4], [4, 2]),
    einsumCase("a,ab->b", [3], [3, 4]),
    einsumCase("ab,cd->bd", [3, 2], [2, 3]),
    einsumCase("i,i,i->i", [4], [4], [4]),
    einsumCase(",i->i", [], [3]),
  ];
  for (const c of cases) test(c.name, () => checkCase(c));
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
