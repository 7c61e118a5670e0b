import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { shareOut } from "./shares.ts";

const cores = availableParallelism();
const usual = { seeds: 3, minutes: 4, device: "cpu", shared: true };

describe("the seeds of a run", () => {
  it("come side by side, in rounds of equally many", async () => {
    const rounds = async (seeds: number) => {
      const { parallel } = await shareOut({ ...usual, seeds });
      return Math.ceil(seeds / parallel) * parallel - seeds;
    };
    for (const seeds of [1, 2, 3, 5, 10, 31]) expect(await rounds(seeds)).toBeLessThan(seeds);
    const { parallel } = await shareOut({ ...usual, seeds: 1000 });
    expect(parallel).toBeLessThanOrEqual(2 * cores);
  });

  it("come one after the other with all cores where processes do not pay or do not help", async () => {
    const alone = { parallel: 1, threads: null };
    expect(await shareOut({ ...usual, minutes: 0.1 })).toEqual(alone);
    expect(await shareOut({ ...usual, device: "cuda" })).toEqual(alone);
    expect(await shareOut({ ...usual, shared: false })).toEqual(alone);
    expect(await shareOut({ ...usual, seeds: 1 })).toEqual(alone);
    expect(await shareOut({ ...usual, gigabytes: 1e6 })).toEqual(alone);
  });

  it("share the cores, unless somebody says otherwise, or a run goes on", async () => {
    const each = Math.max(1, Math.floor(cores / 3));
    expect(await shareOut({ ...usual, parallel: 3 })).toEqual({ parallel: 3, threads: each });
    expect(await shareOut({ ...usual, parallel: 7, threads: 5 })).toEqual({
      parallel: 3,
      threads: 5,
    });
    const plan = { paper: "", preset: "", seeds: [], options: {}, etude: "", device: "" };
    const before = { ...plan, parallel: 2, threads: 9 };
    expect(await shareOut({ ...usual, before })).toEqual({ parallel: 2, threads: 9 });
    expect(await shareOut({ ...usual, before, parallel: 1 })).toEqual({ parallel: 1, threads: 9 });
  });
});
