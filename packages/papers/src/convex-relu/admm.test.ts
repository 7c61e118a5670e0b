import { array, jit, type NDArray, random, type Tensor } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { convexReluAdmm, groupSoftThreshold } from "./admm.ts";
import { dualityGap } from "./certificate.ts";
import { factorise, type SolverName, solveUpdate } from "./factorisation.ts";
import { allPatterns2d, type Patterns } from "./patterns.ts";
import { convexObjective, convexProgram, type Program, scalar } from "./program.ts";
import { networkObjective, predict, recoverNetwork } from "./recovery.ts";
import { toy } from "./toy.ts";

const { X, y } = toy;
const patterns = allPatterns2d(X);
const float64 = (values: number[][]): NDArray => array(values, { dtype: "float64" });

describe("ADMM on five points", () => {
  it("goes through the iterates of algorithm 3.1", async () => {
    const { history } = await convexReluAdmm(X, y, patterns, {
      beta: 0.1,
      rho: 0.1,
      iterations: 50,
      every: 1,
    });
    const at = (iteration: number) => history[iteration - 1];
    const iterations = [1, 2, 3, 5, 10, 20, 50];
    const objectives = [2.5, 2.5, 2.327990739, 0.71333385, 0.64280181, 0.975788748, 0.87901211];
    const splittings = [
      0.894862392, 0.967653621, 1.004682276, 0.519592995, 0.220078432, 0.103949493, 0.010796245,
    ];
    const slacks = [
      1.630474266, 1.199370399, 0.983261213, 0.792852748, 0.389436075, 0.24440973, 0.054534752,
    ];
    iterations.forEach((iteration, i) => {
      expect(at(iteration).objective).toBeCloseTo(objectives[i], 8);
      expect(at(iteration).splitting).toBeCloseTo(splittings[i], 8);
      expect(at(iteration).slack).toBeCloseTo(slacks[i], 8);
    });
  });

  it.each([
    [1e-3, 0.010116828],
    [1e-2, 0.100073827],
    [1e-1, 0.891447203],
  ])("beta %f: the optimum %f is its own lower bound", async (beta, optimum) => {
    const solution = await convexReluAdmm(X, y, patterns, {
      beta,
      iterations: 10_000,
      tolerance: 1e-10,
      every: 50,
    });
    const all = await dualityGap(X, y, solution, beta);
    const sampled = await dualityGap(X, y, solution, beta, { patterns, cones: "exact" });
    const cheap = await dualityGap(X, y, solution, beta, { patterns, cones: "multipliers" });
    for (const { primal, dual, maxCorrelation } of [all, sampled, cheap]) {
      expect(primal).toBeCloseTo(optimum, 9);
      expect(dual).toBeCloseTo(optimum, 9);
      expect(maxCorrelation / beta).toBeCloseTo(1, 6);
    }
    expect(solution.objective).toBeCloseTo(optimum, 9);
    if (beta !== 0.1) return;
    const network = recoverNetwork(solution);
    const fitted = [0.858578644, -0.629069609, 0.817825528, 0.817243196, -0.864577758];
    (await predict(network, X)).data.forEach((value, k) => {
      expect(value).toBeCloseTo(fitted[k], 7);
    });
    expect(network.a.size).toBe(6);
    const merged = recoverNetwork(solution, { merge: true });
    expect(merged.a.size).toBeLessThan(6);
    expect(await networkObjective(X, y, merged, beta)).toBeCloseTo(optimum, 9);
  });

  it("has the closed form of one sample", async () => {
    const [one, two] = [float64([[1, 1]]), array([2], { dtype: "float64" })];
    const solution = await convexReluAdmm(one, two, allPatterns2d(one), {
      beta: 0.5,
      iterations: 4000,
      tolerance: 1e-14,
    });
    expect(solution.objective).toBeCloseTo(0.6446067812, 10);
    const longest = Math.max(...Array.from(solution.v.data));
    expect(longest).toBeCloseTo(0.823223305, 9);
  });

  it("does not depend on the order of patterns, and more of them never raise the optimum", async () => {
    const pick = (order: readonly number[]): Patterns => ({
      D: Uint8Array.from(order.flatMap((i) => Array.from(patterns.D.slice(i * 5, i * 5 + 5)))),
      samples: 5,
      count: order.length,
      complete: true,
    });
    const solve = async (order: readonly number[]) => {
      const chosen = pick(order);
      const options = { beta: 0.1, iterations: 3000, tolerance: 1e-12, every: 20 };
      return (await convexReluAdmm(X, y, chosen, options)).objective;
    };
    const [forth, back, few, fewer] = [
      await solve([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
      await solve([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
      await solve([0, 1, 2, 3, 4, 5]),
      await solve([0, 1, 2]),
    ];
    expect(back).toBeCloseTo(forth, 10);
    expect(few).toBeGreaterThanOrEqual(forth - 1e-10);
    expect(fewer).toBeGreaterThanOrEqual(few - 1e-10);
  });
});

describe("one update", () => {
  it("shortens blocks by beta / rho, to zero if they are no longer", async () => {
    const shorten = jit(groupSoftThreshold);
    const blocks = float64([
      [3, 4],
      [1.2, 1.6],
      [0.3, 0.4],
      [0, 0],
    ]);
    const shortened = await shorten(blocks, scalar(2));
    const wanted = [1.8, 2.4, 0, 0, 0, 0, 0, 0];
    shortened.data.forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i], 12);
    });
  });

  it("solves eq. 11 directly, by eq. 12 and by conjugate gradients", async () => {
    const generator = random.generator(3);
    const draw = (rows: number, columns: number) =>
      float64(
        Array.from({ length: rows }, () =>
          Array.from({ length: columns }, () => generator.normal()),
        ),
      );
    const [data, targets] = [draw(7, 3), draw(1, 7).reshape([7])];
    const D = Uint8Array.from({ length: 28 }, () => generator.integer(2));
    const chosen = { D, samples: 7, count: 4, complete: true };
    const program = convexProgram(data, targets, chosen, "squared");
    const [right, before, rho] = [draw(8, 3), draw(8, 3), scalar(0.3)];
    const solve = jit(
      (
        p: Program<Tensor>,
        factors: { inner: Tensor; outer: Tensor },
        r: Tensor,
        start: Tensor,
        penalty: Tensor,
        solver: SolverName,
      ) => solveUpdate(p, factors, r, penalty, start, solver),
    );
    const solved = await Promise.all(
      (["cholesky", "woodbury", "cg"] as const).map(async (solver) =>
        solve(program, await factorise(program, rho, solver), right, before, rho, solver),
      ),
    );
    const difference = (a: NDArray, b: NDArray) =>
      Math.max(...Array.from(a.data, (value, i) => Math.abs(value - b.data[i])));
    expect(difference(solved[0], solved[1])).toBeLessThan(1e-14);
    expect(difference(solved[0], solved[2])).toBeLessThan(1e-10);
  });

  it("halves the weight decay of a block between both layers", async () => {
    const v = float64([[3, 4]]);
    const { U, a } = recoverNetwork({ v, w: float64([[0, 0]]) });
    expect(Math.hypot(...Array.from(U.data)) ** 2).toBeCloseTo(5, 12);
    expect(a.data[0] ** 2).toBeCloseTo(5, 12);
    const silent = array([0, 0, 0, 0, 0], { dtype: "float64" });
    const decay =
      (await networkObjective(X, silent, { U, a }, 0.2)) -
      (await networkObjective(X, silent, { U, a }, 0.1));
    expect(decay).toBeCloseTo(0.1 * 5, 12);
  });
});

it("a violated cone makes the network another one than the program's", async () => {
  const v = float64([[1, 0.5]]);
  const w = float64([[0, 0]]);
  // Lets all samples through: a linear model, which is no ReLU network.
  const linear = { D: new Uint8Array(5).fill(1), samples: 5, count: 1, complete: true };
  const { objective, violation } = await convexObjective(X, y, linear, { v, w }, 0.1);
  expect(violation).toBeCloseTo(1.5, 12);
  const network = await networkObjective(X, y, recoverNetwork({ v, w }), 0.1);
  expect(Math.abs(network - objective)).toBeGreaterThan(0.1);
});

it("refuses what cannot be solved", async () => {
  const solve = (options: object, data = X, targets = y) =>
    convexReluAdmm(data, targets, patterns, { beta: 0.1, ...options });
  await expect(solve({ beta: 0 })).rejects.toThrow("beta must be positive");
  await expect(solve({ rho: -1 })).rejects.toThrow("rho must be positive");
  await expect(solve({}, float64([[1, Number.NaN]]), array([1]))).rejects.toThrow(
    "row 0, column 1",
  );
  await expect(solve({}, array([], { shape: [0, 2] }), array([]))).rejects.toThrow("0 rows");
  const wide = array(new Float64Array(5 * 900), { shape: [5, 900] });
  await expect(solve({ solver: "cholesky" }, wide)).rejects.toThrow("woodbury or cg");
});
