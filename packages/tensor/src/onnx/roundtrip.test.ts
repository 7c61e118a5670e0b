import { expect, test } from "vitest";
import {
  array,
  exportOnnx,
  grad,
  importOnnx,
  jit,
  type MapLeaves,
  type NDArray,
  type Tensor,
  treeLeaves,
  valueAndGrad,
} from "../index.ts";
import { expectClose, toReference } from "../testing/compare.ts";
import { mlp, mlpWeights, networks } from "./fixtures/networks.ts";

type Traced = MapLeaves<typeof mlpWeights, Tensor>;

const exported = (name: keyof typeof networks, options: { dynamicBatch?: boolean } = {}) => {
  const { apply, inputs, weights } = networks[name];
  const bytes = exportOnnx(apply, [inputs(3)], {
    inputNames: ["x"],
    outputNames: ["y"],
    parameters: weights,
    ...options,
  });
  return importOnnx(bytes);
};

test.each(Object.keys(networks))(
  "%s: exported and imported it has the same values, input gradients and weight gradients",
  async (name) => {
    const { apply, inputs } = networks[name];
    const x = inputs(3);
    const isDiscrete = x.dtype === "int32";
    for (const options of [{}, { dynamicBatch: true }]) {
      const model = exported(name, options);
      const both = await jit((t: Tensor) => ({ a: apply(t), b: model({ x: t }).y }))(x);
      expectClose(`${name} values`, both.b, toReference(both.a), { entry: 1e-5 });
      if (isDiscrete) continue;
      const slope = (f: (t: Tensor) => Tensor) => grad((t: Tensor) => f(t).mul(f(t)).sum());
      const slopes = await jit((t: Tensor) => ({
        a: slope(apply)(t),
        b: slope((u) => model({ x: u }).y)(t),
      }))(x);
      expectClose(`${name} gradient`, slopes.b, toReference(slopes.a), { whole: 1e-5 });
    }
  },
);

test("weights keep their names, and the gradient in them is the original function's", async () => {
  const model = exported("mlp");
  expect(Object.keys(model.parameters).sort()).toEqual([
    "hidden.bias",
    "hidden.weight",
    "output.bias",
    "output.weight",
  ]);
  const x = networks.mlp.inputs(3);
  const imported = await jit(
    grad((p: Record<string, Tensor>, t: Tensor) => model.apply(p, { x: t }).y.tanh().sum()),
  )(model.parameters, x);
  const own = await jit(grad((p: Traced, t: Tensor) => mlp(p, t).tanh().sum()))(mlpWeights, x);
  const byName = {
    "hidden.bias": own.hidden.bias,
    "hidden.weight": own.hidden.weight,
    "output.bias": own.output.bias,
    "output.weight": own.output.weight,
  };
  for (const [name, gradient] of Object.entries(byName))
    expectClose(name, imported[name], toReference(gradient), { entry: 1e-5 });
});

test("an imported model can be trained further and exported again", async () => {
  const model = exported("mlp", { dynamicBatch: true });
  const x = networks.mlp.inputs(32);
  const target = array(
    Array.from({ length: 32 }, (_, i) => [0, 1, 2].map((k) => Number(k === i % 3))),
  );
  type Weights = Record<string, Tensor>;
  const loss = (p: Weights, t: Tensor) => model.apply(p, { x: t }).y.sub(target).pow(2).mean();
  const step = jit((p: Weights, t: Tensor) => {
    const [value, g] = valueAndGrad(loss)(p, t);
    const next = Object.fromEntries(
      Object.entries(p).map(([name, w]) => [name, w.sub(g[name].mul(0.2))]),
    );
    return { next, value };
  });
  let weights: Record<string, NDArray> = model.parameters;
  const losses: number[] = [];
  for (let i = 0; i < 30; i++) {
    const { next, value } = await step(weights, x);
    weights = next;
    losses.push(value.item());
  }
  expect(losses[29]).toBeLessThan(0.5 * losses[0]);

  const again = importOnnx(
    exportOnnx((t: Tensor) => model.apply(weights, { x: t }).y, [x], {
      inputNames: ["x"],
      outputNames: ["y"],
      dynamicBatch: true,
      parameters: weights,
    }),
  );
  const y = await jit((t: Tensor) => ({
    a: model.apply(weights, { x: t }).y,
    b: again({ x: t }).y,
  }))(networks.mlp.inputs(5));
  expect(y.b.tolist()).toEqual(y.a.tolist());
  expect(treeLeaves(again.parameters)).toHaveLength(4);
});

test("a training step is a model too, its gradient included", async () => {
  const step = (p: Traced, x: Tensor) =>
    valueAndGrad((w: Traced) => mlp(w, x).softmax().log().mean())(p);
  const bytes = exportOnnx(step, [mlpWeights, networks.mlp.inputs(4)], {
    inputNames: ["p", "x"],
    outputNames: ["loss", "gradient"],
    dynamicBatch: ["x"],
  });
  const model = importOnnx(bytes);
  expect(model.outputs.map(({ name, shape }) => [name, shape])).toEqual([
    ["loss", []],
    ["gradient.hidden.bias", [16]],
    ["gradient.hidden.weight", [6, 16]],
    ["gradient.output.bias", [3]],
    ["gradient.output.weight", [16, 3]],
  ]);
  const feeds = {
    "p.hidden.bias": mlpWeights.hidden.bias,
    "p.hidden.weight": mlpWeights.hidden.weight,
    "p.output.bias": mlpWeights.output.bias,
    "p.output.weight": mlpWeights.output.weight,
    x: networks.mlp.inputs(9),
  };
  const got = await jit((t: Record<string, Tensor>) => model(t))(feeds);
  const [loss, gradient] = await jit(step)(mlpWeights, feeds.x);
  expect(got.loss.item()).toBeCloseTo(loss.item(), 5);
  expectClose("gradient", got["gradient.hidden.weight"], toReference(gradient.hidden.weight), {
    entry: 1e-6,
  });
});
