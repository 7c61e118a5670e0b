/** Which trainings a seed makes. */
import { openGrid, shortcutGrid } from "../environments/index.ts";
import type { GridTask } from "./gridStudy.ts";
import type { Options } from "./options.ts";

export const mainMethods = ["cloning", "true", "semi", "sum", "orthogonal"] as const;

/** Trainings of a seed by name; the main methods have their own names. */
export function tasksOf(options: Options): Readonly<Record<string, GridTask>> {
  const { eta } = options;
  const task = { grid: shortcutGrid, input: "bumps", weights: "relu", eta } as const;
  const both = ["semi", "orthogonal"] as const;
  const entries: [string, GridTask][] = mainMethods.map((method) => [method, { ...task, method }]);
  for (const other of options.furtherEtas)
    entries.push([`orthogonal, eta ${other}`, { ...task, method: "orthogonal", eta: other }]);
  if (options.conjugateWeights) {
    for (const method of both)
      entries.push([`${method}, conjugate weights`, { ...task, method, weights: "conjugate" }]);
  }
  for (const regime of options.regimes) {
    const setting = regime === "open" ? { grid: openGrid } : { input: regime };
    for (const method of both)
      entries.push([`${method}, ${regimeNames[regime]}`, { ...task, ...setting, method }]);
  }
  return Object.fromEntries(entries);
}

export const regimeNames = {
  coordinates: "cells as (x, y)",
  "one-hot": "cells as one-hot x and y",
  open: "grid without a void",
} as const;
