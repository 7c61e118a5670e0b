/** Tables and findings over all seeds. */
import { meanInterval } from "@etude/learn";
import { confidence } from "../../contract/bar.ts";
import type { Summary } from "../../contract/experiment.ts";
import type { DataTable } from "../../contract/figure.ts";
import type { Result } from "../experiment.ts";
import { strayed } from "../starts.ts";
import { optimalStepSize } from "../stepSize.ts";
import { describePart, ofPart } from "./claims.ts";
import { copyingFigures, figuresOfPart, sineFigures } from "./figures.ts";
import { type LinearResult, taskOf } from "./linear.ts";
import { isLinear, type LinearPart, type Options } from "./options.ts";

export function summarise(
  results: readonly Result[],
  seeds: readonly number[],
  options: Options,
): Summary {
  const parts = options.parts
    .filter(isLinear)
    .map((part) => ({ part, of: results.map((result) => ofPart(result, part)) }));
  const sine = results.flatMap((result) => result.sine ?? []);
  const copying = results.flatMap((result) => result.copying ?? []);
  const other = [
    ...(sine.length > 0 ? [{ what: "Sine tasks", losses: sine.map((s) => s.losses) }] : []),
    ...(copying.length > 0
      ? [{ what: "Separate tokens", losses: copying.map((c) => c.losses) }]
      : []),
  ];
  const linear = parts.map(({ part, of }) => ({
    what: describePart(part),
    losses: of.map((result) => result.losses),
  }));
  return {
    tables: [
      lossTable([...linear, ...other], seeds),
      ...(parts.length > 0 ? [alignmentTable(parts), stepTable(parts, seeds, options)] : []),
      ...startTable(parts, seeds, options),
    ],
    figures: [
      ...parts.flatMap(({ part, of }) => figuresOfPart(part, of)),
      ...sineFigures(sine),
      ...copyingFigures(copying),
    ],
    findings: [
      ...parts.map(({ part, of }) => finding(part, of)),
      ...parts.flatMap(({ part, of }) => startFinding(part, of, options)),
      ...parts.flatMap(({ of }) => iterationFinding(of)),
      ...parts.flatMap(({ part, of }) => rangeFinding(part, of)),
      ...(sine.length > 0
        ? [
            `Sine tasks: cosine ${digits(mean(sine.map((s) => s.alignment.cosine)))}, predictions ${digits(mean(sine.map((s) => s.alignment.predictionDifference)))} apart on average.`,
          ]
        : []),
      ...(copying.length > 0
        ? [
            `Separate tokens: at the end a token after the first layer depends on the next by ${digits(mean(copying.map((c) => c.history.at(-1)?.measured.next ?? Number.NaN)))} and on others by ${digits(mean(copying.map((c) => c.history.at(-1)?.measured.other ?? Number.NaN)))}.`,
          ]
        : []),
    ],
  };
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const digits = (value: number): string => value.toPrecision(3);

/** The interval for the mean over seeds in a cell; nothing for a single seed. */
function intervalCell(values: readonly number[]): string | null {
  if (values.length < 2 || !values.every(Number.isFinite)) return null;
  const [low, high] = meanInterval(values, confidence);
  return `${low.toPrecision(4)} to ${high.toPrecision(4)}`;
}

const names: Readonly<Record<string, string>> = {
  GD: "gradient descent",
  "GD++": "GD++",
  trained: "trained",
  interpolated: "half-way between",
};

function lossTable(
  all: readonly { what: string; losses: readonly Readonly<Record<string, number>>[] }[],
  seeds: readonly number[],
): DataTable {
  return {
    id: "losses",
    title: "Loss on new tasks",
    caption:
      "Half the mean squared error; within a seed all models see the same tasks. Half-way between: the means of the weight products of the trained layer and of GD (one layer) or GD++.",
    columns: [
      "what is trained",
      "model",
      ...seeds.map((seed) => `seed ${seed}`),
      "mean",
      `${100 * confidence} % interval`,
    ],
    rows: all.flatMap(({ what, losses }) =>
      Object.keys(losses[0]).map((name) => {
        const values = losses.map((of) => of[name]);
        return [what, names[name] ?? name, ...values, mean(values), intervalCell(values)];
      }),
    ),
  };
}

function alignmentTable(
  parts: readonly { part: LinearPart; of: readonly LinearResult[] }[],
): DataTable {
  return {
    id: "alignment",
    title: "How alike the trained model and its descent are",
    caption:
      "Means over tasks and seeds: cosine and distance of the sensitivities to the query, distance of the predictions.",
    columns: [
      "what is trained",
      "compared with",
      "cosine",
      "interval",
      "sensitivity",
      "prediction",
    ],
    rows: parts.flatMap(({ part, of }) =>
      (["withDescent", "withPlusPlus"] as const).flatMap((which) => {
        const found = of.flatMap((result) => result[which] ?? []);
        if (found.length === 0) return [];
        return [
          [
            describePart(part),
            which === "withDescent" ? "gradient descent" : "GD++",
            mean(found.map(({ cosine }) => cosine)),
            intervalCell(found.map(({ cosine }) => cosine)),
            mean(found.map(({ modelDifference }) => modelDifference)),
            mean(found.map(({ predictionDifference }) => predictionDifference)),
          ],
        ];
      }),
    ),
  };
}

function stepTable(
  parts: readonly { part: LinearPart; of: readonly LinearResult[] }[],
  seeds: readonly number[],
  options: Options,
): DataTable {
  const { stepSize, loss, zeroLoss } = optimalStepSize(taskOf(options));
  return {
    id: "steps",
    title: "Step sizes, chosen and learned",
    caption: `In closed form one step is best at ${stepSize.toPrecision(6)}, with a loss of ${loss.toPrecision(6)}; always predicting 0 has ${zeroLoss.toPrecision(6)}.`,
    columns: [
      "what is trained",
      "seed",
      "gradient descent",
      "GD++",
      "gamma",
      "beside the diagonal",
    ],
    rows: parts.flatMap(({ part, of }) =>
      of.map(({ stepSize: chosen, plusPlus, products }, i) => [
        describePart(part),
        seeds[i],
        chosen,
        plusPlus === null ? null : plusPlus.stepSizes.map(digits).join(", "),
        plusPlus === null ? null : plusPlus.gammas.map(digits).join(", "),
        products?.offDiagonal ?? null,
      ]),
    ),
  };
}

function startTable(
  parts: readonly { part: LinearPart; of: readonly LinearResult[] }[],
  seeds: readonly number[],
  { starts, startSteps }: Options,
): DataTable[] {
  if (starts === 1 || parts.length === 0) return [];
  return [
    {
      id: "starts",
      title: `Training loss of every start after ${startSteps} steps`,
      caption:
        "The least one of a seed is trained on. Those that stay far above it are in another solution, which they do not leave.",
      columns: [
        "what is trained",
        "seed",
        ...Array.from({ length: starts }, (_, i) => `start ${i + 1}`),
      ],
      rows: parts.flatMap(({ part, of }) =>
        of.map(({ start }, i) => [describePart(part), seeds[i], ...start.losses]),
      ),
    },
  ];
}

function startFinding(
  part: LinearPart,
  of: readonly LinearResult[],
  { starts, startSteps }: Options,
): string[] {
  if (starts === 1) return [];
  const count = strayed(of.map(({ start }) => start.losses));
  return [
    `${describePart(part)}: after ${startSteps} steps ${count.strayed} of ${count.of} starts have a loss more than 1.3 times that of the best.`,
  ];
}

function finding(part: LinearPart, of: readonly LinearResult[]): string {
  const loss = (name: string) => mean(of.map(({ losses }) => losses[name])).toPrecision(4);
  const plus = of[0].withPlusPlus;
  const cosine = digits(mean(of.map(({ withDescent }) => withDescent.cosine)));
  const compared =
    plus === null
      ? `${loss("GD")} for gradient descent; cosine ${cosine}`
      : `${loss("GD")} for gradient descent (cosine ${cosine}) and ${loss("GD++")} for GD++ (cosine ${digits(mean(of.map(({ withPlusPlus }) => withPlusPlus?.cosine ?? Number.NaN)))})`;
  return `${describePart(part)}: loss ${loss("trained")}, against ${compared}.`;
}

/** Where repeated application stops helping. */
function iterationFinding(of: readonly LinearResult[]): string[] {
  const curves = of.flatMap(({ iterated }) => (iterated === null ? [] : [iterated]));
  if (curves.length === 0) return [];
  const least = (name: string) => {
    const all = curves.map((curve) => curve[name]);
    const average = all[0].map((_, step) => mean(all.map((losses) => losses[step])));
    const best = average.reduce((at, value, step) => (value < average[at] ? step : at), 0);
    return `${digits(average[best])} after ${best + 1}, ${digits(average[average.length - 1])} after ${average.length}`;
  };
  return [
    `The trained layer over and over, damped by 0.75: the least mean loss is ${least("trained")}; gradient descent with 0.75 of its step: ${least("GD")}.`,
  ];
}

/** How far apart the curves over input ranges come. */
function rangeFinding(part: LinearPart, of: readonly LinearResult[]): string[] {
  const ratios = (i: number) =>
    of.map(({ ranges, plusPlus }) => {
      const reference = plusPlus === null ? ranges.GD : ranges["GD++"];
      return ranges.trained[i] / reference[i];
    });
  const reference = of[0].plusPlus === null ? "gradient descent" : "GD++";
  const last = of[0].ranges.trained.length - 1;
  return [
    `${describePart(part)} on inputs of other ranges: the loss is ${digits(mean(ratios(0)))} times that of ${reference} at half the range, ${digits(mean(ratios(last)))} times at twice the range.`,
  ];
}
