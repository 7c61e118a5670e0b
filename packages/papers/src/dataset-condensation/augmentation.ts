/**
 * Differentiable siamese augmentation (Zhao and Bilen 2021, "Dataset condensation with differentiable
 * siamese augmentation"): the same random transform for the real batch of a class and for its synthetic
 * images, so that what the transform does cancels and the gradient flows through it into the images.
 *
 * Every operation is one of three things with numbers of their own for each image: a warp of the
 * plane, a change of colors, a square set to zero.
 */
import { iota, lift, random, type Tensor, type TensorLike, where } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

export const dsaOps = ["color", "crop", "cutout", "flip", "scale", "rotate"] as const;
export type DsaOp = (typeof dsaOps)[number];

/** Uniform numbers of [0, 1), three an image: [n, 3]. An operation takes as many as it needs. */
export type DsaDraw = Tensor;

/** How strong the operations are; {@link dsaStrength} are the numbers of the official code. */
export interface Strength {
  /** Pixels of a shift by an axis of this length. */
  shift(length: number): number;
  /** Shifts from -s to s - 1 instead of to s. */
  readonly openShift?: boolean;
  /** Where an image is read along an axis, as a factor of the distance from its centre, by u of [0, 1). */
  zoom(u: Tensor): Tensor;
  /** Greatest angle, degrees. */
  readonly rotation: number;
}

/** Largest zoom in and out. */
const zoomRatio = 1.2;

export const dsaStrength: Strength = {
  shift: (length) => Math.floor(0.125 * length + 0.5),
  zoom: (u) => u.mul(zoomRatio - 1 / zoomRatio).add(1 / zoomRatio),
  rotation: 15,
};

/** What the evaluation of DC uses for handwritten digits: shifts by 4, sizes 0.8 to 1.2, 45 degrees. */
export const digitStrength: Strength = {
  shift: () => 4,
  openShift: true,
  zoom: (u) => u.mul(0.4).add(0.8).reciprocal(),
  rotation: 45,
};

/**
 * Numbers of an image: [n] each, absent where the operation leaves that part alone. The pixel at a
 * place (x, y) from the centre is read at (xx x + xy y + dx, yx x + yy y + dy).
 */
type Field =
  | "xx"
  | "xy"
  | "dx"
  | "yx"
  | "yy"
  | "dy"
  | "top"
  | "bottom"
  | "left"
  | "right"
  | "brightness"
  | "saturation"
  | "contrast";
export type Transform = Partial<Record<Field, Tensor>>;

/** What an image keeps that an operation leaves alone. */
const neutral: Record<Field, number> = {
  xx: 1,
  xy: 0,
  dx: 0,
  yx: 0,
  yy: 1,
  dy: 0,
  top: 0,
  bottom: 0,
  left: 0,
  right: 0,
  brightness: 0,
  saturation: 1,
  contrast: 1,
};

/** A whole number of low ... high, each equally likely. */
const whole = (u: Tensor, low: number, high: number): Tensor =>
  u
    .mul(high - low + 1)
    .floor()
    .clip(0, high - low)
    .add(low);

/** The numbers of one operation for images of a size, from uniform numbers. */
export function transformOf(
  op: DsaOp,
  draw: DsaDraw,
  [height, width]: readonly [number, number],
  strength: Strength = dsaStrength,
): Transform {
  const [first, second, third] = [0, 1, 2].map((i) =>
    draw.slice(null, [i, i + 1]).reshape([draw.shape[0]]),
  );
  switch (op) {
    case "color":
      return {
        brightness: first.sub(0.5),
        saturation: second.mul(2),
        contrast: third.add(0.5),
      };
    case "crop": {
      const shift = (u: Tensor, length: number) => {
        const reach = strength.shift(length);
        return whole(u, -reach, strength.openShift ? reach - 1 : reach);
      };
      return { dy: shift(first, height), dx: shift(second, width) };
    }
    case "flip":
      return { xx: where(first.less(0.5), -1, 1).astype(draw.dtype) };
    case "scale":
      return { xx: strength.zoom(first), yy: strength.zoom(second) };
    case "rotate": {
      const angle = first.sub(0.5).mul((2 * strength.rotation * Math.PI) / 180);
      const [cosine, sine] = [angle.cos(), angle.sin()];
      // The turn is one of the square [-1, 1]^2, as in the official code.
      return {
        xx: cosine,
        xy: sine.mul(-width / height),
        yx: sine.mul(height / width),
        yy: cosine,
      };
    }
    case "cutout": {
      const span = (u: Tensor, length: number): [Tensor, Tensor] => {
        const side = Math.floor(0.5 * length + 0.5);
        const start = whole(u, 0, length - (side % 2)).sub(Math.floor(side / 2));
        return [start, start.add(side)];
      };
      const [top, bottom] = span(first, height);
      const [left, right] = span(second, width);
      return { top, bottom, left, right };
    }
    default:
      throw new UsageError(
        `there is no augmentation "${String(op)}"; there are ${dsaOps.join(", ")}`,
      );
  }
}

export interface DrawOptions {
  readonly ops: readonly DsaOp[];
  readonly strength?: Strength;
  /** Height and width. */
  readonly size: readonly [number, number];
  /** One operation for all images, as a batch has in training, or one each. */
  readonly shared: boolean;
}

/** One operation of a list for each of n images, with numbers of its own for each. */
export function drawTransform(key: TensorLike, n: number, options: DrawOptions): Transform {
  const { ops, size, shared, strength = dsaStrength } = options;
  const [opKey, drawKey] = random.split(key);
  const choice = random.randint(opKey, [shared ? 1 : n], 0, ops.length);
  const draw = random.uniform(drawKey, [n, 3]);
  const fields: Transform = {};
  ops.forEach((op, place) => {
    const chosen = choice.equal(place);
    for (const [name, value] of Object.entries(transformOf(op, draw, size, strength))) {
      const field = name as Field;
      fields[field] = where(chosen, value, fields[field] ?? neutral[field]);
    }
  });
  return fields;
}

/** Each image's numbers as often as it occurs in a row: [n] to [n times]. */
export const repeated = (transform: Transform, times: number): Transform =>
  Object.fromEntries(
    Object.entries(transform).map(([name, values]) => [name, values.repeat(times, 0)]),
  );

/**
 * Images under their transforms; differentiable in the images to any order.
 *
 * @param x [n, channels, height, width]
 * @throws UsageError for anything but images
 */
export function applyTransform(x: Tensor, transform: Transform): Tensor {
  const has = (...fields: Field[]) => fields.some((field) => transform[field] !== undefined);
  if (x.rank !== 4)
    throw new UsageError(
      `siamese augmentation is for images [n, channels, height, width]; these are [${x.shape.join(", ")}]`,
    );
  let y = x;
  if (has("xx", "xy", "dx", "yx", "yy", "dy")) y = warped(y, transform);
  if (has("brightness", "saturation", "contrast")) y = colored(y, transform);
  return has("top", "bottom", "left", "right") ? y.mul(outside(y, transform)) : y;
}

/** The numbers of one field as [n, 1, ...] of the given rank, or the one number that leaves all as it is. */
function numbers(transform: Transform, field: Field, rank: number, like: Tensor): Tensor {
  const values = transform[field];
  if (values === undefined) return lift(neutral[field], like.dtype);
  return values.astype(like.dtype).reshape([-1, ...new Array<number>(rank - 1).fill(1)]);
}

/** Bilinear sampling; beyond the image there is zero. */
function warped(x: Tensor, transform: Transform): Tensor {
  const [n, channels, height, width] = x.shape;
  const centred = (length: number, shape: readonly number[]) =>
    iota(length)
      .astype(x.dtype)
      .sub((length - 1) / 2)
      .reshape(shape);
  const [across, down] = [centred(width, [1, 1, width]), centred(height, [1, height, 1])];
  const of = (field: Field) => numbers(transform, field, 3, x);
  const place = (byX: Field, byY: Field, shift: Field, length: number) =>
    of(byX)
      .mul(across)
      .add(of(byY).mul(down))
      .add(of(shift))
      .add((length - 1) / 2)
      .broadcastTo([n, height, width]);
  const [u, v] = [place("xx", "xy", "dx", width), place("yx", "yy", "dy", height)];
  const [left, top] = [u.floor(), v.floor()];
  const [right, below] = [u.sub(left), v.sub(top)];
  const pixels = x.reshape([n, channels, height * width]);
  const tap = (column: Tensor, row: Tensor, weight: Tensor): Tensor => {
    const inside = column
      .greaterEqual(0)
      .and(column.lessEqual(width - 1))
      .and(row.greaterEqual(0))
      .and(row.lessEqual(height - 1));
    const position = row
      .clip(0, height - 1)
      .mul(width)
      .add(column.clip(0, width - 1))
      .astype("int32");
    const shape = [n, 1, height * width];
    const seen = pixels.takeAlongAxis(
      position.reshape(shape).broadcastTo([n, channels, height * width]),
      2,
    );
    return seen.mul(where(inside, weight, 0).reshape(shape));
  };
  const less = (part: Tensor) => part.neg().add(1);
  return tap(left, top, less(right).mul(less(below)))
    .add(tap(left.add(1), top, right.mul(less(below))))
    .add(tap(left, top.add(1), less(right).mul(below)))
    .add(tap(left.add(1), top.add(1), right.mul(below)))
    .reshape(x.shape);
}

/** Brightness, then saturation, then contrast. */
function colored(x: Tensor, transform: Transform): Tensor {
  const of = (field: Field) => numbers(transform, field, 4, x);
  const around = (y: Tensor, mean: Tensor, factor: Tensor) => y.sub(mean).mul(factor).add(mean);
  const bright = x.add(of("brightness"));
  const mixed = around(bright, bright.mean(1, { keepDims: true }), of("saturation"));
  return around(mixed, mixed.mean([1, 2, 3], { keepDims: true }), of("contrast"));
}

/** 0 in the square, 1 elsewhere. */
function outside(x: Tensor, transform: Transform): Tensor {
  const [, , height, width] = x.shape;
  const of = (field: Field) => numbers(transform, field, 4, x);
  const between = (length: number, shape: readonly number[], from: Field, to: Field) => {
    const place = iota(length).astype(x.dtype).reshape(shape);
    return place.greaterEqual(of(from)).and(place.less(of(to)));
  };
  const inside = between(height, [1, 1, height, 1], "top", "bottom").and(
    between(width, [1, 1, 1, width], "left", "right"),
  );
  return inside.not().astype(x.dtype);
}

/**
 * One operation on images, each with uniform numbers of its own or all with the same.
 *
 * @param x [n, channels, height, width]
 * @param draw [n, 3], or [1, 3] for all
 * @throws UsageError for anything but images
 */
export function siameseAugment(x: Tensor, op: DsaOp, draw: DsaDraw): Tensor {
  if (x.rank !== 4) return applyTransform(x, {});
  const [n, , height, width] = x.shape;
  const transform = transformOf(op, draw, [height, width]);
  return applyTransform(x, draw.shape[0] === n ? transform : repeated(transform, n));
}
