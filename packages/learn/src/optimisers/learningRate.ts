/** The last part of every optimiser: a step against the gradient, as long as the learning rate says. */

import { lift, type NDArray, type Tensor, type TensorTree } from "@etude/tensor";
import { fail } from "../errors.ts";
import type { Schedule } from "../schedules/schedule.ts";
import { type Optimiser, transformation } from "./optimiser.ts";
import { initialCount, mapTensors, precisionOf, type Stateless } from "./trees.ts";

/**
 * How long steps are: a number, fixed when the step is compiled; a schedule, a function of the number
 * of steps done; or a scalar, which an argument of the compiled step may be (build the optimiser
 * inside the traced function then).
 */
export type LearningRate = number | Schedule | Tensor | NDArray;

/** The number of steps done so far, an int32 scalar. */
export type CountState = { count: Tensor };

/**
 * Multiply by a number. An optimiser that ends with `scale(-0.1)` has the learning rate 0.1.
 *
 * @example chain(scaleByAdam(), scale(-1e-3))
 */
export function scale(factor: number | Tensor | NDArray): Optimiser<Stateless> {
  return transformation<Stateless>({
    init: () => ({}),
    update: (gradients, state) => ({
      updates:
        typeof factor === "number"
          ? mapTensors((leaf) => leaf.mul(factor), gradients)
          : scaled(gradients, lift(factor)),
      state,
    }),
  });
}

/** Every leaf times a scalar, in the leaf's own dtype. */
const scaled = (tree: TensorTree, factor: Tensor): TensorTree =>
  mapTensors((leaf) => leaf.mul(factor.astype(leaf.dtype)), tree);

/**
 * Multiply by a function of the number of steps done, 0 at the first step. `sign` -1 makes it a
 * learning rate.
 *
 * @example chain(scaleByAdam(), scaleBySchedule(cosineSchedule(1e-3, 1000), -1))
 */
export function scaleBySchedule(schedule: Schedule, sign: 1 | -1 = 1): Optimiser<CountState> {
  return transformation<CountState>({
    init: () => ({ count: initialCount() }),
    update: (gradients, { count }) => {
      const factor = lift(schedule(count.astype(precisionOf(gradients))));
      return {
        updates: scaled(gradients, sign === 1 ? factor : factor.neg()),
        state: { count: count.add(1) },
      };
    },
  });
}

/**
 * Multiply by minus the learning rate.
 *
 *     u <- -rate(t) g,  t = 0, 1, ...
 *
 * A schedule's count is part of the state. This is where `adam(...)` and its like end.
 */
export function scaleByLearningRate(rate: LearningRate): Optimiser<CountState | Stateless> {
  if (typeof rate === "function")
    return scaleBySchedule(rate, -1) as Optimiser<CountState | Stateless>;
  if (typeof rate === "number") {
    if (!Number.isFinite(rate)) fail(`learning rate: ${rate} is not a finite number`);
    return scale(-rate) as Optimiser<CountState | Stateless>;
  }
  if (rate.size !== 1)
    fail(`learning rate: a scalar is needed, not shape [${rate.shape.join(", ")}]`);
  return scale(lift(rate).reshape([]).neg()) as Optimiser<CountState | Stateless>;
}
