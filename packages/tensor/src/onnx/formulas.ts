/** Numbers as formulas in the batch size, and the ONNX operators that compute them. */
import { onnxType } from "../dtype.ts";
import type { NodeProto, TensorProto } from "../lower/proto.ts";
import { tensorValues } from "./elements.ts";

/** m n + c, or one over it, for a batch of n. */
export interface Formula {
  readonly slope: number;
  readonly offset: number;
  readonly reciprocal: boolean;
}

/** The affine formula with integer coefficients that gives these integers at these sizes. */
export function fit(values: readonly number[], sizes: readonly number[]): Formula | undefined {
  const slope = (values[1] - values[0]) / (sizes[1] - sizes[0]);
  const offset = values[0] - slope * sizes[0];
  const holds = values.every((value, i) => value === slope * sizes[i] + offset);
  return Number.isInteger(slope) && Number.isInteger(offset) && holds
    ? { slope, offset, reciprocal: false }
    : undefined;
}

/** The nearest integer if the value is one up to rounding in float32. */
const nearInteger = (value: number): number =>
  Math.abs(value - Math.round(value)) <= 1e-6 * Math.abs(value) ? Math.round(value) : Number.NaN;

/** As {@link fit}, for floats: the integers or their reciprocals. */
function fitFloat(values: readonly number[], sizes: readonly number[]): Formula | undefined {
  const direct = fit(values.map(nearInteger), sizes);
  if (direct !== undefined) return direct;
  const inverse = fit(
    values.map((value) => nearInteger(1 / value)),
    sizes,
  );
  return inverse && { ...inverse, reciprocal: true };
}

/** A formula as the name of a length: "batch", "2*batch+1". */
export const formulaText = ({ slope, offset }: Formula): string =>
  `${slope === 1 ? "" : `${slope}*`}batch${offset > 0 ? "+" : ""}${offset === 0 ? "" : offset}`;

/** Values of an initializer as numbers. */
export const valuesOf = (tensor: TensorProto): number[] => Array.from(tensorValues(tensor), Number);

const [int64, float32, float64] = [onnxType("int64"), onnxType("float32"), onnxType("float64")];

/** Emits each formula once, from the leading length of an input. */
export class BatchFormulas {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  readonly #input: string;
  readonly #taken: Set<string>;
  readonly #known = new Map<string, string>();

  constructor(input: string, taken: Set<string>) {
    this.#input = input;
    this.#taken = taken;
  }

  /** A tensor like `like` whose entries are formulas through the values at each size, if there are any. */
  tensor(
    like: TensorProto,
    values: readonly (readonly number[])[],
    sizes: readonly number[],
  ): string | undefined {
    const { dims, dataType } = like;
    const isFloat = dataType === float32 || dataType === float64;
    const entries = values[0].map((value, i) => {
      const entry = values.map((list) => list[i]);
      if (entry.every((other) => other === value)) return value;
      return isFloat ? fitFloat(entry, sizes) : fit(entry, sizes);
    });
    const found = entries.filter((entry) => entry !== undefined);
    if (found.length < entries.length) return undefined;
    if (!isFloat) return this.#shaped(this.#cast(this.#integers(found), dataType), dims);
    // A float's formula stands alone: what is not a single number has no use that is known.
    const [formula] = found;
    if (found.length !== 1 || typeof formula === "number") return undefined;
    const value = this.#cast(this.#integers([{ ...formula, reciprocal: false }]), dataType);
    return this.#shaped(formula.reciprocal ? this.#op("Reciprocal", [value]) : value, dims);
  }

  /** A constant vector. */
  int64(values: readonly number[]): string {
    return this.#once(`constant ${values}`, () => {
      const name = this.#fresh("lengths");
      const data = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
      this.initializers.push({ name, dims: [values.length], dataType: int64, data });
      return name;
    });
  }

  /** Entries joined to an int64 vector, neighbouring constants in one piece. */
  #integers(entries: readonly (number | Formula)[]): string {
    const pieces: string[] = [];
    for (let i = 0; i < entries.length; ) {
      const entry = entries[i];
      if (typeof entry === "object") {
        pieces.push(this.#affine(entry));
        i++;
        continue;
      }
      let end = i;
      while (end < entries.length && typeof entries[end] === "number") end++;
      pieces.push(this.int64(entries.slice(i, end) as number[]));
      i = end;
    }
    return pieces.length === 1 ? pieces[0] : this.#op("Concat", pieces, { axis: 0 });
  }

  #affine({ slope, offset }: Formula): string {
    const size = this.#op("Shape", [this.#input], { start: 0, end: 1 });
    const scaled = slope === 1 ? size : this.#op("Mul", [size, this.int64([slope])]);
    return offset === 0 ? scaled : this.#op("Add", [scaled, this.int64([offset])]);
  }

  #cast(vector: string, dataType: number): string {
    return dataType === int64 ? vector : this.#op("Cast", [vector], { to: dataType });
  }

  #shaped(vector: string, dims: readonly number[]): string {
    if (dims.length === 1) return vector;
    const axes = dims.length === 0 ? [vector] : [vector, this.int64(dims)];
    return this.#op(dims.length === 0 ? "Squeeze" : "Reshape", axes);
  }

  #op(type: string, inputs: readonly string[], attributes: Record<string, number> = {}): string {
    return this.#once(`${type}(${inputs})${JSON.stringify(attributes)}`, () => {
      const name = this.#fresh("batch");
      this.nodes.push({ type, inputs, outputs: [name], attributes });
      return name;
    });
  }

  #once(key: string, make: () => string): string {
    const name = this.#known.get(key) ?? make();
    this.#known.set(key, name);
    return name;
  }

  #fresh(hint: string): string {
    let name = hint;
    for (let i = 2; this.#taken.has(name); i++) name = `${hint}_${i}`;
    this.#taken.add(name);
    return name;
  }
}
