import { memoryCheckpoint, sgd } from "@etude/learn";
import { array, jit, lift, setThreads, type Tensor } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { UsageError } from "../contract/errors.ts";
import { condense, condensing } from "./condense.ts";
import { drawImages, rowsByClass } from "./labelled.ts";
import { convolutional, perceptron } from "./networks.ts";
import { type CondenseOptions, methods } from "./settings.ts";
import { toyImages } from "./testing.ts";

setThreads(1);

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

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

describe("condense", () => {
  const data = toyImages(40, 2);
  const net = perceptron([6])([1, 6, 6], 2);

  it("begins with the random selection, and gives the same bits for the same seed", async () => {
    const first = await condense(data, net, few);
    const again = await condense(data, net, few);
    expect(again.images.data).toEqual(first.images.data);
    const rows = drawImages(rowsByClass(data), 1, few.seed);
    expect([...rows].map((row) => data.y[row])).toEqual([0, 1]);
    const chosen = data.x.data.slice(36 * rows[1], 36 * (rows[1] + 1));
    expect(first.initial.data.slice(36)).toEqual(chosen);
    expect(first.lossHistory.length).toBe(9);
    expect(first.labels).toEqual(Int32Array.from([0, 1]));
    // In the first outer loop the first steps are class-wise, later all are contrastive.
    expect(first.lossHistory[0]).toBeCloseTo(first.classwise[0], 5);
    expect(first.lossHistory[3]).toBeCloseTo(first.contrastive[1], 5);
  });

  it("of every method sees the same draws: DC and DCC part only where the loss does", async () => {
    const run = (method: "DC" | "DCC") => condense(data, net, { ...few, method, outerWarmup: 2 });
    const [dc, dcc] = [await run("DC"), await run("DCC")];
    expect(dcc.initial.data).toEqual(dc.initial.data);
    expect(dcc.lossHistory.slice(0, 2)).toEqual(dc.lossHistory.slice(0, 2));
    expect(dcc.lossHistory[2]).not.toBe(dc.lossHistory[2]);
    expect(dcc.classwise[0]).toBe(dc.classwise[0]);
  });

  it("moves images by the rate and the momentum: a step by hand", async () => {
    const one = { ...few, method: "DC", outerLoops: 1, innerLoops: 1 } as const;
    const { initial, images } = await condense(data, net, one);
    const faster = await condense(data, net, { ...one, lrImage: 0.3 });
    images.data.forEach((value, i) => {
      const [moved, more] = [value - initial.data[i], faster.images.data[i] - initial.data[i]];
      expect(Number(more)).toBeCloseTo(3 * Number(moved), 4);
    });
    // The optimiser of the images under a constant gradient of 1.
    const momentum = jit((S: Tensor) => {
      const optimiser = sgd(0.1, { momentum: 0.5 });
      let [at, memory] = [S, optimiser.init({ S })];
      const places: Tensor[] = [];
      for (let step = 0; step < 3; step++) {
        const next = optimiser.update({ S: lift(1) }, memory, { S: at });
        [at, memory] = [at.add(next.updates.S), next.state];
        places.push(at);
      }
      return places;
    });
    const places = (await momentum(array(0))).map((place) => place.item());
    [-0.1, -0.25, -0.425].forEach((place, i) => {
      expect(places[i]).toBeCloseTo(place, 6);
    });
  });

  it("lowers its loss", async () => {
    // One linear layer: what agrees for one start agrees for others, so that the loss falls visibly.
    const linear = perceptron([])([1, 6, 6], 2);
    const { contrastive } = await condense(data, linear, {
      ...few,
      outerLoops: 40,
      outerWarmup: 0,
      batchReal: 20,
    });
    expect(mean(contrastive.slice(-10))).toBeLessThan(0.5 * contrastive[0]);
  });

  it("runs by every method, metric and start, with batch normalisation, and keeps snapshots", async () => {
    const images = toyImages(24, 3, { channels: 3 });
    const conv = convolutional({ width: 3, depth: 1, norm: "batch" })([3, 6, 6], 3);
    const flat = perceptron([4])([3, 6, 6], 3);
    for (const method of methods) {
      const { images: learnt, snapshots } = await condense(images, method === "DC" ? conv : flat, {
        ...few,
        method,
        ipc: 2,
        innerLoops: 2,
        innerWarmup: 1,
        outerLoops: 1,
        // In batches of four and a rest of two where nothing else is large.
        ...(method === "DC" && { batchTrain: 4 }),
        snapshots: [0, 1],
      });
      expect(learnt.shape).toEqual([6, 3, 6, 6]);
      expect(learnt.data.every(Number.isFinite)).toBe(true);
      expect(snapshots.map(({ outer }) => outer)).toEqual([0, 1]);
      expect(snapshots[1].images.data).toEqual(learnt.data);
    }
    for (const metric of ["mse", "cosine"] as const) {
      const noise = await condense(data, net, { ...few, metric, init: "noise" });
      expect(noise.images.data.every(Number.isFinite)).toBe(true);
      expect(noise.initial.data).not.toEqual((await condense(data, net, few)).initial.data);
    }
  });

  it("takes all images of a class that is smaller than the batch", async () => {
    const y = data.y.map((label, i) => (i < 4 ? label : 0));
    const small = { ...data, y };
    const { images } = await condense(small, net, few);
    expect(images.data.every(Number.isFinite)).toBe(true);
  });

  it("goes on from a checkpoint to the same bits", async () => {
    const options = { ...few, outerLoops: 6 };
    const whole = await condense(data, net, options);
    const store = memoryCheckpoint();
    const clock = performance.now;
    // Every look at the clock is a minute later, so that each outer loop is kept.
    let minutes = 0;
    performance.now = () => 60_000 * ++minutes;
    try {
      const running = condensing(data, net, options, store);
      for (let call = 0; call < 9; call++) await running.next();
      await running.return(undefined as never);
    } finally {
      performance.now = clock;
    }
    expect(await store.load()).toBeDefined();
    const rest = condensing(data, net, options, store);
    let calls = 0;
    for (;;) {
      const next = await rest.next();
      if (next.done) {
        expect(next.value.images.data).toEqual(whole.images.data);
        expect(next.value.lossHistory).toEqual(whole.lossHistory);
        break;
      }
      calls++;
    }
    expect(calls).toBeLessThan(12);
  });

  it("refuses networks and data that do not fit, and augmentation of rows", async () => {
    await expect(condense(data, perceptron([4])([1, 6, 6], 3), few)).rejects.toThrow(
      /3 classes|classes/,
    );
    const rows = { ...data, x: data.x.reshape([40, 36]) };
    const flat = perceptron([4])([36], 2);
    await expect(condense(rows, flat, { ...few, method: "DSA" })).rejects.toThrow(
      /DSA augments images/,
    );
    await expect(condense(data, net, { ...few, ipc: 30 })).rejects.toThrow(UsageError);
    expect(() => convolutional({ depth: 4 })([1, 6, 6], 2)).toThrow(
      /too small to be halved 4 times/,
    );
    expect(() => convolutional()([36], 2)).toThrow(/takes images/);
  });
});
