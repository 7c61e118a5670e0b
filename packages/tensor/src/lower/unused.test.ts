import { expect, test } from "vitest";
import { parameter, type Tensor } from "../graph.ts";
import { grad, maxPool } from "../index.ts";
import { describeModel } from "./lower.ts";
import { simplify } from "./simplify.ts";

const operators = (x: Tensor, result: Tensor): string[] => {
  const { graph } = describeModel([x], simplify([result]), {
    inputNames: ["x"],
    outputNames: ["y"],
  });
  return graph.nodes.map(({ type, outputs }) => `${type}:${outputs.length}`);
};

test("positions of maxima are computed for a derivative and for nothing else", () => {
  const x = parameter({ shape: [1, 1, 4, 4], dtype: "float32" }, "test");
  expect(operators(x, maxPool(x, 2))).toEqual(["MaxPool:1"]);
  const slope = grad((t: Tensor) => maxPool(t, 2).sum())(x);
  expect(operators(x, slope)).toContain("MaxPool:2");
});

test("a model holds only the constants it reads", () => {
  const x = parameter({ shape: [1, 1, 4, 4], dtype: "float32" }, "test");
  const { graph } = describeModel([x], simplify([maxPool(x, 2)]), {
    inputNames: ["x"],
    outputNames: ["y"],
  });
  expect(graph.initializers).toEqual([]);
});
