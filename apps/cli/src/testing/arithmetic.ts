/**
 * A small paper for tests: sums of squares in steps, with a training that keeps checkpoints, so that
 * everything a run can do happens within a second or so. Every piece of work that is done, and not
 * taken from the store, adds a line to the file that the variable ETUDE_TEST_LOG names.
 */
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { encode, encodeTarget, fitEncoder, fitTarget } from "@etude/data";
import type { Claim, Experiment, Paper, RunEvent, Use } from "@etude/papers";
import { inputOf } from "@etude/papers";
import { card as cardOf } from "@etude/papers/cards";
import { array, importOnnx, loadOnnx, type NDArray, zeros } from "@etude/tensor";
import { z } from "zod";
import type { PaperSource } from "../session.ts";

const options = z.object({
  steps: z.int().min(1).max(50).describe("How many steps there are"),
  pause: z.number().min(0).describe("Milliseconds that a step takes"),
  bar: z.number().describe("Where the bar lies"),
  kind: z.enum(["plain", "fancy"]).describe("How it is done"),
  broken: z.boolean().describe("Whether the code has a mistake"),
  rates: z.array(z.number()).describe("Some rates"),
});
type Options = z.infer<typeof options>;

interface Result {
  readonly sum: number;
  readonly trained: number;
}

function note(line: string): void {
  const file = process.env.ETUDE_TEST_LOG;
  if (file !== undefined) appendFileSync(file, `${line}\n`);
}

const standard: Options = {
  steps: 4,
  pause: 1,
  bar: 1,
  kind: "plain",
  broken: false,
  rates: [0.1],
};

const experiment: Experiment<Options, Result> = {
  description: "Sums of squares of the numbers up to a limit, against a bar.",
  options,
  presets: {
    smoke: { options: standard, seeds: [0, 1], minutes: 0.1 },
    quick: { options: { ...standard, steps: 6 }, seeds: [0, 1, 2], minutes: 1 },
    full: { options: { ...standard, steps: 8 }, seeds: [0, 1, 2], minutes: 300 },
  },
  data: () => [],
  async *run(options, context) {
    let sum = context.seed / 1000;
    for (let i = 1; i <= options.steps; i++) {
      sum += yield* context.step(`square-${i}`, async function* () {
        yield { type: "progress", done: i - 1, total: options.steps + 1, label: `square ${i}` };
        if (options.broken) throw new TypeError("cannot read what is not there");
        await sleep(options.pause);
        note(`seed-${context.seed}/square-${i}`);
        return i * i + 0.1;
      });
      yield { type: "metric", name: "sum", step: i, value: sum };
    }
    const trained = yield* context.step("train", () => train(context.seed, options, context));
    yield { type: "progress", done: 1, total: 1, label: "done" };
    return { sum, trained: trained.item() };
  },
  claims: ({ bar }): Claim<Result>[] => [
    {
      id: "large",
      statement: "The sum is large.",
      paper: "nothing",
      bar: { atLeast: bar },
      measure: (results) => results.map(({ sum }) => sum),
    },
  ],
  summarise: (results, seeds) => ({
    tables: [
      {
        id: "sums",
        title: "Sums",
        columns: ["seed", "sum", "trained"],
        rows: results.map(({ sum, trained }, i) => [seeds[i], sum, trained]),
      },
    ],
    figures: [
      {
        id: "sums",
        title: "Sums over seeds",
        x: { label: "seed" },
        y: { label: "sum" },
        marks: [{ type: "line", x: [...seeds], y: results.map(({ sum }) => sum) }],
      },
    ],
    findings: [`The first sum is ${results[0].sum.toFixed(3)}.`],
  }),
};

/** A training that goes on from its checkpoint. */
async function* train(
  seed: number,
  { steps, pause }: Options,
  { checkpoints }: Parameters<typeof experiment.run>[1],
): AsyncGenerator<RunEvent, NDArray, void> {
  const store = checkpoints("train");
  const held = await store.load();
  let state = held === undefined ? { step: 0, value: Math.fround(seed) } : fromBytes(held);
  while (state.step < steps) {
    await sleep(pause);
    state = { step: state.step + 1, value: Math.fround(state.value * 1.1 + 0.3) };
    note(`seed-${seed}/train-${state.step}`);
    await store.save(toBytes(state));
    yield { type: "progress", done: steps + state.step / steps, total: steps + 1, label: "train" };
  }
  return array(state.value);
}

const toBytes = (state: { step: number; value: number }): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(state));
const fromBytes = (bytes: Uint8Array): { step: number; value: number } =>
  JSON.parse(new TextDecoder().decode(bytes));

const useOptions = z.object({
  target: z.string().describe("Name of the column to add up"),
  times: z.int().min(1).max(9).default(1).describe("What to multiply with"),
  rates: z.array(z.number()).default([0.1, 0.5]).describe("Rates to try"),
  way: z.enum(["plain", "fancy"]).default("plain").describe("How it is done"),
  shuffle: z.boolean().default(true).describe("Whether rows are shuffled"),
});

const use: Use<z.infer<typeof useOptions>> = {
  description: "Takes a table and adds up one of its columns.",
  options: useOptions,
  inputs: {
    data: { accepts: ["table"], required: true, describe: "the table" },
    model: { accepts: ["model"], required: false, describe: "a model to compare with" },
    predict: { accepts: ["table"], required: false, describe: "rows to add up afterwards" },
    arrays: { accepts: ["arrays"], required: false, describe: "arrays to compare with" },
  },
  examples: ["--data sales.csv --target amount"],
  async *run({ target, times, shuffle }, inputs) {
    yield { type: "progress", done: 0, total: 1, label: "adding" };
    const table = inputOf(inputs, "data", "table")?.table;
    if (table === undefined) throw new Error("a required input is checked before");
    const encoder = fitEncoder(table, { target });
    const labels = encodeTarget(fitTarget(table, target), table);
    const fresh = inputOf(inputs, "predict", "table")?.table;
    if (fresh !== undefined) encode(encoder, fresh);
    const model = inputOf(inputs, "model", "model");
    if (model !== undefined) {
      const [input] = importOnnx(model.bytes).inputs;
      await (await loadOnnx(model.bytes)).run({ [input.name]: zeros([1, 3]) });
    }
    const sum = Array.from(labels.data, Number).reduce((total, value) => total + value, 0) * times;
    return {
      files: [
        {
          name: "sum.txt",
          describe: "the sum",
          bytes: new TextEncoder().encode(`${sum}\n`),
        },
      ],
      tables: [{ id: "sum", title: "Sum", columns: [target], rows: [[sum]] }],
      figures: [],
      findings: [`The sum is ${sum}${shuffle ? ", shuffled" : ""}.`],
    };
  },
};

// Under the name of a real card, which the page of a report shows.
const card = cardOf("data-diet");

export const arithmetic: Paper = { card, method: ["sums.ts"], experiment, use };

/** A paper that can be run and one that can only be read. */
export const testPapers = async (): Promise<PaperSource> => ({
  cards: [card, cardOf("gbnn")],
  topics: (await import("@etude/papers/cards")).topics,
  similar: () => [],
  isRunnable: (slug) => slug === card.slug,
  load: async () => arithmetic,
  shared: false,
  folder: (slug) => `papers/${slug}`,
});
