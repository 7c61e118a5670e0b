/** Tensors joined, split, reversed and rotated along an axis. */
import { fail, showShape } from "../errors.ts";
import { apply1, type Cotangent, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";
import { normalizeAxis, range } from "../shape.ts";
import { expandDims, repeatBatch, squeeze } from "./layout.ts";
import { sliceAxis } from "./window.ts";

interface Along {
  readonly axis: number;
}

const concatOp: Op<Along> = {
  name: "concat",
  infer: (inputs, { axis }) => {
    const [first] = inputs;
    for (const input of inputs) {
      const fits =
        input.rank === first.rank &&
        input.shape.every((n, a) => a === axis || n === first.shape[a]);
      if (!fits || input.dtype !== first.dtype) {
        const parts = inputs.map((part) => `${part.dtype}${showShape(part.shape)}`).join(", ");
        fail(`concat: ${parts} do not join along axis ${axis}`);
      }
    }
    const length = inputs.reduce((total, input) => total + input.shape[axis], 0);
    return [{ shape: first.shape.map((n, a) => (a === axis ? length : n)), dtype: first.dtype }];
  },
  vjp: ([g], { inputs, attributes: { axis } }, wanted) => {
    let start = 0;
    return inputs.map((input, i): Cotangent => {
      const from = start;
      start += input.shape[axis];
      return g && wanted[i] ? sliceAxis(g, axis, from, start) : undefined;
    });
  },
  batch: (inputs, batched, { attributes: { axis } }, size) => [
    concat(
      inputs.map((input, i) => (batched[i] ? input : repeatBatch(input, size))),
      axis + 1,
    ),
  ],
  onnx: (emit, inputs, { attributes: { axis } }) => emit.op("Concat", inputs, { axis }),
  simplify: ({ inputs, attributes: { axis } }) => {
    const filled = inputs.filter(({ size }) => size > 0);
    return filled.length < inputs.length ? concat(filled, axis) : undefined;
  },
};

/** Tensors joined along an existing axis. */
export function concat(values: readonly TensorLike[], axis = 0): Tensor {
  if (values.length === 0) fail("concat: nothing to join");
  const inputs = values.map((value) => lift(value));
  const along = normalizeAxis("concat", axis, inputs[0].rank);
  return inputs.length === 1 ? inputs[0] : apply1(concatOp, inputs, { axis: along });
}

/** Tensors of one shape joined along a new axis. */
export function stack(values: readonly TensorLike[], axis = 0): Tensor {
  if (values.length === 0) fail("stack: nothing to join");
  const inputs = values.map((value) => lift(value));
  const along = normalizeAxis("stack", axis, inputs[0].rank + 1);
  return concat(
    inputs.map((input) => expandDims(input, along)),
    along,
  );
}

/** Slices along an axis: as many equal ones as `parts` says, or of the lengths it lists. */
export function split(value: TensorLike, parts: number | readonly number[], axis = 0): Tensor[] {
  const x = lift(value);
  const along = normalizeAxis("split", axis, x.rank);
  const length = x.shape[along];
  const lengths = typeof parts === "number" ? new Array<number>(parts).fill(length / parts) : parts;
  if (
    lengths.some((n) => !Number.isInteger(n) || n < 0) ||
    lengths.reduce((a, b) => a + b, 0) !== length
  ) {
    fail(`split: axis ${along} of length ${length} does not split into ${JSON.stringify(parts)}`);
  }
  let start = 0;
  return lengths.map((n) => {
    start += n;
    return sliceAxis(x, along, start - n, start);
  });
}

/** The entries along an axis as a list of tensors without that axis. */
export function unstack(value: TensorLike, axis = 0): Tensor[] {
  const x = lift(value);
  const along = normalizeAxis("unstack", axis, x.rank);
  return range(x.shape[along]).map((i) => squeeze(sliceAxis(x, along, i, i + 1), along));
}

interface Reversed {
  readonly axes: readonly number[];
}

const flipOp: Op<Reversed> = {
  name: "flip",
  infer: ([x]) => [x],
  vjp: ([g], { attributes: { axes } }) => [g && flip(g, axes)],
  batch: ([x], _, { attributes: { axes } }) => [
    flip(
      x,
      axes.map((axis) => axis + 1),
    ),
  ],
  onnx: (emit, [x], { attributes: { axes } }) => {
    const all = (value: number) => emit.int64(axes.map(() => value));
    return emit.op("Slice", [x, all(-1), all(-0x7fffffff), emit.int64(axes), all(-1)]);
  },
};

/** Entries in reverse order along the axes (all by default). */
export function flip(value: TensorLike, axes?: number | readonly number[]): Tensor {
  const x = lift(value);
  const list = (axes === undefined ? range(x.rank) : [axes].flat()).map((axis) =>
    normalizeAxis("flip", axis, x.rank),
  );
  return list.length === 0 ? x : apply1(flipOp, [x], { axes: list });
}

/** Entries shifted along an axis, those pushed out coming back at the other end. */
export function roll(value: TensorLike, shift: number, axis: number): Tensor {
  const x = lift(value);
  const along = normalizeAxis("roll", axis, x.rank);
  const length = x.shape[along];
  const by = length === 0 ? 0 : ((shift % length) + length) % length;
  if (by === 0) return x;
  return concat(
    [sliceAxis(x, along, length - by, length), sliceAxis(x, along, 0, length - by)],
    along,
  );
}
