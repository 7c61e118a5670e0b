/** Logs of the grid worlds as transitions, and what a policy does in the true system. */
import { array, type NDArray, random } from "@etude/tensor";
import {
  bumpsOf,
  cellAfter,
  type GridWorld,
  goalCell,
  gridSize,
  rollout,
  slipping,
  startCell,
  xOf,
  yOf,
} from "../environments/index.ts";
import type { Transitions } from "./transitions.ts";

/** How a cell is shown to the networks. */
export const gridInputs = ["bumps", "coordinates", "one-hot"] as const;
export type GridInput = (typeof gridInputs)[number];

const shown: Readonly<Record<GridInput, (cell: number) => number[]>> = {
  bumps: bumpsOf,
  coordinates: (cell) => [xOf(cell), yOf(cell)],
  "one-hot": (cell) => [...oneHot(xOf(cell)), ...oneHot(yOf(cell))],
};

const oneHot = (place: number): number[] =>
  Array.from({ length: gridSize }, (_, i) => Number(i === place));

/** Observations of cells by their numbers: float32 [cells, d], d = 64, 2 or 16. */
export function observationsOf(cells: readonly number[], input: GridInput = "bumps"): NDArray {
  const rows = cells.map(shown[input]);
  return array(Float32Array.from(rows.flat()), { shape: [cells.length, shown[input](0).length] });
}

/**
 * The log of a seed as transitions. A step into the void is cut there, not terminal, with its next
 * observation recorded: exactly the transitions that the method is about.
 */
export function gridLog(
  grid: GridWorld,
  seed: number,
  { episodes, input = "bumps" }: { episodes: number; input?: GridInput },
): Transitions {
  const log = grid.log(random.generator(seed), { episodes });
  const numbers = (of: (move: (typeof log)[number]) => number) =>
    array(Float32Array.from(log, (move) => of(move)));
  return {
    observation: observationsOf(
      log.map(({ cell }) => cell),
      input,
    ),
    action: array(
      Int32Array.from(log, ({ action }) => action),
      { dtype: "int32" },
    ),
    reward: numbers(({ reward }) => reward),
    nextObservation: observationsOf(
      log.map(({ next }) => next),
      input,
    ),
    terminal: numbers(({ terminal }) => Number(terminal)),
    timeout: numbers(({ timeout }) => Number(timeout)),
  };
}

export interface GridPolicyMeasures {
  /** Share of safe cells (without the goal) whose greedy action enters the void. */
  readonly voidShare: number;
  /** Share of them whose greedy action is a step nearer to the goal on a safe way. */
  readonly optimalShare: number;
  /** Steps from the start to the goal, without slips; null if it is not reached. */
  readonly startSteps: number | null;
  /** Share of episodes from random cells that reach the goal, with slips. */
  readonly slipSuccess: number;
}

export interface SlipOptions {
  readonly episodes: number;
  /** Probability that a step takes a random action instead. */
  readonly slips: number;
  readonly seed: number;
}

/** What the policy that takes `actions[cell]` does in the true system. */
export async function measureActions(
  grid: GridWorld,
  actions: readonly number[],
  { episodes, slips, seed }: SlipOptions,
): Promise<GridPolicyMeasures> {
  const { decisionCells, environment, isVoid, isOptimal } = grid;
  const share = (holds: (cell: number) => boolean): number =>
    decisionCells.filter(holds).length / decisionCells.length;
  const policy = async (seen: NDArray): Promise<NDArray> =>
    array(
      Int32Array.from({ length: seen.shape[0] }, (_, i) => actions[cellSeen(seen, i)]),
      { dtype: "int32" },
    );
  const runs = await rollout(slipping(environment, slips), policy, { episodes, seed });
  // Only the step into the goal is free, so an episode that ended there has 3 for every other step.
  const reached = runs.filter((run) => run.terminal && run.reward === -3 * (run.steps - 1));
  return {
    voidShare: share((cell) => isVoid(cellAfter(cell, actions[cell]))),
    optimalShare: share((cell) => isOptimal(cell, actions[cell])),
    startSteps: stepsFromStart(grid, actions),
    slipSuccess: reached.length / runs.length,
  };
}

/** The cell of a row of bumps: its highest one. */
function cellSeen({ data, shape }: NDArray, row: number): number {
  const bumps = Array.from(data.subarray(row * shape[1], (row + 1) * shape[1]), Number);
  return bumps.indexOf(Math.max(...bumps));
}

function stepsFromStart(
  { environment, isVoid }: GridWorld,
  actions: readonly number[],
): number | null {
  let cell = startCell;
  for (let step = 1; step <= environment.limit; step++) {
    cell = cellAfter(cell, actions[cell]);
    if (cell === goalCell) return step;
    if (isVoid(cell)) return null;
  }
  return null;
}

/** The value of acting best: minus 3 a step, discounted, the step into the goal free. */
export const optimalValue = ({ distances }: GridWorld, cell: number, gamma: number): number =>
  (-3 * (1 - gamma ** Math.max(0, distances[cell] - 1))) / (1 - gamma);

export const meanOver = (values: ArrayLike<number>, cells: readonly number[]): number =>
  cells.reduce((sum, cell) => sum + values[cell], 0) / cells.length;
