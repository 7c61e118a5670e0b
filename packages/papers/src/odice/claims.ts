/** What is decided, with bars set before the run that decides. */
import type { Claim } from "../contract/claim.ts";
import { shortcutGrid } from "../environments/index.ts";
import type { Result } from "./experiment.ts";
import { meanOver, optimalValue } from "./gridData.ts";
import type { GridRun, GridValues } from "./gridStudy.ts";
import type { Options } from "./options.ts";

const perSeed = (measure: (result: Result) => number) => (results: readonly Result[]) =>
  results.map(measure);

/** Means of V of a run that has values. */
export const valuesIn = ({ runs }: Result, name: string): GridValues => {
  const { values } = runs[name];
  if (values === null) throw new Error(`the run "${name}" has no values`);
  return values;
};

/** Where a policy does not arrive, it counts as one that takes all of the steps it had. */
export const stepsOrLimit = ({ startSteps }: GridRun): number =>
  startSteps ?? shortcutGrid.environment.limit;

const asNumber = (holds: boolean): number => Number(holds);

export function claims({ gamma, slips }: Options): Claim<Result>[] {
  const { safeCells } = shortcutGrid;
  const best = shortcutGrid.distances.map((_, cell) => optimalValue(shortcutGrid, cell, gamma));
  const bestMean = meanOver(best, safeCells);
  const of = (name: string, measure: (run: GridRun) => number) =>
    perSeed(({ runs }) => measure(runs[name]));
  return [
    {
      id: "orthogonal-avoids",
      statement:
        "With orthogonal gradients no safe cell's greedy action enters the void: the share of safe cells whose action does.",
      paper: "in its grid world the orthogonal gradient finds a path within the data",
      bar: { atMost: 0 },
      measure: of("orthogonal", ({ voidShare }) => voidShare),
    },
    {
      id: "orthogonal-optimal",
      statement:
        "With orthogonal gradients the policy is optimal within the data: the share of safe cells whose greedy action is a shortest safe one.",
      paper: "the orthogonal gradient keeps the semi-gradient's update to first order",
      bar: { atLeast: 0.95 },
      measure: of("orthogonal", ({ optimalShare }) => optimalShare),
    },
    {
      id: "orthogonal-arrives",
      statement:
        "With orthogonal gradients the policy goes from the start to the goal: steps, of at least 19 (100 if it does not arrive).",
      paper: "in its grid world the orthogonal gradient finds the path",
      bar: { atMost: 21 },
      measure: of("orthogonal", stepsOrLimit),
    },
    {
      id: "semi-drawn-in",
      statement:
        "The semi-gradient is drawn into the void: 1 for a seed in which some safe cell's greedy action enters it, else 0.",
      paper: "the semi-gradient overvalues states outside the data",
      bar: { atLeast: 1 },
      measure: of("semi", ({ voidShare }) => asNumber(voidShare > 0)),
    },
    {
      id: "semi-fails",
      statement:
        "The semi-gradient's policy fails from the start: 1 for a seed in which it does, else 0.",
      paper: "the semi-gradient's values mislead the policy outside the data",
      bar: { atLeast: 2 / 3 },
      measure: of("semi", ({ startSteps }) => asNumber(startSteps === null)),
    },
    {
      id: "slip-advantage",
      statement: `From random cells with ${100 * slips} % slips the orthogonal policy succeeds more often than the semi-gradient's: the difference of their shares.`,
      paper: "smallest distance of its worst of 10 episodes to their mean, of all methods",
      bar: { atLeast: 0.1 },
      measure: perSeed(({ runs }) => runs.orthogonal.slipSuccess - runs.semi.slipSuccess),
    },
    {
      id: "cloning-fails",
      statement:
        "The log is not worth copying: 1 for a seed in which behaviour cloning arrives from the start, else 0.",
      paper: "not in the paper: without this, any method that copies would do",
      bar: { atMost: 0 },
      measure: of("cloning", ({ startSteps }) => asNumber(startSteps !== null)),
    },
    {
      id: "true-values-off",
      statement:
        "The true gradient's values are off by an order of magnitude: mean V of safe cells over that of acting best.",
      paper: "the true gradient finds no sensible values in its grid world",
      bar: { atLeast: 10 },
      measure: perSeed((result) => valuesIn(result, "true").safe / bestMean),
    },
    {
      id: "sum-between",
      statement:
        "Adding the gradients without the projection is in between: how far mean V of safe cells lies from the orthogonal one (0) towards the true gradient's (1).",
      paper: "not in the paper: the ablation of the projection",
      bar: { between: [0.02, 0.98] },
      measure: perSeed((result) => {
        const [sum, orthogonal, exact] = ["sum", "orthogonal", "true"].map(
          (name) => valuesIn(result, name).safe,
        );
        return (sum - orthogonal) / (exact - orthogonal);
      }),
    },
    {
      id: "conflict",
      statement:
        "Forward and backward gradient nearly cancel: their cosine, mean over the orthogonal training.",
      paper:
        "the two gradients are nearly opposite, as neighbouring states have nearly parallel gradients",
      bar: { atMost: -0.8 },
      measure: perSeed((result) => valuesIn(result, "orthogonal").cosine),
    },
    {
      id: "void-lower",
      statement:
        "Orthogonal gradients value the void less than the safe cells it is entered from: the mean of V(void cell) - V(safe cell) over such moves.",
      paper: "low values outside the data in its grid world",
      bar: { atMost: 0 },
      measure: perSeed((result) => valuesIn(result, "orthogonal").gap),
    },
    {
      id: "void-lower-than-semi",
      statement:
        "That difference is lower than with the semi-gradient, by a third of the cost of a step or more: orthogonal minus semi-gradient.",
      paper: "the semi-gradient overvalues states outside the data",
      bar: { atMost: -1 },
      measure: perSeed(
        (result) => valuesIn(result, "orthogonal").gap - valuesIn(result, "semi").gap,
      ),
    },
  ];
}
