import { arrayDataset, loadTable, parseCsv, parseNpz, table as tableOf, toCsv } from "@etude/data";
import { array, NDArray, random, setThreads } from "@etude/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../contract/errors.ts";
import { finish } from "../contract/events.ts";
import { reproducible } from "../contract/report.ts";
import type { UserInput } from "../contract/use.ts";
import { type UseOutcome, use } from "../run/use.ts";
import { planVerify } from "../run/verify.ts";
import { testSurroundings, verified } from "../testing.ts";
import { redrawLabels } from "./labelNoise.ts";
import { paper } from "./paper.ts";
import { tarArchive } from "./tar.ts";
import { shrunk } from "./useData.ts";

// Two threads of small work wait for each other where other test files run beside this one.
setThreads(1);

const used = (input: UserInput, options: Record<string, unknown> = {}): Promise<UseOutcome> =>
  finish(use(paper, { seed: 0, options, inputs: { data: input } }, testSurroundings()));

const textOf = ({ files }: UseOutcome, name: string): string =>
  new TextDecoder().decode(files.find((file) => file.name === name)?.bytes);
const linesOf = (outcome: UseOutcome, name: string): string[][] =>
  textOf(outcome, name)
    .trim()
    .split("\n")
    .map((line) => line.split(","));

describe("verify", () => {
  it("runs the whole path at smoke scale, twice with the same report", async () => {
    const report = await verified(paper, "smoke");
    const again = await verified(paper, "smoke");
    expect(reproducible(again)).toEqual(reproducible(report));
    expect(report.claims.length).toBe(14);
    expect(report.claims.every(({ mean }) => Number.isFinite(mean))).toBe(true);
  });

  it("refuses options that contradict each other", () => {
    const plan = (set: Record<string, unknown>) => () =>
      planVerify(paper.experiment, { preset: "smoke", set });
    expect(plan({ noiseExamples: 601 })).toThrow(/"noiseExamples": must not be above the 600/);
    expect(plan({ drops: [5, 10] })).toThrow(/0 must be among them/);
    expect(plan({ drops: [0, 70] })).toThrow(/do not fit into 100 %/);
    expect(plan({ parentSteps: [5, 10] })).toThrow(UsageError);
    expect(plan({ groupSize: 500 })).toThrow(/"groupSize"/);
  });
});

describe("use on a table with planted label errors", () => {
  let outcome: UseOutcome;
  let changed: Uint8Array;

  beforeAll(async () => {
    const tissue = await loadTable("breast-cancer-diagnostic");
    const target = tissue.columns[tissue.columns.length - 1];
    if (target.kind !== "categorical") throw new Error("the target is a category");
    const noisy = redrawLabels(target.codes, target.categories.length, 0.1, 1);
    changed = noisy.changed;
    const columns = [...tissue.columns.slice(0, -1), { ...target, codes: noisy.labels }];
    const input = await parseCsv(toCsv(tableOf("tissue.csv", columns)), { name: "tissue.csv" });
    outcome = await used(
      { kind: "table", file: "tissue.csv", table: input },
      { runs: 3, check: 2, trainingEpochs: 8 },
    );
  });

  it("lists them first", () => {
    const listed = linesOf(outcome, "label-errors.csv").slice(1);
    const rows = listed.map(([, row]) => Number(row) - 2); // A header, and lines count from 1.
    const hits = rows.filter((row) => changed[row] === 1).length;
    const planted = changed.reduce((sum, each) => sum + each, 0);
    expect(hits / rows.length).toBeGreaterThan(0.8);
    expect(hits / planted).toBeGreaterThan(0.5);
    for (const [, , label, suggested] of listed) expect(label).not.toBe(suggested);
  });

  it("scores every row and leaves the listed ones out of the copy", () => {
    const [header, ...scores] = linesOf(outcome, "scores.csv");
    expect(header.slice(0, 5)).toEqual(["row", "label", "el2n", "grand", "forgetting"]);
    expect(scores.length).toBe(569);
    const kept = scores.filter((cells) => cells[header.length - 1] === "kept");
    expect(kept.length).toBe(285);
    const [prunedHeader, ...pruned] = linesOf(outcome, "pruned.csv");
    expect(pruned.length).toBe(285);
    expect(prunedHeader.length).toBe(31);
    const listed = new Set(
      linesOf(outcome, "label-errors.csv")
        .slice(1)
        .map(([, row]) => row),
    );
    for (const [row] of kept) expect(listed.has(row)).toBe(false);
    // The kept rows have the highest scores below those left out.
    const easiestKept = Math.min(...kept.map((cells) => Number(cells[2])));
    const easy = scores.filter((cells) => cells[header.length - 1] === "too easy");
    for (const cells of easy) expect(Number(cells[2])).toBeLessThanOrEqual(easiestKept);
  });

  it("reports both ends and what pruning costs", () => {
    const { tables, findings } = outcome.report;
    expect(tables.map(({ id }) => id)).toEqual([
      "errors",
      "hardest",
      "easiest",
      "classes",
      "check",
    ]);
    const check = tables.find(({ id }) => id === "check");
    for (const [, accuracy] of check?.rows ?? []) expect(Number(accuracy)).toBeGreaterThan(60);
    expect(findings[0]).toMatch(/^285 of 569 rows are kept/);
  });
});

describe("use on pictures and arrays", () => {
  /** Bright on the left or on the right, 6 x 6. */
  function pictures(rows: number, channels: number) {
    const draw = random.generator(2);
    const labels = Int32Array.from({ length: rows }, (_, i) => Number(i >= rows / 2));
    const values = Float32Array.from({ length: rows * channels * 36 }, (_, i) => {
      const image = Math.floor(i / (36 * channels));
      const isRight = i % 6 >= 3;
      return 0.5 * draw.uniform() + (isRight === (labels[image] === 1) ? 0.5 : 0);
    });
    return { inputs: new NDArray(values, [rows, channels, 6, 6], "float32"), labels };
  }
  const few = { runs: 2, epochs: 3, trainingEpochs: 3, check: 1, hidden: [8] };

  it("of a folder gives an archive of the folders with what is kept, and sheets of both ends", async () => {
    const { inputs, labels } = pictures(60, 3);
    const dataset = arrayDataset({
      name: "sides",
      inputs,
      targets: array(labels),
      classes: ["left", "right"],
    });
    const outcome = await used(
      { kind: "images", file: "sides", dataset },
      { ...few, keep: 0.3, check: 0, runs: 1, trainingEpochs: 1, epochs: 1 },
    );
    expect(outcome.files.map(({ name }) => name)).toEqual([
      "scores.csv",
      "label-errors.csv",
      "kept.csv",
      "pruned.tar",
    ]);
    const kept = linesOf(outcome, "kept.csv").slice(1);
    expect(kept.length).toBe(18);
    const archive = textOf(outcome, "pruned.tar");
    for (const [folder, number] of kept) {
      expect(["left", "right"]).toContain(folder);
      expect(Number(number)).toBeLessThanOrEqual(30);
      expect(archive).toContain(`${number.padStart(5, "0")}.png`);
    }
    expect(outcome.report.pictures.map(({ id }) => id)).toContain("hardest");
    expect(outcome.report.findings.some((line) => line.includes("residual"))).toBe(true);
  });

  it("of arrays gives all arrays with the rows that are kept", async () => {
    const { inputs, labels } = pictures(60, 1);
    const arrays = {
      x: inputs.reshape([60, 6, 6]),
      y: array(Int32Array.from(labels, (label) => 10 * label)),
      id: array(Int32Array.from({ length: 60 }, (_, i) => i)),
      note: array([1, 2]),
    };
    const options = { ...few, check: 0, score: "forgetting", keep: 0.5, drop: 0.1 };
    const outcome = await used({ kind: "arrays", file: "sides.npz", arrays }, options);
    const pruned = parseNpz(outcome.files[2].bytes);
    expect(pruned.x.shape).toEqual([30, 6, 6]);
    expect(pruned.note.shape).toEqual([2]);
    const rows = linesOf(outcome, "scores.csv")
      .slice(1)
      .filter((cells) => cells.at(-1) === "kept");
    expect([...pruned.id.data].map(String)).toEqual(rows.map(([example]) => example));
    pruned.id.data.forEach((id, i) => {
      expect(pruned.y.data[i]).toBe(10 * labels[Number(id)]);
    });
    const above = linesOf(outcome, "scores.csv").filter(
      (cells) => cells.at(-1) === "left out above",
    );
    expect(above.length).toBe(6);
  });

  it("scores large images at a smaller size, by the means of blocks", () => {
    const image = array(
      Array.from({ length: 15 }, (_, i) => i),
      { shape: [1, 1, 3, 5] },
    );
    const small = shrunk(image, 3);
    expect(small.shape).toEqual([1, 1, 2, 3]);
    expect([...small.data]).toEqual([3, 5, 6.5, 10.5, 12.5, 14]);
    expect(shrunk(image, 5)).toBe(image);
  });
});

describe("use refuses", () => {
  const tableFrom = async (csv: string): Promise<UserInput> => ({
    kind: "table",
    file: "small.csv",
    table: await parseCsv(csv, { name: "small.csv" }),
  });
  const lines = (rows: number, of: (i: number) => string) =>
    `a,b\n${Array.from({ length: rows }, (_, i) => of(i)).join("\n")}\n`;

  it("amounts, a missing column, a missing label, one class, few rows, shares above all", async () => {
    const amounts = await tableFrom(lines(30, (i) => `${i},${i / 7}`));
    await expect(used(amounts)).rejects.toThrow(/small.csv, column "b": the labels are amounts/);
    await expect(used(amounts, { target: "c" })).rejects.toThrow(/there is no column "c"/);
    const hole = await tableFrom(lines(30, (i) => `${i},${i === 4 ? "" : i % 2 ? "u" : "v"}`));
    await expect(used(hole)).rejects.toThrow(/row 6.*the target is missing/);
    await expect(used(await tableFrom(lines(30, (i) => `${i},u`)))).rejects.toThrow(
      /all values are "u"/,
    );
    const few = await tableFrom(lines(10, (i) => `${i},${i % 2 ? "u" : "v"}`));
    await expect(used(few)).rejects.toThrow(/10 examples; scores need 20 at least/);
    await expect(used(few, { keep: 0.8, drop: 0.3 })).rejects.toThrow(/more than all examples/);
    await expect(used(few, { keep: 0 })).rejects.toThrow(UsageError);
  });

  it("arrays without labels, with other lengths, or not finite", async () => {
    const arrays = (parts: Record<string, NDArray>): UserInput => ({
      kind: "arrays",
      file: "a.npz",
      arrays: parts,
    });
    const x = array(new Float32Array(60), { shape: [30, 2] });
    const y = array(Int32Array.from({ length: 30 }, (_, i) => i % 2));
    await expect(used(arrays({ x }))).rejects.toThrow(/no array of labels/);
    await expect(used(arrays({ x: x.reshape([15, 4]), y }))).rejects.toThrow(/got \[15, 4\]/);
    const hole = array(Float32Array.from(x.data).fill(Number.NaN, 13, 14), { shape: [30, 2] });
    await expect(used(arrays({ x: hole, y }))).rejects.toThrow(/example 6, from 0, hold NaN/);
    const halves = array(Float32Array.from({ length: 30 }, (_, i) => i / 2));
    await expect(used(arrays({ x, y: halves }))).rejects.toThrow(/example 1, from 0, is 0.5/);
  });
});

it("an archive has a header with a valid checksum before every file, in blocks of 512 bytes", () => {
  const bytes = new TextEncoder().encode("abc");
  const archive = tarArchive([{ path: "cats/1.txt", bytes }]);
  expect(archive.length).toBe(4 * 512);
  const text = (from: number, length: number) =>
    new TextDecoder().decode(archive.subarray(from, from + length)).replace(/\0.*$/s, "");
  expect(text(345, 155)).toBe("cats");
  expect(text(0, 100)).toBe("1.txt");
  expect(Number.parseInt(text(124, 12), 8)).toBe(3);
  expect(text(512, 3)).toBe("abc");
  const header = archive.slice(0, 512).fill(32, 148, 156);
  expect(Number.parseInt(text(148, 8), 8)).toBe(header.reduce((sum, byte) => sum + byte, 0));
  expect(() => tarArchive([{ path: `a/${"x".repeat(101)}`, bytes }])).toThrow(RangeError);
});
