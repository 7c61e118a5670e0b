/** The figures of a verification. */
import type { Figure, Mark } from "../../contract/figure.ts";
import {
  alignmentFigure,
  curvesFigure,
  measuredLine,
  productFigures,
  trainingFigure,
} from "../figures.ts";
import { describePart } from "./claims.ts";
import type { CopyingResult } from "./copying.ts";
import { type LinearResult, otherNorms, rangeFactors, scaleFactors } from "./linear.ts";
import type { LinearPart } from "./options.ts";
import type { SineResult } from "./sine.ts";

export function figuresOfPart(part: LinearPart, of: readonly LinearResult[]): Figure[] {
  const id = part.replace(" ", "-");
  const name = describePart(part);
  const isPlain = of[0].plusPlus === null;
  const iterated = of.flatMap((result) => (result.iterated === null ? [] : [result.iterated]));
  const [{ products }] = of;
  return [
    trainingFigure(id, name, of, isPlain ? ["GD"] : ["GD", "GD++"]),
    alignmentFigure(id, name, of, isPlain ? "gradient descent" : "GD++"),
    curvesFigure(
      `${id}-ranges`,
      `${name}: inputs of other ranges`,
      "range over that of training",
      rangeFactors,
      of.map(({ ranges }) => ranges),
    ),
    curvesFigure(
      `${id}-scales`,
      `${name}: weights of other scales`,
      "scale over that of training",
      scaleFactors,
      of.map(({ scales }) => scales),
    ),
    curvesFigure(
      `${id}-other-inputs`,
      `${name}: exponential, normal or Laplace inputs`,
      "norm of the context",
      otherNorms,
      of.map(({ otherInputs }) => otherInputs),
    ),
    ...(products === null ? [] : productFigures(id, name, products)),
    ...(iterated.length === 0
      ? []
      : [
          curvesFigure(
            `${id}-iterated`,
            `${name}: applied over and over, damped by 0.75`,
            "applications",
            iterated[0].trained.map((_, i) => i + 1),
            iterated,
          ),
        ]),
  ];
}

export function sineFigures(all: readonly SineResult[]): Figure[] {
  if (all.length === 0) return [];
  const [{ example, history }] = all;
  return [
    {
      id: "sine-training",
      title: "Sine tasks: loss during training",
      caption:
        "First seed; attention on learned features, and a step of descent on learned features.",
      x: { label: "step" },
      y: { label: "loss", scale: "log" },
      marks: Object.entries(history).map(([series, entries]) => ({
        type: "line",
        series,
        x: entries.map(({ step }) => step),
        y: entries.map(({ loss }) => loss),
      })),
    },
    {
      id: "sine-example",
      title: "Sine tasks: what both models make of one context",
      caption: "First seed. The dots are all they are told about the sine.",
      x: { label: "x" },
      y: { label: "y" },
      marks: [
        ...Object.entries(example.predictions).map(
          ([series, y]): Mark => ({ type: "line", series, x: example.x, y }),
        ),
        { type: "dots", series: "context", x: example.contextX, y: example.contextY },
      ],
    },
  ];
}

export function copyingFigures(all: readonly CopyingResult[]): Figure[] {
  if (all.length === 0) return [];
  const [{ history, losses }] = all;
  return [
    {
      id: "copying-loss",
      title: "Separate tokens: loss during training",
      caption: "First seed.",
      x: { label: "step" },
      y: { label: "loss" },
      marks: [
        measuredLine(history, "loss on other tasks", "trained"),
        { type: "rule", series: "one step of GD", y: losses.GD },
      ],
    },
    {
      id: "copying-score",
      title: "Separate tokens: what a token after the first layer depends on",
      caption:
        "First seed. Copying shows as a rise of the dependence on the next token while the loss falls.",
      x: { label: "step" },
      y: { label: "norm of the mean derivative" },
      marks: (["own", "next", "other"] as const).map((name) => measuredLine(history, name, name)),
    },
  ];
}
