/** A quick check of many cases at once, in one compiled graph: for shapes drawn at random. */
import type { Tensor } from "../graph.ts";
import { jit } from "../jit.ts";
import type { NDArray } from "../ndarray.ts";
import { grad } from "../transform/derivatives.ts";
import { vmap } from "../transform/vmap.ts";
import { stackArrays, stackReferences } from "./batching.ts";
import {
  type Case,
  floatInputs,
  isFloatResult,
  outputsOf,
  referencesOf,
  resultsOf,
} from "./cases.ts";
import { expectClose, toReference } from "./compare.ts";
import { checkValues, differenced, differences, drawPoint, exact, lossOf } from "./derivatives.ts";
import { randomFrom } from "./random.ts";

interface Results {
  readonly values: NDArray[];
  readonly gradient: NDArray[];
}

const size = 2;

/**
 * Values and gradients of all cases in float64, and the same again over a batch of some of each
 * case's inputs, against the references and differences of them.
 */
export async function checkTogether(cases: readonly Case[], seed = 5): Promise<void> {
  const random = randomFrom(seed);
  const plans = cases.map((c) => {
    const batched = c.inputs.map(() => random() < 0.7);
    if (!batched.includes(true)) batched[0] = true;
    const point = drawPoint(c, random);
    const other = drawPoint(c, random).inputs;
    const members = [point.inputs, point.inputs.map((input, i) => (batched[i] ? other[i] : input))];
    const stacked = point.inputs.map((input, i) =>
      batched[i] ? stackArrays(members.map((member) => member[i])) : input,
    );
    const floats = floatInputs(c);
    const isSmooth = floats.length > 0 && resultsOf(c, "float64").some(isFloatResult);
    return { c, batched, point, members, stacked, places: isSmooth ? floats : [] };
  });

  const run = jit((points: { inputs: Tensor[]; stacked: Tensor[]; cotangents: Tensor[] }[]) =>
    points.map(({ inputs, stacked, cotangents }, turn) => {
      const { c, batched, places } = plans[turn];
      const both = (...given: Tensor[]) => {
        const floats = places.map((i) => given[i]);
        const gradient =
          places.length === 0
            ? []
            : grad((xs: Tensor[]) => lossOf(c)(xs, given, cotangents))(floats);
        return { values: outputsOf(c, given), gradient };
      };
      const inAxes = batched.map((is) => (is ? 0 : null));
      return { single: both(...inputs), batch: vmap(both, { inAxes })(...stacked) };
    }),
  );
  const results = (await run(
    plans.map(({ point, stacked }) => ({
      inputs: [...point.inputs],
      stacked,
      cotangents: [...point.cotangents],
    })),
  )) as { single: Results; batch: Results }[];

  results.forEach(({ single, batch }, turn) => {
    const { c, batched, point, members, places } = plans[turn];
    const expected = members.map((inputs) => referencesOf(c, inputs.map(toReference)));
    const slopes = members.map((inputs) =>
      places.length === 0 ? [] : differences(c, { ...point, inputs }),
    );
    checkValues(c, ", float64", single.values, expected[0], exact);
    const over = `, float64, vmap over [${batched}]`;
    const stack = (lists: typeof expected) =>
      lists[0].map((_, k) =>
        stackReferences(
          lists.map((list) => list[k]),
          0,
        ),
      );
    checkValues(c, over, batch.values, stack(expected), exact);
    places.forEach((place, k) => {
      const what = `gradient in argument ${place} against central differences`;
      expectClose(`${c.name}: ${what}`, single.gradient[k], slopes[0][k], differenced);
      expectClose(`${c.name}${over}: ${what}`, batch.gradient[k], stack(slopes)[k], differenced);
    });
  });
  if (results.length !== cases.length || size !== 2) throw new Error("a case is missing");
}
