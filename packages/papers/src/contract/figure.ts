/**
 * Figures as plain data. An experiment says what is to be seen; the terminal, the report page and the
 * site each draw it in their own way.
 */

export interface Axis {
  readonly label: string;
  /** "band" for names; default "linear". */
  readonly scale?: "linear" | "log" | "band";
}

/** Points with one name in the legend; as many `y` as `x`. NaN leaves a gap. */
interface Series {
  readonly series?: string;
  readonly x: readonly (number | string)[];
  readonly y: readonly number[];
}

export type Mark =
  | (Series & { readonly type: "line" | "dots" | "bars" })
  /** An interval at every x, such as one over seeds. */
  | {
      readonly type: "band" | "intervals";
      readonly series?: string;
      readonly x: readonly (number | string)[];
      readonly low: readonly number[];
      readonly high: readonly number[];
    }
  /** A level to compare with: a horizontal line at `y` or a vertical one at `x`. */
  | { readonly type: "rule"; readonly series?: string; readonly x?: number; readonly y?: number }
  /** A colour a cell: `values[row][column]`, rows downwards. */
  | {
      readonly type: "heatmap";
      readonly values: readonly (readonly number[])[];
      readonly columns?: readonly string[];
      readonly rows?: readonly string[];
    };

export interface Figure {
  /** Unique in its report; a later figure of the same id replaces the earlier, so a plot can grow while it runs. */
  readonly id: string;
  readonly title: string;
  /** What to look for, in a sentence. */
  readonly caption?: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly marks: readonly Mark[];
}

/** A picture, such as a sheet of images. */
export interface Picture {
  readonly id: string;
  readonly title: string;
  readonly caption?: string;
  /** A PNG file in base64. */
  readonly png: string;
}

/** Rows of text and numbers; numbers are shown to sensible digits, `null` as a dash. */
export interface DataTable {
  readonly id: string;
  readonly title: string;
  readonly caption?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}
