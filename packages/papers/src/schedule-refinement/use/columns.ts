/** Which columns of a log hold the norms and the steps. */
import { UsageError } from "../../contract/errors.ts";
import type { Log } from "./log.ts";

export interface LogColumns {
  readonly norm: string;
  /** Absent where rows are only counted. */
  readonly step?: string;
}

/** A name in lower-case words: "train/Grad_Norm" is "train grad norm". */
const wordsOf = (name: string): string =>
  name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ")
    .trim();

/** From the surest to the least sure. */
const normNames = [
  /\bgrad(ient)?s? (global )?(l[12] )?norms?\b|\bg ?norm\b/,
  /\b(global|total) (grad(ient)?s? )?norms?\b|\bnorms? (of )?(the )?grad(ient)?s?\b/,
  /^norms?$|\bgrad(ient)?s? l[12]\b|\bl[12] grad(ient)?s?\b/,
];
const stepNames = [
  /^(global |trainer global )?step$/,
  /^(iteration|iter|it|update|num updates|batch|t)$/,
  /\b(global step|step|steps|iteration)$/,
];

/**
 * The columns that are named, or recognised by the names that trainers give them. A log of a single
 * column needs no name.
 *
 * @throws UsageError with the columns that there are
 */
export function chooseColumns(
  log: Log,
  { column, stepColumn }: { readonly column?: string; readonly stepColumn?: string },
): LogColumns {
  const { file, names } = log;
  for (const [flag, name] of [
    ["--column", column],
    ["--step-column", stepColumn],
  ]) {
    if (name !== undefined && !names.includes(name))
      throw new UsageError(`${flag} ${name}: ${file} has no such column; there are ${list(names)}`);
  }
  // Exports of tracking services have columns for the least and the largest value beside each.
  const plain = names.filter((name) => !/__(MIN|MAX)$/.test(name));
  const step = stepColumn ?? recognised(plain, stepNames)[0];
  if (column !== undefined) return withStep(column, step);
  const others = plain.filter((name) => name !== step);
  const found = recognised(others, normNames);
  const [norm] = found.length === 0 && others.length === 1 ? others : found;
  if (norm === undefined)
    throw new UsageError(
      `${file}: no column is named like gradient norms; name it with --column, of ${list(others)}`,
    );
  if (found.length > 1)
    throw new UsageError(
      `${file}: several columns may be the gradient norms, ${list(found)}; name one with --column`,
    );
  return withStep(norm, step);
}

const withStep = (norm: string, step: string | undefined): LogColumns =>
  step === undefined || step === norm ? { norm } : { norm, step };

/** The names that fit the first pattern that any name fits. */
function recognised(names: readonly string[], patterns: readonly RegExp[]): string[] {
  for (const pattern of patterns) {
    const found = names.filter((name) => pattern.test(wordsOf(name)));
    if (found.length > 0) return found;
  }
  return [];
}

/** Whether the name of a column says that it holds l1 norms. */
export const saysL1 = (name: string): boolean => /\bl1\b/.test(wordsOf(name));

const list = (names: readonly string[]): string => {
  const shown = names.slice(0, 12).join(", ");
  return names.length > 12 ? `${shown} ... (${names.length})` : shown;
};
