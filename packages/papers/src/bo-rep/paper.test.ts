import { parseCsv, parseNpz, type Table } from "@etude/data";
import { auroc } from "@etude/learn";
import { array, loadOnnx, random } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { finish } from "../contract/events.ts";
import { reproducible, useReportSchema } from "../contract/report.ts";
import type { UserInput } from "../contract/use.ts";
import { memoryStore } from "../run/steps.ts";
import { use } from "../run/use.ts";
import { planVerify, verify } from "../run/verify.ts";
import { testSurroundings, verified } from "../testing.ts";
import { paper } from "./paper.ts";

describe("verify", () => {
  it("runs at smoke scale, twice with the same report, also after it was stopped", async () => {
    const report = await verified(paper, "smoke");
    for (const { samples } of report.claims) expect(samples.every(Number.isFinite)).toBe(true);

    const [store, stop] = [memoryStore(), new AbortController()];
    const plan = planVerify(paper.experiment, { preset: "smoke" });
    const surroundings = testSurroundings({ store });
    const interrupted = verify(paper, plan, { ...surroundings, signal: stop.signal });
    await expect(
      (async () => {
        // In the middle of a training, after its first checkpoint.
        for await (const event of interrupted)
          if (event.type === "metric" && event.name.includes("BO-REP")) stop.abort();
      })(),
    ).rejects.toThrow();
    const resumed = await finish(verify(paper, plan, surroundings));
    const plain = (of: typeof report) => JSON.parse(JSON.stringify(reproducible(of)));
    expect(plain(resumed)).toEqual(plain(report));
  });
});

const small = { target: "kind", calls: 500, baselines: ["SOBA"], batchSize: 32 };

async function run(options: Record<string, unknown>, data: UserInput | Table) {
  const input: UserInput = "kind" in data ? data : { kind: "table", file: data.name, table: data };
  return finish(use(paper, { seed: 0, options, inputs: { data: input } }, testSurroundings()));
}
type Outcome = Awaited<ReturnType<typeof run>>;

const fileOf = ({ files }: Outcome, name: string): Uint8Array => {
  const found = files.find((file) => file.name === name);
  if (found === undefined) throw new Error(`no file ${name}`);
  return found.bytes;
};
const rowsOf = (outcome: Outcome, name: string): string[][] =>
  new TextDecoder()
    .decode(fileOf(outcome, name))
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
const cell = ({ report }: Outcome, row: string, at: number): number =>
  Number(
    report.tables.find(({ id }) => id === "comparison")?.rows.find(([name]) => name === row)?.[at],
  );

/** Points of the plane, their class by a rule, and marks of those that may be trusted. */
function points(rule: (a: number, b: number) => boolean, wrong = 0, rows = 240): Promise<Table> {
  const draw = random.generator(5);
  const lines = Array.from({ length: rows }, (_, i) => {
    const [a, b, c] = [draw.normal(), draw.normal(), draw.normal()];
    const isTrusted = i % 3 === 0;
    const isWrong = !isTrusted && draw.uniform() < wrong;
    const kind = rule(a, b) !== isWrong ? "in" : "out";
    return [a, b, c, isTrusted ? "yes" : "no", isWrong ? 1 : 0, kind].join(",");
  });
  return parseCsv(["a,b,c,checked,wrong,kind", ...lines].join("\n"), { name: "points.csv" });
}

describe("use", () => {
  it("finds the labels that were made wrong", async () => {
    const table = await points((a, b) => a + b > 0, 0.3);
    const options = { ...small, task: "cleaning", trusted: "checked", exclude: ["wrong"] };
    const outcome = await run({ ...options, calls: 1500 }, table);
    expect(useReportSchema.parse(JSON.parse(JSON.stringify(outcome.report))).kind).toBe("use");
    const wrong = table.columns.find(({ name }) => name === "wrong");
    if (wrong?.kind !== "numeric") throw new Error("wrong holds no numbers");
    const weights = rowsOf(outcome, "weights.csv");
    expect(weights.length).toBe(160);
    const isRight = weights.map(([row]) => 1 - wrong.values[Number(row) - 2]);
    const scores = weights.map(([, , weight]) => Number(weight));
    expect(auroc(scores, isRight)).toBeGreaterThan(0.9);
    expect(cell(outcome, "BO-REP", 5)).toBeGreaterThan(0.9);
  });

  it("penalises the inputs that are of no use, and the file says what the report says", async () => {
    const table = await points((a) => a > 0.2);
    const options = { ...small, task: "hyperparameters", exclude: ["wrong", "checked"] };
    const outcome = await run({ ...options, calls: 1500 }, table);
    const penalties = Object.fromEntries(rowsOf(outcome, "penalties.csv"));
    expect(Number(penalties.a)).toBeLessThan(Number(penalties.b) / 2);
    expect(Number(penalties.a)).toBeLessThan(Number(penalties.c) / 2);

    const model = await loadOnnx(fileOf(outcome, "model.onnx"));
    expect(model.inputs).toEqual(["a", "b", "c"]);
    const said = rowsOf(outcome, "predictions.csv");
    const values = (name: string) => {
      const found = table.columns.find((column) => column.name === name);
      if (found?.kind !== "numeric") throw new Error(`${name} holds no numbers`);
      return array(Float32Array.from(said, ([row]) => found.values[Number(row) - 2]));
    };
    const { prediction, probabilities } = await model.run({
      a: values("a"),
      b: values("b"),
      c: values("c"),
    });
    said.forEach(([, , kind, first], i) => {
      expect(["in", "out"][prediction.data[i]]).toBe(kind);
      expect(probabilities.data[2 * i]).toBeCloseTo(Number(first), 5);
    });
    await model.release();
  });

  it("learns an encoder where no linear model could do", async () => {
    const table = await points((a, b) => a * b > 0);
    const options = {
      ...small,
      exclude: ["wrong", "checked", "c"],
      refine: "epoch",
      keep: "BO-REP",
    };
    const outcome = await run({ ...options, calls: 2000, ridge: 1e-3, ablations: true }, table);
    expect(cell(outcome, "BO-REP", 5)).toBeGreaterThan(0.8);
    expect(cell(outcome, "BO-REP", 4)).toBeLessThan(cell(outcome, "without the upper level", 4));
    expect(cell(outcome, "BO-REP, no refinement", 3)).toBeLessThanOrEqual(2000);
    const { features, labels } = parseNpz(fileOf(outcome, "representation.npz"));
    expect([features.shape, labels.shape]).toEqual([[240, 32], [240]]);
  });

  it("reads texts with a recurrent encoder, and exports it", async () => {
    const draw = random.generator(9);
    const fillers = ["the", "film", "was", "it", "and", "so"];
    const lines = Array.from({ length: 120 }, (_, i) => {
      const words = Array.from({ length: 5 }, () => fillers[draw.integer(fillers.length)]);
      words[draw.integer(5)] = i % 2 === 0 ? "good" : "bad";
      return `${words.join(" ")}\t${i % 2 === 0 ? "up" : "down"}`;
    });
    const file: UserInput = { kind: "text", file: "lines.txt", text: lines.join("\n") };
    const { target: _, ...options } = small;
    const words = { ...options, length: 6, units: 8, width: 8, calls: 600, baselines: [] };
    const outcome = await run({ ...words, stepSizes: [0.03, 0.1] }, file);
    expect(cell(outcome, "BO-REP", 5)).toBeGreaterThan(0.9);
    const model = await loadOnnx(fileOf(outcome, "model.onnx"));
    const record = JSON.parse(model.metadata["etude.words"]);
    const symbol = (word: string) => record.words.indexOf(word) + 2;
    const { prediction, representation } = await model.run({
      words: array(
        [
          [symbol("good"), symbol("film"), 0, 0, 0, 0],
          [symbol("it"), symbol("was"), symbol("bad"), 0, 0, 0],
        ],
        { dtype: "int32" },
      ),
    });
    const { classes } = JSON.parse(model.metadata["etude.bo-rep"]);
    expect(Array.from(prediction.data, (k) => classes[Number(k)])).toEqual(["up", "down"]);
    expect(representation.shape).toEqual([2, 8]);
    await model.release();

    const cleaned = await run(
      { ...words, task: "cleaning", classifier: "recurrent", calls: 220 },
      file,
    );
    expect(rowsOf(cleaned, "weights.csv").length).toBe(58);
    const penalised = await run({ ...words, task: "hyperparameters", penalties: "one" }, file);
    expect(cell(penalised, "BO-REP", 5)).toBeGreaterThan(0.9);
  });

  it("says what is wrong", async () => {
    const table = await points((a) => a > 0);
    const refused = (options: Record<string, unknown>, data: UserInput | Table = table) =>
      expect(run(options, data));
    await refused({}).rejects.toThrow("--target is missing");
    await refused({ target: "kid" }).rejects.toThrow('did you mean "kind"?');
    await refused({ target: "a" }).rejects.toThrow("holds amounts");
    await refused({ ...small, trusted: "checked" }).rejects.toThrow("is for --task cleaning");
    await refused({ ...small, text: "review" }).rejects.toThrow('there is no column "review"');
    await refused({ ...small, task: "cleaning", classifier: "recurrent" }).rejects.toThrow(
      "reads texts",
    );
    await refused({ ...small, task: "cleaning", trusted: "wrong" }).rejects.toThrow(
      "0 rows for --trusted wrong",
    );
    await refused({ ...small, momentum: 1 }).rejects.toThrow('option "momentum"');
    await refused({}, { kind: "text", file: "t.txt", text: "no label here" }).rejects.toThrow(
      "t.txt, row 1: expected a text, a tab and a label",
    );
    await refused({ ...small }, await points((a) => a > 0, 0, 20)).rejects.toThrow(
      "6 rows for the upper level; 10 at least are needed",
    );
  });
});
