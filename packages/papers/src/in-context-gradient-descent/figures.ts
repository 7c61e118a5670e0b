/** What is seen of a trained model: its training, other ranges, its weights. */
import type { Figure, Mark } from "../contract/figure.ts";
import type { HistoryEntry } from "./training.ts";

/** What figures are drawn of; one for each seed. */
export interface Seen {
  readonly history: readonly HistoryEntry[];
  /** On the same tasks, by model. */
  readonly losses: Readonly<Record<string, number>>;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The mean over seeds at every place. */
export const averaged = (curves: readonly (readonly number[])[]): number[] =>
  curves[0].map((_, i) => mean(curves.map((curve) => curve[i])));

/** A line through what was measured on the way. */
export function measuredLine(
  history: readonly HistoryEntry[],
  name: string,
  series: string,
): Mark & { readonly type: "line" } {
  const entries = history.filter(({ measured }) => measured[name] !== undefined);
  return {
    type: "line",
    series,
    x: entries.map(({ step }) => step),
    y: entries.map(({ measured }) => measured[name]),
  };
}

/** Loss during training, a line a seed, with the levels of the models it is compared with. */
export function trainingFigure(
  id: string,
  name: string,
  of: readonly Seen[],
  levels: readonly string[],
): Figure {
  const { losses } = of[0];
  return {
    id: `${id}-training`,
    title: `${name}: loss during training`,
    caption:
      "On tasks that are not trained on. The levels are on more such tasks; with several seeds, of the first.",
    x: { label: "step" },
    y: { label: "loss" },
    marks: [
      ...of.map(({ history }) => measuredLine(history, "loss on other tasks", "trained")),
      ...levels.map((series): Mark => ({ type: "rule", series, y: losses[series] })),
    ],
  };
}

const alignmentSeries = [
  ["cosine of the sensitivities", "cosine"],
  ["distance of the sensitivities", "modelDifference"],
  ["distance of the predictions", "predictionDifference"],
] as const;

/** Cosine and distances (18) during training. */
export function alignmentFigure(
  id: string,
  name: string,
  of: readonly Seen[],
  reference: string,
): Figure {
  return {
    id: `${id}-alignment`,
    title: `${name}: how alike it becomes to ${reference}`,
    caption: "The cosine should rise to 1 and the distances fall to 0.",
    x: { label: "step" },
    y: { label: "mean over tasks" },
    marks: alignmentSeries.flatMap(([label, key]) =>
      of.map(({ history }) => measuredLine(history, key, label)),
    ),
  };
}

/** Losses along some axis, means over seeds, a line a model. */
export function curvesFigure(
  id: string,
  title: string,
  label: string,
  x: readonly number[],
  curves: readonly Readonly<Record<string, readonly number[]>>[],
): Figure {
  return {
    id,
    title,
    caption: "Where the lines lie on each other the models do the same.",
    x: { label },
    y: { label: "loss", scale: "log" },
    marks: Object.keys(curves[0]).map((series) => ({
      type: "line",
      series,
      x,
      y: averaged(curves.map((curve) => curve[series])),
    })),
  };
}

/** The normalised products of a layer (19). */
export function productFigures(
  id: string,
  name: string,
  products: {
    readonly KQ: readonly (readonly number[])[];
    readonly PV: readonly (readonly number[])[];
  },
  places: readonly string[] = products.KQ.map((_, i) =>
    i < products.KQ.length - 1 ? `x${i + 1}` : "y",
  ),
): Figure[] {
  const figure = (which: "KQ" | "PV", title: string, caption: string): Figure => ({
    id: `${id}-${which.toLowerCase()}`,
    title: `${name}: ${title}`,
    caption,
    x: { label: "", scale: "band" },
    y: { label: "", scale: "band" },
    marks: [{ type: "heatmap", values: products[which], rows: places, columns: places }],
  });
  return [
    figure(
      "KQ",
      "the product of W_Q and W_K",
      "Normalised. Gradient descent has 1 along the inputs and 0 elsewhere.",
    ),
    figure(
      "PV",
      "the product of W_V and W_O",
      "Normalised. Gradient descent has a single entry, at the target; GD++ entries along the inputs besides.",
    ),
  ];
}
