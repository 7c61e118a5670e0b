/** What the loaders of all kinds share: options, parts, and the files of a set in memory. */
import { defaultSource } from "#dataSource";
import { quote, refuse } from "../errors.ts";
import { waysToGet } from "./absence.ts";
import { type DataFile, type DataKind, type DataSet, type Part, partsOf } from "./record.ts";
import { contentOf, type DataSource, type SourceOptions } from "./source.ts";

export interface LoadOptions extends SourceOptions {
  /** Where the files come from; in Node the disk and the network, where it is not given. */
  readonly source?: DataSource;
}

export interface PartOptions extends LoadOptions {
  /** Which part of a set that comes in parts. */
  readonly part?: Part | "all";
}

/** Refuse a set of another kind, naming the loader for it. */
export function expectKind(set: DataSet, loader: string, ...kinds: readonly DataKind[]): void {
  if (kinds.includes(set.kind)) return;
  const loaders = {
    table: "loadTable",
    images: "loadImages",
    text: "loadText",
    arrays: "loadArrays",
    transitions: "loadTransitions",
  };
  refuse(
    `${loader}: data set ${quote(set.id)} is of the kind ${quote(set.kind)}; use ${loaders[set.kind]}`,
  );
}

/** The part that is meant: the training part of sets in several files unless another is asked for. */
export function choosePart(set: DataSet, asked: Part | "all" | undefined): Part | "all" {
  const parts = partsOf(set);
  if (asked === undefined) return set.files.some(({ part }) => part) ? "train" : "all";
  if (asked === "all" || parts.includes(asked)) return asked;
  const choice = parts.length === 0 ? "comes in one part" : `has the parts ${parts.join(", ")}`;
  return refuse(`data set ${quote(set.id)} ${choice}; there is no part ${quote(asked)}`);
}

export const filesOf = (set: DataSet, part: Part | "all"): DataFile[] =>
  set.files.filter((file) => part === "all" || file.part === undefined || file.part === part);

export interface LoadedFile {
  readonly file: DataFile;
  /** Its content, uncompressed. */
  readonly content: Uint8Array<ArrayBuffer>;
}

/** The contents of files, one after the other; nothing is fetched if some cannot be had. */
export async function readFiles(
  files: readonly DataFile[],
  options: LoadOptions,
): Promise<LoadedFile[]> {
  const source = options.source ?? defaultSource();
  const places = await Promise.all(files.map((file) => source.place?.(file)));
  const absent = files.filter((_, i) => places[i] === "missing");
  if (absent.length > 1) {
    const offline = absent.some((file) => file.urls !== undefined);
    refuse(waysToGet(absent, { offline }));
  }
  const loaded: LoadedFile[] = [];
  for (const file of files) {
    const bytes = await source.bytes(file, options);
    loaded.push({ file, content: await contentOf(bytes, file.path) });
  }
  return loaded;
}

/** Several byte arrays behind each other. */
export function joined(pieces: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  if (pieces.length === 1) return pieces[0];
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const piece of pieces) {
    whole.set(piece, end);
    end += piece.length;
  }
  return whole;
}
