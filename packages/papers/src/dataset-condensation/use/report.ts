/** What the user gets: the sets as arrays and as pictures, networks trained on them, and what they are worth. */
import { imageSheet, writeNpz } from "@etude/data";
import { exportOnnx, NDArray, type Tensor } from "@etude/tensor";
import { base64 } from "../../contract/base64.ts";
import type { Summary } from "../../contract/experiment.ts";
import type { Figure, Mark, Picture } from "../../contract/figure.ts";
import type { OutputFile } from "../../contract/use.ts";
import type { Trained } from "../evaluation.ts";
import type { Network } from "../networks.ts";
import { type Baseline, baselines, type Method } from "../settings.ts";
import type { UserImages } from "./data.ts";
import type { UseOptions } from "./options.ts";

export interface ScoredSet {
  /** Of a baseline, or the method. */
  readonly name: Baseline | Method;
  /** What it is to be compared with; a baseline with itself. */
  readonly baseline: Baseline;
  /** [n, ...], standardised, not cut to a range. */
  readonly images: NDArray;
  readonly labels: readonly number[];
  /** Per cent on the held-out images, one a network. */
  readonly accuracies: readonly number[];
  /** The first of the networks trained on it. */
  readonly network: Trained;
  readonly losses: {
    readonly classwise: readonly number[];
    readonly contrastive: readonly number[];
  } | null;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** In the units the user's images came in. */
function inUnits({ data, shape }: NDArray, { scale }: UserImages): NDArray {
  const [, channels, height, width] = shape;
  const values = Float32Array.from(data, (value, i) => {
    const c = Math.floor(i / (height * width)) % channels;
    return Number(value) * scale.deviations[c] + scale.means[c];
  });
  return new NDArray(values, shape, "float32");
}

/** A row a class. */
function sheetOf(set: ScoredSet, images: UserImages, { ipc }: UseOptions): Uint8Array {
  const side = set.images.shape[3];
  return imageSheet(inUnits(set.images, images), {
    columns: ipc === 1 ? Math.ceil(Math.sqrt(set.labels.length)) : ipc,
    zoom: Math.max(1, Math.round(64 / side)),
    gap: 2,
    range: images.range,
  });
}

/** The sets that were learnt, without the baselines. */
const learntOf = (sets: readonly ScoredSet[]): ScoredSet[] =>
  sets.filter(({ name, baseline }) => name !== baseline);

/** How much better a set is than its baseline, in points. */
function gainOf({ accuracies, baseline }: ScoredSet, sets: readonly ScoredSet[]): number {
  const beside = sets.find(({ name }) => name === baseline);
  return mean(accuracies) - mean(beside?.accuracies ?? []);
}

export function filesOf(
  images: UserImages,
  net: Network,
  sets: readonly ScoredSet[],
  everything: number | null,
  options: UseOptions,
): OutputFile[] {
  const { classes, labels, scale } = images;
  const files = learntOf(sets).flatMap((set): OutputFile[] => [
    {
      name: `condensed-${set.name}.npz`,
      describe: `the ${set.labels.length} synthetic images by ${set.name}: "images" in the units of the data, "labels", and "standardised" images as they are learnt and trained on`,
      bytes: writeNpz(
        {
          images: inUnits(set.images, images),
          labels: new NDArray(
            Int32Array.from(set.labels, (place) => labels[place]),
            [set.labels.length],
            "int32",
          ),
          standardised: set.images,
        },
        { compress: true },
      ),
    },
    {
      name: `condensed-${set.name}.png`,
      describe: `the synthetic images by ${set.name} to look at, class after class`,
      bytes: sheetOf(set, images, options),
    },
    {
      name: `network-${set.name}.onnx`,
      describe: `a network trained on the set by ${set.name} alone: images in the units of the data to logits`,
      bytes: networkFile(net, set.network, images),
    },
  ]);
  const summary = {
    classes: classes.map((name, place) => ({ label: labels[place], name })),
    shape: net.inputs,
    standardisation: scale,
    trainingImages: images.train.y.length,
    heldOut: images.test.y.length,
    options,
    accuracy: {
      ...Object.fromEntries(sets.map(({ name, accuracies }) => [name, accuracies])),
      ...(everything !== null && { everything: [everything] }),
    },
  };
  return [
    ...files,
    {
      name: "condensed.json",
      describe: "classes, standardisation, settings and the accuracy of every network",
      bytes: new TextEncoder().encode(`${JSON.stringify(summary, null, 2)}\n`),
    },
  ];
}

/** Standardisation is a part of the model, so that it takes images as the user has them. */
function networkFile(net: Network, { params, state }: Trained, { scale }: UserImages): Uint8Array {
  const constants = (values: readonly number[]) =>
    new NDArray(Float32Array.from(values), [1, values.length, 1, 1], "float32");
  const example = new NDArray(
    new Float32Array(net.inputs.reduce((size, length) => size * length, 1)),
    [1, ...net.inputs],
    "float32",
  );
  return exportOnnx(
    (x: Tensor) => {
      const standard = x.sub(constants(scale.means)).div(constants(scale.deviations));
      return net.apply(params as never, state as never, standard, false)[0];
    },
    [example],
    { inputNames: ["images"], outputNames: ["logits"], dynamicBatch: true },
  );
}

export function reportOf(
  images: UserImages,
  sets: readonly ScoredSet[],
  everything: number | null,
  options: UseOptions,
): Summary {
  const { train, test, classes, notes } = images;
  const learnt = learntOf(sets);
  const rows = sets.map(({ name, accuracies, labels }): (string | number | null)[] => [
    baselines.some((each) => each === name) ? `real images, drawn at ${name}` : name,
    labels.length,
    mean(accuracies),
    accuracies.length > 1 ? Math.max(...accuracies) - Math.min(...accuracies) : null,
  ]);
  const isAugmented = learnt.some(({ baseline }) => baseline === "random, augmented");
  const allName = `all training images${isAugmented ? ", not augmented" : ""}`;
  if (everything !== null) rows.push([allName, train.y.length, everything, null]);
  const pictures = [sets[0], ...learnt].map(
    (set): Picture => ({
      id: set.name,
      title:
        set.name === set.baseline
          ? "Real images, drawn at random"
          : `Synthetic images by ${set.name}`,
      caption: `Class after class: ${classes.slice(0, 20).join(", ")}${classes.length > 20 ? " ..." : ""}`,
      png: base64(sheetOf(set, images, options)),
    }),
  );
  const best = learnt.reduce((top, set) =>
    mean(set.accuracies) > mean(top.accuracies) ? set : top,
  );
  const gain = gainOf(best, sets);
  const worse = learnt.filter((set) => gainOf(set, sets) < 0);
  return {
    tables: [
      {
        id: "accuracy",
        title: "Accuracy on the images held out, per cent",
        caption: `${options.evalNetworks} fresh networks each, ${test.y.length} images held out.`,
        columns: ["trained on", "images", "accuracy", "best less worst network"],
        rows,
      },
    ],
    figures: [accuracyFigure(sets, everything), lossFigure(learnt)],
    pictures,
    findings: [
      `Best is ${best.name}: ${mean(best.accuracies).toFixed(1)} % with ${best.labels.length} synthetic images, ${gain >= 0 ? `${gain.toFixed(1)} points above` : `${(-gain).toFixed(1)} points below`} as many real ones drawn at random${everything === null ? "" : `; all ${train.y.length} training images give ${everything.toFixed(1)} %`}.`,
      ...worse.map(
        ({ name }) =>
          `The set by ${name} is worse than real images drawn at random: ${name === "DC" || name === "DSA" ? "class-wise matching may follow what all classes share; try DCC or DSAC" : "give it more --outer-loops, or other rates"}.`,
      ),
      ...notes,
    ],
  };
}

function accuracyFigure(sets: readonly ScoredSet[], everything: number | null): Figure {
  const marks: Mark[] = [
    {
      type: "bars",
      x: sets.map(({ name }) => name),
      y: sets.map(({ accuracies }) => mean(accuracies)),
    },
    {
      type: "intervals",
      x: sets.map(({ name }) => name),
      low: sets.map(({ accuracies }) => Math.min(...accuracies)),
      high: sets.map(({ accuracies }) => Math.max(...accuracies)),
    },
  ];
  if (everything !== null) marks.push({ type: "rule", series: "all images", y: everything });
  return {
    id: "accuracy",
    title: "Accuracy by what was trained on",
    caption: "Bars are means over networks, intervals from the worst to the best.",
    x: { label: "set", scale: "band" },
    y: { label: "accuracy, per cent" },
    marks,
  };
}

const lossFigure = (learnt: readonly ScoredSet[]): Figure => ({
  id: "losses",
  title: "Distance of gradients while the images are learnt",
  caption:
    "Each at a fresh network. DC and DSA descend the class-wise distance; DCC and DSAC, after their warm-up, the contrastive one.",
  x: { label: "fresh networks" },
  y: { label: "distance of gradients", scale: "log" },
  marks: learnt.flatMap(({ name, losses }) =>
    losses === null
      ? []
      : (["classwise", "contrastive"] as const).map(
          (loss): Mark => ({
            type: "line",
            series: `${name}: ${loss === "classwise" ? "class-wise" : "contrastive"}`,
            x: losses[loss].map((_, o) => o),
            y: losses[loss],
          }),
        ),
  ),
});
