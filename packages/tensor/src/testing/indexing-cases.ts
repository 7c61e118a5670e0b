/** Operations that choose entries by integer tensors, and orderings. */
import { iota } from "../ops/indexing.ts";
import type { Case } from "./cases.ts";
import { distinct, flags, integers, positions, real } from "./random.ts";
import { alongAxis, at, build, indices, type Reference, reshaped } from "./reference.ts";

type Shape = readonly number[];

const numbers = ["int32", "uint32"] as const;
const everything = ["int32", "uint32", "bool"] as const;

const wrap = (i: number, length: number): number => (i < 0 ? i + length : i);
const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** The shape of entries chosen along an axis: the axis gives way to those of the index. */
const chosen = (shape: Shape, index: Shape, axis: number): number[] => [
  ...shape.slice(0, axis),
  ...index,
  ...shape.slice(axis + 1),
];

/** Where in x an entry of the chosen ones comes from. */
function origin(place: Shape, x: Shape, index: Reference, axis: number): number[] {
  const inside = place.slice(axis, axis + index.shape.length);
  return [
    ...place.slice(0, axis),
    wrap(at(index, inside), x[axis]),
    ...place.slice(axis + index.shape.length),
  ];
}

/** Add `value(place)` to a copy of x at `target(place)` for every place of a shape. */
function accumulate(
  x: Reference,
  shape: Shape,
  target: (place: Shape) => readonly number[],
  value: (place: Shape) => number,
): Reference {
  const data = [...x.data];
  for (const place of indices(shape)) {
    const position = target(place).reduce((p, i, axis) => p * x.shape[axis] + i, 0);
    data[position] += value(place);
  }
  return { shape: x.shape, data };
}

export function gatherCases(shape: Shape, index: Shape, axis: number): Case[] {
  const along = fromFront(axis, shape.length);
  const at_ = `[${shape}] at [${index}] along ${axis}`;
  return [
    {
      name: `gather of ${at_}`,
      inputs: [real(shape), positions(index, shape[along])],
      f: (x, i) => x.gather(i, axis),
      reference: (x, i) =>
        build(chosen(shape, index, along), (place) => at(x, origin(place, shape, i, along))),
      dtypes: everything,
    },
    {
      name: `scatterAdd to ${at_}`,
      inputs: [real(shape), positions(index, shape[along]), real(chosen(shape, index, along))],
      f: (x, i, updates) => x.scatterAdd(i, updates, axis),
      reference: (x, i, updates) =>
        accumulate(
          x,
          updates.shape,
          (place) => origin(place, shape, i, along),
          (place) => at(updates, place),
        ),
      dtypes: numbers,
    },
  ];
}

/** Positions that differ from row to row: `length` of them along the axis. */
export function alongAxisCases(shape: Shape, length: number, axis: number): Case[] {
  const along = fromFront(axis, shape.length);
  const index = shape.with(along, length);
  const at_ = `[${shape}] at ${length} along ${axis}`;
  const source = (place: Shape, i: Reference) =>
    place.with(along, wrap(at(i, place), shape[along]));
  return [
    {
      name: `takeAlongAxis of ${at_}`,
      inputs: [real(shape), positions(index, shape[along])],
      f: (x, i) => x.takeAlongAxis(i, axis),
      reference: (x, i) => build(index, (place) => at(x, source(place, i))),
      dtypes: everything,
    },
    {
      name: `scatterAlongAxis to ${at_}`,
      inputs: [real(shape), positions(index, shape[along]), real(index)],
      f: (x, i, updates) => x.scatterAlongAxis(i, updates, axis),
      reference: (x, i, updates) =>
        accumulate(
          x,
          index,
          (place) => source(place, i),
          (place) => at(updates, place),
        ),
      dtypes: numbers,
    },
  ];
}

/** Positions that order a row; equal entries keep their places. */
function ranking(row: readonly number[], descending: boolean): number[] {
  return [...row.keys()].sort((a, b) => (descending ? row[b] - row[a] : row[a] - row[b]) || a - b);
}

export function orderingCases(shape: Shape, axis: number): Case[] {
  const length = shape.at(axis) ?? 0;
  const at_ = `of [${shape}] along ${axis}`;
  const sorted = (descending: boolean) => (row: number[]) =>
    ranking(row, descending).map((i) => row[i]);
  const inputs = [distinct(shape)];
  const cases = [false, true].flatMap((descending): Case[] => [
    {
      name: `sort ${at_}${descending ? " descending" : ""}`,
      inputs,
      f: (x) => x.sort(axis, { descending }),
      reference: (x) => alongAxis(x, axis, sorted(descending)),
      dtypes: numbers,
    },
    {
      name: `argsort ${at_}${descending ? " descending" : ""}`,
      inputs,
      f: (x) => x.argsort(axis, { descending }),
      reference: (x) => alongAxis(x, axis, (row) => ranking(row, descending)),
      dtypes: numbers,
    },
  ]);
  const top = [0, 1, length].flatMap((k) =>
    [true, false].map(
      (largest): Case => ({
        name: `topK ${at_}, k ${k} ${largest ? "largest" : "smallest"}`,
        inputs,
        f: (x) => x.topK(k, { axis, largest }),
        reference: (x) => [
          alongAxis(x, axis, (row) => sorted(largest)(row).slice(0, k)),
          alongAxis(x, axis, (row) => ranking(row, largest).slice(0, k)),
        ],
        dtypes: numbers,
      }),
    ),
  );
  return [...cases, ...top.filter((_, i) => length > 1 || i < 2)];
}

export function oneHotCase(shape: Shape, classes: number, axis: number): Case {
  const place = fromFront(axis, shape.length + 1);
  return {
    name: `oneHot of [${shape}] in ${classes} classes at axis ${axis}`,
    // Some of the positions are outside: they give zeros.
    inputs: [integers(shape, -2, classes + 2)],
    f: (x) => x.oneHot(classes, { axis }),
    reference: (x) =>
      build([...shape.slice(0, place), classes, ...shape.slice(place)], (index) =>
        Number(at(x, index.toSpliced(place, 1)) === index[place]),
      ),
  };
}

/** Positions as a number and as unsigned integers, and results of other element types. */
export const indexTypeCases: readonly Case[] = [
  {
    name: "gather of [3,2] at a number",
    inputs: [real([3, 2])],
    f: (x) => [x.gather(1), x.gather(-1, 1)],
    reference: (x) => [build([2], ([j]) => at(x, [1, j])), build([3], ([i]) => at(x, [i, 1]))],
    dtypes: everything,
  },
  {
    name: "gather of [3,2] at uint32",
    inputs: [real([3, 2]), integers([4], 0, 3, "uint32")],
    f: (x, i) => x.gather(i),
    reference: (x, i) => build([4, 2], ([row, j]) => at(x, [i.data[row], j])),
  },
  ...(["float64", "int32", "uint32", "bool"] as const).flatMap((dtype): Case[] => [
    {
      name: `oneHot of [3] as ${dtype}`,
      inputs: [integers([3], 0, 2)],
      f: (x) => x.oneHot(2, { dtype }),
      reference: (x) => build([3, 2], ([i, j]) => Number(x.data[i] === j)),
    },
    {
      name: `iota of 4 as ${dtype}`,
      inputs: [integers([], 0, 2)],
      f: (x) => [iota(4, dtype), x],
      reference: (x) => [build([4], ([i]) => (dtype === "bool" ? Number(i > 0) : i)), x],
    },
  ]),
];

/** iota has no tensor to start from: it scales one, so that it meets batches and derivatives. */
export const iotaCase = (length: number): Case => ({
  name: `iota of ${length}`,
  inputs: [real([])],
  f: (x) => [x.mul(iota(length, "float32").astype(x.dtype)), iota(length)],
  reference: (x) => [build([length], ([i]) => x.data[0] * i), build([length], ([i]) => i)],
});
export { flags, reshaped };
