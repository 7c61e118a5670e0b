/** Tables, plots and findings over all seeds. */
import { meanInterval, meanOf } from "@etude/learn";
import { confidence } from "../contract/bar.ts";
import type { Summary } from "../contract/experiment.ts";
import type { DataTable, Figure } from "../contract/figure.ts";
import { goalCell, gridArrows, gridSize, openGrid, shortcutGrid } from "../environments/index.ts";
import { valuesIn } from "./claims.ts";
import type { Result } from "./experiment.ts";
import type { GridRun } from "./gridStudy.ts";
import type { Options } from "./options.ts";
import { mainMethods, regimeNames, tasksOf } from "./tasks.ts";

const valueMethods = ["true", "semi", "sum", "orthogonal"] as const;

export function summarise(
  results: readonly Result[],
  seeds: readonly number[],
  options: Options,
): Summary {
  const names = Object.keys(tasksOf(options));
  const further = names.filter((name) => !mainMethods.some((method) => method === name));
  return {
    tables: [
      policyTable("policies", "Policies in the true system", mainMethods, results),
      valueTable("values", "What V says", valueMethods, results),
      ...(further.length === 0
        ? []
        : [
            policyTable("further-policies", "Other settings: policies", further, results),
            valueTable("further-values", "Other settings: values", further, results),
          ]),
      actionTable("semi", results[0], seeds[0]),
      actionTable("orthogonal", results[0], seeds[0]),
      ...imitationTable(results),
    ],
    figures: [
      ...valueMethods.map((method) => valueFigure(method, results[0], seeds[0])),
      curveFigure("mean-value", "Mean V of minibatches", "meanValue", results[0], seeds[0]),
      curveFigure(
        "cosine",
        "Cosine of forward and backward gradient",
        "cosine",
        results[0],
        seeds[0],
      ),
      curveFigure(
        "kept",
        "Share of logged actions with a positive weight",
        "kept",
        results[0],
        seeds[0],
      ),
    ],
    findings: findings(results, options),
  };
}

const runsOf = (results: readonly Result[], name: string): GridRun[] =>
  results.map(({ runs }) => runs[name]);

/** Mean, and least to greatest where they differ. */
function cell(values: readonly number[], digits = 3): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const mean = meanOf([...values]).toFixed(digits);
  return low === high ? mean : `${mean} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}

function policyTable(
  id: string,
  title: string,
  names: readonly string[],
  results: readonly Result[],
): DataTable {
  return {
    id,
    title,
    caption:
      "Means over seeds, least to greatest. Shares are of the safe cells; success with slips is from random cells.",
    columns: [
      "method",
      "enters the void",
      "optimal",
      "start to goal",
      "steps",
      "success with slips",
    ],
    rows: names.map((name) => {
      const runs = runsOf(results, name);
      const arrived = runs.flatMap(({ startSteps }) => (startSteps === null ? [] : [startSteps]));
      return [
        name,
        cell(runs.map(({ voidShare }) => voidShare)),
        cell(runs.map(({ optimalShare }) => optimalShare)),
        `${arrived.length} of ${runs.length}`,
        arrived.length > 0 ? cell(arrived, 1) : null,
        cell(
          runs.map(({ slipSuccess }) => slipSuccess),
          2,
        ),
      ];
    }),
  };
}

function valueTable(
  id: string,
  title: string,
  names: readonly string[],
  results: readonly Result[],
): DataTable {
  return {
    id,
    title,
    caption:
      "Means over seeds, least to greatest. The step is V(void cell) - V(safe cell) over the moves from one into the other; the correlation is with minus the distance to the goal, over safe cells.",
    columns: [
      "method",
      "V, safe",
      "V, void",
      "step into the void",
      "correlation",
      "cosine",
      "kept",
    ],
    rows: names.map((name) => {
      const values = results.map((result) => valuesIn(result, name));
      const hasVoid = Number.isFinite(values[0].void);
      return [
        name,
        cell(
          values.map(({ safe }) => safe),
          1,
        ),
        hasVoid
          ? cell(
              values.map((value) => value.void),
              1,
            )
          : null,
        hasVoid
          ? cell(
              values.map(({ gap }) => gap),
              1,
            )
          : null,
        cell(values.map(({ correlation }) => correlation)),
        cell(values.map(({ cosine }) => cosine)),
        cell(
          values.map(({ kept }) => kept),
          2,
        ),
      ];
    }),
  };
}

const across = Array.from({ length: gridSize }, (_, x) => x);
/** Rows from the top, where y is greatest. */
const downwards = [...across].reverse();

function actionTable(method: "semi" | "orthogonal", { runs }: Result, seed: number): DataTable {
  const { actions } = runs[method];
  const shown = (cell: number): string => {
    if (cell === goalCell) return "goal";
    return `${gridArrows[actions[cell]]}${shortcutGrid.isVoid(cell) ? " void" : ""}`;
  };
  return {
    id: `actions-${method}`,
    title: `Greedy actions, ${method}, seed ${seed}`,
    columns: ["y", ...across.map((x) => `x = ${x}`)],
    rows: downwards.map((y) => [y, ...across.map((x) => shown(y * gridSize + x))]),
  };
}

function valueFigure(method: string, result: Result, seed: number): Figure {
  const { values } = valuesIn(result, method);
  return {
    id: `values-${method}`,
    title: `V of each cell, ${method}, seed ${seed}`,
    caption:
      "The void is y of 3 and 4, x below 6; the goal is at the top left, the start below it.",
    x: { label: "x", scale: "band" },
    y: { label: "y", scale: "band" },
    marks: [
      {
        type: "heatmap",
        values: downwards.map((y) => across.map((x) => values[y * gridSize + x])),
        columns: across.map(String),
        rows: downwards.map(String),
      },
    ],
  };
}

function curveFigure(
  id: string,
  title: string,
  key: "meanValue" | "cosine" | "kept",
  result: Result,
  seed: number,
): Figure {
  return {
    id,
    title: `${title}, seed ${seed}`,
    x: { label: "step" },
    y: { label: title },
    marks: valueMethods.map((method) => {
      const { curve } = valuesIn(result, method);
      return {
        type: "line",
        series: method,
        x: curve.map(({ step }) => step),
        y: curve.map((point) => point[key]),
      };
    }),
  };
}

function imitationTable(results: readonly Result[]): DataTable[] {
  const found = results.flatMap(({ imitation }) => (imitation === null ? [] : [imitation]));
  if (found.length === 0) return [];
  return [
    {
      id: "imitation",
      title: "Imitating one trajectory of the pendulum expert",
      caption: `Held-out actions are of a range from -1 to 1. The expert's mean return is ${found[0].expertReturn.toFixed(1)}.`,
      columns: ["training", "error of held-out actions", "return", "kept"],
      rows: (["cloning", "weighted"] as const).map((name) => {
        const runs = found.map((result) => result[name]);
        return [
          name === "weighted" ? "O-DICE, lambda 0.4" : "behaviour cloning",
          cell(runs.map(({ error }) => error)),
          cell(
            runs.map((run) => run.return),
            1,
          ),
          cell(
            runs.map(({ kept }) => kept),
            2,
          ),
        ];
      }),
    },
  ];
}

function findings(results: readonly Result[], options: Options): string[] {
  const slip = results.map(({ runs }) => runs.orthogonal.slipSuccess - runs.semi.slipSuccess);
  const range = slip.length > 1 ? meanInterval(slip, confidence) : undefined;
  const interval = range === undefined ? "" : ` [${range.map((x) => x.toFixed(2)).join(", ")}]`;
  const mean = (name: string, of: (run: GridRun) => number): number =>
    meanOf(runsOf(results, name).map(of));
  const lines = [
    `Success with slips, orthogonal minus semi-gradient: ${meanOf(slip).toFixed(2)}${interval}.`,
  ];
  for (const regime of options.regimes) {
    const [semi, orthogonal] = ["semi", "orthogonal"].map(
      (method) => `${method}, ${regimeNames[regime]}`,
    );
    if (regime === "open") {
      const correlation = (name: string) =>
        meanOf(results.map((result) => valuesIn(result, name).correlation)).toFixed(3);
      lines.push(
        `Without a void (${openGrid.safeCells.length} cells, all logged) V correlates with minus the distance by ${correlation(semi)} (semi-gradient) and ${correlation(orthogonal)} (orthogonal); optimal shares ${mean(semi, (run) => run.optimalShare).toFixed(3)} and ${mean(orthogonal, (run) => run.optimalShare).toFixed(3)}.`,
      );
      continue;
    }
    const arrivals = (name: string) =>
      runsOf(results, name).filter(({ startSteps }) => startSteps !== null).length;
    lines.push(
      `With ${regimeNames[regime]}: share of cells that enter the void ${mean(semi, (run) => run.voidShare).toFixed(3)} (semi-gradient) and ${mean(orthogonal, (run) => run.voidShare).toFixed(3)} (orthogonal); from the start ${arrivals(semi)} and ${arrivals(orthogonal)} of ${results.length} arrive.`,
    );
  }
  return lines;
}
