import { fail, showShape } from "../errors.ts";
import { lift, parameter, type Tensor, type TensorLike } from "../graph.ts";
import type { Shape } from "../shape.ts";
import { pullback } from "../transform/pullback.ts";
import { type UnfoldOptions, unfold } from "./pool.ts";

/** The transpose of {@link unfold}: windows [N, C K, L] added back into images [N, C, X...] of the given shape. */
export function fold(
  columns: TensorLike,
  shape: Shape,
  window: number | readonly number[],
  options: UnfoldOptions = {},
): Tensor {
  const g = lift(columns);
  const image = parameter({ shape, dtype: g.dtype }, "fold");
  const windows = unfold(image, window, options);
  if (windows.shape.some((n, axis) => n !== g.shape[axis]) || windows.rank !== g.rank) {
    fail(
      `fold: ${showShape(g.shape)} where an image ${showShape(shape)} has windows ${showShape(windows.shape)}`,
    );
  }
  return pullback([windows], [g], [image])[0] as Tensor;
}
