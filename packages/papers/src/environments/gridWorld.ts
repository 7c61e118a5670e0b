/**
 * A grid world with a tempting way that logs do not follow. Between start and goal lies the *void*: in
 * truth, to enter it is to fail; in a log, a record that enters it merely ends, as if cut by the clock.
 * The same grid without a void is there to compare with.
 */
import type { random } from "@etude/tensor";
import type { Environment } from "./environment.ts";

/** What a log keeps of a step; cells stand for observations. */
export interface LoggedMove {
  readonly cell: number;
  readonly action: number;
  readonly reward: number;
  readonly next: number;
  readonly terminal: boolean;
  /** The record ends here though the task has not: by the clock, or in the void. */
  readonly timeout: boolean;
}

export interface GridWorld {
  /**
   * The true system: reward -3 a step, 0 for the step into the goal; goal and void are terminal. Episodes
   * begin in any safe cell but the goal; observations are {@link bumpsOf} the cell.
   */
  readonly environment: Environment<number>;
  readonly safeCells: readonly number[];
  readonly voidCells: readonly number[];
  /** Where an agent has a choice to make that can still succeed: safe cells but the goal. */
  readonly decisionCells: readonly number[];
  /** Least steps to the goal without entering the void, by cell; infinite from the void itself. */
  readonly distances: readonly number[];
  isVoid(cell: number): boolean;
  /** Whether an action brings a safe cell nearer to the goal. */
  isOptimal(cell: number, action: number): boolean;
  /**
   * A log of a careless agent: with probability 0.25 a step is one of the optimal safe ones, with 0.30 one
   * that leads away from the goal (not into the void), else any of the four. 150 episodes of at most 60
   * steps by default.
   */
  log(draws: random.Generator, options?: { episodes?: number; limit?: number }): LoggedMove[];
}

/** A cell is `y * gridSize + x`. */
export const gridSize = 8;
const cells = gridSize * gridSize;
export const everyCell: readonly number[] = Array.from({ length: cells }, (_, cell) => cell);
export const xOf = (cell: number): number => cell % gridSize;
export const yOf = (cell: number): number => Math.floor(cell / gridSize);
/** At (0, 0) and (0, 7). */
export const [startCell, goalCell] = [0, 7 * gridSize];

/** Actions: +x, -x, +y, -y. */
const moves = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
] as const;
const actions = moves.map((_, action) => action);
export const gridArrows = ["→", "←", "↑", "↓"] as const;

/** Where a move leads; walls keep one in place. */
export function cellAfter(cell: number, action: number): number {
  const [x, y] = [xOf(cell) + moves[action][0], yOf(cell) + moves[action][1]];
  const isInside = x >= 0 && x < gridSize && y >= 0 && y < gridSize;
  return isInside ? y * gridSize + x : cell;
}

/** A Gaussian bump for every cell, one cell wide: `exp(-|p - c|^2 / 2)`, for all 64 centres c. */
export const bumpsOf = (cell: number): number[] =>
  everyCell.map((centre) =>
    Math.exp(-((xOf(cell) - xOf(centre)) ** 2 + (yOf(cell) - yOf(centre)) ** 2) / 2),
  );

function gridWorld(name: string, isVoid: (cell: number) => boolean): GridWorld {
  const safeCells = everyCell.filter((cell) => !isVoid(cell));
  const decisionCells = safeCells.filter((cell) => cell !== goalCell);
  const distances = distancesToGoal(isVoid);
  const isOptimal = (cell: number, action: number): boolean =>
    distances[cellAfter(cell, action)] < distances[cell];
  /** A step away from the goal that does not fail at once. */
  const isDetour = (cell: number, action: number): boolean => {
    const next = cellAfter(cell, action);
    return !isVoid(next) && distances[next] > distances[cell];
  };

  const environment: Environment<number> = {
    name,
    observations: everyCell.map((cell) => `bump_${xOf(cell)}_${yOf(cell)}`),
    actions: { kind: "discrete", count: moves.length },
    limit: 100,
    reset: (draws) => decisionCells[draws.integer(decisionCells.length)],
    observe: bumpsOf,
    step: (cell, [action]) => {
      const state = cellAfter(cell, action);
      const terminal = state === goalCell || isVoid(state);
      return { state, reward: state === goalCell ? 0 : -3, terminal };
    },
  };

  const carelessAction = (cell: number, draws: random.Generator): number => {
    const kind = draws.uniform();
    const rule = kind < 0.25 ? isOptimal : kind < 0.55 ? isDetour : () => true;
    const wanted = actions.filter((action) => rule(cell, action));
    // From the farthest cells no step leads farther away.
    const choice = wanted.length > 0 ? wanted : actions;
    return choice[draws.integer(choice.length)];
  };

  return {
    environment,
    safeCells,
    voidCells: everyCell.filter(isVoid),
    decisionCells,
    distances,
    isVoid,
    isOptimal,
    log: (draws, { episodes = 150, limit = 60 } = {}) => {
      const log: LoggedMove[] = [];
      for (let episode = 0; episode < episodes; episode++) {
        let cell = environment.reset(draws);
        for (let step = 1; step <= limit; step++) {
          const action = carelessAction(cell, draws);
          const { state, reward } = environment.step(cell, [action], draws);
          const terminal = state === goalCell;
          const timeout = !terminal && (isVoid(state) || step === limit);
          log.push({ cell, action, reward, next: state, terminal, timeout });
          if (terminal || timeout) break;
          cell = state;
        }
      }
      return log;
    },
  };
}

function distancesToGoal(isVoid: (cell: number) => boolean): number[] {
  const distances = everyCell.map(() => Number.POSITIVE_INFINITY);
  distances[goalCell] = 0;
  for (let front = [goalCell]; front.length > 0; ) {
    const next: number[] = [];
    for (const cell of front) {
      // Moves are undone by moves, so what leads to a cell is what the cell leads to.
      for (const action of actions) {
        const other = cellAfter(cell, action);
        if (isVoid(other) || distances[other] < Number.POSITIVE_INFINITY) continue;
        distances[other] = distances[cell] + 1;
        next.push(other);
      }
    }
    front = next;
  }
  return distances;
}

/** The void: y of 3 and 4 but for the last two columns. The safe way takes 19 steps, through it 7. */
export const shortcutGrid = gridWorld(
  "shortcut-grid",
  (cell) => xOf(cell) < 6 && (yOf(cell) === 3 || yOf(cell) === 4),
);

/** The same grid without a void: every next state of its log is a state of its log. */
export const openGrid = gridWorld("open-grid", () => false);
