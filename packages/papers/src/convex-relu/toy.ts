/** The smallest problem on which descent gets stuck: five points on a line, of alternating labels. */
import { array, type NDArray } from "@etude/tensor";

/** x = -2 .. 2 with a column of ones, y = 1, -1, 1, 1, -1. */
export const toy: { readonly X: NDArray; readonly y: NDArray } = {
  X: array(Float64Array.of(-2, 1, -1, 1, 0, 1, 1, 1, 2, 1), { shape: [5, 2] }),
  y: array(Float64Array.of(1, -1, 1, 1, -1)),
};
