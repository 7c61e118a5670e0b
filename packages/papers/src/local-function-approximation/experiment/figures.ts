/** Plots of one network over all seeds. */
import type { Figure, Mark } from "../../contract/figure.ts";
import { methodNames } from "../methods.ts";
import type { TestName } from "./compiled.ts";
import type { NetworkResult } from "./network.ts";
import { type Case, mean, meanMatrix } from "./summary.ts";

const bands = {
  x: { label: "fitted in the neighbourhood of", scale: "band" },
  y: { label: "own formula of", scale: "band" },
} as const;

const names: readonly string[] = methodNames;

export const figuresOf = (one: Case): Figure[] => [
  distanceMap(one, "l1", "mean L1 distance"),
  distanceMap(one, "cosine", "mean cosine distance"),
  limit(one),
  ...tests.map((test) => perturbationFigure(one, test)),
  lossMap(one),
];

const distanceMap = (
  { id, title, networks }: Case,
  kind: "l1" | "cosine",
  label: string,
): Figure => ({
  id: `${id}-${kind}`,
  title: `${title}: ${label} between the two routes`,
  caption:
    "Small on the diagonal: each method is the approximation it is said to be. Small blocks: methods that add to the input, and methods that multiply it.",
  ...bands,
  marks: [
    {
      type: "heatmap",
      values: meanMatrix(networks.map((network) => network[kind])),
      rows: names,
      columns: names,
    },
  ],
});

/** Distances along the two limits; both fall from left to right. */
const limit = ({ id, title, networks }: Case): Figure => ({
  id: `${id}-limits`,
  title: `${title}: towards the gradient`,
  caption:
    "Fits with less and less noise against Vanilla Gradients, and over scales nearer and nearer to 1 against Gradient x Input; mean and range over seeds.",
  x: { label: "step towards the limit" },
  y: { label: "mean L1 distance", scale: "log" },
  marks: [
    ...along(
      "noise, to Vanilla Gradients",
      networks.map(({ toVanilla }) => toVanilla),
    ),
    ...along(
      "scales, to Gradient x Input",
      networks.map(({ toTimesInput }) => toTimesInput),
    ),
  ],
});

function along(series: string, curves: readonly (readonly number[])[]): Mark[] {
  const x = curves[0].map((_, i) => i + 1);
  const at = (i: number) => curves.map((curve) => curve[i]);
  const line: Mark = { type: "line", series, x, y: x.map((_, i) => mean(at(i))) };
  if (curves.length === 1) return [line];
  const low = x.map((_, i) => Math.min(...at(i)));
  const high = x.map((_, i) => Math.max(...at(i)));
  return [{ type: "band", series, x, low, high }, line];
}

const tests: readonly { readonly name: TestName; readonly says: string }[] = [
  { name: "bottomContinuous", says: "noise on the features that matter least" },
  { name: "bottomBinary", says: "the features that matter least removed" },
  { name: "topContinuous", says: "noise on the features that matter most" },
  { name: "topBinary", says: "the features that matter most removed" },
];

function perturbationFigure(
  { id, title, networks }: Case,
  { name, says }: (typeof tests)[number],
): Figure {
  const curve = (method: number): number[] => {
    const ofSeeds = networks.map((network: NetworkResult) => network.tests[name].mean[method]);
    return ofSeeds[0].map((_, k) => mean(ofSeeds.map((values) => values[k])));
  };
  const lower = name.startsWith("bottom");
  return {
    id: `${id}-${name}`,
    title: `${title}: ${says}`,
    caption: `Mean change of the score over points and seeds; ${lower ? "lower" : "higher"} is better.`,
    x: { label: "features perturbed" },
    y: { label: "|f(x) - f(x')|" },
    marks: methodNames.map((series, i): Mark => {
      const y = curve(i);
      return { type: "line", series, x: y.map((_, k) => k + 1), y };
    }),
  };
}

/** Loss over the least of the column, in orders of magnitude. */
function lossMap({ id, title, networks }: Case): Figure {
  const losses = meanMatrix(networks.map((network) => network.losses));
  const least = methodNames.map((_, column) => Math.min(...losses.map((row) => row[column])));
  const floor = (value: number): number => Math.max(value, 1e-12);
  return {
    id: `${id}-losses`,
    title: `${title}: no free lunch`,
    caption:
      "Loss of every explanation in every neighbourhood over the least there, as a power of ten: 0 on the diagonal, and nowhere a row of zeros.",
    x: { label: "neighbourhood of", scale: "band" },
    y: { label: "explanation by", scale: "band" },
    marks: [
      {
        type: "heatmap",
        values: losses.map((row) =>
          row.map((loss, column) => Math.log10(floor(loss) / floor(least[column]))),
        ),
        rows: names,
        columns: names,
      },
    ],
  };
}
