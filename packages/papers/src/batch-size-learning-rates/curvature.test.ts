import { softmaxCrossEntropy } from "@etude/learn";
import {
  type ArrayTree,
  array,
  hessian,
  jit,
  type NDArray,
  random,
  type Tensor,
  type TensorTree,
} from "@etude/tensor";
import { describe, expect, it } from "vitest";
import {
  type Curvature,
  type Examples,
  examplesAt,
  ggnVectorProduct,
  hessianVectorProduct,
  type Model,
} from "./curvature.ts";
import { largestEigenpair } from "./lanczos.ts";
import { directionalNoise, hessianNoise } from "./noise.ts";
import { dot, norm, unitVector } from "./product.ts";

/** Logistic regression with labels 0 and 1 for scores 0 and x.w. */
const linear: Model = (params, x) => {
  const score = x.matmul(params.w as Tensor).expandDims(1);
  return score.mul(array([[0, 1]], { dtype: "float64" }));
};
const loss = (outputs: Tensor, y: Tensor): Tensor => softmaxCrossEntropy(outputs, y).mean();
const hessianOf = (model: Model): Curvature =>
  hessianVectorProduct((params, x, y) => loss(model(params, x), y));

const examples: Examples = {
  inputs: array(
    [
      [1, 0.5],
      [-0.3, 1.2],
      [0.7, -1],
    ],
    { dtype: "float64" },
  ),
  targets: array([1, 0, 1], { dtype: "int32" }),
};
const params: ArrayTree = { w: array([0, 0], { dtype: "float64" }) };

describe("logistic regression at zero", () => {
  it("has the Hessian X^T X / 4n, and batches have larger top eigenvalues", async () => {
    const curvature = hessianOf(linear);
    const whole = curvature.of(params, examples);
    const top = await largestEigenpair(whole, { tolerance: 1e-10 });
    expect(top.value).toBeCloseTo(0.2436193, 7);
    const [a, b] = [
      await whole.apply(Float64Array.of(1, 0)),
      await whole.apply(Float64Array.of(0, 1)),
    ];
    expect(a[0] + b[1] - top.value).toBeCloseTo(0.112214, 6);
    const tops: number[] = [];
    for (const row of [0, 1, 2])
      tops.push((await largestEigenpair(curvature.of(params, examplesAt(examples, [row])))).value);
    [0.3125, 0.3825, 0.3725].forEach((value, i) => {
      expect(tops[i]).toBeCloseTo(value, 9);
    });
    // The largest eigenvalue is convex in the matrix: E lambda_1(H_B) >= lambda_1(H).
    expect(tops.reduce((sum, value) => sum + value, 0) / 3).toBeCloseTo(0.3558333, 7);
  });

  it("has its Hessian as Gauss-Newton matrix, the model being linear", async () => {
    const v = Float64Array.of(0.3, -2);
    const one = await hessianOf(linear).of(params, examples).apply(v);
    const other = await ggnVectorProduct(linear, loss).of(params, examples).apply(v);
    one.forEach((entry, i) => {
      expect(other[i]).toBeCloseTo(entry, 12);
    });
  });

  it("has noise that is a sum one can do by hand", async () => {
    const rows = [
      [1, 0.5],
      [-0.3, 1.2],
      [0.7, -1],
    ];
    // A_i = x x^T / 4; E over unit vectors of |(A_i - A) v|^2 is |A_i - A|_F^2 / 2.
    const matrices = rows.map((x) => x.flatMap((a) => x.map((b) => (a * b) / 4)));
    const mean = matrices[0].map((_, k) => matrices.reduce((sum, m) => sum + m[k], 0) / 3);
    const squares = matrices.map((m) => m.reduce((sum, e, k) => sum + (e - mean[k]) ** 2, 0));
    const exact = squares.reduce((sum, s) => sum + s, 0) / 2 / 2;
    const { pSigma2, stderr } = await hessianNoise(hessianOf(linear), params, examples, {
      probes: 400,
      size: 2,
      generator: random.generator(0),
    });
    expect(Math.abs(pSigma2 / exact - 1)).toBeLessThan(0.05);
    expect(stderr).toBeGreaterThan(0);

    const v = Float64Array.of(1, 0);
    const neighbours = [Float64Array.of(0, 1)];
    const noise = await directionalNoise(hessianOf(linear), params, examples, v, { neighbours });
    expect(noise.neighbours[0]).toBeCloseTo(noise.orthogonal, 12);
    const variance = (k: number) => matrices.reduce((sum, m) => sum + (m[k] - mean[k]) ** 2, 0) / 2;
    expect(noise.along).toBeCloseTo(variance(0), 12);
    expect(noise.orthogonal).toBeCloseTo(variance(1), 12);
  });

  it("refuses batches of which there is only one", async () => {
    const options = { batchSize: 2, size: 2 };
    await expect(hessianNoise(hessianOf(linear), params, examples, options)).rejects.toThrow(
      "two of them must fit",
    );
  });
});

describe("a network", () => {
  const width = 5;
  const network: Model = (p, x) =>
    x
      .matmul(p.hidden as Tensor)
      .tanh()
      .matmul(p.output as Tensor);
  const generator = random.generator(2);
  const draw = (...shape: number[]) =>
    array(
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => generator.normal()),
      { shape, dtype: "float64" },
    );
  const weights = { hidden: draw(3, width), output: draw(width, 4) };
  const data: Examples = {
    inputs: draw(12, 3),
    targets: array(
      Array.from({ length: 12 }, (_, i) => i % 4),
      { dtype: "int32" },
    ),
  };
  const size = 3 * width + width * 4;

  it("has products that are those of its Hessian written out, whole or in parts", async () => {
    const written = jit((p: TensorTree, x: Tensor, y: Tensor) =>
      hessian((q: TensorTree) => loss(network(q, x), y))(p),
    );
    const blocks = (await written(weights, data.inputs, data.targets)) as unknown as Record<
      string,
      Record<string, NDArray>
    >;
    const v = unitVector(size, generator);
    const expected = new Float64Array(size);
    const offsets = { hidden: 0, output: 3 * width };
    for (const row of ["hidden", "output"] as const) {
      for (const column of ["hidden", "output"] as const) {
        const block = blocks[row][column];
        const [rows, columns] = [weights[row].size, weights[column].size];
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++)
            expected[offsets[row] + i] += block.data[i * columns + j] * v[offsets[column] + j];
      }
    }
    const curvature = hessianOf(network);
    for (const rowsAtOnce of [100, 5]) {
      const product = await curvature.of(weights, data, rowsAtOnce).apply(v);
      expected.forEach((entry, i) => {
        expect(product[i]).toBeCloseTo(entry, 11);
      });
    }
  });

  it("has a Gauss-Newton matrix without negative directions, which a batch sees as a mean", async () => {
    const ggn = ggnVectorProduct(network, loss);
    const order = Int32Array.from({ length: 12 }, (_, i) => i);
    const v = unitVector(size, generator);
    const each = await ggn.ofBatches(weights, data, order, 1)(v);
    const halves = await ggn.ofBatches(weights, data, order, 6)(v);
    const whole = await ggn.of(weights, data).apply(v);
    for (const product of each) expect(dot(v, product)).toBeGreaterThan(-1e-14);
    whole.forEach((entry, k) => {
      expect(each.reduce((sum, product) => sum + product[k], 0) / 12).toBeCloseTo(entry, 12);
      expect((halves[0][k] + halves[1][k]) / 2).toBeCloseTo(entry, 12);
    });
    expect(norm(whole)).toBeGreaterThan(0);
  });

  it("is as noisy by pairs as by single examples", async () => {
    const curvature = hessianOf(network);
    const v = unitVector(size, generator);
    const single = await directionalNoise(curvature, weights, data, v);
    const pairs: number[] = [];
    for (let seed = 0; seed < 60; seed++) {
      const options = { batchSize: 2, generator: random.generator(seed) };
      pairs.push((await directionalNoise(curvature, weights, data, v, options)).orthogonal);
    }
    const mean = pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
    expect(Math.abs(mean / single.orthogonal - 1)).toBeLessThan(0.1);
  });
});
