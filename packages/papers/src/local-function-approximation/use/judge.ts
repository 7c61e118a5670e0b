/** Which explanations are good where, which methods pass the principle, and which to choose. */
import { meanOf } from "@etude/learn";
import { array, jit, NDArray, ones, type Tensor, zeros } from "@etude/tensor";
import { chooseExplainer, recovered } from "../choice.ts";
import { relativeL1 } from "../distances.ts";
import { type MethodName, methods, type PerturbationKind, perturbationKinds } from "../methods.ts";
import {
  attributionsBy,
  availableColumns,
  availableMethods,
  type ColumnName,
  lossesIn,
  plainRemoval,
} from "./explain.ts";
import type { Problem } from "./study.ts";
import type { Subject } from "./subject.ts";

export type Attributions = ReadonlyMap<MethodName, NDArray>;

/** Explanations of one row after the other, for what is measured at rows: [m, e, d]. */
export function stacked(parts: readonly NDArray[]): NDArray {
  const [m, d] = parts[0].shape;
  const values = new Float32Array(m * parts.length * d);
  parts.forEach(({ data }, e) => {
    for (let row = 0; row < m; row++)
      for (let j = 0; j < d; j++)
        values[(row * parts.length + e) * d + j] = Number(data[row * d + j]);
  });
  return new NDArray(values, [m, parts.length, d], "float32");
}

export interface LossTable {
  readonly methods: readonly MethodName[];
  readonly columns: readonly ColumnName[];
  /**
   * By method, then by column: mean loss over the mean loss of an explanation that is all zeros. 0 is
   * perfect, 1 is as good as saying nothing.
   */
  readonly unexplained: readonly (readonly number[])[];
}

/** The loss of every explanation in every neighbourhood. */
export async function lossTable(problem: Problem, attributions: Attributions): Promise<LossTable> {
  const names = [...attributions.keys()];
  const parts = [...attributions.values()];
  const { shape } = parts[0];
  const nothing = new NDArray(new Float32Array(shape[0] * shape[1]), shape, "float32");
  const explanations = stacked([...parts, nothing]);
  const columns = availableColumns(problem);
  const means: number[][] = [];
  for (const column of columns)
    means.push(meanOverRows(await lossesIn(problem, column, explanations)));
  const share = (loss: number, ofNothing: number): number => (ofNothing > 0 ? loss / ofNothing : 0);
  return {
    methods: names,
    columns,
    unexplained: names.map((_, e) => means.map((column) => share(column[e], column[names.length]))),
  };
}

const meanOverRows = ({ data, shape: [m, e] }: NDArray): number[] =>
  Array.from({ length: e }, (_, column) => {
    let sum = 0;
    for (let row = 0; row < m; row++) sum += Number(data[row * e + column]);
    return sum / m;
  });

export interface Recovery {
  readonly method: MethodName;
  /** What the method must give: "w" or "w (x - x')". */
  readonly should: string;
  /** Relative L1 distance to it, and to the other. */
  readonly error: number;
  readonly other: number;
}

/**
 * The check of the principle (eq. 19) with the user's own rows and settings: every method explains a
 * linear function, of about the size of the model, whose weights are known.
 */
export async function recoveryOf(
  problem: Problem,
  attributions: Attributions,
  scores: readonly number[],
): Promise<Recovery[]> {
  const { subject } = problem;
  const weights = weightsOfTheSize(subject, attributions.get("C-LIME"));
  const linear = linearProblem(problem, weights, meanOf(scores));
  const { x, baseline } = subject;
  const [m, inputs] = x.shape;
  const absent = Array.from(baseline.data, Number);
  const expected = (name: MethodName): NDArray => {
    const rows = Array.from({ length: m }, (_, i) => {
      const x0 = Array.from(x.data.slice(i * inputs, (i + 1) * inputs), Number);
      return addedUp(recovered(name, weights, x0, absent), subject);
    });
    const d = subject.featureNames.length;
    return new NDArray(Float32Array.from(rows.flat()), [m, d], "float32");
  };
  const found: Recovery[] = [];
  for (const method of availableMethods(problem)) {
    const explained = await attributionsBy(linear, method);
    const isAdditive = methods[method].operation === "additive";
    found.push({
      method,
      should: isAdditive ? "w" : "w (x - x')",
      error: relativeL1(explained, expected(method)),
      other: relativeL1(explained, expected(isAdditive ? "Gradient x Input" : "SmoothGrad")),
    });
  }
  return found;
}

/** One weight an input: the mean of C-LIME's over rows, shared out evenly within a feature. */
function weightsOfTheSize({ image, x }: Subject, slopes: NDArray | undefined): number[] {
  const inputs = x.shape[1];
  if (slopes === undefined) return new Array<number>(inputs).fill(1);
  const [m, d] = slopes.shape;
  const means = Array.from({ length: d }, (_, j) => {
    let sum = 0;
    for (let row = 0; row < m; row++) sum += Number(slopes.data[row * d + j]);
    return sum / m;
  });
  const isFlat = means.every((mean) => mean === 0);
  const of = (j: number): number => (isFlat ? 1 : means[j]);
  if (image === undefined) return means.map((_, j) => of(j));
  const weights = new Array<number>(inputs).fill(0);
  for (let j = 0; j < d; j++) {
    const members = Array.from(image.features.data.slice(j * inputs, (j + 1) * inputs), Number);
    const size = members.reduce((sum, one) => sum + one, 0);
    members.forEach((one, i) => {
      if (one > 0) weights[i] = of(j) / size;
    });
  }
  return weights;
}

/** Values of inputs, added up over each feature. */
function addedUp(values: readonly number[], { image, featureNames }: Subject): number[] {
  if (image === undefined) return [...values];
  const { data } = image.features;
  return featureNames.map((_, j) => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i] * Number(data[j * values.length + i]);
    return sum;
  });
}

/** w.x + c in place of the model, on the same rows with the same settings. */
function linearProblem(problem: Problem, weights: readonly number[], constant: number): Problem {
  const { subject } = problem;
  const [m, inputs] = subject.x.shape;
  const w = array(Float32Array.from(weights), { shape: [inputs, 1] });
  const traced = (x: Tensor): Tensor => x.matmul(w).add(constant);
  return {
    ...problem,
    subject: { ...subject, scale: ones([inputs]), shift: zeros([inputs]) },
    model: { traced, predict: jit(traced) },
    classes: ones([m, 1]),
  };
}

/** Below this relative error a linear function counts as recovered. */
export const recoveredBelow = 0.05;

export interface Recommendation {
  readonly perturbation: PerturbationKind;
  /** The neighbourhood in which it is judged. */
  readonly neighbourhood: ColumnName;
  /** Methods that the principle allows, best first, with what they leave unexplained. */
  readonly candidates: readonly (readonly [MethodName, number])[];
  /** Candidates that do not pass the check with these rows and settings. */
  readonly failing: readonly MethodName[];
  readonly choice: MethodName | undefined;
  /** A method of another group that is better here, if there is one. */
  readonly stranger: readonly [MethodName, number] | undefined;
}

const judgedIn: Readonly<Record<PerturbationKind, ColumnName>> = {
  continuous: "C-LIME",
  removal: plainRemoval,
  scaling: "Integrated Gradients",
};

/** The paper's principle, and among the methods it leaves the measurement. */
export function recommend(
  { methods: explained, columns, unexplained }: LossTable,
  recoveries: readonly Recovery[],
): Recommendation[] {
  const failed = recoveries.filter(({ error }) => !(error < recoveredBelow));
  return perturbationKinds.flatMap((perturbation) => {
    const neighbourhood = judgedIn[perturbation];
    const column = columns.indexOf(neighbourhood);
    const allowed = chooseExplainer({ perturbation }).filter((name) => explained.includes(name));
    if (column < 0 || allowed.length === 0) return [];
    const scored = explained
      .map((name, e) => [name, unexplained[e][column]] as const)
      .sort(([, a], [, b]) => a - b);
    const candidates = scored.filter(([name]) => allowed.includes(name));
    const failing = allowed.filter((name) => failed.some(({ method }) => method === name));
    const passing = candidates.filter(([name]) => !failing.includes(name));
    const best = passing[0];
    const [first] = scored;
    const stranger =
      best !== undefined && !allowed.includes(first[0]) && first[1] < best[1] ? first : undefined;
    return [{ perturbation, neighbourhood, candidates, failing, choice: best?.[0], stranger }];
  });
}
