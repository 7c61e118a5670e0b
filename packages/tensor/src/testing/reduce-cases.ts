/** Reductions, and operations along one axis that keep it. */
import type { Tensor } from "../graph.ts";
import type { Case } from "./cases.ts";
import { distinct, distinctMagnitudes, nonzero, real, type Source } from "./random.ts";
import { alongAxis, axesOf, count, entrywise, type Reference, reduce, sum } from "./reference.ts";

type Shape = readonly number[];
type Over = number | readonly number[] | undefined;

const numbers = ["int32", "uint32"] as const;

const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const variance = (ddof: number) => (values: readonly number[]) =>
  sum(values.map((x) => (x - mean(values)) ** 2)) / (values.length - ddof);
const logsumexp = (values: readonly number[]): number => Math.log(sum(values.map(Math.exp)));

interface Rule {
  readonly operation:
    | "sum"
    | "mean"
    | "max"
    | "min"
    | "prod"
    | "logsumexp"
    | "variance"
    | "std"
    | "norm";
  readonly options?: Readonly<Record<string, number>>;
  readonly from?: (shape: Shape) => Source;
  readonly reference: (values: number[]) => number;
  readonly dtypes?: Case["dtypes"];
  /** Fewest entries that have such a reduction. */
  readonly least?: number;
}

const rules: readonly Rule[] = [
  { operation: "sum", reference: sum, dtypes: ["int32", "uint32", "bool"], least: 0 },
  { operation: "prod", reference: product, dtypes: numbers, least: 0 },
  { operation: "mean", reference: mean, dtypes: ["int32", "uint32", "bool"] },
  { operation: "max", from: distinct, reference: (v) => Math.max(...v), dtypes: numbers },
  { operation: "min", from: distinct, reference: (v) => Math.min(...v), dtypes: numbers },
  { operation: "logsumexp", reference: logsumexp },
  { operation: "variance", reference: variance(0) },
  { operation: "variance", options: { ddof: 1 }, reference: variance(1), least: 2 },
  { operation: "std", from: distinct, reference: (v) => Math.sqrt(variance(0)(v)), least: 2 },
  { operation: "norm", reference: (v) => Math.hypot(...v) },
  {
    operation: "norm",
    options: { ord: 1 },
    from: nonzero,
    reference: (v) => sum(v.map(Math.abs)),
    least: 0,
  },
  {
    operation: "norm",
    options: { ord: Number.POSITIVE_INFINITY },
    from: distinctMagnitudes,
    reference: (v) => Math.max(...v.map(Math.abs)),
  },
];

/** Reductions of a shape over axes; those without a value (the maximum of nothing) are left out. */
export function reductionCases(shape: Shape, over: Over, keepDims = false): Case[] {
  const axes = axesOf({ shape, data: [] }, over);
  const entries = count(axes.map((axis) => shape[axis]));
  const isReduced = axes.length > 0;
  return rules
    .filter(({ least = 1 }) => entries >= least && (isReduced || least <= 1))
    .map(({ operation, options = {}, from = real, reference, dtypes }): Case => {
      const detail = Object.entries(options)
        .map(([key, value]) => ` ${key} ${value}`)
        .join("");
      const c = {
        name: `${operation}${detail} of [${shape}] over ${over === undefined ? "all" : `[${over}]`}${keepDims ? ", kept" : ""}`,
        inputs: [from(shape)],
        f: (x: Tensor) => x[operation](over, { ...options, keepDims }),
        reference: (x: Reference) => reduce(x, axes, reference, { keepDims }),
      };
      return dtypes === undefined ? c : { ...c, dtypes };
    });
}

const argBest = (better: (a: number, b: number) => boolean) => (values: readonly number[]) =>
  values.reduce((best, value, i) => (better(value, values[best]) ? i : best), 0);
const argmax = argBest((a, b) => a > b);
const argmin = argBest((a, b) => a < b);

const running = (row: readonly number[]): number[] => row.map((_, i) => sum(row.slice(0, i + 1)));
const exclusive = (row: readonly number[]): number[] => row.map((_, i) => sum(row.slice(0, i)));
const backwards =
  (f: (row: readonly number[]) => number[]) =>
  (row: readonly number[]): number[] =>
    f(row.toReversed()).reverse();

/** Operations along one axis. */
export function axisCases(shape: Shape, axis: number): Case[] {
  const at = `of [${shape}] along ${axis}`;
  const softmax = (row: number[]) => row.map((x) => Math.exp(x) / sum(row.map(Math.exp)));
  const cumulative = [
    { detail: "", options: {}, along: running },
    { detail: " exclusive", options: { exclusive: true }, along: exclusive },
    { detail: " reverse", options: { reverse: true }, along: backwards(running) },
    {
      detail: " exclusive reverse",
      options: { exclusive: true, reverse: true },
      along: backwards(exclusive),
    },
  ];
  const cases: Case[] = [
    {
      name: `softmax ${at}`,
      inputs: [real(shape)],
      f: (x) => x.softmax(axis),
      reference: (x) => alongAxis(x, axis, softmax),
    },
    {
      name: `logSoftmax ${at}`,
      inputs: [real(shape)],
      f: (x) => x.logSoftmax(axis),
      reference: (x) => alongAxis(x, axis, (row) => softmax(row).map(Math.log)),
    },
    ...cumulative.map(
      ({ detail, options, along }): Case => ({
        name: `cumsum${detail} ${at}`,
        inputs: [real(shape)],
        f: (x) => x.cumsum(axis, options),
        reference: (x) => alongAxis(x, axis, along),
        dtypes: numbers,
      }),
    ),
  ];
  if (shape.at(axis) === 0) return cases;
  return [
    ...cases,
    {
      name: `argmax ${at}`,
      inputs: [distinct(shape)],
      f: (x) => x.argmax(axis),
      reference: (x) => reduce(x, axis, argmax),
      dtypes: numbers,
    },
    {
      name: `argmin ${at}`,
      inputs: [distinct(shape)],
      f: (x) => x.argmin(axis),
      reference: (x) => reduce(x, axis, argmin),
      dtypes: numbers,
    },
  ];
}

/** Positions in the flattened tensor. */
export const flatArgCases = (shape: Shape): Case[] => [
  {
    name: `argmax of [${shape}] flattened`,
    inputs: [distinct(shape)],
    f: (x) => x.argmax(),
    reference: (x) => reduce(x, undefined, argmax),
    dtypes: numbers,
  },
  {
    name: `argmin of [${shape}] flattened`,
    inputs: [distinct(shape)],
    f: (x) => x.argmin(),
    reference: (x) => reduce(x, undefined, argmin),
    dtypes: numbers,
  },
];

/** Normalisation over `axis` and all axes after it, alone and with scale and bias. */
export function layerNormCases(shape: Shape, axis: number): Case[] {
  const first = axis < 0 ? axis + shape.length : axis;
  const trailing = shape.slice(first);
  const axes = trailing.map((_, i) => first + i);
  const normalized = (x: Reference, epsilon: number) => {
    const centre = reduce(x, axes, mean, { keepDims: true });
    const spread = reduce(x, axes, variance(0), { keepDims: true });
    return entrywise((v, m, s) => (v - m) / Math.sqrt(s + epsilon))(x, centre, spread);
  };
  return [
    {
      name: `layerNorm of [${shape}] from axis ${axis}`,
      inputs: [distinct(shape)],
      f: (x) => x.layerNorm({ axis }),
      reference: (x) => normalized(x, 1e-5),
    },
    {
      name: `layerNorm of [${shape}] from axis ${axis} with scale, bias and epsilon 0.1`,
      inputs: [distinct(shape), real(trailing), real(trailing)],
      f: (x, scale, bias) => x.layerNorm({ axis, epsilon: 0.1, scale, bias }),
      reference: (x, scale, bias) =>
        entrywise((v, s, b) => v * s + b)(normalized(x, 0.1), scale, bias),
    },
  ];
}
