import { describe, expect, it } from "vitest";
import { parseSeeds } from "./seeds.ts";

describe("seeds", () => {
  it("are read from a number, a list, a range with both ends, and mixtures", () => {
    expect(parseSeeds("5")).toEqual([5]);
    expect(parseSeeds("2,0,1")).toEqual([2, 0, 1]);
    expect(parseSeeds("0..4")).toEqual([0, 1, 2, 3, 4]);
    expect(parseSeeds(" 0 .. 2 , 7")).toEqual([0, 1, 2, 7]);
    expect(parseSeeds("4294967295")).toEqual([4294967295]);
  });

  it.each([
    ["", /expected a range/],
    ["a", /expected a range/],
    ["1.5", /expected a range/],
    ["-1", /expected a range/],
    ["0..", /expected a range/],
    ["0...3", /expected a range/],
    ["0,,1", /expected a range/],
    ["4..0", /runs backwards/],
    ["0..2,1", /seed 1 comes twice/],
    ["0..1000", /at most 1000/],
    ["4294967296", /at most 4294967295/],
  ])("refuse %j", (text, message) => {
    expect(() => parseSeeds(text)).toThrow(message);
    expect(() => parseSeeds(text)).toThrow(`--seeds ${text}: `);
  });
});
