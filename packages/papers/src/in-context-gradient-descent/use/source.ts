/** Where tasks come from: a generator, or rows of a table. */
import { evaluate, lift, type NDArray, random, type Tensor } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import { linearSampler, sampleSineTasks, type TaskSampler } from "../tasks.ts";
import type { UseOptions } from "./options.ts";

/** What raw numbers are divided by and shifted to become tokens. */
export interface Scaling {
  /** Of every input: (x - mean) / scale. */
  readonly inputMeans: readonly number[];
  readonly inputScales: readonly number[];
  readonly targetMean: number;
  readonly targetScale: number;
  /** What the constant input is; null for none. */
  readonly constant: number | null;
}

/** Tasks to train on, and others to judge on. */
export interface Source {
  /** d, with the constant. */
  readonly inputSize: number;
  /** N */
  readonly contextLength: number;
  /** Names of the inputs, without the constant. */
  readonly inputs: readonly string[];
  readonly training: TaskSampler;
  /** [B, N + 1, d + 1] and [B] */
  readonly judged: { readonly tokens: NDArray; readonly target: NDArray };
  /** Of each judged task what its query is: the task's name and the row in the file. */
  readonly queries: readonly { readonly task: string; readonly row: number | null }[];
  readonly scaling: Scaling;
  /** What was odd about the table. */
  readonly notes: readonly string[];
}

/** The judged tasks as a sampler: always all of them. */
export function judgedSampler({ judged: { tokens, target } }: Source): TaskSampler {
  return (_, batch) => ({
    tokens: lift(tokens).slice([0, batch]),
    target: lift(target).slice([0, batch]),
  });
}

/** Tasks of a generator's settings. */
export async function generated(options: UseOptions, seed: number): Promise<Source> {
  const { family, contextLength, evaluationTasks } = options;
  const inputSize = family === "sine" ? 1 : options.inputSize;
  const training: TaskSampler =
    family === "sine"
      ? (key, batch) => sampleSineTasks(key, batch, contextLength)
      : linearSampler({ ...options, inputSize });
  const drawn = (key: Tensor) => training(random.foldIn(key, judgedPurpose), evaluationTasks);
  const { tokens, target } = await evaluate(drawn(lift(random.key(seed))));
  const list = <T>(value: T): T[] => new Array<T>(inputSize).fill(value);
  return {
    inputSize,
    contextLength,
    inputs: list("").map((_, i) => `x${i + 1}`),
    training,
    judged: { tokens, target },
    queries: Array.from({ length: evaluationTasks }, (_, i) => ({ task: `${i + 1}`, row: null })),
    scaling: {
      inputMeans: list(0),
      inputScales: list(1),
      targetMean: 0,
      targetScale: 1,
      constant: null,
    },
    notes: [],
  };
}

/** Of the key of tasks to judge on; those of a study are below. */
const judgedPurpose = 20;

/** @throws UsageError for options that do not go together */
export function checkTogether(options: UseOptions, hasTable: boolean): void {
  const { model, layers, family, heads, task, target } = options;
  if (model === "features" && layers !== undefined && layers !== 1)
    throw new UsageError(`--layers ${layers}: a model on learned features has one layer`);
  if (model === "separate" && layers === 1)
    throw new UsageError("--layers 1: separate tokens need two layers, one to copy");
  if (heads !== undefined && (model === "features" || model === "separate"))
    throw new UsageError(`--heads: the model "${model}" has one head`);
  if (hasTable && (task === undefined || target === undefined))
    throw new UsageError(
      "a table of tasks needs --task, the column that names the task of a row, and --target, the column to predict",
    );
  if (!hasTable && (task !== undefined || target !== undefined))
    throw new UsageError("--task and --target name columns of a table; give it with --tasks");
  if (!hasTable && family === "sine" && model !== "features")
    throw new UsageError("--family sine: sines are not linear in x; take --model features");
}
