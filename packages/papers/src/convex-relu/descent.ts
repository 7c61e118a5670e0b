/** First-order descent on all samples, many steps in one compiled call. */
import { applyUpdates, scaleByAdam } from "@etude/learn";
import {
  array,
  type Concrete,
  jit,
  type MapLeaves,
  type NDArray,
  scan,
  type Tensor,
  type TensorTree,
  treeLeaves,
  treeMap,
  valueAndGrad,
} from "@etude/tensor";

export type DescentRule = "gradient" | "adam";

type Arrays<P> = MapLeaves<P, NDArray>;

export interface Descent<P> {
  readonly params: Arrays<P>;
  /** The loss before every step. */
  readonly losses: Float64Array<ArrayBuffer>;
}

const stepsPerCall = 500;

/**
 * Descent on a loss by plain gradient steps or Adam, compiled once for each combination of shapes.
 * Parameters, data and rates are of one float type.
 *
 * @returns a function of start, data and the rate of every step
 */
export function compileDescent<P, D extends unknown[]>(
  loss: (params: P, ...data: D) => Tensor,
  rule: DescentRule,
): (start: Arrays<P>, data: Concrete<D>, rates: ArrayLike<number>) => Promise<Descent<P>> {
  type Carry = { params: TensorTree; state: TensorTree };
  const adam = scaleByAdam();
  const begin = jit((params: TensorTree) => adam.init(params) as TensorTree);
  const walk = jit((carry: Carry, rates: Tensor, data: D) =>
    scan(
      ({ params, state }: Carry, rate: Tensor): [Carry, Tensor] => {
        const [value, gradients] = valueAndGrad((candidate: TensorTree) =>
          loss(candidate as P, ...data),
        )(params);
        const { updates, state: next } =
          rule === "adam"
            ? adam.update(gradients, state as never, params)
            : { updates: gradients, state };
        const scaled = treeMap(
          (update: Tensor) => update.mul(rate.neg()),
          updates as never,
        ) as TensorTree;
        return [{ params: applyUpdates(params, scaled), state: next as TensorTree }, value];
      },
      carry,
      rates,
    ),
  );

  return async (start, data, rates) => {
    const [{ dtype }] = treeLeaves(start) as NDArray[];
    type ArrayCarry = Concrete<Carry>;
    const params = start as ArrayCarry["params"];
    let carry: ArrayCarry = { params, state: await begin(params) };
    const losses = new Float64Array(rates.length);
    for (let done = 0; done < rates.length; done += stepsPerCall) {
      const some = Float64Array.from(rates).slice(done, done + stepsPerCall);
      const [next, values] = await walk(carry, array(some, { dtype }), data as never);
      carry = next as ArrayCarry;
      losses.set(values.data, done);
    }
    return { params: carry.params as Arrays<P>, losses };
  };
}

/** The same rate at every step. */
export const constantRates = (rate: number, steps: number): Float64Array =>
  new Float64Array(steps).fill(rate);

/** A rate that falls to zero in a straight line. */
export const fallingRates = (rate: number, steps: number): Float64Array =>
  Float64Array.from({ length: steps }, (_, step) => rate * (1 - step / steps));
