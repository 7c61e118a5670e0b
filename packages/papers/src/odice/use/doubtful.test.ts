import { array } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { doubtfulStates, fenceOf } from "./doubtful.ts";

describe("doubtful next states", () => {
  it("lie beyond the fences of Tukey", () => {
    // Quartiles of 0 to 8 are 2 and 6.
    expect(fenceOf([8, 0, 1, 7, 2, 6, 3, 5, 4], 1)).toEqual({ low: -2, high: 10 });
    expect(fenceOf([1, 1, 1], 3)).toEqual({ low: 1, high: 1 });
    expect(fenceOf([1, 1, 1], 3, 2)).toEqual({ low: -5, high: 7 });
  });

  it("have a value, or are entered by a change of value, that the log does not have", () => {
    // A log of values 0 to 8 whose steps add 1 or 2, except for the last four.
    const value = Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 4, 4, 4);
    const nextValue = Float32Array.of(1, 3, 3, 5, 5, 7, 7, 9, -9, 50, 9, 60);
    const goesOn = Uint8Array.of(1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0);
    const terminal = array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    const reward = array(new Float32Array(12).fill(-1));
    const residual = new Float32Array(12);
    const found = doubtfulStates({ value, nextValue, residual }, { goesOn, terminal, reward }, 1.5);
    expect(found.jumps).toEqual({ low: -0.5, high: 3.5 });
    expect(found.states).toEqual([
      { transition: 8, doubts: ["value below", "jump down"] },
      { transition: 9, doubts: ["value above", "jump up"] },
      { transition: 10, doubts: ["jump up"] },
    ]);
  });
});
