/** Class-incremental learning with a memory of condensed images: old data are gone, what was kept is not. */
import { NDArray, random } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import {
  compileEvaluator,
  type EvaluationOptions,
  type Evaluator,
  evaluateWith,
} from "./evaluation.ts";
import { type Labelled, ofClasses, rowsByClass } from "./labelled.ts";
import type { NetFactory } from "./networks.ts";

/** Tasks of equally many classes in a random order. */
export interface ClassOrder {
  /** Original classes of each task. */
  readonly tasks: readonly (readonly number[])[];
}

/**
 * @param steps how many tasks
 * @throws UsageError when the classes do not divide into as many equal groups
 */
export function drawClassOrder(classes: number, steps: number, seed: number): ClassOrder {
  if (!Number.isInteger(steps) || steps < 1 || classes % steps !== 0)
    throw new UsageError(`${classes} classes do not fall into ${steps} equal groups`);
  const order = Array.from(random.generator(seed).permutation(classes));
  const size = classes / steps;
  return {
    tasks: Array.from({ length: steps }, (_, i) => order.slice(i * size, (i + 1) * size)),
  };
}

/** What the memory keeps of a task: labels as in the task, 0 ... classes - 1. */
export type Memory = (task: Labelled, place: number) => Promise<Labelled>;

/**
 * After each task its memory joins the earlier ones, and a network is trained from scratch on all of
 * them; its accuracy is that on the test images of all classes seen so far.
 *
 * @param tasks the training data of each task, labels 0 ... classes of the task - 1
 * @param test for each task its test images, labelled likewise
 * @returns the mean accuracy over networks after each task
 */
export async function classIncrementalReplay(
  tasks: readonly Labelled[],
  memory: Memory,
  net: NetFactory,
  test: readonly Labelled[],
  options: EvaluationOptions,
): Promise<number[]> {
  return replayWith(evaluatorsFor(net, options), tasks, memory, test, options);
}

/** The training of networks by how many classes they tell apart, each compiled once. */
export type Evaluators = (inputs: readonly number[], classes: number) => Evaluator;

export function evaluatorsFor(
  net: NetFactory,
  options: Omit<EvaluationOptions, "networks" | "seed">,
): Evaluators {
  const known = new Map<number, Evaluator>();
  return (inputs, classes) => {
    const evaluator = known.get(classes) ?? compileEvaluator(net(inputs, classes), options);
    known.set(classes, evaluator);
    return evaluator;
  };
}

/** {@link classIncrementalReplay} with trainings that are compiled already. */
export async function replayWith(
  evaluators: Evaluators,
  tasks: readonly Labelled[],
  memory: Memory,
  test: readonly Labelled[],
  options: Pick<EvaluationOptions, "networks" | "seed">,
): Promise<number[]> {
  if (tasks.length !== test.length)
    throw new UsageError(`${tasks.length} tasks, but test images of ${test.length}`);
  const kept: Labelled[] = [];
  const accuracies: number[] = [];
  for (const [place, task] of tasks.entries()) {
    kept.push(await memory(task, place));
    const seen = united(kept);
    const evaluator = evaluators(seen.x.shape.slice(1), seen.numClasses);
    const held = united(test.slice(0, place + 1));
    accuracies.push((await evaluateWith(evaluator, seen.x, seen.y, held, options)).mean);
  }
  return accuracies;
}

/** Data of several tasks as one: the classes of a task are numbered on from those before. */
export function united(parts: readonly Labelled[]): Labelled {
  const inputs = parts[0].x.shape.slice(1);
  const size = parts.reduce((sum, { x }) => sum + x.size, 0);
  const values = new Float32Array(size);
  const labels: number[] = [];
  let [place, classes] = [0, 0];
  for (const { x, y, numClasses } of parts) {
    values.set(x.data as Float32Array, place);
    for (const label of y) labels.push(classes + label);
    place += x.size;
    classes += numClasses;
  }
  return {
    x: new NDArray(values, [labels.length, ...inputs], "float32"),
    y: Int32Array.from(labels),
    numClasses: classes,
  };
}

export const tasksOf = (data: Labelled, { tasks }: ClassOrder): Labelled[] =>
  tasks.map((classes) => ofClasses(data, classes));

/**
 * The `ipc` images of each class whose mean is nearest to the mean of the class, chosen one after the
 * other (herding; Rebuffi et al. 2017, "iCaRL", with the pixels as features).
 *
 * @returns rows of the data, class after class
 */
export function herded(data: Labelled, ipc: number): Int32Array {
  const width = data.x.size / data.y.length;
  const values = data.x.data as Float32Array;
  return Int32Array.from(
    rowsByClass(data).flatMap((rows, c) => {
      if (rows.length < ipc)
        throw new UsageError(`class ${c} has ${rows.length} images; ${ipc} are asked for`);
      const mean = new Float64Array(width);
      for (const row of rows)
        for (let i = 0; i < width; i++) mean[i] += values[row * width + i] / rows.length;
      const sum = new Float64Array(width);
      const chosen: number[] = [];
      while (chosen.length < ipc) {
        let [best, least] = [-1, Number.POSITIVE_INFINITY];
        for (const row of rows) {
          if (chosen.includes(row)) continue;
          let distance = 0;
          for (let i = 0; i < width; i++)
            distance += (mean[i] - (sum[i] + values[row * width + i]) / (chosen.length + 1)) ** 2;
          if (distance < least) [best, least] = [row, distance];
        }
        for (let i = 0; i < width; i++) sum[i] += values[best * width + i];
        chosen.push(best);
      }
      return chosen;
    }),
  );
}
