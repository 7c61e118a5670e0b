import { DataError } from "@etude/data";
import { UsageError } from "@etude/papers/errors";
import { TensorError } from "@etude/tensor";
import { expect, test } from "vitest";
import { failureOf } from "./failure.ts";

test("something in a file is told with its place", () => {
  const error = new DataError('"n/a?" is not a number', {
    file: "houses.csv",
    row: 17,
    column: "price",
  });
  expect(failureOf(error, { isUse: true })).toEqual({
    kind: "data",
    message: 'houses.csv, row 17, column "price": "n/a?" is not a number',
    file: "houses.csv",
    row: 17,
    column: "price",
  });
});

test("flags of the command become names of fields", () => {
  const error = new UsageError("--learning-rates 0: give --units, not a--b");
  expect(failureOf(error, { isUse: true })).toEqual({
    kind: "usage",
    message: "learning rates 0: give units, not a--b",
  });
});

test("errors of the engine are the visitor's where the visitor's files are at work", () => {
  const error = new TensorError("shapes [2] and [3] do not fit\nmore");
  expect(failureOf(error, { isUse: true })).toEqual({
    kind: "usage",
    message: "the method cannot be applied to this: shapes [2] and [3] do not fit",
  });
  expect(failureOf(error, { isUse: false }).kind).toBe("engine");
  expect(failureOf(new TypeError("x is undefined"), { isUse: true }).kind).toBe("internal");
});
