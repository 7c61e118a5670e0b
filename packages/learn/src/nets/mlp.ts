/** The multilayer perceptron. */
import { random, type Tensor, type TensorLike } from "@etude/tensor";
import { fail } from "../errors.ts";
import { type DenseParams, dense, type WeightOptions } from "../layers/dense.ts";
import type { Net } from "../layers/sequential.ts";

export type Activation = (x: Tensor) => Tensor;

export type MlpParams = DenseParams[];

export interface Mlp extends Net<MlpParams> {
  /** The last hidden layer's activations [..., sizes[-2]]. */
  features(params: MlpParams, x: Tensor): Tensor;
}

/**
 * Dense layers of the given sizes, inputs first, with an activation (relu) between them and none
 * after the last. Images are flattened first where their entries are as many as the inputs.
 *
 * @param sizes two lengths or more
 *
 * @example
 * const net = mlp([784, 256, 10]);
 * const params = await evaluate(net.init(random.key(0)));
 * const logits = jit(net);
 */
export function mlp(
  sizes: readonly number[],
  activation: Activation = (x) => x.relu(),
  options: WeightOptions = {},
): Mlp {
  if (sizes.length < 2) fail(`mlp: the sizes [${sizes}] need inputs and outputs at least`);
  const flat = (x: Tensor): Tensor =>
    x.rank > 2 && x.shape[x.rank - 1] !== sizes[0] ? x.reshape([x.shape[0], -1]) : x;
  const features = (params: MlpParams, x: Tensor): Tensor =>
    params.slice(0, -1).reduce((y, layer) => activation(dense(layer, y)), flat(x));
  return Object.assign(
    (params: MlpParams, x: Tensor): Tensor => {
      const last = params.at(-1) ?? fail("mlp: the parameters have no layers");
      return dense(last, features(params, x));
    },
    {
      features,
      init: (key: TensorLike): MlpParams =>
        random
          .split(key, sizes.length - 1)
          .map((layerKey, i) =>
            dense.init(layerKey, { inputs: sizes[i], outputs: sizes[i + 1], ...options }),
          ),
    },
  );
}
