/** Training of a network on few images: epochs of shuffled batches, compiled as part of a larger call. */
import { applyUpdates, type Optimiser, softmaxCrossEntropy } from "@etude/learn";
import { iota, random, scan, type Tensor, type TensorTree, valueAndGrad } from "@etude/tensor";
import { applyTransform, type DsaOp, drawTransform, type Strength } from "./augmentation.ts";
import type { Network } from "./networks.ts";

/** Random changes of the images of a batch; each image has its own. */
export interface BatchAugmentation {
  readonly ops: readonly DsaOp[];
  readonly strength?: Strength;
  /** One operation for a batch, as DSA has it, or one an image, as the evaluation of DC has it. */
  readonly shared: boolean;
  /** Standard deviation of noise added to every pixel; none by default. */
  readonly noise?: number;
}

export interface Learner {
  readonly params: TensorTree;
  /** Running statistics of the network. */
  readonly state: TensorTree;
  /** What the optimiser remembers. */
  readonly memory: TensorTree;
}

export interface EpochOptions {
  readonly optimiser: Optimiser;
  readonly batchSize: number;
  readonly augmentation?: BatchAugmentation;
}

function augmented(x: Tensor, key: Tensor, augmentation: BatchAugmentation | undefined): Tensor {
  if (augmentation === undefined) return x;
  const [transformKey, noiseKey] = random.split(key);
  const { ops, noise } = augmentation;
  const [n, , height, width] = x.shape;
  const changed =
    ops.length === 0
      ? x
      : applyTransform(
          x,
          drawTransform(transformKey, n, { ...augmentation, size: [height, width] }),
        );
  return noise === undefined ? changed : changed.add(random.normal(noiseKey, x.shape).mul(noise));
}

/**
 * One epoch after the other: every image once in each, in batches of a random order; the last batch is
 * smaller if the size does not divide.
 *
 * @param images [n, ...]
 * @param labels int32 [n]
 * @param keys uint32 [epochs, 2]
 */
export function trainEpochs(
  net: Network,
  start: Learner,
  images: Tensor,
  labels: Tensor,
  keys: Tensor,
  { optimiser, batchSize, augmentation }: EpochOptions,
): Learner {
  const n = images.shape[0];
  const step = ({ params, state, memory }: Learner, x: Tensor, y: Tensor, key: Tensor): Learner => {
    const loss = (candidate: TensorTree): [Tensor, TensorTree] => {
      const [logits, next] = net.apply(candidate, state, augmented(x, key, augmentation), true);
      return [softmaxCrossEntropy(logits, y).mean(), next];
    };
    const both = valueAndGrad(loss as never, { hasAux: true }) as unknown as (
      params: TensorTree,
    ) => [[Tensor, TensorTree], TensorTree];
    const [[, next], gradients] = both(params);
    const { updates, state: remembered } = optimiser.update(gradients, memory, params);
    return { params: applyUpdates(params, updates), state: next, memory: remembered };
  };
  const epoch = (learner: Learner, key: Tensor): Learner => {
    if (n <= batchSize) return step(learner, images, labels, key);
    const [orderKey, augmentKey] = random.split(key);
    const order = random.permutation(orderKey, n);
    const whole = Math.floor(n / batchSize);
    const rest = n - whole * batchSize;
    const batch = (held: Learner, rows: Tensor, place: Tensor | number): Learner =>
      step(held, images.gather(rows), labels.gather(rows), random.foldIn(augmentKey, place));
    const batches = {
      rows: order.slice([0, whole * batchSize]).reshape([whole, batchSize]),
      place: iota(whole).astype("uint32"),
    };
    const [after] = looped(
      (held, { rows, place }: typeof batches) => batch(held, rows, place),
      learner,
      batches,
    );
    return rest === 0 ? after : batch(after, order.slice([n - rest, n]), whole);
  };
  return looped((held, key: Tensor) => epoch(held, key), start, keys)[0];
}

/** A loop that keeps nothing but its state; the compiler would follow the types of trees for ever. */
function looped<X>(body: (learner: Learner, x: X) => Learner, start: Learner, xs: X): [Learner] {
  const step = (learner: Learner, x: X) => [body(learner, x), null] as const;
  return scan(step as never, start as never, xs as never) as unknown as [Learner];
}
