/** A task on the user's rows: its bilevel problem, and what is told of the solution. */
import type { Tensor } from "@etude/tensor";
import type { DataTable, Figure } from "../../contract/figure.ts";
import type { OutputFile } from "../../contract/use.ts";
import type { Arrays } from "../bilevel/index.ts";
import type { Case } from "./compare.ts";

export interface Learnt {
  readonly files: readonly OutputFile[];
  readonly tables: readonly DataTable[];
  readonly figures: readonly Figure[];
  readonly findings: readonly string[];
  /** Further outputs of the model's file. */
  readonly outputs?: {
    readonly names: readonly string[];
    readonly of: (inputs: Tensor) => Tensor[];
  };
}

export interface Task<X, Y> {
  readonly given: Case<X, Y>;
  /** @param predicted classes of the lower rows by the model that is kept */
  learnt(x: Arrays<X>, y: Arrays<Y>, predicted: ArrayLike<number>): Promise<Learnt>;
}
