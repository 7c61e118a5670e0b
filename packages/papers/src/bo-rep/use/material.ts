/** The user's rows as both levels need them, and models over them as files. */
import {
  column,
  DataError,
  encode,
  encodeTarget,
  fitEncoder,
  fitTarget,
  gatherRows,
  selectRows,
  type Table,
  table,
  textAt,
  trainTestSplit,
} from "@etude/data";
import { exportOnnx, type NDArray, type Tensor, zeros } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import type { UserInput } from "../../contract/use.ts";
import { exportColumns } from "../../tabular/columns.ts";
import { labelledRows } from "../../tabular/target.ts";
import type { Labelled } from "../classification.ts";
import { encodeTexts, symbolsOf, vocabularyOf } from "../text.ts";
import type { UseOptions } from "./options.ts";

export interface Material {
  readonly kind: "table" | "text";
  readonly classes: readonly string[];
  /** Inputs are int32 [n, length] symbols of texts, or float32 [n, columns]. */
  readonly all: Labelled;
  /** Positions in `all`. */
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  readonly test: Int32Array;
  /** Line of the file, or number, of each row of `all`. */
  readonly places: Int32Array;
  /** What penalties belong to: columns, or the symbols of words. */
  readonly inputNames: readonly string[];
  /** Whether the upper part is of rows whose labels are known to be right. */
  readonly isTrusted: boolean;
  readonly notes: readonly string[];
  /** @param model from inputs [n, ...] to the outputs of the names */
  exported(
    model: (inputs: Tensor) => Tensor[],
    outputNames: readonly string[],
    metadata: Readonly<Record<string, string>>,
  ): Uint8Array;
}

/** Rows a part must have. */
const fewestRows = 10;

/**
 * @throws UsageError or DataError, one line with the place, for what cannot be learnt from
 */
export function readMaterial(input: UserInput, options: UseOptions, seed: number): Material {
  if (input.kind === "table") return fromTable(input.table, options, seed);
  if (input.kind !== "text")
    throw new UsageError(`--data ${input.file}: give a table, or a text file of lines`);
  const lines = textTable(input.text, input.file);
  return fromTable(lines, { ...options, text: "text", target: "label" }, seed, "multiclass");
}

/** Lines of a text, a tab and a label; empty lines are passed over. */
export function textTable(text: string, file: string): Table {
  const texts: string[] = [];
  const labels: string[] = [];
  const lines: number[] = [];
  text.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === "") return;
    const tab = line.lastIndexOf("\t");
    if (tab < 0 || line.slice(tab + 1).trim() === "")
      throw new DataError("expected a text, a tab and a label on the line", { file, row: i + 1 });
    texts.push(line.slice(0, tab));
    labels.push(line.slice(tab + 1).trim());
    lines.push(i + 1);
  });
  return table(
    file,
    [
      { name: "text", kind: "text", values: texts },
      { name: "label", kind: "text", values: labels },
    ],
    Int32Array.from(lines),
  );
}

function fromTable(given: Table, options: UseOptions, seed: number, task?: "multiclass"): Material {
  const { table: rows, target: name, withoutTarget } = labelledRows(given, options.target);
  const target = fitTarget(rows, name, task, { smallestClass: 3 });
  if (target.task === "regression")
    throw new UsageError(
      `--target ${name}: the column of ${given.name} holds amounts; give one of classes`,
    );
  const labels = encodeTarget(target, rows);
  const division = divide(rows, labels, options, seed);
  const seen = selectRows(rows, [...division.lower, ...division.upper]);
  const made =
    options.text === undefined
      ? columnsOf(rows, seen, name, options)
      : textsOf(rows, seen, options.text, options);
  return {
    ...division,
    ...made,
    classes: target.classes,
    all: { inputs: made.inputs, labels },
    places: Int32Array.from({ length: rows.rows }, (_, i) => rows.lines?.[i] ?? i + 1),
    notes: [
      ...made.notes,
      ...(withoutTarget > 0 ? [`${withoutTarget} rows without a label were left out.`] : []),
    ],
  };
}

type Made = Pick<Material, "kind" | "inputNames" | "notes" | "exported"> & {
  readonly inputs: NDArray;
};

function columnsOf(rows: Table, seen: Table, target: string, options: UseOptions): Made {
  const { exclude, trusted } = options;
  const left = [...exclude, ...(trusted === undefined ? [] : [trusted])];
  const encoder = fitEncoder(seen, { target, exclude: left });
  if (encoder.inputNames.length === 0)
    throw new UsageError(
      `${rows.name}: no column is left to learn from; a column of texts is named with --text`,
    );
  return {
    kind: "table",
    inputs: encode(encoder, rows).inputs,
    inputNames: encoder.inputNames,
    notes: encoder.warnings.map((warning) => `${warning[0].toUpperCase()}${warning.slice(1)}.`),
    exported: (model, outputNames, metadata) =>
      exportColumns(encoder, model, { outputNames, metadata }),
  };
}

function textsOf(rows: Table, seen: Table, name: string, options: UseOptions): Made {
  const { words, length } = options;
  const textsIn = (part: Table): string[] => {
    const texts = column(part, name);
    return Array.from({ length: part.rows }, (_, row) => textAt(texts, row) ?? "");
  };
  const vocabulary = vocabularyOf(textsIn(seen), words);
  const symbols = symbolsOf(vocabulary);
  return {
    kind: "text",
    inputs: encodeTexts(vocabulary, textsIn(rows), length),
    inputNames: ["(padding)", "(other words)", ...vocabulary.words],
    notes: [
      `Texts are read as their first ${length} words; ${symbols - 2} words have a symbol of their own.`,
    ],
    exported: (model, outputNames, metadata) =>
      exportOnnx(model, [zeros([2, length], "int32")], {
        inputNames: ["words"],
        outputNames: [...outputNames],
        dynamicBatch: ["words"],
        metadata: { ...metadata, "etude.words": JSON.stringify({ ...vocabulary, length }) },
      }),
  };
}

type Division = Pick<Material, "lower" | "upper" | "test" | "isTrusted">;

function divide(rows: Table, labels: NDArray, options: UseOptions, seed: number): Division {
  const { trusted, upperFraction, testFraction } = options;
  const split = (of: Int32Array, testFraction: number) => {
    const own = gatherRows(labels, of);
    // Proportions are kept where every class can be in both parts.
    const counts = new Map<number, number>();
    for (const label of own.data) counts.set(Number(label), (counts.get(Number(label)) ?? 0) + 1);
    const stratify = [...counts.values()].every((count) => count > 1);
    const { train, test } = trainTestSplit(own, { testFraction, seed, stratify });
    return [train.map((row) => of[row]), test.map((row) => of[row])] as const;
  };
  const everything = Int32Array.from({ length: rows.rows }, (_, row) => row);
  const enough = (what: string, part: Int32Array): Int32Array => {
    if (part.length >= fewestRows) return part;
    throw new UsageError(
      `--data ${rows.name}: ${part.length} rows for ${what}; ${fewestRows} at least are needed`,
    );
  };
  const checked = (division: Division): Division => {
    enough("the lower level", division.lower);
    enough("the upper level", division.upper);
    return division;
  };
  if (trusted === undefined) {
    enough("everything", everything);
    const [seen, test] = split(everything, testFraction);
    const [lower, upper] = split(seen, upperFraction);
    return checked({ lower, upper, test, isTrusted: false });
  }
  const marks = column(rows, trusted);
  const isTrue = (row: number) =>
    ["1", "true", "yes", "y", "trusted", "clean"].includes(
      (textAt(marks, row) ?? "").toLowerCase(),
    );
  // What is reported must be right too, so test rows are trusted ones.
  const [upper, test] = split(
    enough(`--trusted ${trusted}`, everything.filter(isTrue)),
    Math.max(testFraction, 0.3),
  );
  return checked({ lower: everything.filter((row) => !isTrue(row)), upper, test, isTrusted: true });
}

export const partOf = ({ all }: Material, rows: Int32Array): Labelled => ({
  inputs: gatherRows(all.inputs, rows),
  labels: gatherRows(all.labels, rows),
});
