import {
  array,
  evaluate,
  grad,
  jit,
  lift,
  type NDArray,
  random,
  type Tensor,
  type TensorTree,
  treeLeaves,
} from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { UsageError } from "../contract/errors.ts";
import { type GradMetric, gradientDistance, gradientShares } from "./gradientDistance.ts";
import {
  classGradients,
  classwiseMatchingLoss,
  contrastiveMatchingLoss,
  meanGradient,
} from "./matching.ts";
import { convolutional, type Network, perceptron } from "./networks.ts";
import { float64, toyImages, toyNet, toyReal, toySynthetic, toyTheta } from "./testing.ts";

const numbers = async (tensor: Tensor): Promise<number[]> => {
  const { value } = await evaluate({ value: tensor });
  return Array.from(value.data, Number);
};
const number = async (tensor: Tensor): Promise<number> => (await numbers(tensor))[0];

const losses = { DC: classwiseMatchingLoss, DCC: contrastiveMatchingLoss } as const;
const lossOf =
  (kind: keyof typeof losses, metric: GradMetric) =>
  (S: Tensor): Tensor =>
    losses[kind](
      toyNet,
      toyTheta,
      S,
      [0, 1],
      toyReal.map((x) => lift(x)),
      { metric },
    );

describe("the losses of a network of 2, 3 and 2 units", () => {
  it.each([
    ["DC", "layerwiseCosine", 2.7317907134, [0.96932315, -1.47272396, 1.72495549, 2.23278963]],
    ["DCC", "layerwiseCosine", 0.7496738911, [0.93048528, -2.08370577, 0.35255264, 1.25135328]],
    ["DC", "mse", 2.5286898008, [0.10585612, -4.24608481, 0.21253247, 0.03994661]],
    ["DCC", "mse", 0.695415965, [0.05339458, -1.12316138, 0.15450581, 0.26211673]],
    ["DC", "cosine", 0.1952044316, [0.06249696, -0.27751228, 0.18213352, 0.06609924]],
    ["DCC", "cosine", 0.1601218763, [0.14126579, -0.45070092, 0.01958491, 0.11463151]],
  ] as const)("%s, %s: value and gradient", async (kind, metric, value, gradient) => {
    const loss = lossOf(kind, metric);
    expect(await number(loss(lift(toySynthetic)))).toBeCloseTo(value, 9);
    const slope = await numbers(grad(loss)(toySynthetic));
    gradient.forEach((expected, i) => {
      expect(slope[i]).toBeCloseTo(expected, 7);
    });
  });

  it("a gradient beside itself is not quite 0: the 1e-6 of the denominator counts", async () => {
    const points = {
      images: lift(
        float64([
          [
            [1, 2],
            [0.5, 1],
            [-1, 0.5],
            [-2, -0.5],
          ],
        ]),
      ),
    };
    const y = array(Int32Array.from([0, 0, 1, 1]));
    const loss = (theta: TensorTree): Tensor => {
      const logits = toyNet.apply(theta, {}, points.images.reshape([4, 2]), false)[0];
      return logits.logSoftmax().takeAlongAxis(lift(y).expandDims(1), 1).mean().neg();
    };
    const g = grad(loss as never)(toyTheta as never);
    expect(await number(gradientDistance(g, g))).toBeCloseTo(4.4081e-5, 9);
  });
});

describe("what class-wise matching cannot see", () => {
  // A linear classifier at W = 0, class means (1, 10) and (-1, 10): they share the second coordinate.
  const linear: Network = { ...perceptron([])([2], 2) };
  const theta = [
    {
      weight: float64([
        [0, 0],
        [0, 0],
      ]),
    },
  ] as unknown as TensorTree;
  const real = [float64([[1, 10]]), float64([[-1, 10]])].map((x) => lift(x));
  const S = lift(
    float64([
      [1, 10],
      [-2, 20],
    ]),
  );

  it("is a factor of a class: DC is satisfied, DCC is not", async () => {
    const [byClass, contrast] = [classwiseMatchingLoss, contrastiveMatchingLoss];
    expect(await number(byClass(linear, theta, S, [0, 1], real))).toBeCloseTo(
      7.9208e-8 + 3.9604e-8,
      11,
    );
    expect(await number(contrast(linear, theta, S, [0, 1], real))).toBeCloseTo(1.4253046692, 9);
    expect(2 * (1 - 3 / Math.sqrt(109))).toBeCloseTo(1.4253042289, 9);
  });

  it("each class alone", async () => {
    const point = { net: linear, theta, state: {} };
    const block = (x: number[][][]) => ({
      images: lift(float64(x)),
      weights: lift(float64([[1], [1]])),
    });
    const a = classGradients(point, block([[[1, 10]], [[-2, 20]]]));
    const b = classGradients(point, block([[[1, 10]], [[-1, 10]]]));
    const [[mine], [theirs]] = [a, b] as unknown as { weight: Tensor }[][];
    const of = (c: number) => {
      const row = (x: Tensor) => ({ weight: x.slice([c, c + 1]).reshape([2, 2]) });
      return number(gradientDistance(row(mine.weight), row(theirs.weight)));
    };
    expect(await of(0)).toBeCloseTo(7.9208e-8, 12);
    expect(await of(1)).toBeCloseTo(3.9604e-8, 12);
  });
});

describe("the distance of gradients", () => {
  const tree = (weight: number[][]) => ({ weight: float64(weight), bias: float64([3, -1]) });

  it("of a row of zeros is 1, with derivative 0", async () => {
    // Columns belong to output units: the second is dead.
    const dead = tree([
      [1, 0],
      [2, 0],
    ]);
    const other = tree([
      [1, 5],
      [2, 1],
    ]);
    expect(await number(gradientDistance(dead, other))).toBeCloseTo(1, 6);
    const slope = grad((weight: Tensor) =>
      gradientDistance({ weight, bias: lift(dead.bias) }, other),
    )(dead.weight);
    const values = await numbers(slope);
    expect(values.every(Number.isFinite)).toBe(true);
    // Of a dead row only the inner product moves: -b / 1e-6 ; its norm stays where it is.
    expect(values[1]).toBeCloseTo(-5 / 1e-6, 0);
  });

  it("of tiny gradients is not 0: rows of norm 1e-4 give 0.99 each", async () => {
    const small = { weight: float64([[1e-4]]) };
    expect(await number(gradientDistance(small, small))).toBeCloseTo(0.99009901, 8);
  });

  it("does not see factors, and lies between 0 and twice the rows", async () => {
    const [a, b] = [
      tree([
        [1, -2],
        [0.5, 3],
      ]),
      tree([
        [-1, 0.1],
        [2, 4],
      ]),
    ];
    const scaled = { weight: lift(a.weight).mul(7), bias: lift(a.bias) };
    const plain = await number(gradientDistance(a, b));
    expect(await number(gradientDistance(scaled, b))).toBeCloseTo(plain, 5);
    expect(plain).toBeGreaterThan(0);
    expect(plain).toBeLessThan(4);
    const opposite = { weight: lift(a.weight).neg(), bias: lift(a.bias) };
    expect(await number(gradientDistance(a, opposite))).toBeCloseTo(4, 4);
  });

  it("rows of kernels are their first axis", async () => {
    const kernel = float64([[[[1, 2]]], [[[3, 4]]]]);
    const first = float64([[[[1, 2]]], [[[4, -3]]]]);
    expect(await number(gradientDistance([kernel], [first]))).toBeCloseTo(1, 5);
  });

  it("refuses other trees, other shapes, unknown metrics, and biases alone", () => {
    const a = tree([
      [1, 2],
      [3, 4],
    ]);
    expect(() => gradientDistance(a, { weight: a.weight })).toThrow(UsageError);
    expect(() => gradientDistance(a, { ...a, bias: float64([1]) })).toThrow(/bias is \[2\].*\[1\]/);
    expect(() => gradientDistance(a, a, "l1" as GradMetric)).toThrow(/no metric "l1"/);
    expect(() => gradientDistance([a.bias], [a.bias])).toThrow(/nothing is compared/);
  });

  it("shares of inner products sum to 1", async () => {
    const [a, b] = [
      tree([
        [1, 0],
        [0, 1],
      ]),
      tree([
        [2, 0],
        [0, -2],
      ]),
    ];
    expect(await numbers(gradientShares(a, [a, b]))).toEqual([1 / 3, 2 / 3]);
  });
});

describe("blocks of classes", () => {
  const { x, y } = toyImages(12, 2, { side: 4 });
  const start = async (net: Network) =>
    (await evaluate(net.init(random.key(3)))) as unknown as TensorTree;
  const rows = (images: NDArray, keep: (i: number) => boolean): Tensor => {
    const places = Int32Array.from(y.keys()).filter(keep);
    return lift(images).gather(array(places));
  };

  it("the mean of class gradients is the gradient of all, through convolutions too", async () => {
    for (const net of [
      perceptron([5])([1, 4, 4], 2),
      convolutional({ width: 3, depth: 1 })([1, 4, 4], 2),
    ]) {
      const point = { net, theta: await start(net), state: {} };
      const images = lift(x).reshape([6, 2, 1, 4, 4]).swapAxes(0, 1);
      const blocks = { images, weights: lift(1 / 6).broadcastTo([2, 6]) };
      const { each, all } = (await evaluate({
        each: classGradients(point, blocks),
        all: meanGradient(point, blocks),
      } as never)) as unknown as Record<"each" | "all", unknown>;
      treeLeaves(all).forEach((leaf, place) => {
        const total = leaf as NDArray;
        const parts = treeLeaves(each)[place] as NDArray;
        total.data.forEach((value, i) => {
          const mean = (Number(parts.data[i]) + Number(parts.data[total.size + i])) / 2;
          expect(mean).toBeCloseTo(Number(value), 5);
        });
      });
    }
  });

  it("with S = T both losses vanish; with one class they are the same", async () => {
    // Without hidden units there is no dead one, whose row would count 1 even so.
    const net = perceptron([])([1, 4, 4], 2);
    const theta = await start(net);
    const real = [rows(x, (i) => y[i] === 0), rows(x, (i) => y[i] === 1)];
    for (const loss of Object.values(losses)) {
      const value = await number(loss(net, theta, lift(x), y, real));
      expect(Math.abs(value)).toBeLessThan(1e-3);
    }
    const only = perceptron([8])([1, 4, 4], 1);
    const one = await start(only);
    const [a, b] = await Promise.all(
      Object.values(losses).map((loss) =>
        number(loss(only, one, lift(x), new Int32Array(12), [real[0]], { metric: "mse" })),
      ),
    );
    expect(a).toBeCloseTo(b, 8);
  });

  it("labels in any order and number weigh classes equally", async () => {
    const net = perceptron([8])([1, 4, 4], 2);
    const theta = await start(net);
    const real = [rows(x, (i) => y[i] === 0 && i < 8), rows(x, (i) => y[i] === 1)];
    const S = rows(x, (i) => i < 3);
    const doubled = lift(x).gather(array(Int32Array.from([0, 2, 1, 1])));
    for (const loss of Object.values(losses)) {
      const [few, more] = await Promise.all([
        number(loss(net, theta, S, [0, 1, 0], real)),
        number(loss(net, theta, doubled, [0, 0, 1, 1], real)),
      ]);
      expect(few).toBeCloseTo(more, 5);
    }
    expect(() => losses.DC(net, theta, S, [0, 1, 2], real)).toThrow(/image 2, from 0, has class 2/);
    expect(() => losses.DC(net, theta, S, [0, 0, 0], real)).toThrow(/class 1 has no images/);
    expect(() => losses.DCC(net, theta, S, [0, 1], real)).toThrow(/2 labels for 3/);
  });

  it("differentiates twice through convolution, instance norm and average pooling", async () => {
    const net = convolutional({ width: 3, depth: 2 })([1, 4, 4], 2);
    const theta = await start(net);
    const real = [rows(x, (i) => y[i] === 0), rows(x, (i) => y[i] === 1)];
    const S0 = lift(x).gather(array(Int32Array.from([0, 1])));
    for (const kind of ["DC", "DCC"] as const) {
      // Equation (1) is smooth away from zero rows; mse has no 1e-6.
      const loss = jit((S: Tensor) => losses[kind](net, theta, S, [0, 1], real, { metric: "mse" }));
      const { S, slope } = await evaluate({
        S: S0,
        slope: grad((at: Tensor) => losses[kind](net, theta, at, [0, 1], real, { metric: "mse" }))(
          S0,
        ),
      });
      for (const place of [3, 12, 20]) {
        const step = 1e-2;
        const at = async (by: number) => {
          const moved = Float32Array.from(S.data, Number);
          moved[place] += by;
          return (await loss(array(moved, { shape: [...S.shape] }))).item();
        };
        const difference = ((await at(step)) - (await at(-step))) / (2 * step);
        expect(Number(slope.data[place])).toBeCloseTo(difference, 2);
      }
    }
  });
});
