/** Training against perturbations of the columns of numbers, and attacks on what was trained. */
import { type NDArray, random } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { UsageError } from "../../contract/errors.ts";
import { progress, type Running } from "../../contract/events.ts";
import { convexAdversarial } from "../adversarial.ts";
import { attack } from "../attack.ts";
import { backprop } from "../backprop.ts";
import type { LossName } from "../losses.ts";
import { sampleRobustPatterns, withAllOnes } from "../patterns.ts";
import { networkObjective, type ReluNetwork, recoverNetwork } from "../recovery.ts";
import type { Division, Samples } from "./division.ts";
import type { UseOptions } from "./options.ts";

export interface RobustNetwork {
  readonly network: ReluNetwork;
  readonly loss: LossName;
  /** Beside the mean loss. */
  readonly beta: number;
  readonly patterns: number;
  readonly dropped: number;
  readonly violation: number;
  /** No attack within eps raises the mean loss of the training rows above this. */
  readonly certifiedBound: number;
  /** The largest mean loss that an attack on them reached. */
  readonly attackedLoss: number;
}

const [steps, rate, variants] = [4000, 5e-3, 3];
const defaultBeta = 1e-4;

/** The loss whose worst case is exact for the task. */
export const robustLoss = ({ target }: Division): LossName =>
  target.task === "binary" ? "hinge" : "squared";

/**
 * The columns that are not perturbed: whatever is not a number, and the bias.
 *
 * @throws UsageError when nothing is left
 */
export function unperturbed({ encoder, target }: Division): number[] {
  const numbers = encoder.numeric.length;
  if (numbers === 0)
    throw new UsageError(
      `--eps perturbs columns of numbers, and ${target.column} is predicted from categories only`,
    );
  const inputs = encoder.inputNames.length;
  return Array.from({ length: inputs - numbers + 1 }, (_, i) => numbers + i);
}

/** Convex adversarial training, then attacks on the training rows. */
export async function* trainRobust(
  division: Division,
  { X, y }: Samples,
  options: UseOptions,
  context: RunContext,
): Running<RobustNetwork> {
  const { eps } = options;
  const [loss, bias] = [robustLoss(division), unperturbed(division)];
  // Elsewhere the weight decay is beside a sum over the rows.
  const beta = options.beta === undefined ? defaultBeta : options.beta / y.size;
  yield progress(0, 3, `training against perturbations of ${eps}`);
  const trained = yield* context.step("train-robust", async () => {
    const directions = Math.ceil(options.patterns / variants);
    const generator = random.generator(context.seed).fork(1);
    const patterns = withAllOnes(
      sampleRobustPatterns(X, eps, { directions, variants, bias, generator }),
    );
    const given = { eps, beta, loss, bias, rate, steps };
    const solution = await convexAdversarial(X, y, patterns, given);
    const { dropped, violation, certifiedBound } = solution;
    const network = recoverNetwork(solution, { merge: true });
    return { network, patterns: patterns.count, dropped, violation, certifiedBound };
  });
  yield progress(1, 3, "attacks on the training rows");
  const attackedLoss = yield* context.step("attack-training", async () => {
    const reached: number[] = [];
    for (const inputs of [X, ...(await attacks(trained.network, { X, y }, eps, loss, bias))])
      reached.push((await networkObjective(inputs, y, trained.network, 0, loss)) / y.size);
    return Math.max(...reached);
  });
  return { ...trained, loss, beta, attackedLoss };
}

/** Rows as FGSM and PGD leave them. */
export async function attacks(
  network: ReluNetwork,
  { X, y }: Samples,
  eps: number,
  loss: LossName,
  bias: readonly number[],
): Promise<readonly [fgsm: NDArray, pgd: NDArray]> {
  return [
    await attack(network, X, y, { eps, kind: "fgsm", loss, bias }),
    await attack(network, X, y, { eps, kind: "pgd", loss, bias }),
  ];
}

/** Back-propagation of the same loss, clean or of rows attacked by five steps of PGD. */
export async function robustBaseline(
  division: Division,
  { X, y }: Samples,
  options: UseOptions,
  { beta, loss }: RobustNetwork,
  attacked: boolean,
  seed: number,
): Promise<ReluNetwork> {
  const { eps } = options;
  const bias = unperturbed(division);
  const [network] = await backprop(X, y, {
    units: 2 * options.patterns,
    beta,
    loss,
    over: "mean",
    rule: "adam",
    rate,
    falling: true,
    steps: steps / 2,
    seed,
    dtype: "float32",
    ...(attacked && { adversary: { eps, steps: 5, step: eps / 4, bias } }),
  });
  return network;
}
