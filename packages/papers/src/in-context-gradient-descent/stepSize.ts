/** The best step of plain gradient descent on a family of tasks (section 3.5). */
import { array, jit, type NDArray, scan, type Tensor } from "@etude/tensor";
import { inContextGradientDescent } from "./descent.ts";
import { checkLinearTask, checkSize, type LinearTask, type TaskSampler } from "./tasks.ts";
import { halfSquaredError } from "./training.ts";

/**
 * The best step size for one step from W_0 = 0 on linear tasks, and its loss (17). With s = r^2 / 12,
 * m = r^4 / 80, C = X^T X / N and the scale a of the weights,
 *
 *     E tr C^2 = (d m + d (d - 1) s^2) / N + (N - 1) / N d s^2,
 *     eta* = d s / E tr C^2,    loss* = a^2 s / 2 (d - (d s)^2 / E tr C^2).
 *
 * `zeroLoss` is that of always predicting 0, a^2 d s / 2.
 */
export function optimalStepSize(task: LinearTask): {
  stepSize: number;
  loss: number;
  zeroLoss: number;
} {
  checkLinearTask(task);
  const { inputSize: d, contextLength: n, inputRange: r, weightScale } = task;
  const s = r ** 2 / 12;
  const fourth = d * (r ** 4 / 80) + d * (d - 1) * s ** 2;
  const trace = fourth / n + ((n - 1) / n) * d * s ** 2;
  const half = weightScale ** 2 / 2;
  return {
    stepSize: (d * s) / trace,
    loss: half * s * (d - (d * s) ** 2 / trace),
    zeroLoss: half * d * s,
  };
}

/** The step sizes the official code tries: 0.001, 0.101, ..., 24.901. */
export const scannedStepSizes: readonly number[] = Array.from(
  { length: 250 },
  (_, i) => 0.001 + i / 10,
);

/**
 * The best single step from W_0 = 0 on given tasks, by least squares: with p the predictions of a step
 * of size 1, sum y p / sum p^2. Where nothing is known about a family this says how long steps are.
 */
export async function bestSingleStep(
  sampler: TaskSampler,
  { key, tasks }: { readonly key: NDArray; readonly tasks: number },
): Promise<number> {
  const run = jit((drawn: Tensor) => {
    const { tokens, target } = sampler(drawn, tasks);
    const { x, y, query } = partsOf(tokens);
    const options = { stepSize: 1, steps: 1 };
    const p = inContextGradientDescent(x, y, query, options).predictions[0].squeeze(-1);
    return target.mul(p).sum().div(p.mul(p).sum());
  });
  return (await run(key)).item();
}

/** Sizes from a twentieth to three times a size: where the best of K steps is looked for. */
export const sizesAround = (size: number): number[] =>
  Array.from({ length: 119 }, (_, i) => size * (0.05 + 0.025 * i));

/** Inputs [B, N, d] and targets [B, N, 1] of the context, and the query [B, d]. */
function partsOf(tokens: Tensor): { x: Tensor; y: Tensor; query: Tensor } {
  const [, length, width] = tokens.shape;
  const [n, d] = [length - 1, width - 1];
  return {
    x: tokens.slice(null, [0, n], [0, d]),
    y: tokens.slice(null, [0, n], [d, width]),
    query: tokens.slice(null, n, [0, d]),
  };
}

/** Steps of every size from a list on the same tasks [B]: losses [sizes]. */
function lossesOf(tokens: Tensor, target: Tensor, sizes: Tensor, steps: number): Tensor {
  const { x, y, query } = partsOf(tokens);
  const [, losses] = scan(
    (none: readonly never[], stepSize: Tensor): [readonly never[], Tensor] => {
      const { predictions } = inContextGradientDescent(x, y, query, { stepSize, steps });
      return [none, halfSquaredError(predictions[steps - 1].squeeze(-1), target)];
    },
    [] as readonly never[],
    sizes,
  );
  return losses;
}

/**
 * The best of many step sizes for K steps from W_0 = 0, by its loss on freshly drawn tasks.
 *
 * @param key of the tasks
 * @param sizes those of the official code by default
 */
export async function scanStepSize(
  sampler: TaskSampler,
  options: {
    readonly key: NDArray;
    readonly tasks: number;
    readonly steps: number;
    readonly sizes?: readonly number[];
  },
): Promise<{ stepSize: number; loss: number }> {
  const { tasks, steps, sizes = scannedStepSizes } = options;
  checkSize("tasks", tasks);
  const run = jit((key: Tensor, tried: Tensor) => {
    const { tokens, target } = sampler(key, tasks);
    return lossesOf(tokens, target, tried, steps);
  });
  const losses = (await run(options.key, array(sizes))).data;
  let best = 0;
  // Steps that are far too long give losses that are not finite, which are never less.
  for (let i = 1; i < losses.length; i++) if (losses[i] < losses[best]) best = i;
  return { stepSize: sizes[best], loss: losses[best] };
}
