import { expect, test } from "vitest";
import type { Tensor } from "../graph.ts";
import "../methods.ts";
import { decodeModel } from "../lower/proto.ts";
import { array } from "../ndarray.ts";
import { exportOnnx } from "./export.ts";
import { importOnnx } from "./import.ts";
import { loadOnnx } from "./load.ts";

const cities = ["Lyon", "Graz", "São Paulo"];

/** age / 2 + 10 * position of the city, and how often to count the whole. */
const bytes = exportOnnx(
  (row: { age: Tensor; city: Tensor }, times: Tensor) =>
    row.age.mul(0.5).add(row.city.astype("float32").mul(10)).mul(times.astype("float32")),
  [{ age: array([1, 2]), city: array([0, 1], { dtype: "int32" }) }, array(1, { dtype: "int32" })],
  {
    inputNames: ["", "times"],
    outputNames: ["score"],
    dynamicBatch: ["age", "city"],
    categories: { city: cities },
    defaults: { times: array(1, { dtype: "int32" }) },
    metadata: { author: "nobody" },
  },
);

test("text goes in, unknown text is -1, and an input left out has its default", async () => {
  const model = await loadOnnx(bytes);
  expect(model.inputs).toEqual(["age", "city"]);
  expect(model.optional).toEqual(["times"]);
  expect(model.metadata).toEqual({ author: "nobody" });
  const row = { age: array([2, 4, 6, 8]), city: ["Graz", "São Paulo", "Lyon", "Ulm"] };
  expect((await model.run(row)).score.tolist()).toEqual([11, 22, 3, -6]);
  const twice = await model.run({ ...row, times: array(2, { dtype: "int32" }) });
  expect(twice.score.tolist()).toEqual([22, 44, 6, -12]);
  await model.release();
});

test("the file says that the input is text", () => {
  const { graph, opsets } = decodeModel(bytes);
  expect(graph.inputs.find(({ name }) => name === "city")?.elementType).toBe(8);
  expect(opsets).toContainEqual({ domain: "ai.onnx.ml", version: 2 });
});

test("refuses what does not fit, while exporting and while running", async () => {
  const f = (x: Tensor) => x.add(1);
  const x = array([1, 2], { dtype: "int32" });
  expect(() => exportOnnx(f, [x], { categories: { y: ["a"] } })).toThrow('names "y"');
  expect(() => exportOnnx(f, [x], { categories: { input: ["a", "a"] } })).toThrow("different");
  expect(() => exportOnnx(f, [array([1])], { categories: { input: ["a"] } })).toThrow("int32");
  expect(() => exportOnnx(f, [x], { defaults: { input: array([1]) } })).toThrow("default");
  await expect(loadOnnx(new Uint8Array(5))).rejects.toThrow("not an ONNX model");
  const model = await loadOnnx(bytes);
  await expect(model.run({ age: array([1]) })).rejects.toThrow("city is missing");
  const stranger = { age: array([1]), city: ["Ulm"], job: ["x"] };
  await expect(model.run(stranger)).rejects.toThrow("no input job");
  expect(() => importOnnx(bytes)).toThrow("LabelEncoder");
  await model.release();
});
