/** A classifier that had no part in the sampling: it judges whether pictures show their class. */
import { adam, applyUpdates, type MlpParams, mlp, softmaxCrossEntropy } from "@etude/learn";
import { jit, type NDArray, random, scan, type Tensor, valueAndGrad } from "@etude/tensor";
import { stepsAtOnce } from "../diffusion/index.ts";

export interface Judge {
  /** Class numbers and features [B, features] of pictures [B, C, H, W] from 0 to 1. */
  look(pictures: NDArray): Promise<{ classes: Int32Array; features: NDArray }>;
}

const hidden = [128, 32];

/** Dense layers with relu; the last hidden layer is what Frechet distances compare. */
export async function trainJudge(
  { images, labels, classes }: { images: NDArray; labels: NDArray; classes: number },
  { steps, seed }: { readonly steps: number; readonly seed: number },
): Promise<NDArray[]> {
  const net = netFor(images, classes);
  const [count] = images.shape;
  const rule = adam(1e-3);
  const size = stepsAtOnce(steps);
  const start = jit((key: Tensor) => {
    const params = net.init(key);
    return { params, optimiser: rule.init(params) };
  });
  const advance = jit(
    (state: Awaited<ReturnType<typeof start>>, x: Tensor, y: Tensor, key: Tensor) => {
      const one = (held: { params: MlpParams; optimiser: never }, stepKey: Tensor) => {
        const rows = random.randint(stepKey, [128], 0, count);
        const loss = (params: MlpParams) =>
          softmaxCrossEntropy(net(params, x.gather(rows)), y.gather(rows)).mean();
        const [, gradients] = valueAndGrad(loss)(held.params);
        const { updates, state: optimiser } = rule.update(gradients, held.optimiser, held.params);
        return [{ params: applyUpdates(held.params, updates), optimiser }, null];
      };
      return scan(one as never, state, random.splitKeys(key, size))[0];
    },
  );
  let state = await start(random.key(seed));
  for (let done = 0; done < steps; done += size)
    state = (await advance(
      state,
      images,
      labels,
      random.key(1000 * (seed + 1) + done),
    )) as typeof state;
  return (state.params as unknown as { weight: NDArray; bias: NDArray }[]).flatMap(
    ({ weight, bias }) => [weight, bias],
  );
}

const netFor = ({ shape }: NDArray, classes: number) =>
  mlp([shape.slice(1).reduce((product, length) => product * length, 1), ...hidden, classes]);

/** @param weights of {@link trainJudge}, for pictures like these */
export function judgeOf(weights: readonly NDArray[], like: NDArray, classes: number): Judge {
  const net = netFor(like, classes);
  const params = Array.from({ length: weights.length / 2 }, (_, i) => ({
    weight: weights[2 * i],
    bias: weights[2 * i + 1],
  }));
  const look = jit((held: MlpParams, x: Tensor) => {
    const flat = x.astype("float32").reshape([x.shape[0], -1]);
    return [net(held, flat).argmax(-1), net.features(held, flat)];
  });
  return {
    look: async (pictures) => {
      const [found, features] = await look(params, pictures);
      return { classes: Int32Array.from(found.data, Number), features };
    },
  };
}
