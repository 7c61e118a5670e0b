/** Large pairs of classes: ADMM-RBCD and the sampled convex program beside Adam, logistic loss. */
import { random } from "@etude/tensor";
import { backprop } from "./backprop.ts";
import type { Trained } from "./digitsStudy.ts";
import { accuracyOf, type TwoClasses, zeroOne } from "./pairs.ts";
import { samplePatterns } from "./patterns.ts";
import { convexReluAdmmRbcd } from "./rbcd.ts";
import { networkObjective, recoverNetwork } from "./recovery.ts";
import { sampledConvexProgram } from "./sampled.ts";

export interface PairOptions {
  readonly patterns: number;
  readonly beta: number;
  readonly rho: number;
  readonly gammaRatio: number;
  readonly baseStep: number;
  readonly threshold: number;
  readonly thresholdDecay: number;
  readonly blockSize: number;
  readonly iterations: number;
  /** Of the sampled convex program. */
  readonly neurons: number;
  /** Of Adam. */
  readonly steps: number;
}

export const pairMethods = ["ADMM-RBCD", "sampled convex program", "Adam"] as const;

export async function pairStudy(
  samples: TwoClasses,
  options: PairOptions,
  method: (typeof pairMethods)[number],
  seed: number,
): Promise<Trained> {
  const { X, y } = zeroOne(samples.train);
  const { beta, patterns: count, neurons, steps } = options;
  const loss = "logistic";
  const train = async () => {
    if (method === "ADMM-RBCD") {
      const patterns = samplePatterns(X, count, random.generator(seed).fork(1));
      const given = { ...options, loss, seed, dtype: "float32" } as const;
      return recoverNetwork(await convexReluAdmmRbcd(X, y, patterns, given));
    }
    if (method === "Adam") {
      const rate = 1e-3;
      const units = 2 * count;
      const dtype = "float32";
      return (
        await backprop(X, y, {
          units,
          beta,
          loss,
          over: "sum",
          rule: "adam",
          rate,
          steps,
          seed,
          dtype,
        })
      )[0];
    }
    const generator = random.generator(seed).fork(2);
    const given = { neurons, generator, beta, loss, tolerance: 0.01, iterations: 2000 } as const;
    return (await sampledConvexProgram(X, y, given)).network;
  };
  const network = await train();
  return {
    name: method,
    objective: await networkObjective(X, y, network, beta, loss),
    accuracy: await accuracyOf(network, samples.test),
  };
}
