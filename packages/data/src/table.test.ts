import { expect, describe as group, test } from "vitest";
import { DataError, quote } from "./errors.ts";
import { suggestNames, typingErrors } from "./names.ts";
import {
  column,
  describe,
  dropColumns,
  pickColumns,
  rowsWithValue,
  selectRows,
  table,
  toCsv,
} from "./table.ts";

const gap = Number.NaN;
const houses = table(
  "houses.csv",
  [
    { name: "price", kind: "numeric", values: Float64Array.of(3, gap, 1, 3) },
    {
      name: "color",
      kind: "categorical",
      codes: Int32Array.of(1, 0, -1, 1),
      categories: ["blue", "red", "green"],
    },
    { name: "note", kind: "text", values: ["a, b", null, 'say "hi"', "a, b"] },
    { name: "none", kind: "numeric", values: Float64Array.of(gap, gap, gap, gap) },
  ],
  Int32Array.of(2, 3, 5, 6),
);
const names = ({ columns }: typeof houses) => columns.map(({ name }) => name);

test("describe counts what is missing and what differs", () => {
  expect(describe(houses)).toEqual([
    { name: "price", kind: "numeric", missing: 1, distinct: 2, min: 1, max: 3, mean: 7 / 3 },
    { name: "color", kind: "categorical", missing: 1, distinct: 2 },
    { name: "note", kind: "text", missing: 1, distinct: 2 },
    { name: "none", kind: "numeric", missing: 4, distinct: 0 },
  ]);
});

test("rows keep their values, their categories and their lines", () => {
  expect(selectRows(houses, [3, 1, 3])).toEqual(
    table(
      "houses.csv",
      [
        { name: "price", kind: "numeric", values: Float64Array.of(3, gap, 3) },
        {
          name: "color",
          kind: "categorical",
          codes: Int32Array.of(1, 0, 1),
          categories: ["blue", "red", "green"],
        },
        { name: "note", kind: "text", values: ["a, b", null, "a, b"] },
        { name: "none", kind: "numeric", values: Float64Array.of(gap, gap, gap) },
      ],
      Int32Array.of(6, 3, 6),
    ),
  );
  expect([...rowsWithValue(houses, "price")]).toEqual([0, 2, 3]);
  expect([...rowsWithValue(houses, "color")]).toEqual([0, 1, 3]);
  expect([...rowsWithValue(houses, "note")]).toEqual([0, 2, 3]);
});

test("columns are picked in the order asked for, and dropped", () => {
  expect(names(pickColumns(houses, ["note", "price"]))).toEqual(["note", "price"]);
  expect(names(dropColumns(houses, ["note", "none"]))).toEqual(["price", "color"]);
});

test("toCsv writes gaps as nothing, or as NA where nothing would be a blank line", () => {
  expect(toCsv(houses)).toBe(
    'price,color,note,none\n3,red,"a, b",\n,blue,,\n1,,"say ""hi""",\n3,red,"a, b",\n',
  );
  expect(toCsv(pickColumns(houses, ["price"]))).toBe("price\n3\nNA\n1\n3\n");
});

group("errors", () => {
  test("a column that is not there: the nearest names, or all", () => {
    expect(() => column(houses, "pirce")).toThrow(
      'houses.csv: there is no column "pirce"; did you mean "price"?',
    );
    expect(() => column(houses, "Colour")).toThrow('did you mean "color"?');
    expect(() => column(houses, "no_ne")).toThrow('did you mean "none" or "note"?');
    expect(() => dropColumns(houses, ["zzzzz"])).toThrow(
      'there are "price", "color", "note", "none"',
    );
    expect(suggestNames("x", [])).toBe("there are none");
    const many = Array.from({ length: 15 }, (_, i) => `column ${i}`);
    expect(suggestNames("zzzzz", many)).toMatch(/"column 11" and 3 more$/);
  });

  test("typing errors are counted as people make them", () => {
    const pairs = [
      ["price", "price"],
      ["pirce", "price"],
      ["prce", "price"],
      ["pryce", "price"],
      ["", "ab"],
      ["ab", "ba"],
      ["abc", "xyz"],
    ];
    expect(pairs.map(([from, to]) => typingErrors(from, to))).toEqual([0, 1, 1, 1, 2, 1, 3]);
  });

  test("tables that are none", () => {
    expect(() => selectRows(houses, [4])).toThrow(
      "houses.csv: there is no row 4: the table has 4 rows, from 0",
    );
    expect(() => selectRows(houses, [0.5])).toThrow("there is no row 0.5");
    const [price] = houses.columns;
    expect(() => table("t", [price, price])).toThrow(
      't, column "price": two columns have this name',
    );
    expect(() => table("t", [price, { name: "b", kind: "text", values: [] }])).toThrow(
      't, column "b": 0 values where the first column has 4',
    );
  });

  test("a message names what is known of the place, and shows long cells in part", () => {
    expect(new DataError("bad").message).toBe("bad");
    expect(new DataError("bad", { row: 3 }).message).toBe("row 3: bad");
    expect(new DataError("bad", { file: "a.csv", row: 3, column: 'x"y' }).message).toBe(
      'a.csv, row 3, column "x"y": bad',
    );
    expect(quote("x".repeat(61))).toBe(`"${"x".repeat(60)}..."`);
  });
});
