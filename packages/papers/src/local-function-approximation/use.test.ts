import { column, decodeImage, parseCsv, type Table } from "@etude/data";
import { array, exportOnnx, type NDArray, random, type Tensor } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { finish } from "../contract/events.ts";
import { useReportSchema } from "../contract/report.ts";
import type { UserInput } from "../contract/use.ts";
import { type UseOutcome, use } from "../run/use.ts";
import { testSurroundings } from "../testing.ts";
import { paper } from "./paper.ts";
import { stumps } from "./use/stumps.ts";

const explain = async (
  data: UserInput,
  model: Uint8Array,
  options: Record<string, unknown>,
): Promise<UseOutcome> => {
  const inputs: Record<string, UserInput> = {
    data,
    model: { kind: "model", file: "model.onnx", bytes: model },
  };
  return finish(use(paper, { seed: 3, options, inputs }, testSurroundings()));
};
const rowsOf = (table: Table): UserInput => ({ kind: "table", file: "rows.csv", table });

/** Columns of different size: the third is a thousand times the first. */
const rows = (extra = ""): Promise<Table> => {
  const draw = random.generator(5);
  const lines = Array.from({ length: 40 }, () => {
    const [a, b, c] = [draw.normal(), 5 + 2 * draw.normal(), 1000 * draw.normal()];
    return `${a.toFixed(4)},${b.toFixed(4)},${c.toFixed(1)},p`;
  });
  return parseCsv(`a,b,c (mm),name\n${lines.join("\n")}\n${extra}`, { name: "rows.csv" });
};
const deviation = (table: Table, name: string): number => {
  const found = column(table, name);
  if (found.kind !== "numeric") throw new Error(`${name} holds no numbers`);
  const mean = found.values.reduce((sum, value) => sum + value, 0) / found.values.length;
  return Math.sqrt(found.values.reduce((s, v) => s + (v - mean) ** 2, 0) / found.values.length);
};

const weights = [2, -1, 0.003];
const linear = (output = (y: Tensor): Tensor => y): Uint8Array =>
  exportOnnx((x: Tensor) => output(x.matmul(array(weights)).add(4)), [array([[0, 0, 0]])], {
    inputNames: ["x"],
    outputNames: ["y"],
    dynamicBatch: true,
  });

interface Explanations {
  readonly features: readonly string[];
  readonly rows: readonly {
    readonly row: string;
    readonly class: number;
    readonly score: number;
    readonly attributions: Readonly<Record<string, readonly number[]>>;
  }[];
  readonly recommendations: readonly { readonly perturbation: string; readonly choice: string }[];
}
const fileOf = ({ files }: UseOutcome, name: string): Uint8Array => {
  const found = files.find((file) => file.name === name);
  if (found === undefined)
    throw new Error(`no file ${name}; there are ${files.map((f) => f.name)}`);
  return found.bytes;
};
const textOf = (outcome: UseOutcome, name: string) =>
  new TextDecoder().decode(fileOf(outcome, name));
const explanationsOf = (outcome: UseOutcome) =>
  JSON.parse(textOf(outcome, "explanations.json")) as Explanations;

describe("a table", () => {
  it("a linear model in raw columns: w a deviation, or w (x - mean); every method passes", async () => {
    const table = await rows();
    const outcome = await explain(rowsOf(table), linear(), {
      rows: 3,
      samples: 300,
      kernelWidth: 2,
    });
    expect(useReportSchema.parse(JSON.parse(JSON.stringify(outcome.report))).kind).toBe("use");
    const { rows: explained, features, recommendations } = explanationsOf(outcome);
    expect(features).toEqual(["a", "b", "c (mm)"]);
    const a = column(table, "a");
    const mean = a.kind === "numeric" ? a.values.reduce((s, v) => s + v, 0) / 40 : Number.NaN;
    for (const [i, { attributions, row }] of explained.entries()) {
      expect(row).toBe(String(i + 2)); // the header is line 1
      expect(Object.keys(attributions)).toHaveLength(8);
      for (const name of ["Vanilla Gradients", "SmoothGrad", "C-LIME"])
        features.forEach((feature, j) => {
          const expected = weights[j] * deviation(table, feature);
          expect(attributions[name][j]).toBeCloseTo(expected, 2);
        });
      const first = a.kind === "numeric" ? 2 * (a.values[i] - mean) : Number.NaN;
      for (const name of ["LIME", "KernelSHAP", "Occlusion", "Integrated Gradients"])
        expect(attributions[name][0]).toBeCloseTo(first, 2);
    }
    const recovery = outcome.report.tables.find(({ id }) => id === "recovery");
    expect(recovery?.rows.map((row) => row[3])).toEqual(new Array(8).fill("yes"));
    expect(recommendations.map(({ perturbation }) => perturbation)).toEqual([
      "continuous",
      "removal",
      "scaling",
    ]);
    const csv = await parseCsv(textOf(outcome, "attributions.csv"), { name: "attributions" });
    expect(csv.rows).toBe(24);
    expect(textOf(outcome, "perturbation.csv").split("\n")).toHaveLength(1 + 4 * 8 * 3 + 1);
  });

  it("classes: the predicted one of each row, or the one asked for; columns by their names", async () => {
    const model = exportOnnx(
      (b: Tensor, a: Tensor) => {
        const score = a.mul(3).sub(b.sub(5));
        return score.expandDims(1).matmul(array([[1, 0, -1]]));
      },
      [array([0, 0]), array([0, 0])],
      { inputNames: ["b", "a"], outputNames: ["logits"], dynamicBatch: true },
    );
    const options = { exclude: ["c (mm)"], scores: "softmax", samples: 100, rows: 4 };
    const predicted = explanationsOf(await explain(rowsOf(await rows()), model, options));
    for (const { class: chosen, score } of predicted.rows) {
      expect([0, 2]).toContain(chosen);
      expect(score).toBeGreaterThan(1 / 3);
    }
    const asked = explanationsOf(
      await explain(rowsOf(await rows()), model, { ...options, target: 0 }),
    );
    for (const { class: chosen, attributions } of asked.rows) {
      expect(chosen).toBe(0);
      // The score of class 0 rises with a and falls with b, wherever it is not saturated.
      expect(attributions["Vanilla Gradients"][0]).toBeGreaterThanOrEqual(0);
      expect(attributions["Vanilla Gradients"][1]).toBeLessThanOrEqual(0);
    }
  });

  it("trees, which have no gradient, by the four methods that need none", async () => {
    const table = await rows();
    const outcome = await explain(rowsOf(table), stumps, {
      columns: ["a", "b"],
      baseline: "zero",
      rows: 2,
      samples: 400,
      kernelWidth: 4,
      perturbation: "scaling",
    });
    const { rows: explained } = explanationsOf(outcome);
    const a = column(table, "a");
    for (const [i, { attributions }] of explained.entries()) {
      expect(Object.keys(attributions)).toEqual(["LIME", "KernelSHAP", "Occlusion", "C-LIME"]);
      // A sum of functions of one column each: Shapley values and Occlusion are their differences from
      // the value at 0, where x1 <= 0.5 and x2 > -0.25.
      const jump = a.kind === "numeric" && a.values[i] > 0.5 ? 2 : 0;
      expect(attributions.Occlusion).toEqual([jump, 0]);
      expect(attributions.KernelSHAP[0]).toBeCloseTo(jump, 3);
      expect(attributions.KernelSHAP[1]).toBeCloseTo(0, 3);
    }
    expect(outcome.report.findings.join(" ")).toMatch(/TreeEnsemble.*only LIME/);
    expect(outcome.report.findings.join(" ")).toContain("scaling of all inputs only methods");
  });
});

describe("images", () => {
  it("patches add up to the score above black; pictures show them", async () => {
    const draw = random.generator(8);
    const images: NDArray = array(
      Float32Array.from({ length: 2 * 64 }, () => draw.uniform()),
      { shape: [2, 1, 8, 8] },
    );
    const kernel = array(
      Float32Array.from({ length: 9 }, () => draw.normal()),
      { shape: [1, 1, 3, 3] },
    );
    const model = exportOnnx(
      (x: Tensor) => x.conv(kernel, { padding: 1 }).tanh().mean([1, 2, 3]),
      [images],
      { inputNames: ["pixels"], outputNames: ["score"], dynamicBatch: true },
    );
    const outcome = await explain({ kind: "arrays", file: "x.npz", arrays: { x: images } }, model, {
      patch: 4,
      samples: 200,
    });
    const { rows: explained, features } = explanationsOf(outcome);
    expect(features).toEqual([
      "row 1 column 1",
      "row 1 column 2",
      "row 2 column 1",
      "row 2 column 2",
    ]);
    for (const { attributions, score } of explained)
      for (const name of ["KernelSHAP", "Integrated Gradients"])
        expect(attributions[name].reduce((sum, w) => sum + w)).toBeCloseTo(score, 3);
    const sheet = decodeImage(fileOf(outcome, "attributions.png"));
    expect([sheet.width, sheet.height]).toEqual([9 * 66 - 2, 2 * 66 - 2].map((n) => n - 0));
    expect(decodeImage(fileOf(outcome, "pixels.png")).width).toBe(5 * 66 - 2);
    expect(outcome.report.pictures).toHaveLength(2);
  });
});

describe("refusals", () => {
  it("say where and what, in one line", async () => {
    const table = await rows();
    const gap = rowsOf(await rows("1,,3,q\n"));
    const cases: [Uint8Array, Record<string, unknown>, string][] = [
      [linear(), { target: 1 }, "--target 1: the model has one score"],
      [linear(), { exclude: ["a"] }, "the input x is"],
      [linear(), { columns: ["a", "b", "name"] }, 'column "name": explanations need numbers'],
      [linear(), { exclude: ["d"] }, 'no column "d"'],
      [linear(), { output: "z" }, "--output z"],
      [linear((y) => y.mul(0).div(y.mul(0))), {}, "gives NaN for row 2"],
      [linear(), { samples: 4 }, "kernelShap: 4 samples"],
      [linear(), { sigma: 0 }, "sigma"],
      [Uint8Array.of(1, 2, 3), {}, "model.onnx: not a model"],
      [linear(), { rows: 41 }, 'row 42, column "b": the value is missing'],
    ];
    for (const [model, options, message] of cases) {
      const data = options.rows === 41 ? gap : rowsOf(table);
      await expect(explain(data, model, { samples: 60, rows: 2, ...options })).rejects.toThrow(
        message,
      );
    }
  });
});
