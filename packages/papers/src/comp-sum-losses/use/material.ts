/** The user's examples in three parts, whether rows of a table or images. */
import type { ArrayDataset } from "@etude/data";
import { subset, trainTestSplit } from "@etude/data";
import { exportOnnx, type NDArray, type Tensor, zeros } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import type { Examples } from "../examples.ts";
import type { Ball } from "../perturbation.ts";
import type { UseOptions } from "./options.ts";

export interface Material {
  readonly classes: readonly string[];
  /** Of one example. */
  readonly shape: readonly number[];
  readonly fit: Examples;
  readonly validation: Examples;
  readonly held: Examples;
  /** Where each held-out example is in its file, as people count. */
  readonly heldPlaces: readonly number[];
  readonly ball: Ball;
  /** What a radius of 1 would be. */
  readonly unit: string;
  /** Things to know about how the file was read. */
  readonly notes: readonly string[];
  /** A classifier of encoded examples as a file that takes them as they are in the user's data. */
  export(scores: (x: Tensor) => Tensor, metadata: Readonly<Record<string, string>>): Uint8Array;
}

/** What an exported file gives: [n], [n, classes] twice. */
export const outputNames = ["class", "probabilities", "scores"];

export const outputsOf = (scores: Tensor): Tensor[] => [
  scores.argmax(-1),
  scores.softmax(),
  scores,
];

export interface Division {
  readonly fit: Int32Array;
  readonly validation: Int32Array;
  /** Empty where the user gave test data of their own. */
  readonly held: Int32Array;
}

/** Positions of the three parts, in each of which every class occurs. */
export function divide(
  labels: NDArray,
  { testFraction, validationFraction }: UseOptions,
  withHeld: boolean,
  seed: number,
): Division {
  const all = Int32Array.from({ length: labels.size }, (_, i) => i);
  const { train, test: held } = withHeld
    ? trainTestSplit(labels, { testFraction, seed })
    : { train: all, test: new Int32Array(0) };
  const rest = Array.from(train, (i) => labels.data[i]);
  const inner = trainTestSplit(rest, { testFraction: validationFraction, seed });
  return {
    held,
    fit: inner.train.map((i) => train[i]),
    validation: inner.test.map((i) => train[i]),
  };
}

/** @throws UsageError when the test images are of another size or have other classes */
export function imageMaterial(
  file: string,
  data: ArrayDataset,
  test: ArrayDataset | undefined,
  options: UseOptions,
  seed: number,
): Material {
  if (options.target !== undefined)
    throw new UsageError(
      `--target ${options.target}: the classes of images are the folders in ${file}`,
    );
  const classes = data.classes ?? [];
  if (classes.length < 2)
    throw new UsageError(
      `${file}: there is one class only; put each class into a folder of its own`,
    );
  const [, ...shape] = data.inputs.shape;
  if (test !== undefined) checkLike(data, test);
  const { fit, validation, held } = divide(data.targets, options, test === undefined, seed);
  const part = (dataset: ArrayDataset): Examples => ({
    inputs: dataset.inputs,
    labels: dataset.targets,
  });
  const heldOut = test ?? subset(data, held);
  return {
    classes,
    shape,
    fit: part(subset(data, fit)),
    validation: part(subset(data, validation)),
    held: part(heldOut),
    heldPlaces: test === undefined ? Array.from(held, (i) => i + 1) : places(heldOut),
    ball: { norm: options.norm, radius: options.radius ?? 8 / 255, low: 0, high: 1 },
    unit: "the range of a pixel",
    notes: [],
    export: (scores, metadata) =>
      exportOnnx((images: Tensor) => outputsOf(scores(images)), [zeros([2, ...shape])], {
        inputNames: ["images"],
        outputNames,
        dynamicBatch: true,
        metadata,
      }),
  };
}

const places = ({ targets }: ArrayDataset): number[] =>
  Array.from({ length: targets.size }, (_, i) => i + 1);

function checkLike(data: ArrayDataset, test: ArrayDataset): void {
  const sizes = [data, test].map(({ inputs }) => inputs.shape.slice(1).join(" x "));
  if (sizes[0] !== sizes[1])
    throw new UsageError(
      `--test ${test.name}: images of ${sizes[1]}, but those to learn from are ${sizes[0]}`,
    );
  const names = [data, test].map(({ classes = [] }) => classes.join(", "));
  if (names[0] !== names[1])
    throw new UsageError(
      `--test ${test.name}: the classes are ${names[1]}, but those to learn from are ${names[0]}`,
    );
}
