import {
  array,
  evaluate,
  jit,
  lift,
  type MapLeaves,
  type NDArray,
  random,
  type Tensor,
  treeLeaves,
  treeMap,
  valueAndGrad,
  zeros,
} from "@etude/tensor";
import { describe, expect, test } from "vitest";
import {
  accuracy,
  basicBlock,
  bottleneckBlock,
  convNet,
  leNet,
  mlp,
  resNet,
  softmaxCrossEntropy,
} from "../index.ts";
import { wave } from "../testing/golden.ts";

const key = random.key(1);
const countOf = (tree: unknown) =>
  treeLeaves(tree).reduce<number>((sum, leaf) => sum + (leaf as Tensor).size, 0);
const shapeOf = (f: (x: Tensor) => Tensor, shape: number[]) => f(lift(zeros(shape))).shape;

describe("residual blocks", () => {
  test("change the shape with the stride and the width, by either shortcut", () => {
    for (const shortcut of ["projection", "padding"] as const) {
      for (const norm of ["batch", "group", "none"] as const) {
        for (const [make, outputs] of [
          [basicBlock, 16],
          [bottleneckBlock, 64],
        ] as const) {
          const block = make({ inputs: 8, width: 16, stride: 2, shortcut, norm });
          const y = (x: Tensor) =>
            block(block.init(key), block.initState(), x, { training: true })[0];
          expect(shapeOf(y, [2, 8, 9, 9])).toEqual([2, outputs, 5, 5]);
          expect("shortcut" in block.init(key)).toBe(shortcut === "projection");
        }
      }
    }
  });

  test("with all weights zero the block is its shortcut: subsampling and zeros for new channels", async () => {
    const block = basicBlock({
      inputs: 2,
      width: 3,
      stride: 2,
      shortcut: "padding",
      norm: "none",
      weight: (_, shape) => lift(zeros(shape)),
    });
    const x = array(
      Float32Array.from({ length: 32 }, (_, i) => i + 1),
      { shape: [1, 2, 4, 4] },
    );
    const [y] = await evaluate(block(block.init(key), block.initState(), lift(x)));
    expect(y.tolist()).toEqual([
      [
        [
          [1, 3],
          [9, 11],
        ],
        [
          [17, 19],
          [25, 27],
        ],
        [
          [0, 0],
          [0, 0],
        ],
      ],
    ]);
  });
});

describe("parameters are as many as the papers say", () => {
  test("ResNet-20 for CIFAR 0.27 million, ResNet-18 11.17 million, LeNet-5 61,706, ConvNet-3 320,010", () => {
    expect(countOf(resNet({ depth: 20, classes: 10 }).init(key))).toBe(269_722);
    expect(countOf(resNet({ depth: 18, classes: 10 }).init(key))).toBe(11_173_962);
    expect(countOf(resNet({ depth: 50, classes: 10 }).init(key))).toBe(23_520_842);
    expect(countOf(leNet().init(key))).toBe(61_706);
    expect(countOf(convNet({ classes: 10 }).init(key))).toBe(320_010);
    expect(() => resNet({ depth: 19, classes: 10 })).toThrow(/depth 19/);
  });
});

test("nets map images to logits, and show what their classifier sees", () => {
  const small = convNet({ classes: 7, size: 28, channels: 1, width: 8 });
  const p = small.init(key);
  expect(shapeOf((x) => small(p, x), [2, 1, 28, 28])).toEqual([2, 7]);
  expect(shapeOf((x) => small.features(p, x), [2, 1, 28, 28])).toEqual([2, 8 * 16]);
  const digits = leNet({ pooling: "average", activation: (x) => x.tanh() });
  const q = digits.init(key);
  expect(shapeOf((x) => digits(q, x), [3, 1, 28, 28])).toEqual([3, 10]);
  expect(shapeOf((x) => digits.features(q, x), [3, 1, 28, 28])).toEqual([3, 84]);
  const flat = mlp([12, 5, 2]);
  expect(shapeOf((x) => flat(flat.init(key), x), [4, 3, 2, 2])).toEqual([4, 2]);
  expect(() => convNet({ classes: 2, size: 4 })).toThrow(/too small/);
  expect(() => mlp([3])).toThrow(/inputs and outputs/);
});

test("a residual net learns a batch, and its running statistics follow it", async () => {
  const net = resNet({ depth: 8, classes: 3, channels: 1, width: 4 });
  type Params = ReturnType<typeof net.init>;
  type State = ReturnType<typeof net.initState>;
  const x = wave(1, [6, 1, 8, 8]).astype("float32");
  const labels = array([0, 1, 2, 0, 1, 2], { dtype: "int32" });
  const step = jit((params: Params, state: State, images: Tensor, y: Tensor) => {
    const loss = (p: Params): [Tensor, State] => {
      const [logits, next] = net(p, state, images, { training: true });
      return [softmaxCrossEntropy(logits, y).mean(), next];
    };
    const [[value, next], gradient] = valueAndGrad(loss, { hasAux: true })(params);
    const move = (w: Tensor, g: Tensor) => w.sub(g.mul(0.1));
    return [treeMap(move, params, gradient), next, value] as const;
  });
  let params: MapLeaves<Params, NDArray> = await evaluate(net.init(key));
  let state: MapLeaves<State, NDArray> = await evaluate(net.initState());
  const values: number[] = [];
  for (let i = 0; i < 25; i++) {
    const [p, s, value] = await step(params, state, x, labels);
    [params, state] = [p, s];
    values.push(value.item());
  }
  expect(values.at(-1)).toBeLessThan(0.5 * values[0]);
  // Evaluated with the running statistics, it knows the batch as well as it did while training.
  const run = jit((p: Params, s: State, images: Tensor) => net(p, s, images)[0]);
  expect(accuracy(await run(params, state, x), labels)).toBe(1);
});
