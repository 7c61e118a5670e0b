import { expect, describe as group, test } from "vitest";
import { parseCsv } from "./csv.ts";
import { selectRows } from "./table.ts";
import { decodeTarget, encodeTarget, fitTarget, type Task } from "./targets.ts";

const read = (text: string) => parseCsv(text, { name: "houses.csv" });

group("targets", () => {
  const column = async (values: readonly (string | number)[]) =>
    read(`y,i\n${values.map((value) => `${value},0`).join("\n")}\n`);
  const count = (n: number) => Array.from({ length: 2 * n }, (_, i) => i % n);

  test.each<[string, readonly (string | number)[], Task]>([
    ["a value that is not whole", [1, 2, 2.5, 1], "regression"],
    ["21 whole numbers", count(21), "regression"],
    ["20 whole numbers", count(20), "multiclass"],
    ["two numbers", [0, 1, 1, 0], "binary"],
    ["two texts", ["no", "yes", "no", "yes"], "binary"],
    ["three texts", ["a", "b", "c", "a", "b", "c"], "multiclass"],
  ])("%s: the task is found out", async (_, values, task) => {
    expect(fitTarget(await column(values), "y").task).toBe(task);
  });

  test("amounts are standardised, and predictions come back in their units", async () => {
    const data = await column([1, 2.5, 5.5]);
    const target = fitTarget(data, "y");
    expect(target).toEqual({ column: "y", task: "regression", mean: 3, scale: Math.sqrt(3.5) });
    const { dtype, data: encoded } = encodeTarget(target, data);
    expect([dtype, ...encoded]).toEqual([
      "float32",
      ...[-2, -0.5, 2.5].map((d) => Math.fround(d / Math.sqrt(3.5))),
    ]);
    decodeTarget(target, encoded).forEach((value, i) => {
      expect(value).toBeCloseTo([1, 2.5, 5.5][i], 6);
    });
  });

  test("classes are sorted and numbered from 0, and predictions come back as names", async () => {
    const data = await column([10, 9, 10, 9]);
    const target = fitTarget(data, "y");
    expect(target).toEqual({ column: "y", task: "binary", classes: ["9", "10"] });
    const codes = encodeTarget(target, data);
    expect([codes.dtype, ...codes.data]).toEqual(["int32", 1, 0, 1, 0]);
    expect(decodeTarget(target, codes.data)).toEqual(["10", "9", "10", "9"]);
    expect(() => decodeTarget(target, [2])).toThrow("there is no class 2: they are 0 to 1");
  });

  test("only classes that occur are classes", async () => {
    const part = selectRows(await column(["a", "b", "c", "a", "b", "c"]), [0, 1, 3, 4]);
    expect(fitTarget(part, "y")).toMatchObject({ task: "binary", classes: ["a", "b"] });
  });

  test("the task may be given", async () => {
    expect(fitTarget(await column([3, 4, 5, 4]), "y", "regression").task).toBe("regression");
    expect(fitTarget(await column([0, 1, 1, 0]), "y", "multiclass").task).toBe("multiclass");
    const single = await column(["a", "b", "a", "b", "c"]);
    expect(fitTarget(single, "y", undefined, { smallestClass: 1 }).task).toBe("multiclass");
  });

  test.each<[string, readonly (string | number)[], Task | undefined, string]>([
    [
      "missing",
      [1.5, "", 2],
      undefined,
      'houses.csv, row 3, column "y": the target is missing; fill it in, or leave such rows out',
    ],
    [
      "missing class",
      ["a", "b", "a", "?"],
      undefined,
      'houses.csv, row 5, column "y": the target is missing',
    ],
    [
      "infinite",
      [1.5, 2, "inf"],
      undefined,
      'houses.csv, row 4, column "y": the value is infinite',
    ],
    [
      "constant",
      [2.5, 2.5],
      undefined,
      'houses.csv, column "y": all values are 2.5: there is nothing to predict',
    ],
    [
      "one class",
      ["a", "a"],
      undefined,
      'houses.csv, column "y": all values are "a": there is nothing to predict',
    ],
    [
      "a class of one",
      ["a", "b", "a"],
      undefined,
      'houses.csv, row 3, column "y": the class "b" has one row only; add rows, or leave it out',
    ],
    [
      "a number of one",
      [3, 4, 3],
      undefined,
      'the class "4" has one row only; add rows, or leave it out, or give the task "regression"',
    ],
    [
      "texts",
      ["a", "b", "c"],
      undefined,
      "the column holds 3 different texts in 3 rows, which are no classes; choose another target, or give the task",
    ],
    [
      "no numbers",
      ["a", "b", "a", "b"],
      "regression",
      "a regression predicts numbers, but the column holds texts",
    ],
    [
      "not two",
      [1, 2, 3, 1, 2, 3],
      "binary",
      'a binary target has two values, this has 3: "1", "2", "3"',
    ],
  ])("error: %s", async (_, values, task, message) => {
    const data = await column(values);
    expect(() => fitTarget(data, "y", task)).toThrow(message);
  });

  test("errors in another table", async () => {
    const houses = await read("size,price\n1,2\n");
    const classes = fitTarget(await column(["cat", "dog", "cat", "dog"]), "y");
    const amounts = fitTarget(await column([1.5, 2.5]), "y");
    const later = await column(["cat", "dig", "cat"]);
    expect(() => encodeTarget(classes, later)).toThrow(
      'houses.csv, row 3, column "y": the class "dig" did not occur in training; did you mean "dog"?',
    );
    expect(() => encodeTarget(amounts, later)).toThrow(
      'houses.csv, row 2, column "y": "cat" is not a number, as the target was in training',
    );
    expect(() => encodeTarget(classes, houses)).toThrow('houses.csv: there is no column "y"');
    expect(() => fitTarget(houses, "Price ")).toThrow(
      'there is no column "Price "; did you mean "price"?',
    );
  });
});
