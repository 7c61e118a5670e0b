import { expect, test } from "vitest";
import {
  array,
  concat,
  exportOnnx,
  iota,
  jit,
  linalg,
  type NDArray,
  ones,
  scan,
  type Tensor,
  zeros,
} from "../index.ts";
import { decodeModel } from "../lower/proto.ts";
import { expectClose, toReference } from "../testing/compare.ts";
import { networks } from "./fixtures/networks.ts";
import { openReference } from "./fixtures/reference.ts";

const namesOf = (list: readonly { name: string }[]) => list.map(({ name }) => name);

/** Every domain of the operators of a graph and the graphs nested in it. */
function domainsOf(bytes: Uint8Array): Set<string> {
  const domains = new Set<string>();
  const visit = (graph: ReturnType<typeof decodeModel>["graph"]): void => {
    for (const { domain, attributes } of graph.nodes) {
      domains.add(domain ?? "");
      for (const value of Object.values(attributes))
        if (typeof value === "object" && "graph" in value) visit(value.graph);
    }
  };
  visit(decodeModel(bytes).graph);
  return domains;
}

test.each(Object.entries(networks))(
  "%s: one file for every batch size computes what the function does",
  async (_, { weights, apply, inputs }) => {
    const bytes = exportOnnx(apply, [inputs(4)], {
      inputNames: ["x"],
      outputNames: ["y"],
      dynamicBatch: true,
      parameters: weights,
    });
    const { graph, opsets } = decodeModel(bytes);
    expect(graph.inputs[0].shape?.[0]).toBe("batch");
    expect(graph.outputs[0].shape?.[0]).toBe("batch");
    expect(opsets).toEqual([{ version: 20 }]);
    expect(domainsOf(bytes)).toEqual(new Set([""]));
    const run = await openReference(bytes);
    const own = jit(apply);
    for (const n of [1, 2, 5, 59]) {
      const x = inputs(n);
      const { y } = await run({ x: { value: x } });
      expectClose(`batch of ${n}`, y, toReference(await own(x)), { entry: 2e-5 });
    }
  },
);

test("inputs and outputs are named by their paths, initializers by those of the parameters", () => {
  const params = { layers: [{ w: ones([2, 3]) }], "odd name": ones([3]) };
  const bytes = exportOnnx(
    (x: Tensor, extra: { scale: Tensor; shift: Tensor[] }) => ({
      sum: x.matmul(params.layers[0].w).add(params["odd name"]).mul(extra.scale),
      list: extra.shift.map((s) => s.add(x.sum())),
    }),
    [ones([4, 2]), { scale: ones([3]), shift: [ones([3]), 2] }],
    { parameters: params, metadata: { licence: "MIT" }, inputNames: ["x", "extra"] },
  );
  const { graph, metadata, producerName } = decodeModel(bytes);
  expect(namesOf(graph.inputs)).toEqual(["x", "extra.scale", "extra.shift.0", "extra.shift.1"]);
  expect(graph.inputs.map(({ shape }) => shape)).toEqual([[4, 2], [3], [3], []]);
  expect(namesOf(graph.outputs)).toEqual(["list.0", "list.1", "sum"]);
  expect(namesOf(graph.initializers ?? [])).toEqual(
    expect.arrayContaining(["layers.0.w", "odd_name"]),
  );
  expect(metadata).toEqual([{ key: "licence", value: "MIT" }]);
  expect(producerName).toBe("etude");
});

test("without names given, a lone argument or result is input or output, several are numbered", () => {
  const io = (bytes: Uint8Array) => {
    const { graph } = decodeModel(bytes);
    return [namesOf(graph.inputs), namesOf(graph.outputs)];
  };
  const x = ones([2]);
  expect(io(exportOnnx((a: Tensor) => a.exp(), [x]))).toEqual([["input"], ["output"]]);
  expect(io(exportOnnx((a: Tensor, b: Tensor) => [a.add(b), a], [x, x]))).toEqual([
    ["input0", "input1"],
    ["output0", "output1"],
  ]);
  expect(io(exportOnnx((p: { w: Tensor }) => ({ w: p.w.exp() }), [{ w: x }]))).toEqual([
    ["w"],
    ["w_2"],
  ]);
});

test("names that look like the exporter's own do not collide with them", async () => {
  const names = ["Add_0", "Add_1", "Mul_1", "constant_0", "batch", "lengths"];
  const bytes = exportOnnx(
    (...xs: Tensor[]) => xs.reduce((a, b) => a.add(b).mul(3)).reshape([-1]),
    names.map(() => ones([2, 2])),
    { inputNames: names, outputNames: ["Reshape_2"], dynamicBatch: true },
  );
  const run = await openReference(bytes);
  const feeds = Object.fromEntries(names.map((name) => [name, { value: ones([1, 2]) }]));
  const expected = names.reduce((total, _, i) => (i === 0 ? 1 : (total + 1) * 3), 0);
  expect((await run(feeds)).Reshape_2.tolist()).toEqual([expected, expected]);
});

const batched = (f: (x: Tensor) => unknown, x: NDArray) =>
  exportOnnx(f, [x], { inputNames: ["x"], outputNames: ["y"], dynamicBatch: true });

test("lengths, slices, numbers and means follow the batch", async () => {
  const f = (x: Tensor) => {
    const [n, d] = x.shape;
    const doubled = concat([x, x.flip(0)]);
    const inner = doubled.slice([1, 2 * n - 1]).reshape([n - 1, 2 * d]);
    const variance = x.variance(0, { ddof: 1 });
    const numbered = x
      .add(iota(n, "float32").reshape([n, 1]))
      .mul(n)
      .div(n + 1);
    return inner.sum().add(variance.sum()).add(numbered.mean(0)).add(x.mean());
  };
  const run = await openReference(batched(f, ones([3, 4])));
  const own = jit(f);
  for (const n of [2, 3, 8, 61]) {
    const x = array(
      Float32Array.from({ length: n * 4 }, (_, i) => Math.sin(i)),
      { shape: [n, 4] },
    );
    const { y } = await run({ x: { value: x } });
    expectClose(`batch of ${n}`, y, toReference(await own(x)), { entry: 1e-5 });
  }
});

test("a result may have the batch anywhere, or a multiple of it, and its shape says so", async () => {
  const bytes = exportOnnx(
    (x: Tensor) => [x.transpose(), concat([x, x]).reshape([-1]), x.slice([1, null]).exp()],
    [ones([3, 4])],
    { dynamicBatch: true, inputNames: ["x"] },
  );
  const { graph } = decodeModel(bytes);
  expect(graph.outputs.map(({ shape }) => shape)).toEqual([
    [4, "batch"],
    ["8*batch"],
    ["batch-1", 4],
  ]);
  const results = await (await openReference(bytes))({ x: { value: ones([1, 4]) } });
  expect(Object.values(results).map(({ shape }) => shape)).toEqual([[4, 1], [8], [0, 4]]);
});

test("an empty batch gives empty results", async () => {
  const run = await openReference(
    batched((x) => x.reshape([x.shape[0], 2, 2]).swapAxes(1, 2).reshape([-1, 4]), ones([3, 4])),
  );
  expect((await run({ x: { value: zeros([0, 4]) } })).y.shape).toEqual([0, 4]);
});

test("only the inputs named share the batch; the others keep their shapes", async () => {
  const bytes = exportOnnx(
    (p: { w: Tensor }, x: Tensor) => x.matmul(p.w),
    [{ w: ones([4, 2]) }, ones([3, 4])],
    {
      inputNames: ["p", "x"],
      outputNames: ["y"],
      dynamicBatch: ["x"],
    },
  );
  expect(decodeModel(bytes).graph.inputs.map(({ shape }) => shape)).toEqual([
    [4, 2],
    ["batch", 4],
  ]);
  const run = await openReference(bytes);
  const { y } = await run({ "p.w": { value: ones([4, 2]) }, x: { value: ones([7, 4]) } });
  expect(y.shape).toEqual([7, 2]);
});

test("a loop over the batch is one file for every batch size", async () => {
  const bytes = batched(
    (x) => scan((total: Tensor, row: Tensor) => [total.add(row), total.sum()], zeros([4]), x)[1],
    ones([3, 4]),
  );
  const { y } = await (await openReference(bytes))({ x: { value: ones([5, 4]) } });
  expect(y.tolist()).toEqual([0, 4, 8, 12, 16]);
});

test("what cannot follow the batch is refused with the operator's name", () => {
  const x = ones([3, 4]);
  const unrolled = (t: Tensor) =>
    Array.from({ length: t.shape[0] }, (_, i) => t.slice(i)).reduce((a, b) => a.mul(b.exp()));
  expect(() => batched(unrolled, x)).toThrow(
    /the graph itself depends on the batch size: .*use vmap or operations on the whole batch/s,
  );
  expect(() =>
    batched(
      (t) =>
        t
          .matmul(t.transpose())
          .reshape([-1])
          .slice([0, t.shape[0] ** 2 - 1]),
      x,
    ),
  ).toThrow(
    /Slice depends on the batch size .*at sizes 53, 59, 61 it has a constant 2808, 3480, 3720/s,
  );
  expect(() => batched((t) => t.mul(Math.sqrt(t.shape[0])), x)).toThrow(/Mul depends on the batch/);
  expect(() => batched((t) => t.add(ones([t.shape[0], 1]).reshape([t.shape[0], 1])), x)).toThrow(
    /Add depends on the batch size .*a constant of shape \[53,1\], \[59,1\], \[61,1\]/s,
  );
  expect(() => batched((t) => t.add(ones([3, 4])), x)).toThrow(
    /traced with a batch of 53 for dynamicBatch: add: shapes \[53, 4\] and \[3, 4\]/,
  );
});

test("batch axes that cannot be are refused", () => {
  const f = (a: Tensor, b: Tensor) => a.sum().add(b.sum());
  const options = { inputNames: ["a", "b"] };
  expect(() =>
    exportOnnx(f, [ones([3, 4]), ones([5, 4])], { ...options, dynamicBatch: true }),
  ).toThrow(/leading axes of "a" and "b" have lengths 3 and 5/);
  expect(() => exportOnnx(f, [ones([3]), 1], { ...options, dynamicBatch: ["b"] })).toThrow(
    /"b" is a scalar/,
  );
  expect(() => exportOnnx(f, [ones([3]), 1], { ...options, dynamicBatch: ["c"] })).toThrow(
    /names "c", but the inputs are a, b/,
  );
});

test("x sigmoid(x) in float64, which the runtime would fuse into an operator it lacks, runs", async () => {
  const x = array(new Float64Array([1, -2, 700, -700, -800]));
  const run = await openReference(
    exportOnnx((t: Tensor) => t.silu(), [x], { inputNames: ["x"], outputNames: ["y"] }),
  );
  const data = Array.from(x.data, (v) => v / (1 + Math.exp(-v)));
  const { y } = await run({ x: { value: x } });
  expectClose("silu", y, { shape: [5], data }, { relative: 1e-15 });
});

test("operations that run on the host are refused by name, also inside a loop", () => {
  const matrix = ones([3, 3]);
  expect(() => exportOnnx((a: Tensor) => linalg.cholesky(a), [matrix])).toThrow(
    /exportOnnx: cholesky .*has no ONNX operator/s,
  );
  expect(() =>
    exportOnnx(
      (a: Tensor) => scan((c: Tensor, _: Tensor) => [linalg.cholesky(c), c.sum()], a, a)[0],
      [matrix],
    ),
  ).toThrow(/cholesky/);
});
