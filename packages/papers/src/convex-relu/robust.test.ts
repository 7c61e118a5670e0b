import { array, jit, type NDArray, random, type Tensor } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import {
  convexAdversarial,
  effectiveWeights,
  robustSlack,
  worstLosses,
  worstMargins,
} from "./adversarial.ts";
import { attack, reachOf } from "./attack.ts";
import { backprop } from "./backprop.ts";
import { type Patterns, sampleRobustPatterns, withAllOnes } from "./patterns.ts";
import { convexObjective, convexProgram, joined, type Program } from "./program.ts";
import { networkObjective, predict, recoverNetwork } from "./recovery.ts";

const float64 = (values: number[] | number[][]): NDArray => array(values, { dtype: "float64" });
const close = (array: NDArray, wanted: readonly number[], digits = 12) => {
  expect(array.size).toBe(wanted.length);
  array.data.forEach((value, i) => {
    expect(value).toBeCloseTo(wanted[i], digits);
  });
};

describe("the robust program of two samples", () => {
  const X = float64([
    [1, 2, 1],
    [-1, 0.5, 1],
  ]);
  const y = float64([1, -1]);
  // Columns of D: sample 1 is in both patterns, sample 2 in the second.
  const patterns: Patterns = { D: Uint8Array.of(1, 0, 1, 1), samples: 2, count: 2, complete: true };
  const v = float64([
    [0.5, 0.2, 0.1],
    [-0.1, 0.3, 0],
  ]);
  const w = float64([
    [0, 0.1, 0],
    [0.4, 0, 0.2],
  ]);
  const program = convexProgram(X, y, patterns, "hinge");
  const at = jit((p: Program<Tensor>, blocks: Tensor, reach: Tensor) => {
    const q = effectiveWeights(p, blocks);
    return {
      q,
      margins: worstMargins(p.X, p.y, q, reach),
      data: worstLosses(p, blocks, reach, "hinge").mean(),
      slack: robustSlack(p, blocks, reach),
    };
  });

  it("has the weights, margins and slacks worked out by hand", async () => {
    const { q, margins, data, slack } = await at(program, joined(v, w), reachOf(0.1, 3));
    close(q, [0, 0.4, -0.1, -0.5, 0.3, -0.2]);
    // 0.7 - 0.1 * 0.4 and -0.45 - 0.1 * 0.8: the bias is not perturbed.
    close(margins, [0.66, -0.53]);
    close(data, [0.935]);
    // Blocks v_1, v_2, w_1, w_2.
    close(slack, [0.93, 0.23, 0.46, 0.21, 0.19, -0.06, 0.56, -0.24]);
  });

  it("is the standard program where nothing is perturbed", async () => {
    const { margins, data, slack } = await at(program, joined(v, w), reachOf(0, 3));
    close(margins, [0.7, -0.45]);
    close(data, [0.875]);
    const { objective, violation } = await convexObjective(X, y, patterns, { v, w }, 0.1, "hinge");
    const norms = [v, w].flatMap(({ data: e }) => [
      Math.hypot(e[0], e[1], e[2]),
      Math.hypot(e[3], e[4], e[5]),
    ]);
    expect(objective).toBeCloseTo(2 * 0.875 + 0.1 * norms.reduce((a, b) => a + b), 12);
    expect(violation).toBeCloseTo(Math.max(0, -Math.min(...Array.from(slack.data))), 12);
  });
});

describe("robust training", () => {
  const generator = random.generator(4);
  const rows = Array.from({ length: 40 }, (_, k) => {
    const side = k % 2 === 0 ? 1 : -1;
    return [
      side * 1.2 + 0.5 * generator.normal(),
      generator.normal() * side,
      generator.normal(),
      1,
    ];
  });
  const X = float64(rows);
  const y = float64(rows.map((_, k) => (k % 2 === 0 ? 1 : -1)));
  const eps = 0.3;
  const patterns = sampleRobustPatterns(X, eps, {
    directions: 6,
    variants: 3,
    generator: random.generator(8),
  });
  const hingeOf = async (outputs: NDArray) =>
    Array.from(outputs.data, (output, k) => Math.max(0, 1 - output * y.data[k])).reduce(
      (a, b) => a + b,
    ) / outputs.size;

  it.each(["hinge", "logistic", "squared"] as const)(
    "%s: no attack goes above the certified bound, converged or not",
    async (loss) => {
      const targets = loss === "logistic" ? float64(Array.from(y.data, (s) => (s + 1) / 2)) : y;
      for (const steps of [30, 500]) {
        const solution = await convexAdversarial(X, targets, patterns, {
          eps,
          beta: 1e-3,
          loss,
          steps,
          rate: 0.02,
        });
        const network = recoverNetwork(solution);
        const meanLoss = async (inputs: NDArray) =>
          (await networkObjective(inputs, targets, network, 0, loss)) / 40;
        const attacked = [X];
        for (const kind of ["fgsm", "pgd"] as const)
          attacked.push(await attack(network, X, targets, { eps, kind, loss }));
        for (let draw = 0; draw < 3; draw++) {
          const noisy = Float64Array.from(X.data, (value, i) =>
            i % 4 === 3 ? value : value + (generator.bits() % 2 === 0 ? eps : -eps),
          );
          attacked.push(array(noisy, { shape: [40, 4] }));
        }
        for (const inputs of attacked)
          expect(await meanLoss(inputs)).toBeLessThanOrEqual(solution.certifiedBound + 1e-12);
        expect(solution.certifiedBound).toBeGreaterThanOrEqual(solution.dataTerm - 1e-12);
        // The bound says something: a network of zeros has 1 (hinge), log 2, 1 / 2.
        if (steps === 500)
          expect(solution.certifiedBound).toBeLessThan(
            { hinge: 0.9, logistic: 0.69, squared: 0.49 }[loss],
          );
      }
    },
  );

  it("attacks stay in the ball, leave the bias alone, and hurt; PGD hurts at least as much", async () => {
    const [network] = await backprop(X, y, {
      units: 12,
      beta: 1e-4,
      loss: "hinge",
      over: "mean",
      rule: "adam",
      rate: 0.02,
      steps: 300,
      seed: 1,
    });
    const losses = [await hingeOf(await predict(network, X))];
    for (const kind of ["fgsm", "pgd"] as const) {
      const inputs = await attack(network, X, y, { eps, kind, loss: "hinge" });
      inputs.data.forEach((value, i) => {
        const change = Math.abs(value - X.data[i]);
        if (i % 4 === 3) expect(change).toBe(0);
        else expect(change).toBeLessThanOrEqual(eps + 1e-12);
      });
      losses.push(await hingeOf(await predict(network, inputs)));
    }
    expect(losses[1]).toBeGreaterThan(losses[0]);
    expect(losses[2]).toBeGreaterThanOrEqual(losses[1] - 0.02);
  });

  it("the pattern of all ones always leaves a linear classifier", async () => {
    // A single pattern that cuts through both classes: no weights but zero keep it within eps.
    const D = Uint8Array.from({ length: 40 }, (_, k) => Number(k % 3 === 0));
    const cutting: Patterns = { D, samples: 40, count: 1, complete: true };
    const options = { eps, beta: 1e-3, loss: "hinge", steps: 400, rate: 0.04 } as const;
    const alone = await convexAdversarial(X, y, cutting, options);
    const helped = await convexAdversarial(X, y, withAllOnes(cutting), options);
    expect(alone.certifiedBound).toBeGreaterThan(0.95);
    expect(helped.certifiedBound).toBeLessThan(0.75);
    expect(withAllOnes(withAllOnes(cutting)).count).toBe(2);
  });

  it("refuses targets of another kind, and columns that are not there", async () => {
    const options = { eps, beta: 1e-3, loss: "logistic" } as const;
    await expect(convexAdversarial(X, y, patterns, options)).rejects.toThrow(
      "targets of the logistic loss are 0 and 1",
    );
    await expect(
      convexAdversarial(X, y, patterns, { ...options, loss: "hinge", eps: -1 }),
    ).rejects.toThrow("eps must not be negative");
    await expect(
      convexAdversarial(X, y, patterns, { ...options, loss: "hinge", bias: [9] }),
    ).rejects.toThrow("bias column 9");
  });
});
