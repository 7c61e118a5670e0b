/**
 * A second, naive implementation to compare with: arrays of float64 numbers, an index loop for
 * everything, nothing shared with the engine.
 */

/** A reference value; booleans are 0 and 1. */
export interface Reference {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

type Index = readonly number[];

export const count = (shape: readonly number[]): number =>
  shape.reduce((n, length) => n * length, 1);

/** All indices of a shape in row-major order; remembered, as differences ask for them often. */
export function indices(shape: readonly number[]): readonly Index[] {
  const key = `${shape}`;
  const known = listed.get(key);
  if (known !== undefined) return known;
  const all = shape.reduce<Index[]>(
    (lists, length) => lists.flatMap((index) => Array.from({ length }, (_, i) => [...index, i])),
    [[]],
  );
  listed.set(key, all);
  return all;
}

const listed = new Map<string, readonly Index[]>();

/** The array whose entry at each index is `value(index)`. */
export const build = (shape: readonly number[], value: (index: Index) => number): Reference => ({
  shape,
  data: indices(shape).map(value),
});

/** An entry; axes of length 1 answer to every index and missing leading axes are ignored, as in broadcasting. */
export function at({ shape, data }: Reference, index: Index): number {
  const lead = index.length - shape.length;
  let position = 0;
  shape.forEach((length, axis) => {
    const i = index[axis + lead];
    if (length !== 1 && (i < 0 || i >= length))
      throw new RangeError(`index [${index}] is outside shape [${shape}]`);
    position = position * length + (length === 1 ? 0 : i);
  });
  return data[position];
}

/** The common shape of arrays that broadcast. */
export function common(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const lengths = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    return lengths.find((length) => length !== 1) ?? 1;
  });
}

/** Where in an array the entries of a shape it broadcasts to come from; remembered too. */
function positionsIn(from: readonly number[], to: readonly number[]): readonly number[] {
  const key = `${from}:${to}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const own = { shape: from, data: Array.from({ length: count(from) }, (_, i) => i) };
  const positions = indices(to).map((index) => at(own, index));
  remembered.set(key, positions);
  return positions;
}

const remembered = new Map<string, readonly number[]>();

/** A function of numbers, entry by entry. */
export const entrywise =
  (f: (...values: number[]) => number) =>
  (...inputs: Reference[]): Reference => {
    const shape = common(...inputs.map((input) => input.shape));
    const places = inputs.map((input) => positionsIn(input.shape, shape));
    const data = Array.from({ length: count(shape) }, (_, e) =>
      f(...inputs.map((input, i) => input.data[places[i][e]])),
    );
    return { shape, data };
  };

export const axesOf = (x: Reference, axes?: number | readonly number[] | null): number[] =>
  axes === undefined || axes === null
    ? x.shape.map((_, axis) => axis)
    : [axes].flat().map((axis) => (axis < 0 ? axis + x.shape.length : axis));

/** `f` of the entries that differ only along `axes`, in row-major order. */
export function reduce(
  x: Reference,
  axes: number | readonly number[] | null | undefined,
  f: (values: number[]) => number,
  options: { keepDims?: boolean } = {},
): Reference {
  const over = axesOf(x, axes);
  const kept = x.shape.map((length, axis) => (over.includes(axis) ? 1 : length));
  const within = x.shape.map((length, axis) => (over.includes(axis) ? length : 1));
  const full = build(kept, (base) =>
    f(
      indices(within).map((step) =>
        at(
          x,
          base.map((i, axis) => i + step[axis]),
        ),
      ),
    ),
  );
  if (options.keepDims) return full;
  return { shape: x.shape.filter((_, axis) => !over.includes(axis)), data: full.data };
}

/** `f` turns every row along `axis` into another row, all of one length. */
export function alongAxis(
  x: Reference,
  axis: number,
  f: (row: number[]) => readonly number[],
): Reference {
  const [along] = axesOf(x, axis);
  const rowOf = (index: Index) =>
    Array.from({ length: x.shape[along] }, (_, i) => at(x, index.with(along, i)));
  const length = f(new Array<number>(x.shape[along]).fill(0)).length;
  return build(x.shape.with(along, length), (index) => f(rowOf(index))[index[along]]);
}

export function permute(x: Reference, order: readonly number[]): Reference {
  return build(
    order.map((axis) => x.shape[axis]),
    (index) =>
      at(
        x,
        order.map((_, axis) => index[order.indexOf(axis)]),
      ),
  );
}

export const reshaped = (x: Reference, shape: readonly number[]): Reference => ({
  shape,
  data: x.data,
});

export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** The dimension of every letter, and the sum over all of them, straight from the definition. */
export function einsum(equation: string, ...operands: Reference[]): Reference {
  const [left, right] = equation.replaceAll(" ", "").split("->");
  const terms = left.split(",");
  const letters = [...new Set(left.replaceAll(",", ""))];
  const all = [...left.replaceAll(",", "")];
  const result =
    right === undefined
      ? letters.filter((l) => all.filter((other) => other === l).length === 1).sort()
      : [...right];
  const lengths = new Map(
    terms.flatMap((term, i) => [...term].map((l, axis) => [l, operands[i].shape[axis]])),
  );
  const summed = letters.filter((letter) => !result.includes(letter));
  const shapeOf = (list: readonly string[]) => list.map((letter) => lengths.get(letter) ?? 1);
  return build(shapeOf(result), (outer) =>
    sum(
      indices(shapeOf(summed)).map((inner) => {
        const place = (letter: string) =>
          result.includes(letter) ? outer[result.indexOf(letter)] : inner[summed.indexOf(letter)];
        return operands.reduce(
          (product, operand, i) => product * at(operand, [...terms[i]].map(place)),
          1,
        );
      }),
    ),
  );
}
