/** The classifiers that are trained here. */

import { convNet, initializers, mlp, type Net, net, type ResNetParams, resNet } from "@etude/learn";
import type { TensorTree } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

/** A network whatever its parameters look like. */
export type Classifier = Net<TensorTree>;

export const networkKinds = ["mlp", "conv", "resNet"] as const;
export type NetworkKind = (typeof networkKinds)[number];

/**
 * A classifier of inputs of a shape (without the axis of examples):
 *
 * - "mlp": dense layers of the sizes in `hidden`;
 * - "conv": two blocks of 32 channels, each a convolution, relu and pooling, for square images;
 * - "resNet": ResNet-18 with group normalisation. Batch normalisation, which the paper's networks
 *   have, would see clean and attacked batches by turns and make an example depend on others.
 *
 * All weights start as in He et al. 2015.
 *
 * @throws UsageError for inputs that do not fit the network
 */
export function classifier(
  kind: NetworkKind,
  shape: readonly number[],
  classes: number,
  hidden: readonly number[],
): Classifier {
  const weight = initializers.heNormal();
  if (kind === "mlp") {
    const inputs = shape.reduce((product, length) => product * length, 1);
    return asClassifier(mlp([inputs, ...hidden, classes], (x) => x.relu(), { weight }));
  }
  const [channels, height, width] = shape;
  if (shape.length !== 3 || height !== width || height < 4)
    throw new UsageError(
      `the network "${kind}" is for square images of 4 pixels or more, not for inputs [${shape.join(", ")}]; use "mlp"`,
    );
  if (kind === "conv") {
    const blocks = { size: height, channels, depth: 2, width: 32 };
    return asClassifier(convNet({ ...blocks, classes, norm: "none", pooling: "max", weight }));
  }
  const residual = resNet({ depth: 18, classes, channels, norm: "group", weight });
  const still = residual.initState();
  return asClassifier(net<ResNetParams>(residual.init, (p, x) => residual(p, still, x)[0]));
}

export const asClassifier = <P>(network: Net<P>): Classifier => network as unknown as Classifier;
