/** A quick check of many cases at once, in one compiled graph: for shapes drawn at random. */
import type { DType } from "../dtype.ts";
import type { Tensor } from "../graph.ts";
import { jit } from "../jit.ts";
import type { NDArray } from "../ndarray.ts";
import { grad, hvp } from "../transform/derivatives.ts";
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
import {
  checkValues,
  differenced,
  directionalDifferences,
  drawPoint,
  exact,
  lossOf,
  type Point,
  pairing,
  pointIn,
} from "./derivatives.ts";
import { arrayOf, type Random, randomFrom } from "./random.ts";

/** A case at a point, and over a batch of two in some of its inputs. */
interface Plan {
  readonly c: Case;
  readonly batched: readonly boolean[];
  readonly point: Point;
  readonly members: readonly (readonly NDArray[])[];
  /** Inputs that have derivatives, if the results have. */
  readonly places: readonly number[];
}

interface Results {
  readonly values: NDArray[];
  readonly gradient: NDArray[];
}

function planFor(c: Case, random: Random, chosen?: readonly boolean[]): Plan {
  const batched = chosen ?? c.inputs.map((_, i) => i === 0 || random() < 0.6);
  const point = drawPoint(c, random);
  const other = drawPoint(c, random).inputs;
  const members = [point.inputs, point.inputs.map((input, i) => (batched[i] ? other[i] : input))];
  const floats = floatInputs(c);
  const isSmooth = floats.length > 0 && resultsOf(c, "float64").some(isFloatResult);
  return { c, batched, point, members, places: isSmooth ? floats : [] };
}

/** Values, gradient and (on request) the Hessian's product with the point's direction. */
const measuring =
  ({ c, places }: Plan, cotangents: readonly Tensor[], direction?: readonly Tensor[]) =>
  (...given: Tensor[]) => {
    const floats = places.map((i) => given[i]);
    const loss = (xs: Tensor[]) => lossOf(c)(xs, given, cotangents);
    const gradient = places.length === 0 ? [] : grad(loss)(floats);
    const curvature =
      direction === undefined || places.length === 0 ? [] : hvp(loss)(floats, [...direction]);
    return { values: outputsOf(c, given), gradient: [...gradient, ...curvature] };
  };

async function run(
  plans: readonly Plan[],
  dtype: DType,
  second: boolean,
): Promise<{ single: Results; batch: Results }[]> {
  interface Fed {
    readonly inputs: Tensor[];
    readonly stacked: Tensor[];
    readonly cotangents: Tensor[];
    readonly direction: Tensor[];
  }
  const all = jit((fed: Fed[]) =>
    fed.map(({ inputs, stacked, cotangents, direction }, turn) => {
      const measure = measuring(plans[turn], cotangents, second ? direction : undefined);
      const inAxes = plans[turn].batched.map((is) => (is ? 0 : null));
      return { single: measure(...inputs), batch: vmap(measure, { inAxes })(...stacked) };
    }),
  );
  const fed = plans.map(({ c, point, members, batched }) => {
    const points = members.map((inputs) => pointIn(c, { ...point, inputs }, dtype));
    const [{ inputs, cotangents, direction }] = points;
    const stacked = inputs.map((input, i) =>
      batched[i] ? stackArrays(points.map((member) => member.inputs[i])) : input,
    );
    return {
      inputs: [...inputs],
      stacked,
      cotangents: [...cotangents],
      direction: [...direction],
    };
  });
  return (await all(fed)) as { single: Results; batch: Results }[];
}

/** The two members of a batch. */
const rowsOf = ({ data, size }: NDArray) => [
  { data: data.subarray(0, size / 2) },
  { data: data.subarray(size / 2) },
];

/**
 * Values and gradients of all cases in float64, and the same again over a batch in some of each
 * case's inputs, against the references and differences of them.
 */
export async function checkTogether(cases: readonly Case[], seed = 5): Promise<void> {
  const random = randomFrom(seed);
  const plans = cases.map((c) => planFor(c, random));
  const results = await run(plans, "float64", false);
  results.forEach(({ single, batch }, turn) => {
    const { c, batched, point, members, places } = plans[turn];
    const expected = members.map((inputs) => referencesOf(c, inputs.map(toReference)));
    const slopes = members.map((inputs) =>
      places.length === 0 ? [] : directionalDifferences(c, { ...point, inputs }),
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
      const what = `gradient in argument ${place} along a direction, against central differences`;
      const { data } = point.direction[k];
      const [alone, ...both] = [single.gradient[k], ...rowsOf(batch.gradient[k])].map((row) =>
        pairing([row], [{ data }]),
      );
      const list = (values: readonly number[]) => arrayOf(values, [values.length], "float64");
      const expectedOf = (values: readonly number[]) => toReference(list(values));
      expectClose(`${c.name}: ${what}`, list([alone]), expectedOf([slopes[0][k]]), differenced);
      const wanted = expectedOf(slopes.map((row) => row[k]));
      expectClose(`${c.name}${over}: ${what}`, list(both), wanted, differenced);
    });
  });
}

/**
 * Values, gradients and second derivatives in float32 against float64, alone and over a batch in
 * every choice of the inputs: for operations that the two reach by different routes.
 */
export async function checkPrecisions(cases: readonly Case[], seed = 6): Promise<void> {
  const random = randomFrom(seed);
  const plans = cases.flatMap((c) => {
    const choices = c.inputs.reduce<boolean[][]>(
      (lists) => lists.flatMap((list) => [true, false].map((is) => [...list, is])),
      [[]],
    );
    return choices.filter((list) => list.includes(true)).map((list) => planFor(c, random, list));
  });
  const double = await run(plans, "float64", true);
  const single = await run(plans, "float32", true);
  plans.forEach(({ c, batched }, turn) => {
    for (const mode of ["single", "batch"] as const) {
      for (const part of ["values", "gradient"] as const) {
        single[turn][mode][part].forEach((got, k) => {
          const over = mode === "batch" ? `, vmap over [${batched}]` : "";
          const what = `${c.name}${over}: ${part}[${k}] in float32 against float64`;
          expectClose(what, got, toReference(double[turn][mode][part][k]), { whole: 1e-5 });
        });
      }
    }
  });
}
