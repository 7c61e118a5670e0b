import { expect, test } from "vitest";
import { parameter, reachable, type Tensor } from "../graph.ts";
import "../methods.ts";
import { jit } from "../jit.ts";
import { array } from "../ndarray.ts";
import { pullback } from "../transform/pullback.ts";
import { fuseGemm } from "./gemm.ts";
import { simplify } from "./simplify.ts";

const matrix = (rows: number, columns: number): Tensor =>
  parameter({ shape: [rows, columns], dtype: "float32" }, "test");

const operations = (outputs: readonly Tensor[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { op } of reachable(outputs)) counts.set(op.name, (counts.get(op.name) ?? 0) + 1);
  return counts;
};

test("a training step computes every product once, and sums disappear into products", () => {
  const [x, w1, w2, v1, v2] = [
    matrix(8, 4),
    matrix(4, 5),
    matrix(5, 3),
    matrix(4, 5),
    matrix(5, 3),
  ];
  const bias = parameter({ shape: [5], dtype: "float32" }, "test");
  const hidden = x.matmul(w1).add(bias).relu();
  const loss = hidden.matmul(w2).tanh().sum();
  const [g1, g2] = pullback([loss], [loss.mul(0).add(1)], [w1, w2]) as [Tensor, Tensor];
  const outputs = simplify([loss, v1.mul(0.9).add(g1), v2.mul(0.9).add(g2)]);
  const before = operations(outputs);
  expect([before.get("matmul"), before.get("add")]).toEqual([5, 4]); // 2 forward, 3 backward

  const fused = operations(fuseGemm(outputs, () => true));
  // The bias and both momentum sums are part of a product now; only loss * 0 + 1 is still added.
  expect([fused.get("gemm"), fused.get("matmul"), fused.get("add")]).toEqual([3, 2, 1]);
  expect([fused.get("relu"), fused.get("tanh")]).toEqual([1, 1]);
});

test("a product that somebody else needs stays as it is", () => {
  const [a, b, c] = [matrix(2, 3), matrix(3, 2), matrix(2, 2)];
  const product = a.matmul(b);
  const fused = operations(fuseGemm(simplify([product.add(c), product.exp()]), () => true));
  expect([fused.get("gemm"), fused.get("matmul")]).toEqual([undefined, 1]);
});

test("factors of a float64 product keep all their digits", async () => {
  const run = jit((x: Tensor, y: Tensor) => [
    x.matmul(x).add(x.mul(0.7)),
    x.matmul(y).mul(0.1),
    y.mul(0.2).matmul(y),
  ]);
  const single = (value: number) => array(new Float64Array([value]), { shape: [1, 1] });
  const got = await run(single(3), single(5));
  // float32 holds these factors to eight digits only.
  for (const [i, expected] of [9 + 3 * 0.7, 15 * 0.1, 25 * 0.2].entries()) {
    expect(Math.abs(got[i].item() - expected)).toBeLessThan(1e-14);
  }
});
