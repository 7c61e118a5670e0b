/** The classification problems: tables as standardised inputs with a constant. */
import { type DataLoader, encode, encodeTarget, fitEncoder, fitTarget } from "@etude/data";
import { array, type NDArray, random } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

export interface Examples {
  /** float32 [n, d]; the last input is 1. */
  readonly inputs: NDArray;
  /** int32 [n] */
  readonly targets: NDArray;
  readonly classes: number;
}

/** The one problem that is drawn here, not loaded. */
export const drawn = "waveforms";

/**
 * All rows of a table of the catalogue, or 5000 drawn {@link waveforms}, the same in every run. Digits
 * come as pixels from 0 to 1: standardised they can be told apart without error, and then no schedule
 * has a best rate.
 */
export async function examplesOf(name: string, data: DataLoader): Promise<Examples> {
  if (name === drawn) return waveforms(5000, random.generator(1984));
  if (name === "digits") {
    const { inputs, targets, classes = [] } = await data.images(name);
    const [rows] = inputs.shape;
    const pixels = withConstant(inputs.data, rows, inputs.size / rows);
    return { inputs: pixels, targets, classes: Math.max(classes.length, 10) };
  }
  const table = await data.table(name, { part: "all" });
  const target = table.columns.at(-1)?.name ?? "";
  const encoder = fitTarget(table, target);
  if (encoder.task === "regression")
    throw new UsageError(`table "${name}": its target is an amount; the experiment needs classes`);
  const { inputs } = encode(fitEncoder(table, { target }), table);
  const [rows, width] = inputs.shape;
  return {
    inputs: withConstant(inputs.data, rows, width),
    targets: encodeTarget(encoder, table),
    classes: encoder.classes.length,
  };
}

/**
 * The waveform problem of Breiman, Friedman, Olshen, Stone, "Classification and Regression Trees",
 * 1984, section 2.6.2, in its version with 19 inputs of pure noise: 21 points of a random mixture of
 * two of three triangular waves, plus standard normal noise; the class says which two.
 */
export function waveforms(rows: number, draw: random.Generator): Examples {
  const width = 40;
  const wave = (peak: number, i: number) => Math.max(6 - Math.abs(i - peak), 0);
  const peaks = [
    [6, 14],
    [6, 10],
    [14, 10],
  ] as const;
  const values = new Float64Array(rows * width);
  const targets = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    targets[row] = draw.integer(3);
    const [a, b] = peaks[targets[row]];
    const share = draw.uniform();
    for (let i = 0; i < width; i++) {
      const mixture = i < 21 ? share * wave(a, i) + (1 - share) * wave(b, i) : 0;
      values[row * width + i] = mixture + draw.normal();
    }
  }
  return {
    inputs: withConstant(standardised(values, width), rows, width),
    targets: array(targets),
    classes: 3,
  };
}

/** Columns with mean 0 and deviation 1. */
function standardised(values: Float64Array, width: number): Float64Array {
  const rows = values.length / width;
  const result = new Float64Array(values.length);
  for (let i = 0; i < width; i++) {
    const column = Float64Array.from({ length: rows }, (_, row) => values[row * width + i]);
    const mean = column.reduce((sum, x) => sum + x, 0) / rows;
    const deviation = Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / rows);
    column.forEach((x, row) => {
      result[row * width + i] = (x - mean) / deviation;
    });
  }
  return result;
}

function withConstant(values: ArrayLike<number>, rows: number, width: number): NDArray {
  const inputs = new Float32Array(rows * (width + 1)).fill(1);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < width; i++) inputs[row * (width + 1) + i] = values[row * width + i];
  return array(inputs, { shape: [rows, width + 1] });
}
