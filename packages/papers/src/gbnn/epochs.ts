/** Adam and SGD on small batches, with a whole epoch in one compiled call. */
import { adam, applyUpdates, type Optimiser, sgd } from "@etude/learn";
import {
  type ArrayTree,
  array,
  type Concrete,
  jit,
  type MapLeaves,
  type NDArray,
  type random,
  scan,
  type Tensor,
  type TensorTree,
  valueAndGrad,
} from "@etude/tensor";

/** The first-order solvers of the official code's networks, with its settings. */
export const optimisers = {
  adam: adam(1e-3),
  sgd: sgd(1e-3, { momentum: 0.9, nesterov: true }),
} as const;

export const batchSize = 200;

export interface EpochOptions {
  readonly epochs: number;
  /** Draws the order of the examples of every epoch. */
  readonly generator: random.Generator;
}

/** Parameters after so many epochs, with the mean loss of each. */
export type EpochTrainer<P, S extends unknown[]> = (
  params: MapLeaves<P, NDArray>,
  examples: readonly [x: NDArray, y: NDArray],
  settings: Concrete<S>,
  options: EpochOptions,
) => Promise<{ params: MapLeaves<P, NDArray>; losses: number[] }>;

/**
 * A trainer for a loss of batches, to be called again and again: compiled once for each combination
 * of shapes. Every epoch sees all examples once, in a random order, `batchSize` at a time; the last
 * batch may be smaller.
 *
 * @param loss mean over the batch, of parameters, inputs, targets and settings that do not change
 */
export function compileEpochs<P, S extends unknown[]>(
  loss: (params: P, x: Tensor, y: Tensor, ...settings: S) => Tensor,
  optimiser: Optimiser,
): EpochTrainer<P, S> {
  type Carry = { params: TensorTree; state: TensorTree };
  const start = jit((params: TensorTree) => optimiser.init(params));

  const epoch = jit((carry: Carry, x: Tensor, y: Tensor, order: Tensor, settings: S) => {
    const step = ({ params, state }: Carry, rows: Tensor): [Carry, Tensor] => {
      const onBatch = (candidate: TensorTree) =>
        loss(candidate as P, x.gather(rows), y.gather(rows), ...settings);
      const [value, gradients] = valueAndGrad(onBatch)(params);
      const next = optimiser.update(gradients, state, params);
      return [{ params: applyUpdates(params, next.updates), state: next.state }, value];
    };
    const [rows] = order.shape;
    const size = Math.min(batchSize, rows);
    const full = Math.floor(rows / size);
    const [after, values] = scan(step, carry, order.slice([0, full * size]).reshape([full, size]));
    if (full * size === rows) return { carry: after, value: values.mean() };
    const [last, value] = step(after, order.slice([full * size, rows]));
    return {
      carry: last,
      value: values
        .sum()
        .add(value)
        .div(full + 1),
    };
  });

  return async (params, [x, y], settings, { epochs, generator }) => {
    let carry = { params: params as ArrayTree, state: await start(params as ArrayTree) };
    const losses: number[] = [];
    for (let i = 0; i < epochs; i++) {
      const order = array(generator.permutation(x.shape[0]));
      const after = await epoch(carry, x, y, order, settings);
      carry = after.carry;
      losses.push(after.value.item());
    }
    return { params: carry.params as MapLeaves<P, NDArray>, losses };
  };
}
