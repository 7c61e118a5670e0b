import { exportOnnx, importOnnx, jit, type NDArray, type Tensor } from "@etude/tensor";
import fc from "fast-check";
import { expect, describe as group, test } from "vitest";
import { parseCsv } from "./csv.ts";
import { encode, encodeTensor, type TabularInputs, tabularInputs } from "./encode.ts";
import { type Column, selectRows, type Table, table } from "./table.ts";
import { columnTypes, fitEncoder, type TabularEncoder } from "./tabular.ts";

const read = (text: string) => parseCsv(text, { name: "houses.csv" });
const rowsOf = ({ shape, data }: NDArray) =>
  Array.from({ length: shape[0] }, (_, row) => [
    ...data.slice(row * shape[1], (row + 1) * shape[1]),
  ]);

const training = await read(
  `size,rooms,color,heat,note,price
100,2,red,gas,nice house,10.5
140,2,blue,,by the sea,12
,2,red,gas,quiet,9
180,2,blue,oil,no garden,20
`,
);

group("fitEncoder", () => {
  const encoder = fitEncoder(training, { target: "price" });

  test("learns means, spreads and categories, and says what it leaves out", () => {
    expect(encoder).toEqual({
      numeric: [
        { name: "size", mean: 140, scale: Math.sqrt(3200 / 3), fill: 140, indicator: true },
        { name: "rooms", mean: 2, scale: 1, fill: 2, indicator: false },
      ],
      categorical: [
        { name: "color", categories: ["blue", "red"], missing: false },
        { name: "heat", categories: ["gas", "oil"], missing: true },
      ],
      inputNames: [
        "size",
        "rooms",
        "size is missing",
        "color = blue",
        "color = red",
        "heat = gas",
        "heat = oil",
        "heat is missing",
      ],
      warnings: ['column "note" is left out: it holds text, 4 different ones in 4 rows'],
    });
    expect(JSON.parse(JSON.stringify(encoder))).toEqual(encoder);
  });

  test("what it learns is of the rows given only: other rows change nothing", () => {
    const part = [0, 1, 2];
    const changed = table(
      "changed",
      training.columns.map(
        (column): Column =>
          column.kind === "numeric"
            ? { ...column, values: column.values.map((value, i) => (i === 3 ? 1e6 : value)) }
            : column,
      ),
    );
    const options = { target: "price" };
    const learnt = fitEncoder(selectRows(changed, part), options);
    expect(learnt).toEqual(fitEncoder(selectRows(training, part), options));
    // "oil" is a category of the table, but of no row of the part.
    expect(learnt.categorical[1].categories).toEqual(["gas"]);
  });

  test("encoded training columns have mean 0 and deviation 1", () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
      minLength: 3,
      maxLength: 40,
    });
    fc.assert(
      fc.property(values, (numbers) => {
        fc.pre(Math.max(...numbers) - Math.min(...numbers) > 1);
        const one = table("t", [
          { name: "x", kind: "numeric", values: Float64Array.from(numbers) },
        ]);
        const data = [...encode(fitEncoder(one), one).inputs.data];
        const mean = data.reduce((sum, x) => sum + x, 0) / data.length;
        const square = data.reduce((sum, x) => sum + x * x, 0) / data.length;
        // Where the values lie close together around a large mean, float32 holds fewer of their digits.
        const spread = Math.max(...numbers) - Math.min(...numbers);
        const rounding = 1e-6 * (1 + Math.max(...numbers.map(Math.abs)) / (spread / 2));
        expect(Math.abs(mean)).toBeLessThan(20 * rounding);
        expect(Math.abs(square - 1)).toBeLessThan(100 * rounding);
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  test("equal values encode as 0, whatever rounding does to their mean", () => {
    const values = new Float64Array(1000).fill(0.1);
    const one = table("t", [{ name: "x", kind: "numeric", values }]);
    expect(new Set(encode(fitEncoder(one), one).inputs.data)).toEqual(new Set([0]));
  });

  test("options", () => {
    const few = fitEncoder(training, {
      exclude: ["note", "price", "color"],
      missingIndicators: false,
      mostCategories: 1,
    });
    expect(few.inputNames).toEqual(["size", "rooms"]);
    expect(few.warnings).toEqual([
      'column "heat" is left out: it has 2 categories, more than 1 (mostCategories)',
    ]);
    expect(columnTypes(encoder)).toEqual({
      size: "numeric",
      rooms: "numeric",
      color: "categorical",
      heat: "categorical",
    });
  });

  test("errors", async () => {
    expect(() => fitEncoder(training, { target: "prize" })).toThrow(
      'houses.csv: there is no column "prize"; did you mean "price"?',
    );
    expect(() => fitEncoder(training, { exclude: ["kolor"] })).toThrow(
      'there is no column "kolor"; did you mean "color"?',
    );
    expect(() => fitEncoder(training, { strict: true })).toThrow(
      'houses.csv, column "note": it holds text, 4 different ones in 4 rows; name it in exclude',
    );
    expect(() => fitEncoder(selectRows(training, []))).toThrow(
      "houses.csv: there is no row to learn from",
    );
    const infinite = await read("a,b\n1,2\n3,inf\n");
    expect(() => fitEncoder(infinite)).toThrow(
      'houses.csv, row 3, column "b": the value is infinite; correct it, or leave the cell empty',
    );
    const huge = await read("a\n1\n\n1e300\n");
    expect(() => fitEncoder(huge)).toThrow(
      'houses.csv, row 4, column "a": 1e+300 is too large for float32',
    );
    const empty = await read("a,b\n,x\n,y\n");
    expect(() => fitEncoder(empty)).toThrow(
      'houses.csv: no column is left to learn from; column "a" is left out: it has no value; column "b" is left out: it holds text, 2 different ones in 2 rows',
    );
  });
});

group("encode", () => {
  const encoder = fitEncoder(training, { target: "price" });
  const unit = (x: number) => Math.fround(Math.fround(x - 140) / Math.fround(Math.sqrt(3200 / 3)));

  test("missing numbers are the mean, unseen categories zeros, missing ones a column if training had them", async () => {
    const fresh = await read("heat,color,extra,rooms,size\n,green,1,3,\noil,,2,,180\n");
    const { inputs, inputNames } = encode(encoder, fresh);
    expect(inputNames).toEqual(encoder.inputNames);
    expect(rowsOf(inputs)).toEqual([
      [0, 1, 1, 0, 0, 0, 0, 1],
      [unit(180), 0, 0, 0, 0, 0, 1, 0],
    ]);
  });

  test("a column is what it was in training, whatever its kind looks like in a short table", async () => {
    const zips = fitEncoder(
      await parseCsv("zip,n\n1,1\n2,2\nx,3\nx,4\n", {
        types: { zip: "categorical", n: "numeric" },
      }),
    );
    const numbersOnly = await read("zip,n\n2,1\n1,1\n"); // zip looks numeric here
    expect(rowsOf(encode(zips, numbersOnly).inputs).map((row) => row.slice(1))).toEqual([
      [0, 1, 0],
      [1, 0, 0],
    ]);
    const spelled: Table = table("t", [
      { name: "zip", kind: "text", values: ["x"] },
      { name: "n", kind: "text", values: [" 2.5 "] },
    ]);
    expect(rowsOf(encode(zips, spelled).inputs)).toEqual([[0, 0, 0, 1]]);
  });

  test("errors", async () => {
    const broken = await read("size,rooms,color,heat\n100,2,red,gas\nlarge,2,red,gas\n");
    expect(() => encode(encoder, broken)).toThrow(
      'houses.csv, row 3, column "size": "large" is not a number, as the column held in training; correct it, or leave the cell empty if the value is missing',
    );
    expect(() => encode(encoder, selectRows(broken, [1]))).toThrow("row 3"); // the line, not the place
    const lacking = await read("sise,rooms,color,heat\n100,2,red,gas\n");
    expect(() => encode(encoder, lacking)).toThrow(
      'houses.csv: there is no column "size"; did you mean "sise"?',
    );
    const infinite = await read("size,rooms,color,heat\n-inf,2,red,gas\n");
    expect(() => encode(encoder, infinite)).toThrow(
      'houses.csv, row 2, column "size": the value is infinite',
    );
  });
});

group("encodeTensor", () => {
  const numeric = (name: string, values: number[]): Column => ({
    name,
    kind: "numeric",
    values: Float64Array.from(values),
  });
  const categorical = (name: string, codes: number[]): Column => ({
    name,
    kind: "categorical",
    codes: Int32Array.from(codes),
    categories: ["a", "b", "c", "d"],
  });
  const wave = (n: number, scale: number, shift: number) =>
    Array.from({ length: n }, (_, i) => shift + scale * Math.sin(i * i));
  const holes = (values: number[]) => values.map((value, i) => (i % 5 === 2 ? Number.NaN : value));
  const n = 23;
  const numbers = [
    numeric("x", holes(wave(n, 1e-3, 0))),
    numeric("y", wave(n, 7, 1e5)),
    numeric("z", new Array(n).fill(3)),
  ];
  const labels = [
    categorical(
      "k",
      Array.from({ length: n }, (_, i) => i % 3),
    ),
    categorical(
      "m",
      Array.from({ length: n }, (_, i) => (i % 4) - 1),
    ),
  ];
  // Rows the encoder has not seen: new categories, gaps where there were none.
  const more = table("more", [
    numeric("x", [1, Number.NaN]),
    numeric("y", [Number.NaN, -1e7]),
    numeric("z", [4, 3]),
    categorical("k", [3, -1]),
    categorical("m", [2, 3]),
  ]);

  const cases: Record<string, Column[]> = { both: [...numbers, ...labels], numbers, labels };
  test.each(Object.keys(cases))(
    "%s: equal to encode bit by bit, also from an ONNX file at any number of rows",
    async (name) => {
      const seen = table("seen", cases[name]);
      const encoder: TabularEncoder = JSON.parse(JSON.stringify(fitEncoder(seen)));
      const f = (inputs: TabularInputs<Tensor>) => encodeTensor(encoder, inputs);
      const bytes = exportOnnx(f, [tabularInputs(encoder, seen)], {
        inputNames: ["columns"],
        outputNames: ["encoded"],
        dynamicBatch: true,
      });
      const model = importOnnx(bytes);
      for (const part of [seen, more]) {
        const inputs = tabularInputs(encoder, part);
        const expected = encode(encoder, part).inputs;
        expect(expected.shape).toEqual([part.rows, encoder.inputNames.length]);
        const direct = await jit(f)(inputs);
        expect(direct).toEqual(expected);
        const named = Object.fromEntries(
          Object.entries(inputs).map(([key, value]) => [`columns.${key}`, value]),
        );
        const again = await jit((given: Record<string, Tensor>) => model(given).encoded)(named);
        expect(again).toEqual(expected);
      }
    },
  );

  test("columns that do not fit are refused", () => {
    const encoder = fitEncoder(table("t", labels));
    const seen = tabularInputs(fitEncoder(table("t", numbers)), table("t", numbers));
    expect(() =>
      exportOnnx((x: TabularInputs<Tensor>) => encodeTensor(encoder, x), [seen]),
    ).toThrow("encodeTensor: the categories are not given");
  });
});
