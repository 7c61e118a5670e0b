/** What a set has in common with other classes than its own: the diagnostic of the official code. */
import { gatherRows } from "@etude/data";
import { mapTensors } from "@etude/learn";
import { jit, stack, type Tensor } from "@etude/tensor";
import { gradientShares } from "./gradientDistance.ts";
import { keyOf, type Labelled, rowsByClass } from "./labelled.ts";
import { classGradients } from "./matching.ts";
import type { Network } from "./networks.ts";

export interface CommonSignal {
  /**
   * [c][k]: how much of the inner products of the synthetic gradient of class c goes to the real gradient
   * of class k; rows sum to 1. Without anything in common it would be the diagonal.
   */
  readonly shares: readonly (readonly number[])[];
  /** [c][k]: cosine of the mean features of synthetic class c and real class k. */
  readonly cosines: readonly (readonly number[])[];
}

/**
 * Measure a set of `ipc` images a class, class after class, beside all real images, with a fresh network.
 *
 * @param most real images of a class that are looked at
 */
export async function commonSignal(
  net: Network,
  images: Labelled,
  real: Labelled,
  seed: number,
  most = 256,
): Promise<CommonSignal> {
  const measured = jit((key: Tensor, S: Tensor, T: Tensor) => {
    const point = { net, theta: net.init(key), state: net.initState() };
    const [mine, theirs] = [S, T].map((blocks) => {
      const [classes, m] = blocks.shape;
      const weights = blocks
        .mul(0)
        .sum(range(2, blocks.rank))
        .add(1 / m);
      return { gradients: classGradients(point, { images: blocks, weights }), classes };
    });
    const of = (tree: typeof mine.gradients, c: number) =>
      mapTensors((leaf) => leaf.slice([c, c + 1]).reshape(leaf.shape.slice(1)), tree);
    const classes = Array.from({ length: net.classes }, (_, c) => c);
    const references = classes.map((c) => of(theirs.gradients, c));
    const means = [S, T].map((blocks) => {
      const [count, m, ...inputs] = blocks.shape;
      const flat = blocks.reshape([count * m, ...inputs]);
      return net.features(point.theta, point.state, flat).reshape([count, m, -1]).mean(1);
    });
    const unit = (x: Tensor) => x.div(x.mul(x).sum(-1, { keepDims: true }).sqrt().add(1e-6));
    return {
      shares: stack(classes.map((c) => gradientShares(of(mine.gradients, c), references))),
      cosines: unit(means[0]).matmul(unit(means[1]).transpose()),
    };
  });
  const blocks = (data: Labelled, limit: number) => {
    const byClass = rowsByClass(data);
    const m = Math.min(limit, ...byClass.map((rows) => rows.length));
    const rows = Int32Array.from(byClass.flatMap((members) => Array.from(members.slice(0, m))));
    return gatherRows(data.x, rows).reshape([data.numClasses, m, ...data.x.shape.slice(1)]);
  };
  const { shares, cosines } = await measured(
    keyOf(seed, "evaluation", 3),
    blocks(images, images.y.length),
    blocks(real, most),
  );
  const rows = ({ data }: typeof shares) =>
    Array.from({ length: net.classes }, (_, c) =>
      Array.from(data.slice(c * net.classes, (c + 1) * net.classes), Number),
    );
  return { shares: rows(shares), cosines: rows(cosines) };
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);
