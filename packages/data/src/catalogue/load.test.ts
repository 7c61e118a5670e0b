import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { column } from "../table.ts";
import { numbersIn } from "./fashion.ts";
import { loadArrays, loadImages, loadTable, loadText, loadTransitions } from "./index.ts";
import { type NodeSourceOptions, nodeSource } from "./nodeSource.ts";
import type { DataFile } from "./record.ts";
import { dataSet } from "./sets.ts";
import type { DataSource } from "./source.ts";

let cache: string;
let source: DataSource;
beforeAll(async () => {
  cache = await mkdtemp(path.join(tmpdir(), "etude-load-"));
  const options: NodeSourceOptions = { cache, mirror: "", offline: true };
  source = nodeSource(options);
});
afterAll(() => rm(cache, { recursive: true, force: true }));

/** A source that has made-up contents for some sets, as a mirror would. */
const pretending = (contents: (file: DataFile) => Uint8Array | string): DataSource => ({
  bytes: async (file) => {
    const content = contents(file);
    return typeof content === "string"
      ? new TextEncoder().encode(content)
      : new Uint8Array(content);
  },
});

const tally = (values: ArrayLike<number>, classes: number): number[] => {
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < values.length; i++) counts[values[i]]++;
  return counts;
};

test("every shipped table has the rows, columns, classes and gaps its record states", async () => {
  for (const id of ["iris", "wine", "breast-cancer-wisconsin", "vote", "zoo", "german-credit"]) {
    const set = dataSet(id);
    const table = await loadTable(id, { source });
    const target = column(table, set.target ?? "");
    expect([id, table.rows, table.columns.length]).toEqual([id, set.rows, (set.features ?? 0) + 1]);
    expect(table.columns.at(-1)).toBe(target);
    if (target.kind !== "categorical") throw new Error(`${id}: target`);
    expect(target.categories).toEqual(set.classes);
    expect(tally(target.codes, target.categories.length)).toEqual(set.counts);
    const gaps = table.columns.map((each) => {
      if (each.kind === "numeric") return each.values.filter(Number.isNaN).length;
      return each.kind === "categorical" ? each.codes.filter((code) => code < 0).length : 0;
    });
    expect(gaps.reduce((sum, n) => sum + n, 0)).toBe(set.missing ?? 0);
  }
});

test("known means of known tables", async () => {
  const mean = async (id: string, name: string): Promise<number> => {
    const found = column(await loadTable(id, { source }), name);
    if (found.kind !== "numeric") throw new Error(name);
    return found.values.reduce((sum, value) => sum + value, 0) / found.values.length;
  };
  expect(await mean("iris", "petal_length")).toBeCloseTo(3.758, 10);
  expect(await mean("diabetes", "progression")).toBeCloseTo(152.133484, 5);
  expect(await mean("concrete", "compressive_strength")).toBeCloseTo(35.818, 3);
});

test("the usual parts of a table are its first and its last rows, with the same categories", async () => {
  const [train, test] = await Promise.all([
    loadTable("satimage", { source, part: "train" }),
    loadTable("satimage", { source, part: "test" }),
  ]);
  expect([train.rows, test.rows]).toEqual([4435, 2000]);
  expect([train.name, test.name]).toEqual(["satimage train", "satimage test"]);
  const classes = [train, test].map((table) => table.columns.at(-1));
  expect(classes[0]).toHaveProperty("categories", dataSet("satimage").classes);
  expect(classes[1]).toHaveProperty("categories", dataSet("satimage").classes);
});

test("parts in files of their own share categories, also those that one of them lacks", async () => {
  const names =
    "age,workclass,fnlwgt,education,education_num,marital_status,occupation,relationship,race,sex,capital_gain,capital_loss,hours_per_week,native_country,income\n";
  const row = (country: string, income: string) =>
    `39,,7,Bachelors,13,Never,Sales,Wife,White,Male,0,0,40,${country},${income}\n`;
  const made = pretending(({ part }) =>
    part === "train"
      ? names + row("Peru", "<=50K").repeat(32_561)
      : names + row("Laos", ">50K") + row("", "<=50K").repeat(16_280),
  );
  const test = await loadTable("adult", { source: made, part: "test" });
  const train = await loadTable("adult", { source: made });
  expect([train.name, train.rows, test.rows]).toEqual(["adult train", 32_561, 16_281]);
  const country = column(test, "native_country");
  if (country.kind !== "categorical") throw new Error("country");
  expect(country.categories).toEqual(["Laos", "Peru"]);
  expect([country.codes[0], country.codes[1]]).toEqual([0, -1]);
  expect(column(test, "workclass").kind).toBe("categorical"); // without a single value
});

test("MNIST: shape, labels, and the mean and deviation everyone normalises with", async () => {
  const { inputs, targets, classes } = await loadImages("mnist", { source });
  expect(inputs.shape).toEqual([60_000, 1, 28, 28]);
  expect([inputs.dtype, targets.dtype]).toEqual(["float32", "int32"]);
  expect(tally(targets.data, 10)).toEqual([
    5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
  ]);
  expect(classes).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  expect(Array.from(targets.data.slice(0, 8))).toEqual([5, 0, 4, 1, 9, 2, 1, 3]);
  let [sum, squares] = [0, 0];
  for (const value of inputs.data) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / inputs.size;
  expect(mean).toBeCloseTo(0.1307, 4);
  expect(Math.sqrt(squares / inputs.size - mean ** 2)).toBeCloseTo(0.3081, 4);
  const test = await loadImages("mnist", { source, part: "test" });
  expect(test.inputs.shape).toEqual([10_000, 1, 28, 28]);
  expect(Array.from(test.targets.data.slice(0, 5))).toEqual([7, 2, 1, 0, 4]);
});

test("Fashion-MNIST: numbers of the package are read as JSON says, 7,000 images a class", async () => {
  const folder = path.dirname(createRequire(import.meta.url).resolve("fashion-mnist/package.json"));
  const json = await readFile(path.join(folder, "src/clothes/7.json"));
  const values = numbersIn(json);
  expect(values.length).toBe(7000 * 784);
  const start = json.toString("latin1", 0, 20_000);
  const rows = JSON.parse(`${start.slice(0, start.lastIndexOf("]") + 1)}]}`).data as number[][];
  expect(rows.length).toBeGreaterThan(5);
  expect(Array.from(values.subarray(0, rows.length * 784))).toEqual(rows.flat());
});

test("digits are a table and images of the same numbers", async () => {
  const images = await loadImages("digits", { source });
  const table = await loadTable("digits", { source });
  expect(images.inputs.shape).toEqual([1797, 1, 8, 8]);
  expect(tally(images.targets.data, 10)).toEqual(dataSet("digits").counts);
  const eleventh = table.columns[10];
  if (eleventh.kind !== "numeric") throw new Error("pixel");
  expect(images.inputs.data[64 * 100 + 10] * 16).toBe(eleventh.values[100]);
});

test("images without labels carry the picture they were cut from", async () => {
  const patches = await loadImages("cc0-patches", { source });
  expect(patches.inputs.shape).toEqual([321, 1, 96, 96]);
  expect(patches.classes?.slice(0, 2)).toEqual(["camera", "astronaut"]);
  expect(tally(patches.targets.data, 19)).toEqual(
    dataSet("cc0-patches").groups?.map(({ rows }) => rows),
  );
  const raw = await loadArrays("cc0-patches", { source });
  expect(raw.values.shape).toEqual([321, 1, 96, 96]);
  let sum = 0;
  for (const value of raw.values.data) sum += value;
  expect(sum / raw.values.size).toBeCloseTo(119.1082, 3);
});

test("CIFAR parts are joined in order, and the test part is another", async () => {
  const records = new Map([
    ["train", 5000],
    ["test", 2000],
  ]);
  const made = pretending(({ path: name, part }) => {
    const bytes = new Uint8Array(3073 * (records.get(part ?? "") ?? 0));
    bytes[0] = Number(/(\d)\.bin/.exec(name)?.[1]) + (part === "test" ? 5 : 0);
    bytes[1] = 255;
    return bytes;
  });
  const train = await loadImages("cifar10", { source: made });
  expect(train.inputs.shape).toEqual([15_000, 3, 32, 32]);
  expect([0, 5000, 10_000].map((i) => train.targets.data[i])).toEqual([0, 1, 2]);
  expect(train.inputs.data[0]).toBe(1);
  const test = await loadImages("cifar10", { source: made, part: "test" });
  expect([0, 2000].map((i) => test.targets.data[i])).toEqual([5, 6]);
});

test("texts keep quotation marks and words that look like gaps; labels follow the classes", async () => {
  const made = pretending(({ part }) =>
    part === "test" ? 'text\tlabel\nNA\tNUM\nWhat is "it" , "\tDESC\n' : "text\tlabel\na b\tLOC\n",
  );
  const test = await loadText("trec6", { source: made, part: "test" });
  expect(test.texts).toEqual(["NA", 'What is "it" , "']);
  const named = Array.from(test.targets?.data ?? [], (label) => test.classes?.[label]);
  expect(named).toEqual(["NUM", "DESC"]);
  expect((await loadText("trec6", { source: made })).texts).toEqual(["a b"]);
  expect((await loadText("trec6", { source: made, part: "all" })).texts.length).toBe(3);
  const wrong = pretending(() => "text\tlabel\na\tLOC\nb\tWHO\n");
  await expect(loadText("trec6", { source: wrong })).rejects.toThrow("trec6 train, row 3");
});

test("next observations follow within an episode; where it was cut off the last record is left out", async () => {
  const set = dataSet("adroit-door-human");
  const width = set.columns?.length ?? 0;
  const records = new Float32Array(set.rows * width);
  for (let row = 0; row < set.rows; row++) {
    records[row * width] = row; // first number of the observation
    records[row * width + 39] = -row; // first number of the action
    records[row * width + 67] = row / 2;
  }
  const [terminal, timeout] = [68, 69];
  records[2 * width + timeout] = 1;
  records[4 * width + terminal] = 1;
  const made = pretending(() => new Uint8Array(records.buffer));
  const played = await loadTransitions("adroit-door-human", { source: made });
  // Row 2 was cut off, and nothing follows the last row.
  expect(played.observations.shape).toEqual([set.rows - 2, 39]);
  const firsts = (values: { data: ArrayLike<number> }, each: number) =>
    [0, 1, 2, 3, 4].map((i) => values.data[i * each] + 0);
  expect(firsts(played.observations, 39)).toEqual([0, 1, 3, 4, 5]);
  expect(firsts(played.nextObservations, 39)).toEqual([1, 2, 4, 4, 6]);
  expect(firsts(played.actions, 28)).toEqual([0, -1, -3, -4, -5]);
  expect(firsts(played.rewards, 1)).toEqual([0, 0.5, 1.5, 2, 2.5]);
  expect(firsts(played.terminals, 1)).toEqual([0, 0, 0, 1, 0]);
});

test("word vectors come with their words, row by row", async () => {
  const set = dataSet("word-vectors");
  const words = Array.from({ length: set.rows }, (_, i) => `word${i}`);
  const made = pretending(({ role }) =>
    role === "words" ? JSON.stringify({ words }) : new Uint8Array(set.rows * 100 * 4),
  );
  const vectors = await loadArrays("word-vectors", { source: made });
  expect([vectors.values.shape, vectors.words?.[11_999]]).toEqual([[12_000, 100], "word11999"]);
});

test("a loader for another kind, a part that is not there and a missing file are told", async () => {
  await expect(loadImages("vehicle", { source })).rejects.toThrow("use loadTable");
  await expect(loadTable("mnist", { source })).rejects.toThrow("use loadImages");
  await expect(loadArrays("mnist", { source })).rejects.toThrow("are not raw; use loadImages");
  await expect(loadTable("iris", { source, part: "test" })).rejects.toThrow("comes in one part");
  await expect(loadText("sst3", { source })).rejects.toThrow('did you mean "sst2"');
  await expect(loadImages("mnist", { source, part: "dev" })).rejects.toThrow("parts train, test");
  // All that is missing in one line, before anything is fetched.
  await expect(loadImages("cifar10", { source })).rejects.toThrow(/^3 files \(42\.4 MB; .*MIRROR/);
});
