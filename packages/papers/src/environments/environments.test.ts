import { array, random } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import {
  bumpsOf,
  cartPole,
  cellAfter,
  goalCell,
  openGrid,
  pendulum,
  rollout,
  shortcutGrid,
  slipping,
  startCell,
} from "./index.ts";

const draws = random.generator(0);
const expectNear = (actual: readonly number[], expected: readonly number[], digits = 6) => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], digits);
  });
};

describe("cart-pole", () => {
  const after = (seen: readonly number[], action: number) => {
    const [position, velocity, angle, angularVelocity] = seen;
    return cartPole.step({ position, velocity, angle, angularVelocity }, [action], draws);
  };

  it("moves as worked out by hand from rest", () => {
    // Upright at rest, pushed right: pull 10 / 1.1, pole -pull / (0.5 (4/3 - 1/11)).
    const { state, reward, terminal } = after([0, 0, 0, 0], 1);
    const pole = -(10 / 1.1) / (0.5 * (4 / 3 - 0.1 / 1.1));
    const cart = 10 / 1.1 - (0.05 * pole) / 1.1;
    expectNear(cartPole.observe(state), [0, 0.02 * cart, 0, 0.02 * pole], 12);
    expect([reward, terminal]).toEqual([1, false]);
  });

  // Rows of the logged set cartpole-expert, the last one where an episode failed.
  it.each([
    [
      [-0.02343761920928955, -0.04284890741109848, 0.005655271932482719, 0.018655290827155113],
      0,
      [-0.024294596165418625, -0.23805150389671326, 0.006028377451002598, 0.3131171464920044],
      false,
    ],
    [
      [-0.722109317779541, -0.02519160322844982, -0.0020632902160286903, -0.3708314597606659],
      0,
      [-0.7226131558418274, -0.22028417885303497, -0.009479919448494911, -0.07879982888698578],
      false,
    ],
    [
      [-2.3931667804718018, -0.9890844225883484, 0.005394868552684784, 0.8341557383537292],
      1,
      [-2.4129483699798584, -0.7940365672111511, 0.022077983245253563, 0.5431743264198303],
      true,
    ],
  ])("agrees with the log at %j", (seen, action, next, terminal) => {
    const step = after(seen, action);
    expectNear(cartPole.observe(step.state), next);
    expect(step.terminal).toBe(terminal);
  });

  it("is balanced by leaning against the fall, for all 500 steps", async () => {
    const lean = async (seen: { data: ArrayLike<number>; shape: readonly number[] }) =>
      array(
        Float32Array.from({ length: seen.shape[0] }, (_, i) =>
          Number(seen.data[4 * i + 2] + 0.3 * seen.data[4 * i + 3] > 0),
        ),
      );
    const episodes = await rollout(cartPole, lean, { episodes: 5, seed: 1 });
    for (const { reward, steps } of episodes) expect([reward, steps]).toEqual([steps, steps]);
    expect(Math.min(...episodes.map(({ steps }) => steps))).toBeGreaterThan(150);
  });
});

describe("pendulum", () => {
  const after = ([cos, sin, velocity]: readonly number[], torque: number) =>
    pendulum.step({ angle: Math.atan2(sin, cos), velocity }, [torque], draws);

  it("moves as worked out by hand", () => {
    // Level, at rest, full torque: acceleration 15 + 6, speed 1.05, reward -(pi/2)^2 - 0.004.
    const { state, reward, terminal } = pendulum.step(
      { angle: Math.PI / 2, velocity: 0 },
      [2],
      draws,
    );
    expect(state.velocity).toBeCloseTo(1.05, 12);
    expect(state.angle).toBeCloseTo(Math.PI / 2 + 0.0525, 12);
    expect(reward).toBeCloseTo(-((Math.PI / 2) ** 2) - 0.004, 12);
    expect(terminal).toBe(false);
    // Torque and speed have bounds.
    expect(pendulum.step({ angle: 1, velocity: 7.9 }, [99], draws).state.velocity).toBe(8);
  });

  // Rows of the logged set pendulum-expert.
  it.each([
    [
      [0.3088073134422302, 0.9511246085166931, -0.27975237369537354],
      -2,
      -1.5915169715881348,
      [0.3024474084377289, 0.9531660676002502, 0.13359107077121735],
    ],
    [
      [-0.7509118914604187, 0.6604024171829224, 5.057998180389404],
      1.0191117525100708,
      -8.416925430297852,
      [-0.9064286947250366, 0.4223589301109314, 5.706166744232178],
    ],
    [
      [0.9993578791618347, 0.035830434411764145, 0.013674306683242321],
      1.0640324354171753,
      -0.0024352334439754486,
      [0.9989492893218994, 0.0458296462893486, 0.20015199482440948],
    ],
  ])("agrees with the log at %j", (seen, torque, reward, next) => {
    const step = after(seen, torque);
    expectNear(pendulum.observe(step.state), next);
    expect(step.reward).toBeCloseTo(reward, 5);
  });
});

describe("the grid with the shortcut", () => {
  const { environment, safeCells, decisionCells, distances, isVoid, isOptimal } = shortcutGrid;

  it("has a safe way of 19 steps, and a void that cuts it to 7", () => {
    expect([safeCells.length, decisionCells.length]).toEqual([52, 51]);
    expect(distances[startCell]).toBe(19);
    let cell = startCell;
    for (let step = 0; step < 7; step++) cell = cellAfter(cell, 2);
    expect(cell).toBe(goalCell);
    expect(cellAfter(startCell, 1)).toBe(startCell);
    for (const safe of decisionCells) {
      expect([0, 1, 2, 3].some((action) => isOptimal(safe, action))).toBe(true);
    }
  });

  it("fails in the void, ends at the goal, and costs 3 a step", () => {
    const under = 2 * 8; // (0, 2), below the void
    expect(environment.step(under, [2], draws)).toEqual({ state: 24, reward: -3, terminal: true });
    expect(environment.step(under, [1], draws)).toEqual({
      state: under,
      reward: -3,
      terminal: false,
    });
    expect(environment.step(goalCell + 1, [1], draws)).toEqual({
      state: goalCell,
      reward: 0,
      terminal: true,
    });
    expectNear(
      [bumpsOf(0)[0], bumpsOf(0)[1], bumpsOf(0)[9]],
      [1, Math.exp(-0.5), Math.exp(-1)],
      12,
    );
  });

  it("is logged so that no record goes on from the void or calls it an end", () => {
    const log = shortcutGrid.log(random.generator(3));
    expect(log.length).toBeGreaterThan(4000);
    expect(log.length).toBeLessThan(4700);
    expect(log.filter(({ cell }) => isVoid(cell))).toEqual([]);
    for (const { next, terminal, timeout } of log) {
      expect(terminal).toBe(next === goalCell);
      if (isVoid(next)) expect([terminal, timeout]).toEqual([false, true]);
    }
    // 150 episodes: each ends once.
    expect(log.filter(({ terminal, timeout }) => terminal || timeout)).toHaveLength(150);
    const optimal = log.filter(({ cell, action }) => isOptimal(cell, action)).length / log.length;
    expect(optimal).toBeGreaterThan(0.35); // 0.25 and what 0.45 of uniform steps add
    expect(optimal).toBeLessThan(0.55);
    expect(shortcutGrid.log(random.generator(3))).toEqual(log);
  });

  it("without its void has a way of 7 steps and a log that goes on everywhere", () => {
    expect(openGrid.distances[startCell]).toBe(7);
    expect(openGrid.voidCells).toEqual([]);
    const log = openGrid.log(random.generator(3));
    const logged = new Set(log.map(({ cell }) => cell));
    expect(log.filter(({ next, terminal }) => !terminal && !logged.has(next))).toEqual([]);
  });

  it("slips as often as it is told to", () => {
    const slippery = slipping(environment, 0.4);
    const chance = random.generator(5);
    let elsewhere = 0;
    for (let i = 0; i < 4000; i++) {
      if (slippery.step(9, [0], chance).state !== 10) elsewhere++;
    }
    expect(elsewhere / 4000).toBeCloseTo(0.3, 1); // three of four slips lead elsewhere
  });

  it("runs episodes that do not depend on how many run beside them", async () => {
    const right = async (seen: { shape: readonly number[] }) =>
      array(new Int32Array(seen.shape[0]), { dtype: "int32" });
    const slippery = slipping(environment, 0.5);
    const many = await rollout(slippery, right, { episodes: 9, seed: 4 });
    const few = await rollout(slippery, right, { episodes: 3, seed: 4 });
    expect(few).toEqual(many.slice(0, 3));
  });
});
