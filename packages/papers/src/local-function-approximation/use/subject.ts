/** What is explained: rows of numbers with names, or images cut into patches. */
import { type ArrayDataset, column, DataError, gatherRows, placeOf, type Table } from "@etude/data";
import { array, NDArray } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import type { UserInput } from "../../contract/use.ts";
import type { UseOptions } from "./options.ts";

export interface Subject {
  /** In the units of the explanation, float32 [m, inputs]: what noise is added to. */
  readonly x: NDArray;
  /** The model takes x scale + shift, both [inputs]. */
  readonly scale: NDArray;
  readonly shift: NDArray;
  /** x' [inputs], in the units of x. */
  readonly baseline: NDArray;
  /** One a feature. */
  readonly featureNames: readonly string[];
  /** One an input of the model, where they are named. */
  readonly inputNames: readonly string[];
  /** How rows are called: lines of the file, or numbers from 1. */
  readonly labels: readonly string[];
  /** Of images only. */
  readonly image?: ImageShape;
}

export interface ImageShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Side of the patches. */
  readonly patch: number;
  /** Which inputs make up a patch: [patches, inputs]. */
  readonly features: NDArray;
}

/** @throws DataError, UsageError for data that cannot be explained */
export function subjectOf(input: UserInput, options: UseOptions): Subject {
  switch (input.kind) {
    case "table":
      return fromTable(input.table, options);
    case "images":
      return fromImages(input.dataset, options);
    case "arrays":
      return fromArrays(input.arrays, input.file, options);
    default:
      throw new UsageError(`${input.file}: give a table, a folder of images or arrays`);
  }
}

function fromTable(table: Table, options: UseOptions): Subject {
  const { columns, exclude } = options;
  for (const name of exclude) column(table, name);
  const numeric = table.columns.filter(({ kind, name }) =>
    columns.length > 0 ? columns.includes(name) : kind === "numeric" && !exclude.includes(name),
  );
  const names = columns.length > 0 ? columns : numeric.map(({ name }) => name);
  if (names.length === 0)
    throw new DataError("there is no column of numbers", { file: table.name });
  if (table.rows === 0) throw new DataError("there is no row", { file: table.name });
  const rows = Math.min(options.rows, table.rows);
  const values = names.map((name) => {
    const found = column(table, name);
    if (found.kind !== "numeric")
      throw new DataError(
        "explanations need numbers, but this column holds texts; encode it as the model wants it, or leave it out",
        { file: table.name, column: name },
      );
    const missing = found.values.slice(0, rows).findIndex((value) => !Number.isFinite(value));
    if (missing >= 0)
      throw new DataError(
        "the value is missing or infinite; fill it in, or remove the row",
        placeOf(table, missing, name),
      );
    return found.values;
  });
  const labels = Array.from({ length: rows }, (_, row) => String(placeOf(table, row).row));
  return fromColumns(values, names, labels, options);
}

/** Rows in units of the columns' deviations from their means over all rows, also those not explained. */
function fromColumns(
  values: readonly Float64Array[],
  names: readonly string[],
  labels: readonly string[],
  { standardise, baseline = "mean" }: UseOptions,
): Subject {
  const moments = values.map((column) => {
    const present = column.filter(Number.isFinite);
    const mean = present.reduce((sum, value) => sum + value, 0) / present.length;
    const square = present.reduce((sum, value) => sum + (value - mean) ** 2, 0) / present.length;
    return { mean, deviation: Math.sqrt(square) || 1 };
  });
  const shift = moments.map(({ mean }) => (standardise ? mean : 0));
  const scale = moments.map(({ deviation }) => (standardise ? deviation : 1));
  const inUnits = (value: number, j: number): number => (value - shift[j]) / scale[j];
  const [m, d] = [labels.length, names.length];
  return {
    x: array(
      Float32Array.from({ length: m * d }, (_, i) =>
        inUnits(values[i % d][Math.floor(i / d)], i % d),
      ),
      { shape: [m, d] },
    ),
    scale: array(Float32Array.from(scale)),
    shift: array(Float32Array.from(shift)),
    baseline: array(
      Float32Array.from(moments, ({ mean }, j) => inUnits(baseline === "mean" ? mean : 0, j)),
    ),
    featureNames: names,
    inputNames: names,
    labels,
  };
}

function fromArrays(
  arrays: Readonly<Record<string, NDArray>>,
  file: string,
  options: UseOptions,
): Subject {
  const names = Object.keys(arrays);
  const name = names.includes("inputs") ? "inputs" : names.includes("x") ? "x" : names[0];
  const found = arrays[name];
  if (found === undefined || found.dtype === "bool")
    throw new DataError("there is no array of numbers", { file });
  const wrong = found.data.findIndex((value) => !Number.isFinite(Number(value)));
  if (wrong >= 0)
    throw new DataError(`the array "${name}" holds ${found.data[wrong]} at entry ${wrong}`, {
      file,
    });
  const { shape } = found;
  if (shape.length === 3 || shape.length === 4) {
    const [m, ...rest] = shape;
    const [channels, height, width] = rest.length === 2 ? [1, ...rest] : rest;
    return fromPixels(found.reshape([m, channels, height, width]), options);
  }
  if (shape.length !== 2)
    throw new DataError(
      `the array "${name}" is [${shape.join(", ")}]; give rows [n, inputs] or images [n, channels, height, width]`,
      { file },
    );
  const [n, d] = shape;
  const columns = Array.from({ length: d }, (_, j) =>
    Float64Array.from({ length: n }, (_, row) => Number(found.data[row * d + j])),
  );
  const labels = Array.from({ length: Math.min(n, options.rows) }, (_, row) => String(row + 1));
  return fromColumns(
    columns,
    columns.map((_, j) => `x${j + 1}`),
    labels,
    options,
  );
}

const fromImages = ({ inputs }: ArrayDataset, options: UseOptions): Subject =>
  fromPixels(inputs, options);

function fromPixels(images: NDArray, options: UseOptions): Subject {
  const [n, channels, height, width] = images.shape;
  const { patch = Math.ceil(Math.max(height, width) / 7), baseline = "zero" } = options;
  if (patch > Math.max(height, width))
    throw new UsageError(`--patch ${patch}: the images are ${width} x ${height}`);
  const m = Math.min(n, options.rows);
  const inputs = channels * height * width;
  const x = gatherRows(
    images.reshape([n, inputs]).astype("float32"),
    Int32Array.from({ length: m }, (_, i) => i),
  );
  const across = Math.ceil(width / patch);
  const down = Math.ceil(height / patch);
  const members = new Float32Array(across * down * inputs);
  for (let i = 0; i < inputs; i++) {
    const [row, column] = [Math.floor((i % (height * width)) / width), i % width];
    members[(Math.floor(row / patch) * across + Math.floor(column / patch)) * inputs + i] = 1;
  }
  const mean = new Float32Array(inputs);
  if (baseline === "mean")
    images.data.forEach((value, i) => {
      mean[i % inputs] += Number(value) / n;
    });
  const names = Array.from(
    { length: across * down },
    (_, i) => `row ${Math.floor(i / across) + 1} column ${(i % across) + 1}`,
  );
  return {
    x,
    scale: array(new Float32Array(inputs).fill(1)),
    shift: array(new Float32Array(inputs)),
    baseline: array(mean),
    featureNames: names,
    inputNames: [],
    labels: Array.from({ length: m }, (_, i) => String(i + 1)),
    image: {
      channels,
      height,
      width,
      patch,
      features: new NDArray(members, [across * down, inputs], "float32"),
    },
  };
}
