/** Tables and figures over all seeds. */

import { meanInterval } from "@etude/learn";
import type { Summary } from "../contract/experiment.ts";
import type { DataTable, Figure, Mark } from "../contract/figure.ts";
import { lineOver } from "../contract/lineOver.ts";
import { accuracyOf, type Result } from "./claims.ts";
import { findings } from "./findings.ts";
import { type GroupName, groupNames } from "./measureConnectivity.ts";
import { bestWindow } from "./measureNoise.ts";
import { type Choice, choices } from "./measurePruning.ts";
import type { Options } from "./options.ts";

export function summarise(
  results: readonly Result[],
  seeds: readonly number[],
  options: Options,
): Summary {
  const [{ pruning }] = results;
  const kernel = kernelFigure(results);
  return {
    tables: [
      prunedTable(results, options),
      correlationTable(results),
      noiseTable(results, options),
      windowTable(results, options),
      barrierTable(results, options),
    ],
    figures: [
      keepFigure(results, options),
      rankFigure(results),
      windowFigure(results, options),
      tenthFigure(results),
      barrierFigure(results, options),
      pathFigure(results, options),
      ...(kernel === null ? [] : [kernel]),
    ],
    pictures: [
      {
        id: "hardest",
        title: `Highest EL2N, seed ${seeds[0]}`,
        caption: `Hardest first, row by row; labelled ${pruning.hardestLabels.join(" ")}.`,
        png: pruning.hardest,
      },
      { id: "easiest", title: `Lowest EL2N, seed ${seeds[0]}`, png: pruning.easiest },
    ],
    findings: findings(results, options),
  };
}

/** Of the intervals shown, as of those that decide the claims. */
const confidence = 0.9;

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** "97.27 +- 0.11", half the interval over seeds; the mean alone with one seed. */
function spread(values: readonly number[], digits = 2): string {
  const mean = meanOf(values).toFixed(digits);
  if (values.length < 2) return mean;
  const [low, high] = meanInterval(values, confidence);
  return `${mean} ± ${((high - low) / 2).toFixed(digits)}`;
}

const spreadNote = `With half the ${100 * confidence} % interval for the mean over seeds.`;

function prunedTable(results: readonly Result[], { keep }: Options): DataTable {
  const full = results.map(({ pruning }) => pruning.full);
  return {
    id: "pruned",
    title: "Test accuracy by what was kept, per cent",
    caption: `The same number of steps on every subset. ${spreadNote}`,
    columns: ["kept by", ...keep.map((share) => `${100 * share} %`)],
    rows: [
      ["everything", ...keep.map(() => spread(full))],
      ...choices.map((choice) => [
        choice,
        ...keep.map((share) => spread(results.map((result) => accuracyOf(result, choice, share)))),
      ]),
    ],
  };
}

const correlationTable = (results: readonly Result[]): DataTable => ({
  id: "correlations",
  title: "Rank correlation of EL2N with other scores",
  caption: spreadNote,
  columns: ["score", "Spearman's correlation"],
  rows: Object.keys(results[0].pruning.correlations).map((name) => [
    name,
    spread(
      results.map(({ pruning }) => pruning.correlations[name]),
      3,
    ),
  ]),
});

const noiseTable = (results: readonly Result[], { noise }: Options): DataTable => ({
  id: "noise",
  title: `Finding wrong labels: ${100 * noise} % were corrupted`,
  caption: `Precision among the highest tenth of the scores. ${spreadNote}`,
  columns: ["score", "area under the curve", "precision"],
  rows: (["el2n", "grand"] as const).map((kind) => [
    kind === "el2n" ? "EL2N" : "GraNd",
    spread(
      results.map((result) => result.noise.auroc[kind]),
      3,
    ),
    spread(
      results.map((result) => result.noise.precisionAtTenth[kind]),
      3,
    ),
  ]),
});

const windowTable = (results: readonly Result[], { window, drops }: Options): DataTable => ({
  id: "windows",
  title: `Test accuracy of windows of ${100 * window} % of the noisy data, per cent`,
  caption: `The window lies just below the highest scores that are left out. ${spreadNote}`,
  columns: ["left out above", "test accuracy", "best on validation, seeds"],
  rows: [
    ...drops.map((drop, i) => [
      `${drop} %`,
      spread(results.map(({ noise }) => noise.windows[i].test)),
      results.filter(({ noise }) => bestWindow(noise).drop === drop).length,
    ]),
    ["at random", spread(results.map(({ noise }) => noise.random.test)), null],
  ],
});

const barrierTable = (results: readonly Result[], { parentSteps }: Options): DataTable => ({
  id: "barriers",
  title: "Barrier between two children of one parent",
  caption: `Error in points, loss in nats. ${spreadNote}`,
  columns: ["parent's steps", ...groupNames.flatMap((name) => [`${name}: error`, `${name}: loss`])],
  rows: parentSteps.map((steps, i) => [
    steps,
    ...groupNames.flatMap((name) => [
      spread(results.map(({ connectivity }) => connectivity.paths[i].errorBarrier[name])),
      spread(
        results.map(({ connectivity }) => connectivity.paths[i].lossBarrier[name]),
        3,
      ),
    ]),
  ]),
});

function keepFigure(results: readonly Result[], { keep, curve }: Options): Figure {
  const shares = [...keep, ...curve].sort((a, b) => a - b);
  const full = results.map(({ pruning }) => pruning.full);
  const everywhere = (choice: Choice): Mark[] =>
    lineOver(
      choice,
      [...shares, 1].map((share) => 100 * share),
      [...shares.map((share) => results.map((result) => accuracyOf(result, choice, share))), full],
    );
  const others: Mark[] = choices.slice(2).map((choice) => ({
    type: "dots",
    series: choice,
    x: keep.map((share) => 100 * share),
    y: keep.map((share) => meanOf(results.map((result) => accuracyOf(result, choice, share)))),
  }));
  return {
    id: "keep",
    title: "Test accuracy by the share of the data kept",
    caption:
      "Hard examples alone are enough while enough of them are kept; below that random subsets win.",
    x: { label: "kept, per cent" },
    y: { label: "test accuracy, per cent" },
    marks: [...everywhere("EL2N"), ...everywhere("random"), ...others],
  };
}

const rankFigure = (results: readonly Result[]): Figure => ({
  id: "ranks",
  title: "EL2N in ascending order",
  caption: "Most examples are easy a few epochs into training.",
  x: { label: "examples with lower scores, per cent" },
  y: { label: "EL2N" },
  marks: [
    {
      type: "line",
      x: results[0].pruning.el2nByRank.map((_, i) => i),
      y: results[0].pruning.el2nByRank.map((_, i) =>
        meanOf(results.map(({ pruning }) => pruning.el2nByRank[i])),
      ),
    },
  ],
});

const windowFigure = (results: readonly Result[], { drops, window }: Options): Figure => ({
  id: "windows",
  title: `Accuracy of a window of ${100 * window} % on noisy data`,
  caption: "At 0 the window holds the wrong labels; further down it holds ever easier examples.",
  x: { label: "highest scores left out, per cent" },
  y: { label: "test accuracy, per cent" },
  marks: [
    ...lineOver(
      "window",
      drops,
      drops.map((_, i) => results.map(({ noise }) => noise.windows[i].test)),
    ),
    {
      type: "rule",
      series: "at random",
      y: meanOf(results.map(({ noise }) => noise.random.test)),
    },
  ],
});

const tenthFigure = (results: readonly Result[]): Figure => ({
  id: "tenths",
  title: "Where the wrong labels lie on the ranking by EL2N",
  caption: "The highest tenth of the scores holds nearly all of them.",
  x: { label: "tenth of the ranking, lowest first", scale: "band" },
  y: { label: "wrong labels, per cent of all" },
  marks: [
    {
      type: "bars",
      x: results[0].noise.changedByTenth.map((_, i) => String(i + 1)),
      y: results[0].noise.changedByTenth.map(
        (_, i) => 100 * meanOf(results.map(({ noise }) => noise.changedByTenth[i])),
      ),
    },
  ],
});

const barrierFigure = (results: readonly Result[], { parentSteps }: Options): Figure => ({
  id: "barriers",
  title: "Error barrier by the age of the parent",
  caption: "The harder the examples, the later two continuations stay connected.",
  x: { label: "steps of the parent" },
  y: { label: "barrier, points" },
  marks: groupNames.flatMap((name) =>
    lineOver(
      name,
      parentSteps,
      parentSteps.map((_, i) =>
        results.map(({ connectivity }) => connectivity.paths[i].errorBarrier[name]),
      ),
    ),
  ),
});

function pathFigure(results: readonly Result[], { parentSteps, points }: Options): Figure {
  const x = Array.from({ length: points }, (_, i) => i / (points - 1));
  const curve = (path: number, name: GroupName) =>
    x.map((_, i) =>
      meanOf(results.map(({ connectivity }) => connectivity.paths[path].errors[name][i])),
    );
  const last = parentSteps.length - 1;
  return {
    id: "paths",
    title: "Errors on the straight line between two children",
    caption: `Of a parent with ${parentSteps[0]} steps and of one with ${parentSteps[last]}.`,
    x: { label: "share of the second child" },
    y: { label: "wrong, per cent" },
    marks: [0, last].flatMap((path) =>
      groupNames.map(
        (name): Mark => ({
          type: "line",
          series: `${name}, ${parentSteps[path]} steps`,
          x,
          y: curve(path, name),
        }),
      ),
    ),
  };
}

function kernelFigure(results: readonly Result[]): Figure | null {
  const kernels = results.map(({ pruning }) => pruning.kernel);
  const [first] = kernels;
  if (first === null || first === undefined) return null;
  const epochs = first.velocities[0].map((_, epoch) => epoch);
  return {
    id: "kernel",
    title: "How far the tangent kernel turns in an epoch",
    caption:
      "Groups of consecutive examples in the order of EL2N; 0 is a kernel that stays as it is.",
    x: { label: "examples with lower EL2N, per cent" },
    y: { label: "velocity of the kernel" },
    marks: epochs.map((epoch) => ({
      type: "line",
      series: `epoch ${epoch + 1}`,
      x: first.ranks,
      y: first.ranks.map((_, group) =>
        meanOf(kernels.map((kernel) => kernel?.velocities[group][epoch] ?? Number.NaN)),
      ),
    })),
  };
}
