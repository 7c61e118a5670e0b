/** What a case is: an operation at given shapes, and what it should compute. */
import { type DType, isFloat } from "../dtype.ts";
import { parameter, type Tensor } from "../graph.ts";
import type { NDArray } from "../ndarray.ts";
import { drawFrom, type Random, type Source } from "./random.ts";
import type { Reference } from "./reference.ts";

export interface Case {
  /** The operation first, then what is particular: "sum over axis 1". */
  readonly name: string;
  readonly inputs: readonly Source[];
  readonly f: (...inputs: Tensor[]) => Tensor | readonly Tensor[];
  readonly reference: (...inputs: Reference[]) => Reference | readonly Reference[];
  /** Other element types that the float inputs may have as well. */
  readonly dtypes?: readonly ("int32" | "uint32" | "bool")[];
}

export const outputsOf = (c: Case, inputs: readonly Tensor[]): Tensor[] => [c.f(...inputs)].flat();

export const referencesOf = (c: Case, inputs: readonly Reference[]): Reference[] =>
  [c.reference(...inputs)].flat();

/** Shapes and dtypes of the results, from a trace that is thrown away. */
export function resultsOf(c: Case, dtype: DType): readonly Tensor[] {
  return outputsOf(
    c,
    c.inputs.map((source) =>
      parameter({ shape: source.shape, dtype: source.dtype ?? dtype }, "a case"),
    ),
  );
}

/** Inputs of the case in float32's numbers, so that both precisions can start from the same. */
export function drawInputs(c: Case, random: Random): NDArray[] {
  return c.inputs.map((source) =>
    drawFrom(source, "float32", random).astype(source.dtype ?? "float64"),
  );
}

/** Positions of the inputs that have derivatives. */
export const floatInputs = (c: Case): number[] =>
  c.inputs.flatMap(({ dtype }, i) => (dtype === undefined ? [i] : []));

export const isFloatResult = ({ dtype }: { dtype: DType }): boolean => isFloat(dtype);
