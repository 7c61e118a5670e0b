/** Methods are written for one point; here they are made to take many at once. */
import { lift, random, type Tensor, type TensorLike, vmap } from "@etude/tensor";
import { checkSetting, refuse } from "./checks.ts";
import type { Setting } from "./perturbation.ts";

/**
 * An explanation of one point [inputs] to [d], or of many [m, inputs] to [m, d], all in one graph. Every
 * point gets a key of its own.
 *
 * @throws UsageError for what is neither a vector nor a matrix of floats
 */
export function eachPoint(
  method: string,
  x: Tensor,
  setting: Setting,
  key: TensorLike | undefined,
  explain: (x0: Tensor, key: Tensor) => Tensor,
): Tensor {
  const isFloat = x.dtype === "float32" || x.dtype === "float64";
  if ((x.rank !== 1 && x.rank !== 2) || !isFloat)
    refuse(
      `${method}: the points are ${x.dtype} [${x.shape.join(", ")}]; give floats, [inputs] or [points, inputs]`,
    );
  checkSetting(x.shape[x.rank - 1], setting);
  const own = lift(key ?? random.key(0));
  if (x.rank === 1) return explain(x, own);
  if (key === undefined) return vmap((x0: Tensor) => explain(x0, own))(x);
  return vmap(explain)(x, random.splitKeys(own, x.shape[0]));
}
