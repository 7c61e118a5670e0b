/** What the user is shown. */
import type { DataTable, Figure } from "../../contract/figure.ts";
import type { Curves, Judged } from "../contestants.ts";
import { alignmentFigure, curvesFigure, productFigures, trainingFigure } from "../figures.ts";
import { plainProducts } from "../study.ts";
import { cosines, type Predicted } from "./judge.ts";
import type { Source } from "./source.ts";
import type { Fitted } from "./train.ts";

/** Loss and likeness that count as the same. */
const same = { loss: 0.05, cosine: 0.95 } as const;

const describe: Readonly<Record<string, string>> = {
  trained: "trained model",
  GD: "gradient descent",
  "GD++": "GD++",
  interpolated: "weights half-way between",
  preconditioned: "gradient descent with a step size for each input",
  "features and GD": "gradient descent on learned features",
};

const steps = (count: number): string => (count === 1 ? "one step" : `${count} steps`);

export function tablesOf(fitted: Fitted, judged: Judged, zeroLoss: number): DataTable[] {
  const { losses, alignments } = judged;
  const names = Object.keys(fitted.contestants);
  return [
    {
      id: "models",
      title: "The models on tasks that were not trained on",
      caption: `Half the mean squared error in the units of the tokens; always predicting the mean has ${zeroLoss.toPrecision(4)}. Cosine and distances are between the sensitivities to the query, and the predictions, of the trained model and each other one, means over tasks. Descents take ${steps(fitted.steps)}, of size ${fitted.stepSize.toPrecision(4)} without curvature correction.`,
      columns: ["model", "loss", "over the trained one", "cosine", "sensitivity", "prediction"],
      rows: names.map((name, i) => [
        describe[name] ?? name,
        losses[name],
        losses[name] / losses.trained,
        ...(i === 0
          ? [null, null, null]
          : [
              alignments[i - 1].cosine,
              alignments[i - 1].modelDifference,
              alignments[i - 1].predictionDifference,
            ]),
      ]),
    },
  ];
}

/** Points of a scatter, at most. */
const dots = 400;

export function figuresOf(
  source: Source,
  fitted: Fitted,
  judged: Judged,
  predicted: Predicted,
  ranges: { readonly factors: readonly number[]; readonly curves: Curves },
): Figure[] {
  const { reference, history, products, contestants } = fitted;
  const seen = [{ history, losses: judged.losses }];
  const levels = Object.keys(contestants).filter(
    (name) => name !== "trained" && name !== "interpolated",
  );
  const some = (values: ArrayLike<number>): number[] => Array.from(values).slice(0, dots);
  const places = [
    ...source.inputs,
    ...(source.scaling.constant === null ? [] : ["constant"]),
    "target",
  ];
  return [
    trainingFigure("model", "Model", seen, levels),
    alignmentFigure("model", "Model", seen, describe[reference]),
    {
      id: "predictions",
      title: `Predictions of the model and of ${describe[reference]}`,
      caption: `A dot a task, ${dots} at most. On the diagonal both say the same.`,
      x: { label: describe[reference] },
      y: { label: "trained model" },
      marks: [
        {
          type: "dots",
          x: some(predicted.predictions[reference]),
          y: some(predicted.predictions.trained),
        },
      ],
    },
    cosineFigure(
      cosines(predicted.sensitivities.trained, predicted.sensitivities[reference]),
      reference,
    ),
    curvesFigure(
      "ranges",
      "Tasks whose inputs and targets are scaled",
      "scale over that of training",
      ranges.factors,
      [ranges.curves],
    ),
    ...(products === null ? [] : productFigures("model", "Model", plainProducts(products), places)),
  ];
}

/** How the cosines are distributed, in twenty classes. */
function cosineFigure(values: Float64Array, reference: string): Figure {
  const classes = 20;
  const counts = new Array<number>(classes).fill(0);
  for (const value of values)
    counts[Math.min(classes - 1, Math.max(0, Math.floor(((value + 1) / 2) * classes)))]++;
  return {
    id: "cosines",
    title: `Cosine of the sensitivities, with ${describe[reference]}`,
    caption: "Where the model does what the descent does, all tasks are at the right end.",
    x: { label: "cosine", scale: "band" },
    y: { label: "share of the tasks" },
    marks: [
      {
        type: "bars",
        x: counts.map((_, i) => (-1 + (2 * (i + 0.5)) / classes).toFixed(2)),
        y: counts.map((n) => n / values.length),
      },
    ],
  };
}

export function findingsOf(fitted: Fitted, judged: Judged, zeroLoss: number): string[] {
  const names = Object.keys(fitted.contestants);
  const { losses } = judged;
  const alike = names.slice(1).flatMap((name, i) => {
    const { cosine } = judged.alignments[i];
    const apart = losses[name] === 0 ? Number.NaN : losses.trained / losses[name] - 1;
    return name === "interpolated" ? [] : [{ name, cosine, apart }];
  });
  const isAlike = ({ apart, cosine }: (typeof alike)[number]): boolean =>
    Math.abs(apart) <= same.loss && cosine >= same.cosine;
  // The simplest descent that explains the model, else the nearest one.
  const [closest] = [...alike].sort((a, b) => b.cosine - a.cosine);
  const nearest = alike.find(isAlike) ?? closest;
  const relation = (ratio: number): string =>
    ratio > 2
      ? `${ratio.toPrecision(3)} times that`
      : `${Math.abs(100 * (ratio - 1)).toFixed(1)} % ${ratio < 1 ? "below" : "above"} that`;
  const what = describe[nearest.name];
  const isSame = isAlike(nearest);
  const middle = losses.interpolated;
  const its = `its loss is ${relation(1 + nearest.apart)} of the descent, and the cosine of their sensitivities to the query is ${nearest.cosine.toFixed(3)}`;
  const verdict = isSame
    ? `The model does the same as ${steps(fitted.steps)} of ${what}: ${its}.`
    : losses.trained > 0.98 * zeroLoss
      ? "The model has learned nothing yet: its loss is that of always predicting the mean. Give it more steps, or a higher learning rate."
      : `The model is nearest to ${steps(fitted.steps)} of ${what}, but not the same: ${its}.`;
  const stuck =
    !isSame && losses.trained > (1 + same.loss) * losses[fitted.reference]
      ? [
          `It is worse than ${describe[fitted.reference]}: train for longer, or from another --seed.`,
        ]
      : [];
  const between =
    middle === undefined
      ? []
      : [
          `The loss of the weights half-way between the model and its descent is ${relation(middle / losses.trained)} of the model: ${middle <= (1 + same.loss) * losses.trained ? "the two lie in one valley" : "the two are different solutions"}.`,
        ];
  return [verdict, ...stuck, ...between];
}
