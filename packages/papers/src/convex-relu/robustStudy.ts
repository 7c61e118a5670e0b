/** The same digits under attack: convex training with and without robustness, and back-propagation. */
import { array, type NDArray, random } from "@etude/tensor";
import { convexAdversarial, type RobustSolution } from "./adversarial.ts";
import { attack } from "./attack.ts";
import { backprop } from "./backprop.ts";
import { accuracyOf, type Samples, type TwoClasses } from "./pairs.ts";
import { sampleRobustPatterns, withAllOnes } from "./patterns.ts";
import { networkObjective, type ReluNetwork, recoverNetwork } from "./recovery.ts";

export interface RobustOptions {
  readonly eps: number;
  readonly beta: number;
  readonly steps: number;
}

/** Accuracies on the test part. */
export interface Attacked {
  readonly name: string;
  readonly clean: number;
  readonly fgsm: number;
  readonly pgd: number;
}

export interface ConvexAttacked extends Attacked {
  readonly patterns: number;
  readonly dropped: number;
  readonly violation: number;
  /** Eq. 20, on the training part. */
  readonly certifiedBound: number;
  /** Largest mean hinge loss that an attack on the training part reached. */
  readonly worstLoss: number;
}

const directions = 10;
const variants = 3;
const randomAttacks = 5;
const rate = 5e-3;

/**
 * - standard: eps = 0 in (18), on the patterns of robust training.
 * - robust: with the pattern of all ones, whose robust cone is never empty.
 * - as sampled: robust, on the patterns the paper samples and no other.
 */
export const convexTrainings = {
  standard: "convex",
  robust: "convex, robust",
  asSampled: "convex, robust, patterns as sampled",
} as const;
export type ConvexTraining = keyof typeof convexTrainings;

/** Convex training (18), attacked within eps. */
export async function convexStudy(
  { train, test }: TwoClasses,
  { eps, beta, steps }: RobustOptions,
  training: ConvexTraining,
  seed: number,
): Promise<ConvexAttacked> {
  const generator = random.generator(seed).fork(1);
  const sampled = sampleRobustPatterns(train.X, eps, { directions, variants, generator });
  const patterns = training === "asSampled" ? sampled : withAllOnes(sampled);
  const radius = training === "standard" ? 0 : eps;
  const solution = await convexAdversarial(train.X, train.y, patterns, {
    eps: radius,
    beta,
    loss: "hinge",
    steps,
    rate,
  });
  const network = recoverNetwork(solution);
  return {
    ...(await underAttack(convexTrainings[training], network, test, eps)),
    ...described(solution),
    patterns: patterns.count,
    worstLoss: await worstLoss(network, train, radius, random.generator(seed).fork(2)),
  };
}

const described = ({ dropped, violation, certifiedBound }: RobustSolution) => ({
  dropped,
  violation,
  certifiedBound,
});

export const adversaries = ["none", "FGSM", "PGD"] as const;

/** Back-propagation of the mean hinge loss of clean or attacked inputs, as many steps of the same Adam. */
export async function backpropStudy(
  { train, test }: TwoClasses,
  { eps, beta, steps }: RobustOptions,
  adversary: (typeof adversaries)[number],
  seed: number,
): Promise<Attacked> {
  const [network] = await backprop(train.X, train.y, {
    // As many units as the convex program has blocks, but for equal patterns.
    units: 2 * directions * variants,
    beta,
    loss: "hinge",
    over: "mean",
    rule: "adam",
    rate,
    falling: true,
    dtype: "float32",
    steps,
    seed,
    ...(adversary === "FGSM" && { adversary: { eps, steps: 1, step: eps } }),
    ...(adversary === "PGD" && { adversary: { eps, steps: 5, step: eps / 4 } }),
  });
  const name = adversary === "none" ? "back-propagation" : `back-propagation, ${adversary}`;
  return underAttack(name, network, test, eps);
}

async function underAttack(
  name: string,
  network: ReluNetwork,
  test: Samples,
  eps: number,
): Promise<Attacked> {
  const against = async (kind: "fgsm" | "pgd") => {
    const X = await attack(network, test.X, test.y, { eps, kind, loss: "hinge" });
    return accuracyOf(network, { X, y: test.y });
  };
  const clean = await accuracyOf(network, test);
  return { name, clean, fgsm: await against("fgsm"), pgd: await against("pgd") };
}

/** The largest mean hinge loss under no attack, FGSM, PGD and random corners of the ball. */
async function worstLoss(
  network: ReluNetwork,
  { X, y }: Samples,
  eps: number,
  generator: random.Generator,
): Promise<number> {
  const inputs: NDArray[] = [X];
  for (const kind of ["fgsm", "pgd"] as const)
    inputs.push(await attack(network, X, y, { eps, kind, loss: "hinge" }));
  const d = X.shape[1];
  for (let draw = 0; draw < randomAttacks; draw++) {
    const corner = Float64Array.from(X.data, (value, i) =>
      i % d === d - 1 ? value : value + (generator.bits() % 2 === 0 ? eps : -eps),
    );
    inputs.push(array(corner, { shape: X.shape }));
  }
  const reached: number[] = [];
  // Without weight decay (1) is the sum of the losses.
  for (const input of inputs)
    reached.push((await networkObjective(input, y, network, 0, "hinge")) / y.size);
  return Math.max(...reached);
}
