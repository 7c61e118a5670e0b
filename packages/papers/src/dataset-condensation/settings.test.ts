import { array } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { channelScale, drawImages, pooled, rowsByClass, standardise, visible } from "./labelled.ts";
import { type CondenseOptions, completeOptions, contrastsAt, loopsFor } from "./settings.ts";
import { toyImages } from "./testing.ts";

const few: CondenseOptions = {
  method: "DCC",
  ipc: 1,
  outerLoops: 3,
  innerLoops: 3,
  netEpochs: 2,
  batchReal: 8,
  outerWarmup: 1,
  innerWarmup: 2,
  seed: 4,
};

describe("settings", () => {
  it("are contrastive where the bi-level warm-up says so", () => {
    const at = (o: number) =>
      [0, 1, 2, 3].map((i) => contrastsAt({ method: "DCC", outerWarmup: 2, innerWarmup: 3 }, o, i));
    expect(at(0)).toEqual([false, false, false, true]);
    expect(at(1)).toEqual(at(0));
    expect(at(2)).toEqual([true, true, true, true]);
    const all = [0, 1, 2, 3, 4].flatMap(at);
    expect(all.filter(Boolean).length).toBe(14);
    expect(contrastsAt({ method: "DSA", outerWarmup: 0, innerWarmup: 0 }, 9, 9)).toBe(false);
  });

  it("have the authors' loop counts and defaults", () => {
    expect(loopsFor(1)).toEqual({ innerLoops: 10, netEpochs: 5 });
    expect(loopsFor(50)).toEqual({ innerLoops: 50, netEpochs: 10 });
    expect(loopsFor(5)).toBeUndefined();
    expect(completeOptions({ method: "DCC", ipc: 10, seed: 0 })).toMatchObject({
      outerLoops: 1000,
      innerLoops: 10,
      netEpochs: 50,
      lrImage: 0.1,
      momentumImage: 0.5,
      lrNet: 0.01,
      batchReal: 256,
      outerWarmup: 250,
      innerWarmup: 10,
      init: "real",
    });
  });

  it("refuse what has no sense", () => {
    const refuses = (changes: object, message: RegExp) =>
      expect(() => completeOptions({ ...few, ...changes })).toThrow(message);
    refuses({ outerWarmup: 4 }, /outerWarmup 4 is more than the 3 outer loops/);
    refuses({ innerWarmup: 4 }, /innerWarmup 4 is more than the 3 inner loops/);
    refuses({ ipc: 5, innerLoops: undefined }, /no loop counts for 5 images per class/);
    refuses({ metric: "l1" }, /metric "l1" is unknown; there are layerwiseCosine, mse, cosine/);
    refuses({ method: "DM" }, /method "DM" is unknown/);
    refuses({ augment: ["blur"] }, /augment "blur" is unknown/);
    refuses({ method: "DSA", augment: [] }, /at least one operation/);
    refuses({ ipc: 0 }, /ipc must be a whole number from 1/);
    refuses({ lrImage: 0 }, /lrImage must be above 0/);
    refuses({ momentumImage: 1 }, /momentumImage must be in \[0, 1\)/);
    expect(() => completeOptions({ ...few, method: "DC", outerWarmup: 99 })).not.toThrow();
  });
});

describe("labelled images", () => {
  it("are refused with labels out of range, empty classes, or fewer than ipc of a class", () => {
    const { x } = toyImages(6, 2);
    const of = (y: number[], numClasses = 2) =>
      rowsByClass({ x, y: Int32Array.from(y), numClasses });
    expect(() => of([0, 1, 0, 1, 2, 0])).toThrow(
      /example 4, from 0, has class 2; classes are 0 to 1/,
    );
    expect(() => of([0, 0, 0, 0, 0, 0])).toThrow(/class 1 has no images/);
    expect(() => of([0, 1])).toThrow(/2 labels/);
    expect(() => drawImages(of([0, 1, 0, 0, 0, 0]), 2, 0)).toThrow(
      /class 1 has 1 images; 2 per class/,
    );
  });

  it("come back from standardising, and are pooled by means", () => {
    const { x } = toyImages(6, 2, { channels: 3 });
    const scale = channelScale(x);
    const there = standardise(x, scale);
    const again = channelScale(there);
    again.means.forEach((mean) => {
      expect(mean).toBeCloseTo(0, 5);
    });
    again.deviations.forEach((deviation) => {
      expect(deviation).toBeCloseTo(1, 5);
    });
    const back = visible(there, scale);
    x.data.forEach((value, i) => {
      expect(back.data[i]).toBeCloseTo(Math.min(Math.max(Number(value), 0), 1), 5);
    });
    const small = pooled(array([1, 2, 3, 4, 5, 6], { shape: [1, 1, 2, 3] }), 2);
    expect([...small.data]).toEqual([3, 4.5]);
  });
});
