import { expect, test } from "vitest";
import * as tables from "../testing/tables.ts";
import * as functions from "./functions.ts";

test("every operation is in the tables of cases", () => {
  const covered = new Set(
    Object.values(tables).flatMap((cases) => cases.map(({ name }) => name.split(" ")[0])),
  );
  const exported = [...Object.keys(functions), "concat", "stack", "where", "einsum", "iota"];
  // What stopGradient does shows only under a derivative: transform/derivatives.test.ts.
  const missing = exported.filter((name) => !covered.has(name) && name !== "stopGradient");
  expect(missing).toEqual([]);
});
