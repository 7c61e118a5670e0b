/** Models over the encoded rows of a table as ONNX files that take its raw columns, and back. */
import {
  column,
  encodeTensor,
  type Table,
  type TabularEncoder,
  tabularInputs,
  textAt,
} from "@etude/data";
import {
  array,
  exportOnnx,
  loadOnnx,
  type NDArray,
  stack,
  type Tensor,
  zeros,
} from "@etude/tensor";
import { z } from "zod";
import { UsageError } from "../contract/errors.ts";
import { encoderSchema } from "./schemas.ts";

/** How the file takes a table; it travels in the file's metadata. */
export interface ColumnsRecord {
  readonly encoder: TabularEncoder;
  /** The input of the file that takes each column, numbers first. */
  readonly inputs: readonly { readonly column: string; readonly input: string }[];
}

export interface ColumnsOptions {
  readonly outputNames: readonly string[];
  /** Further inputs, which may be left out when the file runs: their names and what they are then. */
  readonly scalars?: Readonly<Record<string, NDArray>>;
  /** Arrays that `model` uses, to be kept under their names; see `exportOnnx`. */
  readonly parameters?: Readonly<Record<string, NDArray>>;
  readonly metadata?: Readonly<Record<string, string>>;
}

const recordKey = "etude.columns";

/**
 * A model that takes raw columns. Its inputs have the names of the columns, with other characters than
 * letters, digits and `_` replaced: numbers as float32 [n], NaN where missing; categories as text [n],
 * empty where missing. A category that training did not have counts as none of them.
 *
 * @param model from encoded rows, float32 [n, d], and the scalars in their order, to the outputs
 */
export function exportColumns(
  encoder: TabularEncoder,
  model: (x: Tensor, ...scalars: Tensor[]) => Tensor[],
  { outputNames, scalars = {}, parameters, metadata = {} }: ColumnsOptions,
): Uint8Array {
  const { numeric, categorical } = encoder;
  const columns = [...numeric, ...categorical].map(({ name }) => name);
  const scalarNames = Object.keys(scalars);
  const names = inputNames(columns, [...scalarNames, ...outputNames]);
  const whole = (...given: Tensor[]): Tensor[] => {
    const [numbers, codes] = [
      given.slice(0, numeric.length),
      given.slice(numeric.length, columns.length),
    ];
    const x = encodeTensor(encoder, {
      ...(numbers.length > 0 && { numeric: stack(numbers, 1) }),
      ...(codes.length > 0 && { categorical: stack(codes, 1) }),
    });
    return model(x, ...given.slice(columns.length));
  };
  const record: ColumnsRecord = {
    encoder,
    inputs: names.map((input, i) => ({ column: columns[i], input })),
  };
  return exportOnnx(
    whole,
    [
      ...numeric.map(() => zeros([2])),
      ...categorical.map(() => zeros([2], "int32")),
      ...Object.values(scalars),
    ],
    {
      inputNames: [...names, ...scalarNames],
      outputNames: [...outputNames],
      dynamicBatch: names,
      // The empty text stands for a missing value, whose code is the one after the last category.
      categories: Object.fromEntries(
        categorical.map(({ categories }, i) => [names[numeric.length + i], [...categories, ""]]),
      ),
      defaults: scalars,
      ...(parameters !== undefined && { parameters }),
      metadata: { ...metadata, [recordKey]: JSON.stringify(record) },
    },
  );
}

/** Names an ONNX file can carry, each once. */
function inputNames(columns: readonly string[], reserved: readonly string[]): string[] {
  const taken = new Set(reserved);
  return columns.map((column) => {
    const plain = column.replace(/\W/g, "_") || "column";
    let name = plain;
    for (let i = 2; taken.has(name); i++) name = `${plain}_${i}`;
    taken.add(name);
    return name;
  });
}

/** A file of {@link exportColumns}, ready to run, with what its paper wrote into it. */
export interface ColumnsModel<R> extends ColumnsRecord {
  readonly record: R;
  /**
   * Outputs for the rows of a table, by name, as float64 [rows * width].
   *
   * @throws DataError when a column is missing or a value does not fit
   */
  run(
    table: Table,
    scalars?: Readonly<Record<string, NDArray>>,
  ): Promise<Readonly<Record<string, Float64Array>>>;
}

const columnsSchema = z.object({
  encoder: encoderSchema,
  inputs: z.array(z.object({ column: z.string(), input: z.string() })).readonly(),
});

/** Rows that run through the file at once. */
const chunk = 16_384;

/**
 * @param file its name, for messages
 * @param slug of the paper that must have written it
 * @param key the metadata that holds the paper's own record, which `schema` checks
 * @throws UsageError when the file is something else
 */
export async function loadColumns<R>(
  bytes: Uint8Array,
  { file, slug, key, schema }: { file: string; slug: string; key: string; schema: z.ZodType<R> },
): Promise<ColumnsModel<R>> {
  const foreign = (reason: string) =>
    new UsageError(
      `--model ${file}: ${reason}; give a model.onnx that "etude use ${slug} --data ... --target ..." wrote`,
    );
  const model = await loadOnnx(bytes).catch(() => {
    throw foreign("not an ONNX model");
  });
  const read = <T>(name: string, as: z.ZodType<T>): T => {
    const text: string | undefined = model.metadata[name];
    if (text === undefined) throw foreign("a model without the record that predictions need");
    const parsed = as.safeParse(JSON.parse(text));
    if (!parsed.success) throw foreign("a model with a damaged record");
    return parsed.data;
  };
  const columns: ColumnsRecord = read(recordKey, columnsSchema);
  return {
    ...columns,
    record: read(key, schema),
    async run(table, scalars = {}) {
      const feed = feedsOf(table, columns);
      const pieces: Record<string, NDArray>[] = [];
      for (let first = 0; first < table.rows; first += chunk) {
        const rows = Math.min(chunk, table.rows - first);
        pieces.push(await model.run({ ...feed(first, rows), ...scalars }));
      }
      return joined(pieces);
    },
  };
}

/** Outputs of runs of rows one behind the other. */
function joined(
  pieces: readonly Readonly<Record<string, NDArray>>[],
): Record<string, Float64Array> {
  return Object.fromEntries(
    Object.keys(pieces[0] ?? {}).map((name) => {
      const whole = new Float64Array(pieces.reduce((sum, piece) => sum + piece[name].size, 0));
      let place = 0;
      for (const { [name]: piece } of pieces) {
        whole.set(piece.data, place);
        place += piece.size;
      }
      return [name, whole];
    }),
  );
}

/** The inputs of the file for a run of rows. */
function feedsOf(
  table: Table,
  { encoder, inputs }: ColumnsRecord,
): (first: number, rows: number) => Record<string, NDArray | string[]> {
  const { numeric } = tabularInputs(encoder, table); // refuses what does not fit
  const width = encoder.numeric.length;
  return (first, rows) =>
    Object.fromEntries(
      inputs.map(({ column: name, input }, j) => {
        if (j >= width) {
          const texts = column(table, name);
          return [input, Array.from({ length: rows }, (_, i) => textAt(texts, first + i) ?? "")];
        }
        const values = new Float32Array(rows);
        for (let i = 0; i < rows; i++)
          values[i] = numeric?.data[(first + i) * width + j] ?? Number.NaN;
        return [input, array(values)];
      }),
    );
}
