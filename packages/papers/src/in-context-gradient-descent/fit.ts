/** The shortest way from a family of linear tasks to trained layers. */
import { lastOf } from "@etude/learn";
import type { NDArray } from "@etude/tensor";
import type { AttentionLayer } from "./attention.ts";
import { type AttentionModel, attentionRegressor } from "./regressors.ts";
import { type LinearTask, linearSampler } from "./tasks.ts";
import { type HistoryEntry, type TrainingOptions, trainer } from "./training.ts";

export interface FitConfig {
  readonly task: LinearTask;
  /** One layer of linear attention by default. */
  readonly model?: Omit<AttentionModel, "inputSize">;
  /** Steps 2000, batch 512; rate and clip as in section 3.6. */
  readonly training?: Partial<TrainingOptions>;
}

/**
 * Layers of attention trained on a family of linear tasks.
 *
 * @param key of the parameters and all tasks
 * @returns a layer for each step, or the one they share, and the mean losses on the way
 * @example
 * const task = { inputSize: 10, contextLength: 10, inputRange: 1, weightScale: 1 };
 * const { layers } = await fitInContextRegressor(random.key(0), { task });
 */
export async function fitInContextRegressor(
  key: NDArray,
  { task, model = {}, training = {} }: FitConfig,
): Promise<{ layers: readonly AttentionLayer<NDArray>[]; history: readonly HistoryEntry[] }> {
  const { layers = 1 } = model;
  const train = trainer(
    attentionRegressor({ ...model, inputSize: task.inputSize }),
    linearSampler(task),
    {
      steps: 2000,
      batch: 512,
      learningRate: layers > 3 ? 5e-4 : 1e-3,
      clipNorm: layers > 2 ? 10 : 0.001,
      ...training,
    },
  );
  const { params, history } = await lastOf(train({ key }));
  return { layers: params as readonly AttentionLayer<NDArray>[], history };
}
