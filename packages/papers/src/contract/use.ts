/** The method on the user's own data: files in, files and a report out, on any machine or in a tab. */
import type { ArrayDataset, Table } from "@etude/data";
import type { NDArray } from "@etude/tensor";
import type { z } from "zod";
import type { RunContext } from "./context.ts";
import { UsageError } from "./errors.ts";
import type { Running } from "./events.ts";
import type { Summary } from "./experiment.ts";

/** A file the user gave, read. */
export type UserInput =
  | { readonly kind: "table"; readonly file: string; readonly table: Table }
  | { readonly kind: "images"; readonly file: string; readonly dataset: ArrayDataset }
  | {
      readonly kind: "arrays";
      readonly file: string;
      readonly arrays: Readonly<Record<string, NDArray>>;
    }
  | { readonly kind: "text"; readonly file: string; readonly text: string }
  | { readonly kind: "model"; readonly file: string; readonly bytes: Uint8Array };

export type InputKind = UserInput["kind"];

/**
 * How each kind arrives: "table" as CSV or Parquet, "images" as a folder with one sub-folder a class,
 * "arrays" as NPY or NPZ, "model" as ONNX, "text" as any other text file.
 */
export interface InputSlot {
  readonly accepts: readonly InputKind[];
  readonly required: boolean;
  readonly describe: string;
}

export interface OutputFile {
  readonly name: string;
  readonly describe: string;
  readonly bytes: Uint8Array;
}

export interface UseResult extends Summary {
  /** Files to keep: a model, predictions, scores. */
  readonly files: readonly OutputFile[];
}

export interface Use<O extends object> {
  /** A sentence: what goes in, what comes out. */
  readonly description: string;
  /** Every option with a `.describe()`; a name in camelCase becomes `--kebab-case` on the command line. */
  readonly options: z.ZodType<O>;
  /** By the name of the flag or the field of the form. */
  readonly inputs: Readonly<Record<string, InputSlot>>;
  /** Command lines after `etude use <paper>`, for the help text. */
  readonly examples: readonly string[];
  run(
    options: O,
    inputs: Readonly<Record<string, UserInput>>,
    context: RunContext,
  ): Running<UseResult>;
}

export type AnyUse = Use<object>;

/**
 * The input of a name if it was given.
 *
 * @throws UsageError when the file is of another kind
 */
export function inputOf<K extends InputKind>(
  inputs: Readonly<Record<string, UserInput>>,
  name: string,
  kind: K,
): Extract<UserInput, { kind: K }> | undefined {
  const input: UserInput | undefined = inputs[name];
  if (input === undefined || isKind(input, kind)) return input;
  throw new UsageError(
    `--${name} ${input.file}: expected ${describeKind(kind)}, got ${describeKind(input.kind)}`,
  );
}

const isKind = <K extends InputKind>(
  input: UserInput,
  kind: K,
): input is Extract<UserInput, { kind: K }> => input.kind === kind;

export function describeKind(kind: InputKind): string {
  const words: Record<InputKind, string> = {
    table: "a table (.csv, .tsv or .parquet)",
    images: "a folder of images, one sub-folder a class",
    arrays: "arrays (.npy or .npz)",
    model: "a model (.onnx)",
    text: "a text file",
  };
  return words[kind];
}
