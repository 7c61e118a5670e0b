import { array, evaluate, grad, lift, random, type Tensor } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import {
  applyTransform,
  type DsaOp,
  digitStrength,
  drawTransform,
  dsaOps,
  repeated,
  siameseAugment,
  transformOf,
} from "./augmentation.ts";
import { toyImages } from "./testing.ts";

const numbers = async (tensor: Tensor): Promise<number[]> =>
  Array.from((await evaluate({ tensor })).tensor.data, Number);
const square = array(
  Array.from({ length: 16 }, (_, i) => i + 1),
  { shape: [1, 1, 4, 4] },
);
const under = (op: DsaOp, ...u: number[]) =>
  numbers(
    siameseAugment(lift(square), op, lift(array([...u, 0, 0, 0].slice(0, 3), { shape: [1, 3] }))),
  );

describe("siamese augmentation", () => {
  it("mirrors, shifts and cuts as the numbers say", async () => {
    expect(await under("flip", 0.2)).toEqual([
      4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9, 16, 15, 14, 13,
    ]);
    expect(await under("flip", 0.7)).toEqual([...square.data].map(Number));
    // By an eighth of 4, rounded: one pixel. u = 0.9 reads one further on, beyond there is zero.
    expect(await under("crop", 0.5, 0.9)).toEqual([
      2, 3, 4, 0, 6, 7, 8, 0, 10, 11, 12, 0, 14, 15, 16, 0,
    ]);
    expect(await under("crop", 0.1, 0.5)).toEqual([
      0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    ]);
    // A square of side 2 whose centre is drawn of 0 ... 4, cut at the border.
    expect(await under("cutout", 0.5, 0)).toEqual([
      1, 2, 3, 4, 0, 6, 7, 8, 0, 10, 11, 12, 13, 14, 15, 16,
    ]);
  });

  it("with u = 1/2 does not turn, and reads between pixels where it does", async () => {
    const still = await under("rotate", 0.5);
    square.data.forEach((value, i) => {
      expect(still[i]).toBeCloseTo(Number(value), 5);
    });
    // The centre stays: opposite pixels around it sum to 17 in the middle.
    const turned = await under("rotate", 0.9);
    expect(turned[5] + turned[10]).toBeCloseTo(17, 4);
    expect(turned[0]).not.toBeCloseTo(1, 2);
  });

  it("scales about the centre and by the draw of each axis", async () => {
    // xx = 1 / 1.2: columns at 1.25, 2.08 ... around 1.5, so differences shrink by 1.2.
    const wide = await under("scale", 0, (1 - 1 / 1.2) / (1.2 - 1 / 1.2));
    expect(wide[6] - wide[5]).toBeCloseTo(1 / 1.2, 4);
    expect(wide[9] - wide[5]).toBeCloseTo(4, 4);
  });

  it("changes colors as brightness, saturation, contrast in this order", async () => {
    const x = array([0, 1, 2, 3, 4, 5], { shape: [1, 3, 1, 2] });
    const draw = lift(array([0.75, 0.25, 1 - 1e-7], { shape: [1, 3] }));
    const seen = await numbers(siameseAugment(lift(x), "color", draw));
    // +0.25; then half the distance from the mean over channels (2.25, 3.25); then 1.5 times that from 2.75.
    const mixed = [1.25, 2.25, 2.25, 3.25, 3.25, 4.25];
    mixed.forEach((value, i) => {
      expect(seen[i]).toBeCloseTo((value - 2.75) * 1.5 + 2.75, 4);
    });
  });

  it.each(["crop", "flip", "cutout"] as const)(
    "has a mask of 0 and 1 as the gradient of %s",
    async (op) => {
      const x = toyImages(5, 2, { side: 7 }).x;
      const draw = random.uniform(random.key(2), [5, 3]);
      const slope = await numbers(grad((at: Tensor) => siameseAugment(at, op, draw).sum())(x));
      expect(slope.every((value) => value === 0 || value === 1)).toBe(true);
      expect(slope.some((value) => value === 1)).toBe(true);
    },
  );

  it("does the same to real and synthetic images of a class, and something of its own to others", async () => {
    const size = [6, 6] as const;
    const transform = drawTransform(random.key(1), 2, { ops: ["rotate"], size, shared: false });
    const image = toyImages(1, 1).x;
    const all = lift(image).tile([4, 1, 1, 1]);
    const seen = await numbers(applyTransform(all, repeated(transform, 2)));
    expect(seen.slice(0, 36)).toEqual(seen.slice(36, 72));
    expect(seen.slice(72, 108)).toEqual(seen.slice(108));
    expect(seen.slice(0, 36)).not.toEqual(seen.slice(72, 108));
  });

  it("draws each operation as often, and stays in range", async () => {
    const n = 3000;
    const size = [14, 14] as const;
    const drawn = drawTransform(random.key(1), n, { ops: dsaOps, size, shared: false });
    const { dx, top, xx, brightness, bottom } = await evaluate(drawn as Record<string, Tensor>);
    const share = (values: ArrayLike<number>, is: (value: number) => boolean) =>
      Array.from(values).filter(is).length / n;
    // A crop that does not move is drawn in one of five cases; colors are always changed.
    expect(share(brightness.data as Float32Array, (value) => value !== 0)).toBeCloseTo(1 / 6, 1);
    expect(share(dx.data as Float32Array, (value) => value !== 0)).toBeCloseTo(
      (1 / 6) * (4 / 5),
      1,
    );
    expect(Math.max(...(dx.data as Float32Array))).toBe(2);
    expect(share(bottom.data as Float32Array, (value) => value !== 0)).toBeCloseTo(1 / 6, 1);
    expect(Math.min(...(top.data as Float32Array))).toBe(-3);
    expect(share(xx.data as Float32Array, (value) => value === -1)).toBeCloseTo(1 / 12, 1);
    // A batch in training has one operation.
    const shared = drawTransform(random.key(1), 50, { ops: dsaOps, size, shared: true });
    const fields = await evaluate(shared as Record<string, Tensor>);
    const changed = Object.entries(fields).filter(([name, { data }]) => {
      const neutral = ["xx", "yy", "saturation", "contrast"].includes(name) ? 1 : 0;
      return Array.from(data as Float32Array).some((value) => value !== neutral);
    });
    expect(changed.length).toBeLessThanOrEqual(4);
  });

  it("of digits turns to 45 degrees and shifts from -4 to 3", async () => {
    const draw = random.uniform(random.key(3), [2000, 3]);
    const of = async (op: DsaOp) =>
      evaluate(transformOf(op, draw, [28, 28], digitStrength) as Record<string, Tensor>);
    const { dx } = await of("crop");
    expect([
      Math.min(...(dx.data as Float32Array)),
      Math.max(...(dx.data as Float32Array)),
    ]).toEqual([-4, 3]);
    const { xx: cosines } = await of("rotate");
    expect(Math.min(...(cosines.data as Float32Array))).toBeCloseTo(Math.cos(Math.PI / 4), 2);
    const { xx: zooms } = await of("scale");
    expect(Math.min(...(zooms.data as Float32Array))).toBeCloseTo(1 / 1.2, 2);
    expect(Math.max(...(zooms.data as Float32Array))).toBeCloseTo(1 / 0.8, 2);
  });

  it("refuses what are no images", () => {
    const rows = lift(array([[1, 2, 3]]));
    expect(() => siameseAugment(rows, "flip", rows)).toThrow(/is for images .* these are \[1, 3\]/);
    expect(() => siameseAugment(lift(square), "blur" as DsaOp, rows)).toThrow(
      /no augmentation "blur"/,
    );
  });
});
