import { array, jit, random, type Tensor } from "@etude/tensor";
import { expect, it } from "vitest";
import { fitGbnn } from "./boosting.ts";
import { fitStandardisation, foldStandardisation, replaceHead, standardise } from "./head.ts";
import { applyMerged, mergeGbnn } from "./merge.ts";
import { toyClasses } from "./testing.ts";

it("a head on raw features does what it learnt on standardised ones", async () => {
  const { x, y } = toyClasses(60, 4, 2, 3);
  // A frozen network's features, of quite different sizes; the last never changes.
  const weights = random.generator(1);
  const mixed = array(
    Float64Array.from({ length: 20 }, () => 3 * weights.normal()),
    { shape: [4, 5] },
  );
  const scales = array(new Float64Array([1, 100, 0.01, 5, 0]));
  const phi = (input: Tensor) => input.matmul(mixed).relu().mul(scales).add(7);
  const features = await jit(phi)(x);

  const spread = fitStandardisation(features);
  const standardised = standardise(features, spread);
  const config = { totalUnits: 6, unitsPerStep: 2, maxIter: 20, learningRate: 0.5, seed: 1 };
  const network = mergeGbnn(await fitGbnn(standardised, y, "binary", config));
  const folded = foldStandardisation(network, spread);

  for (const units of [2, 6]) {
    const direct = await jit((input: Tensor) => applyMerged(network, input, units))(standardised);
    const whole = await jit((input: Tensor) => replaceHead(phi, folded)(input, units))(x);
    whole.data.forEach((logit: number, i: number) => {
      expect(logit).toBeCloseTo(direct.data[i], 10);
    });
  }
});
