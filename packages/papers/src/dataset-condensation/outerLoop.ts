/** The compiled calls of an outer loop: matching steps, and the training of the network between them. */
import { sgd } from "@etude/learn";
import {
  full,
  iota,
  jit,
  lift,
  type MapLeaves,
  type NDArray,
  random,
  scan,
  type Tensor,
  type TensorTree,
  valueAndGrad,
} from "@etude/tensor";
import { drawTransform } from "./augmentation.ts";
import type { Draw } from "./draws.ts";
import {
  type ClassBlocks,
  classwiseDistance,
  contrastiveDistance,
  type MatchingPoint,
  transformed,
} from "./matching.ts";
import type { Network } from "./networks.ts";
import { isAugmented, type Settings } from "./settings.ts";
import { trainEpochs } from "./training.ts";

/** The images, their momentum, and the network they are matched with. */
export interface Carry {
  /** [C, ipc, ...] */
  readonly S: Tensor;
  readonly velocity: Tensor;
  readonly theta: TensorTree;
  readonly state: TensorTree;
}
export type ArrayCarry = MapLeaves<Carry, NDArray>;

const compiled = new WeakMap<Network, Map<string, ReturnType<typeof compileCalls>>>();

/** Calls are compiled once for a network and what they depend on. */
export function callsFor(net: Network, settings: Settings): ReturnType<typeof compileCalls> {
  const { method, ipc, lrImage, momentumImage, lrNet, netEpochs, batchTrain, metric, augment } =
    settings;
  const key = JSON.stringify([
    isAugmented(method) ? augment : null,
    [ipc, lrImage, momentumImage, lrNet, netEpochs, batchTrain, metric],
  ]);
  const known = compiled.get(net) ?? new Map<string, ReturnType<typeof compileCalls>>();
  compiled.set(net, known);
  const calls = known.get(key) ?? compileCalls(net, settings);
  known.set(key, calls);
  return calls;
}

/** The two compiled calls of an outer loop, each for class-wise and for contrastive steps. */
function compileCalls(net: Network, settings: Settings) {
  const { ipc, lrImage, momentumImage, lrNet, netEpochs, batchTrain, metric, augment } = settings;
  const optimiser = sgd(lrNet);
  const augmentation = isAugmented(settings.method) ? { ops: augment, shared: true } : undefined;

  /** Both sets as blocks, under the transforms of the step. */
  const prepare = (S: Tensor, x: Tensor, weights: Tensor, draw: Draw) => {
    const even = lift(full([S.shape[0], ipc], 1 / ipc));
    const real: ClassBlocks = { images: x.gather(draw.rows), weights };
    const synthetic = (images: Tensor): ClassBlocks => ({ images, weights: even });
    if (augmentation === undefined) return { real, synthetic };
    const [, , , height, width] = S.shape;
    const transform = drawTransform(draw.augmentation, S.shape[0], {
      ops: augment,
      size: [height, width],
      shared: false,
    });
    return {
      real: transformed(real, transform),
      synthetic: (images: Tensor) => transformed(synthetic(images), transform),
    };
  };
  /** Running statistics are measured on real images, and then frozen. */
  const frozen = (theta: TensorTree, state: TensorTree, x: Tensor, draw: Draw): MatchingPoint => ({
    net,
    theta,
    state: net.hasState ? net.apply(theta, state, x.gather(draw.statistics), true)[1] : state,
  });

  const match = (contrasts: boolean, carry: Carry, x: Tensor, weights: Tensor, draw: Draw) => {
    const point = frozen(carry.theta, carry.state, x, draw);
    const { real, synthetic } = prepare(carry.S, x, weights, draw);
    const distance = contrasts ? contrastiveDistance : classwiseDistance;
    const [loss, gradient] = valueAndGrad((S: Tensor) =>
      distance(point, synthetic(S), real, metric),
    )(carry.S);
    const velocity = carry.velocity.mul(momentumImage).add(gradient);
    const S = carry.S.sub(velocity.mul(lrImage));
    return { next: { ...carry, S, velocity, state: point.state }, loss, point, real, synthetic };
  };

  const begin = (contrasts: boolean) =>
    jit(
      (
        images: Pick<Carry, "S" | "velocity">,
        x: Tensor,
        weights: Tensor,
        draw: Draw,
        networkKey: Tensor,
      ) => {
        const fresh = { ...images, theta: net.init(networkKey), state: net.initState() };
        const { next, loss, point, real, synthetic } = match(contrasts, fresh, x, weights, draw);
        const before = synthetic(images.S);
        return {
          carry: next,
          loss,
          classwise: classwiseDistance(point, before, real, metric),
          contrastive: contrastiveDistance(point, before, real, metric),
        };
      },
    );

  const advance = (contrasts: boolean) =>
    jit((carry: Carry, x: Tensor, weights: Tensor, draws: Draw) => {
      const step = (held: Carry, draw: Draw): [Carry, Tensor] => {
        const [classes, , ...inputs] = held.S.shape;
        const learner = trainEpochs(
          net,
          { params: held.theta, state: held.state, memory: optimiser.init(held.theta) },
          held.S.reshape([classes * ipc, ...inputs]),
          iota(classes)
            .reshape([classes, 1])
            .broadcastTo([classes, ipc])
            .reshape([classes * ipc]),
          random.splitKeys(draw.training, netEpochs),
          { optimiser, batchSize: batchTrain, ...(augmentation && { augmentation }) },
        );
        const trained = { ...held, theta: learner.params, state: learner.state };
        const { next, loss } = match(contrasts, trained, x, weights, draw);
        return [next, loss];
      };
      return scan(step, carry, draws) as unknown as [Carry, Tensor];
    });

  const both = <F>(make: (contrasts: boolean) => F) => {
    const made = [false, true].map(make);
    return (contrasts: boolean): F => made[Number(contrasts)];
  };
  return { begin: both(begin), advance: both(advance) };
}
