/** Tables as arrays, by an encoder: outside graphs and, with the same arithmetic, inside. */
import { array, concat, NDArray, type Tensor, where } from "@etude/tensor";
import { numberIn } from "./csvCells.ts";
import { quote, refuse } from "./errors.ts";
import { column, placeOf, type Table, textAt } from "./table.ts";
import {
  type CategoricalEncoding,
  checkFinite,
  type NumericEncoding,
  type TabularEncoder,
} from "./tabular.ts";

/** The columns of a table before any arithmetic; a part without columns is not there. */
export interface TabularInputs<T> {
  /** float32 [n, numeric columns]: the numbers as they are, NaN where missing. */
  readonly numeric?: T;
  /**
   * int32 [n, categorical columns]: the place of the category in the encoder's list; the length of
   * the list where missing; -1 for a category it does not have.
   */
  readonly categorical?: T;
}

/**
 * The columns an encoder takes, as arrays. Columns are found by name; others do not matter.
 *
 * @throws DataError when a column is not there, a number is infinite or beyond float32, or a column
 * of numbers holds a text
 */
export function tabularInputs(encoder: TabularEncoder, table: Table): TabularInputs<NDArray> {
  const { numeric, categorical } = encoder;
  const parts: { numeric?: NDArray; categorical?: NDArray } = {};
  if (numeric.length > 0) {
    const values = new Float32Array(table.rows * numeric.length);
    numeric.forEach(({ name }, j) => {
      numbersOf(table, name, (row, value) => {
        values[row * numeric.length + j] = value;
      });
    });
    parts.numeric = new NDArray(values, [table.rows, numeric.length], "float32");
  }
  if (categorical.length > 0) {
    const codes = new Int32Array(table.rows * categorical.length);
    categorical.forEach((encoding, j) => {
      codesOf(table, encoding, (row, code) => {
        codes[row * categorical.length + j] = code;
      });
    });
    parts.categorical = new NDArray(codes, [table.rows, categorical.length], "int32");
  }
  return parts;
}

function numbersOf(table: Table, name: string, put: (row: number, value: number) => void): void {
  const found = column(table, name);
  for (let row = 0; row < table.rows; row++) {
    const text = found.kind === "numeric" ? null : textAt(found, row);
    const value =
      found.kind === "numeric" ? found.values[row] : text === null ? Number.NaN : numberIn(text);
    if (text !== null && Number.isNaN(value))
      refuse(
        `${quote(text)} is not a number, as the column held in training; correct it, or leave the cell empty if the value is missing`,
        placeOf(table, row, name),
      );
    checkFinite(value, table, row, name);
    put(row, value);
  }
}

function codesOf(
  table: Table,
  { name, categories }: CategoricalEncoding,
  put: (row: number, code: number) => void,
): void {
  const found = column(table, name);
  const places = new Map<string | null, number>(categories.map((category, i) => [category, i]));
  places.set(null, categories.length);
  for (let row = 0; row < table.rows; row++) put(row, places.get(textAt(found, row)) ?? -1);
}

/** Encoded rows, named as a data set names them. */
export interface EncodedTable {
  /** float32 [n, d] */
  readonly inputs: NDArray;
  readonly inputNames: readonly string[];
}

/**
 * The rows of a table as numbers. The arithmetic is that of float32, as in {@link encodeTensor}: of
 * numbers about seven digits count.
 *
 * @throws DataError as {@link tabularInputs} does
 * @example const data = { name, ...encode(encoder, table), targets: encodeTarget(target, table) };
 */
export function encode(encoder: TabularEncoder, table: Table): EncodedTable {
  const { numeric, categorical } = tabularInputs(encoder, table);
  const width = encoder.inputNames.length;
  const inputs = new Float32Array(table.rows * width);
  let place = 0;
  /** Fill the next input of every row. */
  const fill = (of: (row: number) => number): void => {
    for (let row = 0; row < table.rows; row++) inputs[row * width + place] = of(row);
    place++;
  };

  const numbers = (j: number) => (row: number) =>
    numeric === undefined ? Number.NaN : numeric.data[row * encoder.numeric.length + j];
  encoder.numeric.forEach((encoding, j) => {
    const value = numbers(j);
    const [mean, scale, stead] = [encoding.mean, encoding.scale, encoding.fill].map(Math.fround);
    fill((row) => {
      const x = value(row);
      // Rounded to float32 after each step, as the graph of `encodeTensor` does.
      return Math.fround((Number.isNaN(x) ? stead : x) - mean) / scale;
    });
  });
  encoder.numeric.forEach(({ indicator }, j) => {
    const value = numbers(j);
    if (indicator) fill((row) => (Number.isNaN(value(row)) ? 1 : 0));
  });
  encoder.categorical.forEach((encoding, j) => {
    for (let code = 0; code < inputsOf(encoding); code++) {
      fill((row) => (categorical?.data[row * encoder.categorical.length + j] === code ? 1 : 0));
    }
  });
  return {
    inputs: new NDArray(inputs, [table.rows, width], "float32"),
    inputNames: encoder.inputNames,
  };
}

const inputsOf = ({ categories, missing }: CategoricalEncoding): number =>
  categories.length + (missing ? 1 : 0);

/**
 * What {@link encode} computes, as a function of symbolic tensors: a model that begins with it takes
 * raw columns, and can be exported with its encoding.
 *
 * @param inputs as {@link tabularInputs} makes them
 * @returns float32 [n, d], equal to `encode`
 * @example
 * const model = (x: TabularInputs<Tensor>) => network(params, encodeTensor(encoder, x));
 * const bytes = exportOnnx(model, [tabularInputs(encoder, table)], { dynamicBatch: true });
 */
export function encodeTensor(encoder: TabularEncoder, inputs: TabularInputs<Tensor>): Tensor {
  const parts: Tensor[] = [];
  if (encoder.numeric.length > 0) {
    const numeric = inputs.numeric ?? refuse("encodeTensor: the numeric columns are not given");
    checkWidth("numeric", numeric, encoder.numeric.length);
    const row = (of: (encoding: NumericEncoding) => number) => array(encoder.numeric.map(of));
    const missing = numeric.isNotANumber();
    const filled = where(
      missing,
      row(({ fill }) => fill),
      numeric,
    );
    parts.push(filled.sub(row(({ mean }) => mean)).div(row(({ scale }) => scale)));
    const indicated = encoder.numeric.flatMap(({ indicator }, j) => (indicator ? [j] : []));
    if (indicated.length > 0)
      parts.push(missing.astype("float32").gather(array(indicated, { dtype: "int32" }), 1));
  }
  if (encoder.categorical.length > 0) {
    const codes = inputs.categorical ?? refuse("encodeTensor: the categories are not given");
    checkWidth("categorical", codes, encoder.categorical.length);
    // For each input of the model: which column it looks at, and for which code.
    const looksAt = encoder.categorical.flatMap((encoding, j) =>
      Array.from({ length: inputsOf(encoding) }, (_, code) => ({ j, code })),
    );
    const columns = array(
      looksAt.map(({ j }) => j),
      { dtype: "int32" },
    );
    const wanted = array(
      looksAt.map(({ code }) => code),
      { dtype: "int32" },
    );
    parts.push(codes.gather(columns, 1).equal(wanted).astype("float32"));
  }
  return parts.length === 1 ? parts[0] : concat(parts, 1);
}

function checkWidth(part: string, { shape }: Tensor, columns: number): void {
  if (shape.length !== 2 || shape[1] !== columns)
    refuse(
      `encodeTensor: the ${part} columns are [n, ${columns}], but [${shape.join(", ")}] was given`,
    );
}
