/** What a person is told: every training side by side, and which is the best. */
import { csvCell } from "@etude/data";
import { UsageError } from "../../contract/errors.ts";
import type { Summary } from "../../contract/experiment.ts";
import type { Figure, Mark } from "../../contract/figure.ts";
import type { OutputFile } from "../../contract/use.ts";
import type { Compared } from "./compare.ts";
import type { Material } from "./material.ts";
import type { UseOptions } from "./options.ts";

/** The training with the best validation score; of equals the first. */
export function bestOf(compared: readonly Compared[]): Compared {
  const best = compared.reduce((a, b) => (b.score > a.score ? b : a));
  if (best.params !== null) return best;
  throw new UsageError(
    "every training diverged: give smaller --learning-rates, or a tau of 1 or more",
  );
}

export const isTrained = ({ params }: Compared): boolean => params !== null;

export function reportOn(
  compared: readonly Compared[],
  material: Material,
  options: UseOptions,
): Summary {
  const { ball, unit } = material;
  const { norm, radius } = ball;
  const best = bestOf(compared);
  return {
    tables: [
      {
        id: "losses",
        title: `Accuracy on ${material.held.labels.size} held-out examples`,
        caption: `Robust: what ${options.restarts} restarts each of PGD-${options.testSteps} on the margin and on cross entropy leave, ${norm} ${radius.toPrecision(3)} of ${unit}; a stronger attack may leave less. The learning rate and the best are chosen on ${material.validation.labels.size} other examples, by ${share(1 - options.robustWeight)} of clean and ${share(options.robustWeight)} of robust accuracy.`,
        columns: ["training", "clean", "robust", "learning rate", "validation", ""],
        rows: compared.map((each) => [
          each.name,
          each.held.clean,
          each.held.robust,
          each.learningRate,
          isTrained(each) ? each.score : null,
          remark(each, best),
        ]),
      },
    ],
    figures: [frontier(compared)],
    findings: findings(compared, best, material),
  };
}

const share = (weight: number): string => `${Math.round(100 * weight)} %`;

function remark(each: Compared, best: Compared): string {
  if (!isTrained(each)) return "diverged";
  if (each.held.collapsed) return "collapsed: one class for every example";
  return each === best ? "best" : "";
}

function frontier(compared: readonly Compared[]): Figure {
  const groups = [
    ["comp-sum", ({ tau, weight }: Compared) => tau !== null && weight === null],
    ["smooth adversarial", ({ tau, weight }: Compared) => tau !== null && weight !== null],
    ["TRADES", ({ tau }: Compared) => tau === null],
  ] as const;
  const marks = groups.flatMap(([series, belongs]): Mark[] => {
    const of = compared.filter((each) => isTrained(each) && belongs(each));
    if (of.length === 0) return [];
    const [x, y] = [of.map(({ held }) => held.clean), of.map(({ held }) => held.robust)];
    return [{ type: "dots", series, x, y }];
  });
  return {
    id: "frontier",
    title: "Clean and robust accuracy on held-out examples",
    caption: "A dot for each training. Up and to the right is better.",
    x: { label: "clean accuracy" },
    y: { label: "robust accuracy" },
    marks,
  };
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

function findings(
  compared: readonly Compared[],
  best: Compared,
  { held, notes, classes }: Material,
): string[] {
  const trained = compared.filter(isTrained);
  const plain = trained.filter(({ tau, weight }) => tau !== null && weight === null);
  const cleanest = [...plain].sort((a, b) => b.held.clean - a.held.clean)[0];
  const fallen = trained.filter((each) => each.held.collapsed).map(({ name }) => name);
  const lost = compared.filter((each) => !isTrained(each)).map(({ name }) => name);
  const frequent = Math.max(
    ...classes.map((_, c) => Array.from(held.labels.data).filter((label) => label === c).length),
  );
  return [
    `best.onnx is ${best.name}: ${percent(best.held.clean)} clean and ${percent(best.held.robust)} robust accuracy on held-out examples; the most frequent class is ${percent(frequent / held.labels.size)} of them.`,
    ...(cleanest === undefined
      ? []
      : [
          `Of the plain losses ${cleanest.name} has the best clean accuracy on held-out examples, ${percent(cleanest.held.clean)}, and keeps ${percent(cleanest.held.robust)} under attack.`,
        ]),
    ...(lost.length > 0
      ? [`Diverged at every learning rate: ${lost.join("; ")}. Try smaller ones.`]
      : []),
    ...(fallen.length > 0
      ? [
          `Collapsed, so that every example gets the same class: ${fallen.join("; ")}. Try a smaller nu, more epochs, or a tau nearer to 1.`,
        ]
      : []),
    ...notes,
  ];
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

const csv = (rows: readonly (readonly (string | number)[])[]): Uint8Array =>
  text(`${rows.map((row) => row.map((cell) => csvCell(String(cell))).join(",")).join("\n")}\n`);

/** The comparison, and the predictions of the best, as files. */
export function tablesOf(compared: readonly Compared[], material: Material): OutputFile[] {
  const best = bestOf(compared);
  const { classes, held, heldPlaces } = material;
  const [predictions, survived] = [best.predictions?.data ?? [], best.survived?.data ?? []];
  return [
    {
      name: "losses.csv",
      describe: "clean and robust accuracy of every training",
      bytes: csv([
        ["training", "tau", "weight", "clean", "robust", "learning rate", "collapsed"],
        ...compared.map((each) => [
          each.name,
          each.tau ?? "",
          each.weight ?? "",
          each.held.clean,
          each.held.robust,
          each.learningRate,
          String(each.held.collapsed),
        ]),
      ]),
    },
    {
      name: "predictions.csv",
      describe:
        "the held-out examples, and whether best.onnx is right and stays right under attack",
      bytes: csv([
        ["row", "class", "prediction", "withstands"],
        ...Array.from(held.labels.data, (label, i) => [
          heldPlaces[i],
          classes[label],
          classes[predictions[i]],
          survived[i] === 1 ? "yes" : "no",
        ]),
      ]),
    },
  ];
}
