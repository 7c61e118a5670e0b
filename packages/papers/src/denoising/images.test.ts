import { evaluate, lift, NDArray, random, setThreads } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { UsageError } from "../contract/errors.ts";
import { contour, contourRows, geometricImages } from "./geometricImages.ts";
import { checkIntensities, shrinkImages, tiledImages } from "./images.ts";
import { inputPsnr, psnr } from "./psnr.ts";
import {
  imageCorrelation,
  nearestImages,
  pairedCorrelation,
  removeNearDuplicates,
} from "./similarity.ts";
import { diskImages, scaledImages, shufflePixels, sinusoidImages } from "./simpleImages.ts";

setThreads(1);

const image = (values: number[], side: number, n = 1) =>
  new NDArray(Float32Array.from(values), [n, 1, side, side], "float32");

describe("likeness", () => {
  const [a, b] = [image([1, 2, 3, 4], 2), image([2, 1, 5, 3], 2)];

  it("is the centred cosine (truth 9)", () => {
    expect(imageCorrelation(a, b).item()).toBeCloseTo(0.5291502622, 10);
    expect(imageCorrelation(a, b, false).item()).toBeCloseTo(0.9062932866, 10);
    expect(pairedCorrelation(a, b)[0]).toBeCloseTo(0.5291502622, 10);
  });

  it("finds the nearest of a set", async () => {
    const set = image([4, 3, 2, 1, 1, 2, 3, 5, 0, 1, 0, 1], 2, 3);
    const [nearest] = await nearestImages(a, set);
    expect(nearest.index).toBe(1);
    expect(nearest.correlation).toBeCloseTo(imageCorrelation(a, set).data[1], 10);
  });

  it("of a constant image is refused", () => {
    expect(() => imageCorrelation(a, image([0.1, 0.1, 0.1, 0.1], 2))).toThrow(/image 0.*constant/);
  });

  it("above 0.95 makes a duplicate, of either sign, and the earlier image stays", async () => {
    const set = image([1, 2, 3, 4, 9, 1, 2, 2, 2, 4, 6, 8, 4, 3, 2, 1, 5, 5, 5, 5], 2, 5);
    expect((await removeNearDuplicates(set)).kept).toEqual([0, 1, 4]);
    expect((await removeNearDuplicates(set, 1)).kept.length).toBeGreaterThanOrEqual(3);
    await expect(removeNearDuplicates(set, 0)).rejects.toThrow(UsageError);
  });
});

describe("decibels", () => {
  it("of a squared error of 0.01 are 20, and noise of 0.2 is 13.98 (truth 9)", async () => {
    const [clean, off] = [image([0, 0, 0, 0], 2), image([0.1, 0.1, 0.1, 0.1], 2)];
    const value = await evaluate(psnr(lift(clean), lift(off)));
    expect(value.item()).toBeCloseTo(20, 5);
    expect(inputPsnr(0.2)).toBeCloseTo(13.9794, 4);
  });
});

describe("images with contours", () => {
  it("have the known contour (truth 8)", async () => {
    const c = new NDArray(
      Float64Array.of(0.5, -0.25, 0.75, -1, 0.1, 0.6, -0.4, 0.2),
      [8],
      "float64",
    );
    const curve = await evaluate(contour(lift(c), 2));
    const expected = [
      0.2551708052, 0.1308853913, 0.0551305219, -0.2357947031, -0.0770458052, 0.1159896087,
      0.0604944781, 0.1951697031,
    ];
    expected.forEach((value, i) => {
      expect(curve.data[i]).toBeCloseTo(value, 9);
    });
    const rows = await evaluate(contourRows(lift(c), 2));
    expect(Array.from(rows.data)).toEqual([6, 5, 4, 2, 3, 5, 4, 6]);
  });

  it("fill the unit interval, come from their key, and image i from i alone", async () => {
    const options = { size: 8, alpha: 2 };
    const many = await geometricImages(random.key(1), 300, options);
    const few = await geometricImages(random.key(1), 3, options);
    checkIntensities(many);
    expect(many.shape).toEqual([300, 1, 8, 8]);
    expect(Array.from(few.data)).toEqual(Array.from(many.data.subarray(0, few.size)));
    const other = await geometricImages(random.key(2), 3, options);
    expect(Array.from(other.data)).not.toEqual(Array.from(few.data));
    // The two backgrounds reach 0 and 1 somewhere in most images.
    const largest = Array.from({ length: 300 }, (_, i) =>
      Math.max(...many.data.subarray(i * 64, (i + 1) * 64)),
    );
    expect(largest.filter((value) => value > 0.99).length).toBeGreaterThan(60);
  });

  it("are smoother the larger alpha is", async () => {
    const roughness = async (alpha: number) => {
      const { data } = await geometricImages(random.key(3), 100, { size: 16, alpha });
      let sum = 0;
      for (let i = 1; i < data.length; i++) sum += (data[i] - data[i - 1]) ** 2;
      return sum;
    };
    const [one, two, four] = [await roughness(1), await roughness(2), await roughness(4)];
    expect(one).toBeGreaterThan(two);
    expect(two).toBeGreaterThan(four);
  });

  it("refuse sizes and regularities that make no sense", async () => {
    const draw = (options: object) => geometricImages(random.key(0), 1, options as never);
    await expect(draw({ size: [8, 9], alpha: 2 })).rejects.toThrow(/no side of a square image/);
    await expect(draw({ size: 8, alpha: 0 })).rejects.toThrow(/alpha: 0/);
  });
});

describe("simple classes", () => {
  it("disks have two intensities inside and outside, and an area of pi r^2", async () => {
    const disks = await diskImages(random.key(2), 20, { size: 12 });
    checkIntensities(disks);
    for (let i = 0; i < 20; i++) {
      const pixels = disks.data.subarray(i * 144, (i + 1) * 144);
      const corner = pixels[0];
      const cover = Array.from(pixels, (value) => Math.abs(value - corner));
      const contrast = Math.max(...cover);
      const area = cover.reduce((sum, value) => sum + value, 0) / contrast;
      const radius = Math.sqrt(area / Math.PI);
      expect(radius).toBeGreaterThan(1.9);
      expect(radius).toBeLessThan(5.1);
    }
  });

  it("scaled images lie on a ray, sinusoids have one frequency", async () => {
    const base = new NDArray(Float32Array.of(0.2, 0.4, 0.6, 1), [1, 2, 2], "float32");
    const scaled = await scaledImages(random.key(1), 5, base);
    for (let i = 0; i < 5; i++) {
      expect(scaled.data[4 * i + 1] / scaled.data[4 * i]).toBeCloseTo(2, 5);
      expect(scaled.data[4 * i + 3]).toBeGreaterThan(0);
    }
    const waves = await sinusoidImages(random.key(1), 4, { size: 8, frequency: [1, 0] });
    checkIntensities(waves);
    // Half a period along a row both cosines cancel.
    for (let i = 0; i < 4; i++)
      expect(waves.data[64 * i] + waves.data[64 * i + 4]).toBeCloseTo(
        waves.data[64 * i + 1] + waves.data[64 * i + 5],
        5,
      );
  });

  it("shuffling moves the pixels of all images alike", () => {
    const images = image([0, 1, 2, 3, 4, 5, 6, 7], 2, 2);
    expect(Array.from(shufflePixels(images, [2, 0, 3, 1]).data)).toEqual([2, 0, 3, 1, 6, 4, 7, 5]);
    expect(() => shufflePixels(images, [0, 0, 1, 2])).toThrow(/permutation of 4 pixels/);
  });
});

describe("images", () => {
  it("shrink by means over areas and repeat to a count", () => {
    const four = image(
      Array.from({ length: 16 }, (_, i) => i),
      4,
    );
    expect(Array.from(shrinkImages(four, 2, 2).data)).toEqual([2.5, 4.5, 10.5, 12.5]);
    expect(shrinkImages(four, 20, 20)).toBe(four);
    const two = image([1, 2, 3, 4, 5, 6, 7, 8], 2, 2);
    expect(Array.from(tiledImages(two, 3).data)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4]);
  });

  it("outside [0, 1] or not finite are refused", () => {
    expect(() => checkIntensities(image([0, 1, 2, 255], 2))).toThrow(
      /scale to \[0,1\] first; found max 255/,
    );
    expect(() => checkIntensities(image([-1, 1, 0, 0], 2))).toThrow(/found min -1/);
    expect(() => checkIntensities(image([0, Number.NaN, 0, 0], 2))).toThrow(/image 0.*NaN/);
  });
});
