/** Checks that vmap of an operation, and of its gradient, is a loop over members of the batch. */
import type { DType } from "../dtype.ts";
import { constant, type Tensor } from "../graph.ts";
import { jit } from "../jit.ts";
import type { NDArray } from "../ndarray.ts";
import { moveAxis } from "../ops/layout.ts";
import { grad } from "../transform/derivatives.ts";
import { vmap } from "../transform/vmap.ts";
import { type Case, floatInputs, isFloatResult, outputsOf, resultsOf } from "./cases.ts";
import { expectClose, toReference } from "./compare.ts";
import { drawPoint, lossOf, type Point, pointIn } from "./derivatives.ts";
import { arrayOf, randomFrom } from "./random.ts";
import { build, type Reference } from "./reference.ts";

/** The batch axis of each argument; null where all members share the argument. */
type Axes = readonly (number | null)[];

const isBatched = (axes: Axes): boolean[] => axes.map((axis) => axis !== null);

/** Every way to batch arguments of these ranks, except not at all. */
function allAxes(ranks: readonly number[]): Axes[] {
  const all = ranks.reduce<Axes[]>(
    (lists, rank) =>
      lists.flatMap((axes) =>
        [null, ...Array.from({ length: rank + 1 }, (_, axis) => axis)].map((axis) => [
          ...axes,
          axis,
        ]),
      ),
    [[]],
  );
  return all.filter((axes) => axes.some((axis) => axis !== null));
}

export function stackReferences(members: readonly Reference[], axis: number): Reference {
  const { shape } = members[0];
  const whole = [...shape.slice(0, axis), members.length, ...shape.slice(axis)];
  const entries = members.map(({ data }) => data);
  const sizes = [...shape.keys()].map((a) => shape.slice(a + 1).reduce((x, y) => x * y, 1));
  return build(whole, (index) => {
    const rest = index.toSpliced(axis, 1);
    return entries[index[axis]][rest.reduce((place, i, a) => place + i * sizes[a], 0)];
  });
}

export function stackArrays(members: readonly NDArray[]): NDArray {
  const { shape, data } = stackReferences(members.map(toReference), 0);
  return arrayOf(data, shape, members[0].dtype);
}

const size = 2;
const outerSize = 3;

/**
 * Check `vmap` of a case, and of its gradient, for every choice of batch axes and with the results'
 * axis in every place, against the compiled function called for one member after the other; then
 * batches of batches.
 */
export async function checkVmap(c: Case, dtype: DType = "float64", seed = 2): Promise<void> {
  const random = randomFrom(seed);
  const draw = (): Point => pointIn(c, drawPoint(c, random), dtype);
  const isFloat = dtype === "float64";
  const shared = draw();
  const members = Array.from({ length: outerSize }, () =>
    Array.from({ length: size }, () => draw().inputs),
  );
  const cotangents = shared.cotangents.map(constant);

  // The function to batch: results and, where there is one, the gradient.
  const results = resultsOf(c, dtype);
  const places = floatInputs(c);
  const differentiable = isFloat && places.length > 0 && results.some(isFloatResult);
  const loss = lossOf(c);
  const f = (...inputs: Tensor[]): Tensor[] => {
    const outputs = outputsOf(c, inputs);
    if (!differentiable) return outputs;
    const gradient = grad((xs: Tensor[]) => loss(xs, inputs, cotangents))(
      places.map((i) => inputs[i]),
    );
    return [...outputs, ...gradient];
  };
  const names = [
    ...results.map((_, k) => `result ${k}`),
    ...(differentiable ? places.map((place) => `gradient in argument ${place}`) : []),
  ];
  const one = jit((inputs: Tensor[]) => f(...inputs));
  const known = new Map<string, Promise<Reference[]>>();
  const loop = (inputs: readonly NDArray[], key: string): Promise<Reference[]> => {
    const found = known.get(key) ?? one([...inputs]).then((list) => list.map(toReference));
    known.set(key, found);
    return found;
  };

  const ranks = c.inputs.map(({ shape }) => shape.length);
  const resultRanks = [
    ...results.map(({ rank }) => rank),
    ...(differentiable ? places.map((i) => ranks[i]) : []),
  ];
  const choices = allAxes(ranks).map((inAxes, turn) => ({
    inAxes,
    outAxes: resultRanks.map((rank) => turn % (rank + 1)),
  }));
  const all = shared.inputs.map(() => true);
  const nestings = [
    { inner: all, outer: all },
    ...(all.length > 1
      ? all.map((_, i) => ({
          inner: all.map((__, j) => j === i),
          outer: all.map((__, j) => j !== i),
        }))
      : []),
  ];

  const batch = jit((fixed: Tensor[], stacked: Tensor[], nested: Tensor[][]) => ({
    single: choices.map(({ inAxes, outAxes }) => {
      const args = inAxes.map((axis, i) =>
        axis === null ? fixed[i] : moveAxis(stacked[i], 0, axis),
      );
      return vmap(f, { inAxes: [...inAxes], outAxes })(...args);
    }),
    double: nestings.map(({ inner, outer }, k) => {
      const axes = (batched: readonly boolean[]) => batched.map((is) => (is ? 0 : null));
      const innermost = (...args: Tensor[]) =>
        vmap(f, { inAxes: axes(inner) })(...args) as Tensor[];
      return vmap(innermost, { inAxes: axes(outer) })(...nested[k]);
    }),
  }));

  const memberOf = (o: number, b: number, i: number) => members[o][b][i];
  const nestedInputs = nestings.map(({ inner, outer }) =>
    all.map((_, i) => {
      const rows = Array.from({ length: outer[i] ? outerSize : 1 }, (__, o) => {
        const row = Array.from({ length: inner[i] ? size : 1 }, (___, b) => memberOf(o, b, i));
        return inner[i] ? stackArrays(row) : row[0];
      });
      return outer[i] ? stackArrays(rows) : rows[0];
    }),
  );
  const stacked = all.map((_, i) => stackArrays(members[0].map((inputs) => inputs[i])));
  const got = await batch([...shared.inputs], stacked, nestedInputs);

  const tolerance = { entry: 1e-11 };
  for (const [turn, { inAxes, outAxes }] of choices.entries()) {
    const flags = isBatched(inAxes);
    const rows: Reference[][] = [];
    for (let b = 0; b < size; b++) {
      const inputs = all.map((_, i) => (flags[i] ? memberOf(0, b, i) : shared.inputs[i]));
      rows.push(await loop(inputs, `single ${flags} ${b}`));
    }
    names.forEach((name, k) => {
      const expected = stackReferences(
        rows.map((row) => row[k]),
        outAxes[k],
      );
      const what = `${c.name}, ${dtype}: vmap with inAxes [${inAxes.map(String)}], outAxes ${outAxes[k]}, ${name}`;
      expectClose(what, got.single[turn][k], expected, tolerance);
    });
  }
  for (const [turn, { inner, outer }] of nestings.entries()) {
    const rows: Reference[][][] = [];
    for (let o = 0; o < outerSize; o++) {
      const row: Reference[][] = [];
      for (let b = 0; b < size; b++) {
        const inputs = all.map((_, i) => memberOf(outer[i] ? o : 0, inner[i] ? b : 0, i));
        row.push(await loop(inputs, `double ${turn} ${o} ${b}`));
      }
      rows.push(row);
    }
    names.forEach((name, k) => {
      const expected = stackReferences(
        rows.map((row) =>
          stackReferences(
            row.map((list) => list[k]),
            0,
          ),
        ),
        0,
      );
      const what = `${c.name}, ${dtype}: vmap of vmap, inner ${inner}, outer ${outer}, ${name}`;
      expectClose(what, got.double[turn][k], expected, tolerance);
    });
  }
}
