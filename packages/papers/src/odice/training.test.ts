import { memoryCheckpoint } from "@etude/learn";
import {
  array,
  evaluate,
  jit,
  lift,
  type NDArray,
  random,
  type Tensor,
  treeLeaves,
} from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { UsageError } from "../contract/errors.ts";
import { cloneBehaviour } from "./cloning.ts";
import { learningDefaults, type OdiceConfig } from "./config.ts";
import { policyWeight } from "./conjugate.ts";
import { act, densityRatio, policyOutputs, residualsOf } from "./inspect.ts";
import {
  gradientAt,
  initialState,
  movedTowards,
  type OdiceState,
  odiceStep,
  stepMeasures,
} from "./training.ts";
import { imitate, networksFor, type OdiceMetrics, type Trained, trainOdice } from "./trainOdice.ts";
import type { Transitions } from "./transitions.ts";

/** Steps along a line of five places; the last one ends it. Random moves, reward -1, 0 for the last. */
function lineLog(n: number, seed: number): Transitions {
  const draws = random.generator(seed);
  const rows = Array.from({ length: n }, () => {
    const [from, action] = [draws.integer(4), draws.integer(2)];
    const to = Math.max(0, from + (action === 1 ? 1 : -1));
    return { from, action, to };
  });
  const seen = (place: number) => [0, 1, 2, 3, 4].map((i) => Number(i === place));
  return {
    observation: array(rows.map(({ from }) => seen(from))),
    action: array(
      rows.map(({ action }) => action),
      { dtype: "int32" },
    ),
    reward: array(rows.map(({ to }) => (to === 4 ? 0 : -1))),
    nextObservation: array(rows.map(({ to }) => seen(to))),
    terminal: array(rows.map(({ to }) => Number(to === 4))),
  };
}

const small: Partial<OdiceConfig> = {
  steps: 60,
  batchSize: 32,
  valueHidden: [16],
  policyHidden: [16],
  valueRate: 0.01,
  policyRate: 0.01,
  targetRate: 0.05,
};
const key = random.key(3);
const log = lineLog(200, 1);

async function end<M, R>(training: AsyncGenerator<M, R, void>): Promise<{ result: R; told: M[] }> {
  const told: M[] = [];
  for (;;) {
    const next = await training.next();
    if (next.done) return { result: next.value, told };
    told.push(next.value);
  }
}
const bits = ({ value, policy }: Pick<Trained, "value" | "policy">) =>
  treeLeaves([value, policy]).map((leaf) => Array.from((leaf as NDArray).data));

describe("a step", () => {
  it("moves the target network by its rate (the specification's figures)", async () => {
    const at = (values: number[]) => lift(array(values, { dtype: "float64" }));
    const moved = await evaluate(movedTowards(at([0.25, -0.1]), at([0.3, -0.4]), 0.005));
    expect(moved.data[0]).toBeCloseTo(0.25025, 12);
    expect(moved.data[1]).toBeCloseTo(-0.1015, 12);
  });

  it("weighs the policy by the residual before the update, and moves the target after it", async () => {
    const config: OdiceConfig = { ...learningDefaults, ...small };
    const networks = networksFor(log, config);
    const { timeout: _, ...data } = log;
    const state = await jit((key: Tensor) => initialState(networks, config, key))(key);
    type Data = { [K in keyof typeof data]: Tensor };
    const run = jit((state: OdiceState, data: Data) => {
      const [next, measures] = odiceStep(networks, config, state, data);
      const { forwardResidual } = gradientAt(networks, config, state, data);
      const weights = policyWeight(forwardResidual, { f: "pearson", rule: "relu" }).mean(0);
      const logs = networks.policy.logProbability(state.policy, data.observation, data.action);
      const beta = config.targetRate;
      return {
        measures,
        loss: weights.mul(logs).mean().neg(),
        target: next.target,
        expected: movedTowards(state.target, next.value, beta),
        moved: next.value[0].last.weight.sub(state.value[0].last.weight),
      };
    });
    const { measures, loss, target, expected, moved } = await run(state as never, data as never);
    expect(measures.data[stepMeasures.indexOf("policyLoss")]).toBeCloseTo(loss.item(), 6);
    expect(bits({ value: target, policy: {} as never })).toEqual(
      bits({ value: expected, policy: {} as never }),
    );
    // Adam's first step has the length of its rate.
    const longest = Math.max(...Array.from(moved.data, (change) => Math.abs(Number(change))));
    expect(longest).toBeCloseTo(0.01, 4);
  });
});

describe("a training", () => {
  it("gives the same bits for the same key, whatever the stretch", async () => {
    const [a, b] = [
      await end(trainOdice(key, log, small, { stretch: 20 })),
      await end(trainOdice(key, log, small, { stretch: 20 })),
    ];
    expect(bits(b.result)).toEqual(bits(a.result));
    expect(b.result.history).toEqual(a.result.history);
    const c = await end(trainOdice(key, log, small, { stretch: 25 }));
    expect(bits(c.result)).toEqual(bits(a.result));
    expect(c.told.map(({ step }) => step)).toEqual([25, 50, 60]);
  });

  it("goes on from a checkpoint with the same bits, and only if it is its own", async () => {
    const whole = await end(trainOdice(key, log, small, { stretch: 20 }));
    const checkpoint = memoryCheckpoint();
    const surroundings = { stretch: 20, checkpoint, checkpointSeconds: 0 };
    const cut = trainOdice(key, log, small, surroundings);
    await cut.next();
    await cut.next();
    await cut.return(undefined as never);
    const rest = await end(trainOdice(key, log, small, surroundings));
    expect(rest.told.map(({ step }) => step)).toEqual([60]);
    expect(bits(rest.result)).toEqual(bits(whole.result));
    expect(rest.result.history).toEqual(whole.result.history);
    const other = trainOdice(key, log, { ...small, lambda: 0.5 }, surroundings);
    await expect(other.next()).rejects.toThrow("other data or settings");
  });

  it("finds the way along the line, and keeps the moves that lead there", async () => {
    const { result } = await end(trainOdice(key, log, { ...small, steps: 600 }));
    const places = array([0, 1, 2, 3].map((i) => [0, 1, 2, 3, 4].map((j) => Number(i === j))));
    expect((await act(result, places)).tolist()).toEqual([1, 1, 1, 1]);
    const chances = await policyOutputs(result, places);
    expect(Number(chances.data[1])).toBeGreaterThan(0.9);
    const ratio = await densityRatio(result, log);
    const kept = (action: number): number =>
      ratio.data.filter((w: number, i: number) => w > 0 && log.action.data[i] === action).length;
    expect(kept(0)).toBeLessThan(0.2 * kept(1));
    const { residual } = await residualsOf(result, log);
    ratio.data.forEach((w: number, i: number) => {
      expect(w).toBeCloseTo(Math.max(residual[i], 0), 6);
    });
  });

  it("says when relu weights keep nothing for a whole pass", async () => {
    const ends: Transitions = {
      ...lineLog(64, 2),
      reward: array(new Float32Array(64)),
      terminal: array(new Float32Array(64).fill(1)),
    };
    const { told } = await end(trainOdice(key, ends, { ...small, steps: 400 }, { stretch: 50 }));
    const warnings = told.flatMap(({ warning }) => (warning === undefined ? [] : [warning]));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("lambda 0.6 is too large for relu weights");
    // The fixed point of section 7: T = -2/3, so V = 2/3.
    expect(told.at(-1)?.meanValue).toBeCloseTo(2 / 3, 2);
  });

  it("imitates actions within [-1, 1], and cloning copies the log", async () => {
    const x = Array.from({ length: 128 }, (_, i) => [i / 64 - 1]);
    const expert: Transitions = {
      observation: array(x),
      action: array(x.map(([v]) => [0.8 * v])),
      reward: array(x.map(() => 5)),
      nextObservation: array(x.map(([v]) => [0.9 * v])),
      terminal: array(x.map(() => 0)),
    };
    const { steps: _, ...changes } = small;
    for (const training of [
      imitate(key, expert, { ...changes, steps: 400 }),
      cloneBehaviour(key, expert, { ...changes, steps: 400 }),
    ]) {
      const { result } = await end<unknown, Pick<Trained, "networks" | "policy">>(training);
      const actions = await act(result, expert.observation);
      const worst = x.map(([v], i) => Math.abs(0.8 * v - Number(actions.data[i])));
      expect(Math.max(...worst)).toBeLessThan(0.2);
    }
  });

  it("evaluates when it is asked to, and at the end", async () => {
    const evaluate = { every: 25, measure: async () => 7 };
    const { told } = await end(trainOdice(key, log, small, { stretch: 10, evaluate }));
    const at = (told as OdiceMetrics[]).filter(({ evaluation }) => evaluation === 7);
    expect(at.map(({ step }) => step)).toEqual([30, 50, 60]);
  });
});

describe("what is refused", () => {
  const starting = (data: Transitions, changes: Partial<OdiceConfig> = {}) =>
    trainOdice(key, data, { ...small, ...changes }, { name: "log" }).next();

  it.each([
    [{ lambda: 0 }, "lambda must lie between 0 and 1, both excluded, got 0"],
    [{ lambda: 1.5 }, "lambda must lie between 0 and 1"],
    [{ eta: -1 }, "eta must not be negative, got -1"],
    [{ gamma: 1 }, "gamma must be at least 0 and below 1, got 1"],
    [{ steps: 0 }, "steps must be a whole number from 1 on, got 0"],
    [{ valueRate: Number.NaN }, "valueRate must be positive"],
  ])("settings %j", async (changes, problem) => {
    await expect(starting(log, changes)).rejects.toThrow(problem);
    await expect(starting(log, changes)).rejects.toThrow(UsageError);
  });

  it("data that do not fit, with the place", async () => {
    const short = { ...log, terminal: array([0, 1]) };
    await expect(starting(short)).rejects.toThrow("log: reward has 200 rows, terminal has 2");
    const rewards = Float32Array.from(log.reward.data);
    rewards[16] = Number.NaN;
    await expect(starting({ ...log, reward: array(rewards) })).rejects.toThrow(
      "log, row 17: reward NaN is not finite",
    );
    const flags = Float32Array.from(log.terminal.data);
    flags[3] = 2;
    await expect(starting({ ...log, terminal: array(flags) })).rejects.toThrow(
      "log, row 4: terminal 2 is neither 0 nor 1",
    );
    const far = array(new Float32Array(200).fill(1.25), { shape: [200, 1] });
    await expect(starting({ ...log, action: far }, { squash: true })).rejects.toThrow(
      "log, row 1: action 1.25 is outside [-1, 1]",
    );
    const wide = array(new Float32Array(1200), { shape: [200, 6] });
    await expect(starting({ ...log, nextObservation: wide })).rejects.toThrow(
      "observation has 5 entries a row, nextObservation 6",
    );
  });
});
