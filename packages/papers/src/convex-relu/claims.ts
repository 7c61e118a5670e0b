/** What is decided, with bars set before the runs that decide. */
import { quantileOf } from "@etude/learn";
import type { Claim } from "../contract/claim.ts";
import type { AdmmCheckpoint } from "./digitsStudy.ts";
import type { Options, Result } from "./experiment.ts";
import { descentNames, type ToyRuns } from "./toyStudy.ts";

type ResultClaim = Claim<Result>;

/** Measured on the results of one seed. */
const perSeed = (measure: (result: Result) => number) => (results: readonly Result[]) =>
  results.map(measure);

export const allRuns = (runs: ToyRuns): number[] => descentNames.flatMap((name) => runs[name]);

/** Objectives of both kinds of gradient descent over the optimum, at the smallest weight decay. */
export const gradientRatios = ({ toy }: Result): number[] => {
  const hardest = toy.reduce((least, other) => (other.beta < least.beta ? other : least));
  return (["gradient, 8 units", "gradient, 50 units"] as const).flatMap((name) =>
    hardest.runs[name].map((objective) => objective / hardest.primal),
  );
};

/** The checkpoint at an iteration, or the one before it. */
export function checkpointAt(admm: readonly AdmmCheckpoint[], iteration: number): AdmmCheckpoint {
  const reached = admm.filter((checkpoint) => checkpoint.iteration <= iteration);
  return reached.length > 0 ? reached[reached.length - 1] : admm[0];
}

const last = <T>(values: readonly T[]): T => values[values.length - 1];

export function claims({ toyResiduals, routePatterns }: Options): ResultClaim[] {
  return [
    {
      id: "certified-optimum",
      statement:
        "On five points ADMM's network is certified to be the global optimum: the largest gap between its objective and the dual bound, over the objective, among all weight decays.",
      paper: "converges to the optimum that an interior-point solver finds",
      bar: { atMost: 1e-6 },
      measure: perSeed(({ toy }) =>
        Math.max(...toy.map(({ primal, dual }) => (primal - dual) / primal)),
      ),
    },
    {
      id: "nothing-below",
      statement:
        "No descent ends below that optimum: the smallest objective of a descent minus the optimum.",
      paper: "the convex program has the optimal value of the non-convex problem",
      bar: { atLeast: -1e-8 },
      measure: perSeed(({ toy }) =>
        Math.min(...toy.map(({ primal, runs }) => Math.min(...allRuns(runs)) - primal)),
      ),
    },
    {
      id: "descent-above",
      statement:
        "Gradient descent usually ends above it: its median objective over the optimum, at the smallest weight decay.",
      paper: "back-propagation may converge to a worse point",
      bar: { atLeast: 1.05 },
      measure: perSeed((result) => quantileOf(gradientRatios(result), 0.5)),
    },
    {
      id: "linear-convergence",
      statement: `ADMM's primal residual falls by powers of ten over ${toyResiduals} iterations, from the first (beta = rho = 0.1).`,
      paper: "linear convergence",
      bar: { atLeast: 4 },
      measure: perSeed(({ residuals }) => Math.log10(residuals[0] / last(residuals))),
    },
    {
      id: "early-accuracy",
      statement: "On two digits 20 iterations of ADMM are enough: test accuracy then.",
      paper: "good prediction accuracy after a few iterations",
      bar: { atLeast: 0.95 },
      measure: perSeed(({ admm }) => checkpointAt(admm, 20).accuracy),
    },
    {
      id: "early-is-final",
      statement:
        "That accuracy is within 0.02 of the one after all iterations: the absolute difference.",
      paper: "good prediction accuracy after a few iterations",
      bar: { atMost: 0.02 },
      measure: perSeed(({ admm }) =>
        Math.abs(checkpointAt(admm, 20).accuracy - last(admm).accuracy),
      ),
    },
    {
      id: "same-network",
      statement:
        "After 300 iterations the recovered network's own objective is that of the convex program: the difference over the program's.",
      paper: "the recovered network has the objective of the convex program",
      bar: { atMost: 0.01 },
      measure: perSeed(({ admm }) => {
        const { network, convex } = checkpointAt(admm, 300);
        return Math.abs(network - convex) / convex;
      }),
    },
    {
      id: "factorisations-agree",
      statement: `The n x n factorisation and that of the whole system lead to the same iterates: the largest difference after 50 iterations, patterns: ${routePatterns}.`,
      paper: "not in the paper: eq. 12 is derived from its eq. 11 here",
      bar: { atMost: 1e-8 },
      measure: perSeed(({ routeDifference }) => routeDifference),
    },
    {
      id: "robust-accuracy",
      statement:
        "Convex robust training keeps test accuracy under PGD, with the pattern of all ones beside the sampled ones.",
      paper: "higher robust accuracy than back-propagation; its figures are not known here",
      bar: { atLeast: 0.75 },
      measure: perSeed(({ convex }) => convex.robust.pgd),
    },
    {
      id: "robust-accuracy-as-sampled",
      statement: "It does so with the patterns as the paper samples them: test accuracy under PGD.",
      paper: "higher robust accuracy than back-propagation; its figures are not known here",
      bar: { atLeast: 0.75 },
      measure: perSeed(({ convex }) => convex.asSampled.pgd),
    },
    {
      id: "robust-gain",
      statement:
        "Robust cones and worst margins make the difference: accuracy under PGD minus that of convex training without them.",
      paper: "higher robust accuracy than standard convex training",
      bar: { atLeast: 0.4 },
      measure: perSeed(({ convex: { robust, standard } }) => robust.pgd - standard.pgd),
    },
    {
      id: "near-pgd-training",
      statement:
        "Back-propagation trained with PGD is at most 0.05 better under PGD: its accuracy minus that of convex robust training.",
      paper: "convex training is better than back-propagation with FGSM and PGD",
      bar: { atMost: 0.05 },
      measure: perSeed(({ convex, backprop }) => last(backprop).pgd - convex.robust.pgd),
    },
    {
      id: "bound-holds",
      statement:
        "No attack on the training part goes above the certified bound: the largest excess of the mean hinge loss, but for rounding.",
      paper: "the convex objective bounds the robust loss",
      bar: { atMost: 1e-12 },
      measure: perSeed(({ convex }) =>
        Math.max(
          ...Object.values(convex).map(({ worstLoss, certifiedBound }) =>
            Math.max(0, worstLoss - certifiedBound),
          ),
        ),
      ),
    },
  ];
}
