/** What the experiment decides. Accuracies and differences are in percentage points. */
import type { Claim } from "../contract/claim.ts";
import type { Connectivity, GroupName } from "./measureConnectivity.ts";
import { bestWindow, type Noise } from "./measureNoise.ts";
import type { Choice, Pruning } from "./measurePruning.ts";
import type { Options } from "./options.ts";

/** What one seed measured. */
export interface Result {
  readonly pruning: Pruning;
  readonly noise: Noise;
  readonly connectivity: Connectivity;
}

/** Test accuracy of a choice, in per cent. */
export function accuracyOf({ pruning }: Result, choice: Choice, keep: number): number {
  const found = pruning.kept.find((entry) => entry.choice === choice && entry.keep === keep);
  if (found === undefined) throw new Error(`no accuracy of ${choice} at ${keep}`);
  return found.accuracy;
}

export function claims({ keep: [keep], parentSteps }: Options): Claim<Result>[] {
  const share = `${100 * keep} %`;
  const of = (choice: Choice) => (result: Result) => accuracyOf(result, choice, keep);
  const overRandom = (choice: Choice) => (results: readonly Result[]) =>
    results.map((result) => of(choice)(result) - of("random")(result));
  const [first, last] = [parentSteps[0], parentSteps[parentSteps.length - 1]];
  const barrier = ({ connectivity }: Result, steps: number, group: GroupName): number => {
    const path = connectivity.paths.find((each) => each.steps === steps);
    return path === undefined ? Number.NaN : path.errorBarrier[group];
  };
  return [
    {
      id: "el2n-keeps-accuracy",
      statement: `Trained on the ${share} with the highest EL2N, the network is at most 0.25 points less accurate than trained on everything.`,
      paper: "half of CIFAR-10 dropped without loss, or with a slight gain",
      bar: { atLeast: -0.25 },
      measure: (results) => results.map((result) => of("EL2N")(result) - result.pruning.full),
    },
    {
      id: "el2n-beats-random",
      statement: `It is at least 0.4 points more accurate than trained on ${share} drawn at random.`,
      paper: "well above random subsets; figures in plots only",
      bar: { atLeast: 0.4 },
      measure: overRandom("EL2N"),
    },
    {
      id: "grand-beats-random",
      statement: `So it is by GraNd taken after the same epochs: at least 0.4 points above random.`,
      paper: "early in training GraNd and EL2N do about equally well",
      bar: { atLeast: 0.4 },
      measure: overRandom("GraNd"),
    },
    {
      id: "grand-at-init-fails",
      statement: `By GraNd at initialisation it is less accurate than by a random ${share}: the published claim that this works does not hold.`,
      paper:
        "the opposite; refuted by Kirsch 2023 (arXiv 2303.14753), who found that a bug had loaded later weights",
      bar: { atMost: 0 },
      measure: overRandom("GraNd at init"),
    },
    {
      id: "easy-half-fails",
      statement: `On the ${share} with the lowest EL2N it is at least 2 points less accurate than on a random ${share}.`,
      paper: "not reported as a figure",
      bar: { atMost: -2 },
      measure: overRandom("lowest EL2N"),
    },
    {
      id: "el2n-is-like-grand",
      statement:
        "The rank correlation of EL2N and GraNd over the training images is at least 0.95.",
      paper: "EL2N is proposed as an approximation of GraNd",
      bar: { atLeast: 0.95 },
      measure: (results) => results.map(({ pruning }) => pruning.correlations.GraNd),
    },
    {
      id: "el2n-finds-wrong-labels",
      statement:
        "EL2N tells images with a changed label from others with an area under the curve of at least 0.97.",
      paper: "corrupted examples have the highest scores; no area is given",
      bar: { atLeast: 0.97 },
      measure: (results) => results.map(({ noise }) => noise.auroc.el2n),
    },
    {
      id: "best-window-leaves-out-the-top",
      statement:
        "With wrong labels, the window of the ranking that does best on validation images leaves out the highest 5 to 15 %.",
      paper: "the best window excludes the highest scores",
      bar: { between: [5, 15] },
      measure: (results) => results.map(({ noise }) => bestWindow(noise).drop),
    },
    {
      id: "best-window-beats-random",
      statement:
        "That window is at least 1.5 points more accurate than as many examples drawn at random.",
      paper: "figures in plots only",
      bar: { atLeast: 1.5 },
      measure: (results) => results.map(({ noise }) => bestWindow(noise).test - noise.random.test),
    },
    {
      id: "top-window-fails",
      statement: "The window of the highest scores is at least 5 points less accurate than random.",
      paper: "accuracy falls when the window holds the highest scores",
      bar: { atMost: -5 },
      measure: (results) =>
        results.map(({ noise }) => {
          const top = noise.windows.find(({ drop }) => drop === 0);
          return (top?.test ?? Number.NaN) - noise.random.test;
        }),
    },
    {
      id: "hard-examples-have-a-barrier",
      statement: `Between two networks from one start, the error barrier on the hardest examples is at least 8 points.`,
      paper: "hard examples are not linearly connected early in training; figures in plots only",
      bar: { atLeast: 8 },
      measure: (results) => results.map((result) => barrier(result, first, "hard")),
    },
    {
      id: "easy-examples-have-none",
      statement:
        "On the easiest examples the error barrier is at most 0.5 points, whenever the children part.",
      paper: "easy examples are linearly connected very early",
      bar: { atMost: 0.5 },
      measure: (results) =>
        results.map((result) =>
          Math.max(...parentSteps.map((steps) => barrier(result, steps, "easy"))),
        ),
    },
    {
      id: "barriers-grow-with-difficulty",
      statement:
        "From one start, the barrier is no lower on random than on easy examples, and no lower on hard than on random ones.",
      paper: "the loss surface of hard examples is rougher",
      bar: { atLeast: 0 },
      measure: (results) =>
        results.map((result) => {
          const [easy, middle, hard] = (["easy", "random", "hard"] as const).map((group) =>
            barrier(result, first, group),
          );
          return Math.min(hard - middle, middle - easy);
        }),
    },
    {
      id: "barriers-vanish",
      statement: `After ${last} steps of the parent the barrier on the hardest examples is at most a quarter of what it was.`,
      paper: "hard examples become linearly connected later",
      bar: { atMost: 0 },
      measure: (results) =>
        results.map((result) => barrier(result, last, "hard") - barrier(result, first, "hard") / 4),
    },
  ];
}
