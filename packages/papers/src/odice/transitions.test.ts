import { array } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import {
  fromEpisodes,
  goalRewards,
  returnScale,
  standardisationOf,
  standardised,
} from "./transitions.ts";

describe("transitions from episodes", () => {
  // Columns: state, action, reward, terminal, timeout. Two episodes: one ends, one is cut.
  const rows = array([
    [1, 0, 10, 0, 0],
    [2, 1, 20, 1, 0],
    [3, 0, 30, 0, 0],
    [4, 1, 40, 0, 1],
  ]);
  const columns = {
    observation: [0, 1],
    action: [1, 2],
    reward: 2,
    terminal: 3,
    timeout: 4,
    discrete: true,
  } as const;

  it("take the next row's state, and leave out a cut step whose next state is not recorded", () => {
    const found = fromEpisodes(rows, columns);
    expect(found.observation.tolist()).toEqual([[1], [2], [3]]);
    expect(found.nextObservation.tolist()).toEqual([[2], [2], [4]]);
    expect(found.action.tolist()).toEqual([0, 1, 0]);
    expect(found.terminal.tolist()).toEqual([0, 1, 0]);
    expect(Array.from(found.rows)).toEqual([0, 1, 2]);
    expect(Array.from(found.starts)).toEqual([1, 0, 1]);
  });

  it("keep a cut step whose next state is recorded, never as terminal", () => {
    const found = fromEpisodes(rows, { ...columns, nextObservation: [2, 3] });
    expect(found.nextObservation.tolist()).toEqual([[10], [20], [30], [40]]);
    expect(found.terminal.tolist()).toEqual([0, 1, 0, 0]);
    expect(found.timeout?.tolist()).toEqual([0, 0, 0, 1]);
  });

  it("refuse when nothing is left", () => {
    const single = array([[1, 0, 10, 0, 1]]);
    expect(() => fromEpisodes(single, columns, "one.csv")).toThrow(
      "one.csv: no transition is left",
    );
  });

  it("of mazes that pay at the goal cost 3 a step elsewhere", () => {
    const found = fromEpisodes(rows, { ...columns, nextObservation: [0, 1] });
    const paid = goalRewards({ ...found, reward: array([0, 1, 0, 0]) });
    expect(paid.reward.tolist()).toEqual([-3, 0, -3, -3]);
  });

  it("have a scale for rewards, and standardised states", () => {
    const found = fromEpisodes(rows, { ...columns, nextObservation: [0, 1] });
    // Returns 30 and 70, two steps each.
    expect(returnScale(found)).toBeCloseTo(2 / 40, 12);
    expect(returnScale({ ...found, reward: array([1, 2, 1, 2]) })).toBe(1);
    const scale = standardisationOf(found);
    expect(scale.mean.item()).toBe(2.5);
    expect(scale.scale.item()).toBeCloseTo(Math.sqrt(1.25) + 1e-3, 6);
    const near = standardised(found, scale);
    expect(Number(near.observation.data[0])).toBeCloseTo(-1.5 / (Math.sqrt(1.25) + 1e-3), 5);
  });
});
