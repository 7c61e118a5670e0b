import { expect, test } from "vitest";
import type { Field, FieldValue } from "../worker/fields.ts";
import { type Content, contentOf, describeValue, parseContent, parseSeeds } from "./fieldValues.ts";

const field = (value: FieldValue, more: Partial<Field> = {}): Field => ({
  name: "x",
  label: "X",
  describe: "",
  value,
  ...more,
});
const rates: FieldValue = {
  kind: "list",
  items: { kind: "number", whole: false, range: { above: 0 } },
};
const units: FieldValue = { kind: "number", whole: true, range: { least: 1, most: 9 } };
const parsed = (of: Field, content: Content, isNeeded = false) => {
  const result = parseContent(of, content, isNeeded);
  return result.ok ? result.value : result.problem;
};

test("what stands in a field is read by its kind", () => {
  expect(parsed(field(units), " 7 ")).toBe(7);
  expect(parsed(field(units), "7.5")).toBe("Expected a whole number from 1 to 9.");
  expect(parsed(field(units), "10")).toBe("Expected a whole number from 1 to 9.");
  expect(parsed(field(rates), "0.1, 1e-3")).toEqual([0.1, 0.001]);
  expect(parsed(field(rates), "0.1, 0")).toBe("Expected numbers above 0 with commas between.");
  expect(parsed(field(rates), "0.1,")).toBe("Expected numbers above 0 with commas between.");
  expect(parsed(field({ kind: "switch" }), true)).toBe(true);
  expect(parsed(field({ kind: "choice", of: ["a", "b"] }), "c")).toBe("Expected a or b.");
  expect(parsed(field({ kind: "json" }), '[{"a":1}]')).toEqual([{ a: 1 }]);
  expect(parsed(field({ kind: "json" }), "[")).toBe("Expected a value in JSON.");
});

test("an empty field leaves the option to the paper, means an empty list, or is a mistake", () => {
  expect(parsed(field(units), "")).toBeUndefined();
  expect(parsed(field(units), "", true)).toBe("A value is needed.");
  expect(parsed(field(rates), "")).toBeUndefined();
  expect(parsed(field(rates), "", true)).toEqual([]);
  expect(parsed(field(rates, { default: [1] }), "")).toEqual([]);
});

test("values and contents are each other's inverse", () => {
  const cases: [Field, NonNullable<Field["default"]>][] = [
    [field(units), 3],
    [field(rates), [0.1, 0.5]],
    [field({ kind: "switch" }), false],
    [field({ kind: "choice", of: ["a"] }), "a"],
    [field({ kind: "json" }), [{ a: [1, 2] }]],
    [field({ kind: "list", items: { kind: "text" } }, { columns: "many" }), ["a, b", "c"]],
  ];
  for (const [of, value] of cases) expect(parsed(of, contentOf(of, value))).toEqual(value);
});

test("values are described in words", () => {
  expect(describeValue(rates)).toBe("numbers above 0 with commas between");
  expect(describeValue({ kind: "list", items: { kind: "text" } })).toBe(
    "texts with commas between",
  );
  const share: FieldValue = { kind: "number", whole: false, range: { least: 0, below: 1 } };
  expect(describeValue(share)).toBe("a number from 0 and below 1");
});

test("seeds are ranges, lists and mixtures", () => {
  expect(parseSeeds("0..2, 7")).toEqual([0, 1, 2, 7]);
  expect(parseSeeds("5")).toEqual([5]);
  expect(parseSeeds("3..1")).toBe("The range 3..1 runs backwards.");
  expect(parseSeeds("1,0..2")).toBe("Seed 1 comes twice.");
  expect(parseSeeds("one")).toContain("Expected a range");
  expect(parseSeeds("0..1000")).toBe("At most 1000 seeds can be run at once.");
  expect(parseSeeds("4294967296")).toBe("A seed is at most 4294967295.");
});
