import { DataError, parseCsv } from "@etude/data";
import { array, loadOnnx, random } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { UsageError } from "../contract/errors.ts";
import { finish } from "../contract/events.ts";
import { reproducible } from "../contract/report.ts";
import { cartPole } from "../environments/index.ts";
import { use } from "../run/use.ts";
import { testSurroundings, verified } from "../testing.ts";
import { paper } from "./paper.ts";

describe("verify", () => {
  it("runs at smoke scale, twice with the same report", async () => {
    const report = await verified(paper, "smoke");
    const again = await verified(paper, "smoke");
    expect(reproducible(again)).toEqual(reproducible(report));
    expect(report.claims).toHaveLength(12);
    expect(report.claims.every(({ mean }) => Number.isFinite(mean))).toBe(true);
    expect(report.figures.map(({ id }) => id)).toContain("values-orthogonal");
  });
});

/**
 * A corridor of places 0 to 5: `move` left or right costs 1, at 5 the task ends. In half of the episodes
 * the record is cut where it stands at place 0 and goes left, into place -4, from which nothing is logged.
 */
function corridorCsv(): string {
  const draws = random.generator(7);
  const lines = ["place,move,reward,next_place,terminal,timeout"];
  for (let episode = 0; episode < 60; episode++) {
    let place = draws.integer(5);
    for (let step = 1; step <= 20; step++) {
      const isRight = draws.uniform() < 0.5;
      const next = isRight ? place + 1 : place === 0 ? -4 : place - 1;
      const [terminal, cut] = [next === 5, next < 0 || step === 20];
      lines.push(
        `${place},${isRight ? "right" : "left"},${terminal ? 0 : -1},${next},${terminal},${cut && !terminal}`,
      );
      if (terminal || cut) break;
      place = next;
    }
  }
  return `${lines.join("\n")}\n`;
}

const quickly = {
  actions: ["move"],
  weights: "relu",
  rewardScale: 1,
  steps: 1000,
  hidden: [32],
  rate: 0.005,
  twin: false,
};

async function onTable(csv: string, options: Readonly<Record<string, unknown>>, name = "log.csv") {
  const table = await parseCsv(csv, { name });
  const inputs = { data: { kind: "table", file: name, table } } as const;
  return finish(use(paper, { seed: 0, options, inputs }, testSurroundings()));
}

const text = (bytes: Uint8Array): string[] => new TextDecoder().decode(bytes).trim().split("\n");

describe("use", () => {
  it("learns the way along a corridor, and writes models that say the same when loaded", async () => {
    const csv = corridorCsv();
    const { files, report } = await onTable(csv, quickly);
    expect(files.map(({ name }) => name)).toEqual([
      "policy.onnx",
      "value.onnx",
      "ratios.csv",
      "doubtful.csv",
    ]);
    const [policy, value] = await Promise.all(
      files.slice(0, 2).map(({ bytes }) => loadOnnx(bytes)),
    );
    const names = JSON.parse(policy.metadata["etude.actions"]).names;
    expect(names).toEqual(["left", "right"]);
    const places = array([[0], [1], [2], [3], [4]]);
    const { action, probabilities } = await policy.run({ observation: places });
    expect(action.tolist()).toEqual([1, 1, 1, 1, 1]);
    expect(probabilities.shape).toEqual([5, 2]);
    const { value: values } = await value.run({ observation: places });
    const [first, , , , last] = Array.from(values.data, Number);
    expect(last).toBeGreaterThan(first);

    // The file of ratios has one line a transition and the values of the exported model.
    const ratios = text(files[2].bytes);
    expect(ratios).toHaveLength(text(new TextEncoder().encode(csv)).length);
    expect(ratios[0]).toBe("row,omega,kept,value,next_value,residual");
    const [row, omega, kept, said] = ratios[1].split(",").map(Number);
    expect([row, kept]).toEqual([2, Number(omega > 0)]);
    const start = array([[Number(csv.split("\n")[1].split(",")[0])]]);
    const again = await value.run({ observation: start });
    expect(again.value.item()).toBeCloseTo(said, 4);
    expect(report.findings.join(" ")).toContain("of the logged actions");
    expect(text(files[3].bytes)[0]).toBe("row,value,next_value,log_goes_on,why");
    await Promise.all([policy.release(), value.release()]);
  });

  it("takes arrays with the names of D4RL, in other units, and runs the policy", async () => {
    const draws = random.generator(1);
    let state = cartPole.reset(draws);
    const steps = Array.from({ length: 300 }, () => {
      const seen = cartPole.observe(state);
      const action = Number(seen[2] + 0.5 * seen[3] + 0.1 * draws.normal() > 0);
      const { state: next, reward, terminal } = cartPole.step(state, [action], draws);
      state = terminal ? cartPole.reset(draws) : next;
      return { seen, action, reward, next: cartPole.observe(next), terminal };
    });
    const arrays = {
      observations: array(steps.map(({ seen }) => [...seen])),
      actions: array(
        steps.map(({ action }) => action),
        { dtype: "int32" },
      ),
      rewards: array(steps.map(({ reward }) => reward)),
      next_observations: array(steps.map(({ next }) => [...next])),
      terminals: array(steps.map(({ terminal }) => Number(terminal))),
    };
    const inputs = { data: { kind: "arrays", file: "cart.npz", arrays } } as const;
    const options = { ...quickly, actions: [], steps: 100, environment: "cart-pole", episodes: 2 };
    const { report } = await finish(use(paper, { seed: 0, options, inputs }, testSurroundings()));
    const returns = report.tables.find(({ id }) => id === "returns");
    expect(returns?.rows.map(([name]) => name)).toEqual([
      "O-DICE",
      "behaviour cloning",
      "the log itself",
    ]);
    for (const [, , mean] of returns?.rows ?? []) expect(Number(mean)).toBeGreaterThan(5);
  });

  it("brings continuous actions to [-1, 1] and back, to imitate them", async () => {
    const rows = Array.from({ length: 200 }, (_, i) => (i % 40) - 20);
    const csv = `x,action,next_x\n${rows.map((x) => `${x},${100 + 3 * x},${x / 2}`).join("\n")}\n`;
    const options = { ...quickly, actions: [], task: "imitate", steps: 600 };
    const { files, report } = await onTable(csv, options);
    const policy = await loadOnnx(files[0].bytes);
    const { action } = await policy.run({ observation: array([[-10], [0], [10]]) });
    expect(action.shape).toEqual([3, 1]);
    Array.from(action.data, Number).forEach((value, i) => {
      expect(Math.abs(value - [70, 100, 130][i])).toBeLessThan(15);
    });
    expect(report.findings[0]).toContain("No column says where an episode ends");
    await policy.release();
  });
});

describe("use refuses", () => {
  const csv = corridorCsv();
  it.each<
    [string, Readonly<Record<string, unknown>>, string, typeof UsageError | typeof DataError]
  >([
    [csv, {}, "no column is called action", UsageError],
    [csv, { ...quickly, lambda: 1 }, "lambda must lie between 0 and 1", UsageError],
    [csv, { ...quickly, gamma: 1 }, "gamma must be at least 0 and below 1", UsageError],
    [csv, { ...quickly, eta: -1 }, "eta must not be negative", UsageError],
    [csv, { ...quickly, actions: ["moves"] }, 'log.csv: there is no column "moves"', DataError],
    [csv, { ...quickly, actionKind: "continuous" }, "holds texts", DataError],
    [csv, { ...quickly, environment: "pendulum" }, "shows 3 numbers", UsageError],
    ["x,action,next_x\n1,0,2\n", {}, "no column is called reward", UsageError],
    [
      "x,action,reward,next_x\n1,0,1,2\n2,1,,3\n",
      {},
      'log.csv, row 3, column "reward": a number is missing',
      DataError,
    ],
    [
      "x,action,reward,terminal\n1,0,1,0\n2,1,1,3\n",
      {},
      'log.csv, row 3, column "terminal": 3 is neither 0 nor 1',
      DataError,
    ],
    ["x,action,reward,timeout\n1,0,1,1\n2,1,1,1\n", {}, "no transition is left", DataError],
    [
      "x,action,reward,next_x\n1,0.5,1,2\n2,3.5,1,3\n",
      { scaleActions: false },
      "row 2: action 3.5 is outside [-1, 1]",
      DataError,
    ],
  ])("%#: %j", async (given, options, problem, kind) => {
    const refused = onTable(given, options);
    await expect(refused).rejects.toThrow(problem);
    await expect(refused).rejects.toThrow(kind);
  });
});
