/** Operations as methods of tensors: `x.add(y)` is `add(x, y)`. */
import { Tensor, type TensorLike } from "./graph.ts";
import * as functions from "./ops/functions.ts";

/** A function whose first argument is a tensor, as a method. */
type Method<F> = F extends (
  x: TensorLike,
  ...rest: infer Rest extends readonly unknown[]
) => infer R
  ? (...rest: Rest) => R
  : never;

type Methods = { [K in keyof typeof functions]: Method<(typeof functions)[K]> };

declare module "./graph.ts" {
  interface Tensor extends Methods {}
}

for (const [name, operation] of Object.entries(functions)) {
  const call = operation as (x: Tensor, ...rest: unknown[]) => unknown;
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...rest: unknown[]) {
      return call(this, ...rest);
    },
    configurable: true,
    writable: true,
  });
}
