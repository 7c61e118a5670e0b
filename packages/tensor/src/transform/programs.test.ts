import fc from "fast-check";
import { test } from "vitest";
import { checkDerivatives } from "../testing/derivatives.ts";
import { programCase, programs } from "../testing/programs.ts";
import { checkTogether } from "../testing/together.ts";
import "../methods.ts";

test("random programs, their gradients and batches of both agree with the reference", async () => {
  const property = fc.asyncProperty(fc.array(programs, { minLength: 8, maxLength: 8 }), (drawn) =>
    checkTogether(drawn.map(programCase)),
  );
  await fc.assert(property, { numRuns: 15, seed: 51 });
});

test("second derivatives of random programs, in both precisions", async () => {
  const property = fc.asyncProperty(programs, (lines) => checkDerivatives(programCase(lines)));
  await fc.assert(property, { numRuns: 40, seed: 52 });
});
