/**
 * The losses whose gradient moves the synthetic images: gradients agree class by class (DC, equation 2),
 * or in their mean over classes (DCC, equation 3), after a siamese augmentation (DSA and DSAC,
 * equation 4).
 */
import { mapTensors, softmaxCrossEntropy } from "@etude/learn";
import {
  array,
  concat,
  grad,
  iota,
  lift,
  type Tensor,
  type TensorTree,
  vmap,
  zeros,
} from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { applyTransform, repeated, type Transform } from "./augmentation.ts";
import { type GradMetric, gradientDistance } from "./gradientDistance.ts";
import type { Network } from "./networks.ts";

/** Examples of every class side by side. */
export interface ClassBlocks {
  /** [classes, m, ...inputs] */
  readonly images: Tensor;
  /**
   * [classes, m]: the share of each example in the loss of its class, 1 / (number of examples), and 0 at
   * places that a smaller class leaves empty.
   */
  readonly weights: Tensor;
}

/** Where gradients are taken: the network, its parameters, its frozen running statistics. */
export interface MatchingPoint {
  readonly net: Network;
  readonly theta: TensorTree;
  readonly state: TensorTree;
}

/** sum_j w_j l(x_j, y_j) with cross-entropy l, in evaluation mode, and its gradient by theta. */
function lossGradient({ net, state }: Pick<MatchingPoint, "net" | "state">) {
  const loss = (theta: TensorTree, x: Tensor, labels: Tensor, weights: Tensor): Tensor =>
    softmaxCrossEntropy(net.apply(theta, state, x, false)[0], labels)
      .mul(weights)
      .sum();
  // The compiler would follow the type of a recursive tree for ever.
  return grad(loss) as unknown as (
    theta: TensorTree,
    x: Tensor,
    labels: Tensor,
    weights: Tensor,
  ) => TensorTree;
}

const labelsOf = ({ images: { shape } }: ClassBlocks): Tensor =>
  iota(shape[0]).reshape([shape[0], 1]).broadcastTo(shape.slice(0, 2));

/**
 * The gradient of each class, g^c = grad_theta mean_{x of class c} l(x, c): a tree like theta, each
 * leaf with an axis of classes before its own.
 */
export function classGradients(point: MatchingPoint, blocks: ClassBlocks): TensorTree {
  const each = vmap(lossGradient(point), { inAxes: [null, 0, 0, 0] }) as unknown as (
    ...args: unknown[]
  ) => TensorTree;
  return each(point.theta, blocks.images, labelsOf(blocks), blocks.weights);
}

/** (1/C) sum_c g^c, a tree like theta, in one pass over all images. */
export function meanGradient(point: MatchingPoint, blocks: ClassBlocks): TensorTree {
  const { images, weights } = blocks;
  const [classes, m, ...inputs] = images.shape;
  return lossGradient(point)(
    point.theta,
    images.reshape([classes * m, ...inputs]),
    labelsOf(blocks).reshape([classes * m]),
    weights.reshape([classes * m]).div(classes),
  );
}

/** sum_c D(a^c, b^c) of gradients with an axis of classes. */
export function summedDistance(a: TensorTree, b: TensorTree, metric?: GradMetric): Tensor {
  const each = vmap((x: unknown, y: unknown) => gradientDistance(x, y, metric));
  return (each as unknown as (x: TensorTree, y: TensorTree) => Tensor)(a, b).sum();
}

/** Equation (2), L_DC = sum_c D(g_S^c, g_T^c). The real gradients are constants. */
export function classwiseDistance(
  point: MatchingPoint,
  synthetic: ClassBlocks,
  real: ClassBlocks,
  metric?: GradMetric,
): Tensor {
  const [mine, theirs] = [classGradients(point, synthetic), classGradients(point, real)];
  return summedDistance(mine, fixed(theirs), metric);
}

/** Equation (3), L_DCC = D((1/C) sum_c g_S^c, (1/C) sum_c g_T^c). Classes count equally. */
export function contrastiveDistance(
  point: MatchingPoint,
  synthetic: ClassBlocks,
  real: ClassBlocks,
  metric?: GradMetric,
): Tensor {
  const [mine, theirs] = [meanGradient(point, synthetic), meanGradient(point, real)];
  return gradientDistance(mine, fixed(theirs), metric);
}

const fixed = (tree: TensorTree): TensorTree => mapTensors((leaf) => leaf.stopGradient(), tree);

/** Blocks under the transform of their class: one for all images of a class, [classes] numbers a field. */
export function transformed({ images, weights }: ClassBlocks, transform: Transform): ClassBlocks {
  const [classes, m, ...inputs] = images.shape;
  const flat = images.reshape([classes * m, ...inputs]);
  return {
    images: applyTransform(flat, repeated(transform, m)).reshape(images.shape),
    weights,
  };
}

export interface MatchingOptions {
  /** Equation (1) by default. */
  readonly metric?: GradMetric;
  /** Of DSA and DSAC: a transform for each class, applied to both sets. */
  readonly transform?: Transform;
  /** Running statistics; those the network begins with by default. */
  readonly state?: TensorTree;
}

/**
 * The class-wise loss (2) of DC, or of DSA with a transform.
 *
 * @param S synthetic images [n, ...inputs]
 * @param yS their classes, each of 0 ... C - 1 at least once, in any order and number
 * @param realByClass real images of each class [m_c, ...inputs]
 * @returns a scalar, differentiable in S
 * @throws UsageError for labels out of range, a class without images, or an unknown metric
 */
export function classwiseMatchingLoss(
  net: Network,
  theta: TensorTree,
  S: Tensor,
  yS: ArrayLike<number>,
  realByClass: readonly Tensor[],
  options: MatchingOptions = {},
): Tensor {
  const { point, synthetic, real } = prepared(net, theta, S, yS, realByClass, options);
  return classwiseDistance(point, synthetic, real, options.metric);
}

/** The contrastive loss (3) of DCC, or of DSAC with a transform; see {@link classwiseMatchingLoss}. */
export function contrastiveMatchingLoss(
  net: Network,
  theta: TensorTree,
  S: Tensor,
  yS: ArrayLike<number>,
  realByClass: readonly Tensor[],
  options: MatchingOptions = {},
): Tensor {
  const { point, synthetic, real } = prepared(net, theta, S, yS, realByClass, options);
  return contrastiveDistance(point, synthetic, real, options.metric);
}

function prepared(
  net: Network,
  theta: TensorTree,
  S: Tensor,
  yS: ArrayLike<number>,
  realByClass: readonly Tensor[],
  { transform, state = net.initState() }: MatchingOptions,
) {
  if (realByClass.length !== net.classes)
    throw new UsageError(
      `real images of ${realByClass.length} classes for a network of ${net.classes}`,
    );
  const both = [synthBlocks(S, yS, net.classes), padded(realByClass)];
  const [synthetic, real] =
    transform === undefined ? both : both.map((blocks) => transformed(blocks, transform));
  return { point: { net, theta, state }, synthetic, real };
}

function synthBlocks(S: Tensor, yS: ArrayLike<number>, classes: number): ClassBlocks {
  if (yS.length !== S.shape[0])
    throw new UsageError(`${yS.length} labels for ${S.shape[0]} synthetic images`);
  const rows: number[][] = Array.from({ length: classes }, () => []);
  Array.from(yS).forEach((label, i) => {
    if (rows[label] === undefined)
      throw new UsageError(
        `synthetic image ${i}, from 0, has class ${label}; classes are 0 to ${classes - 1}`,
      );
    rows[label].push(i);
  });
  return padded(rows.map((members) => S.gather(array(Int32Array.from(members)))));
}

/** Classes of different sizes as blocks of one size: zeros of weight 0 fill them up. */
function padded(byClass: readonly Tensor[]): ClassBlocks {
  const sizes = byClass.map((images) => images.shape[0]);
  const empty = sizes.indexOf(0);
  if (empty >= 0) throw new UsageError(`class ${empty} has no images`);
  const m = Math.max(...sizes);
  const filled = byClass.map((images) => {
    const [size, ...inputs] = images.shape;
    const block =
      size === m ? images : concat([images, lift(zeros([m - size, ...inputs], images.dtype))]);
    return block.expandDims(0);
  });
  const weights = sizes.flatMap((size) =>
    Array.from({ length: m }, (_, i) => (i < size ? 1 / size : 0)),
  );
  return {
    images: concat(filled),
    weights: lift(array(weights, { shape: [sizes.length, m], dtype: byClass[0].dtype })),
  };
}
