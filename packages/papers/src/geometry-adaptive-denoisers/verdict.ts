/** Copies, in between, or generalises: equation 20 with the lines drawn. */
import type { GeneralizationReport } from "./generalization.ts";

export type Verdict = "copies" | "in between" | "generalises";

export interface Condition {
  readonly name: string;
  readonly value: number;
  /** What it must be, in words. */
  readonly wanted: string;
  readonly met: boolean;
}

export interface Judgement {
  readonly verdict: Verdict;
  /** All must be met for "generalises". */
  readonly generalises: readonly Condition[];
  /** All must be met for "copies". */
  readonly copies: readonly Condition[];
}

/** Two models that agree less than this on the same noise have not learnt one density. */
const agreeing = 0.8;
/** How much nearer to training images than real images samples may be. */
const slack = 0.03;
/** Gap between training and test PSNR that counts as none, dB. */
const smallGap = 0.5;
/** How much more alike samples are to training images than to each other, where they are copies. */
const margin = 0.1;

/**
 * The verdict on two models of disjoint sets (equation 20). A measurement that is not a number meets
 * no condition.
 */
export function judgeModels({ comparison, testNearest, psnrGap }: GeneralizationReport): Judgement {
  const { pairCorrelation, nearestTrain } = comparison;
  const atLeast = (name: string, value: number, least: number): Condition => ({
    name,
    value,
    wanted: `at least ${least}`,
    met: value >= least,
  });
  const atMost = (name: string, value: number, most: number): Condition => ({
    name,
    value,
    wanted: `at most ${most}`,
    met: value <= most,
  });
  const excess = "samples nearer to training images than real images are, by";
  const generalises = [
    atLeast("correlation of the two models' samples", pairCorrelation, agreeing),
    atLeast(
      "the same, less that with the nearest training image",
      pairCorrelation - nearestTrain,
      0,
    ),
    atMost(excess, nearestTrain - testNearest, slack),
    atMost("training less test PSNR, dB", psnrGap, smallGap),
  ];
  const copies = [
    atLeast(
      "correlation with the nearest training image, less that of the two models",
      nearestTrain - pairCorrelation,
      margin,
    ),
    atLeast(excess, nearestTrain - testNearest, slack),
    atLeast("training less test PSNR, dB", psnrGap, smallGap),
  ];
  const all = (conditions: readonly Condition[]) => conditions.every(({ met }) => met);
  const verdict = all(generalises) ? "generalises" : all(copies) ? "copies" : "in between";
  return { verdict, generalises, copies };
}
