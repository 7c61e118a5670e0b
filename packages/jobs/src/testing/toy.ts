/**
 * An experiment that takes as long as it is told to, and does to its process what it is told to; brought into
 * processes by `--import`. Its claim is about a walk of random steps, each a step of the run.
 */
import { type Experiment, type Paper, progress } from "@etude/papers";
import { cards } from "@etude/papers/cards";
import { register } from "@etude/papers/registry";
import { random } from "@etude/tensor";
import { z } from "zod";

const options = z.object({
  steps: z.int().min(1).describe("Steps of the walk"),
  milliseconds: z.number().min(0).describe("Of each step"),
  harm: z
    .enum(["none", "throw", "exit", "abort", "memory", "forever", "disk"])
    .describe("What it does to its process in the second step"),
});
type Options = z.infer<typeof options>;

interface Result {
  readonly walk: readonly number[];
  /** What JSON cannot say. */
  readonly missing: number;
}

const experiment: Experiment<Options, Result> = {
  description: "A random walk.",
  options,
  presets: {
    smoke: { options: { steps: 3, milliseconds: 0, harm: "none" }, seeds: [0, 1], minutes: 0.1 },
    quick: {
      options: { steps: 10, milliseconds: 50, harm: "none" },
      seeds: [0, 1, 2],
      minutes: 0.1,
    },
    full: { options: { steps: 20, milliseconds: 100, harm: "none" }, seeds: [0], minutes: 0.1 },
  },
  data: () => [],
  async *run({ steps, milliseconds, harm }, { seed, step }) {
    let place = 0;
    const walk: number[] = [];
    for (let i = 0; i < steps; i++) {
      yield progress(i, steps, `step ${i}`);
      place = yield* step(`step-${i}`, async () => {
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        if (i === 1) await hurt(harm);
        return place + random.generator(seed * 1000 + i).normal();
      });
      walk.push(place);
    }
    return { walk, missing: Number.NaN };
  },
  claims: () => [
    {
      id: "ends",
      statement: "The walk ends within 100 of where it began.",
      paper: "not a paper",
      bar: { between: [-100, 100] },
      measure: (results) => results.map(({ walk }) => walk.at(-1) ?? Number.NaN),
    },
    {
      id: "missing",
      statement: "What is missing stays missing.",
      paper: "not a paper",
      bar: { atMost: 1 },
      measure: (results) => results.map(({ missing }) => missing),
    },
  ],
  summarise: (results) => ({
    tables: [
      {
        id: "walks",
        title: "Walks",
        columns: ["end"],
        rows: results.map(({ walk }) => [walk.at(-1) ?? null]),
      },
    ],
    figures: [],
    findings: [],
  }),
};

async function hurt(harm: Options["harm"]): Promise<void> {
  switch (harm) {
    case "none":
      return;
    case "throw":
      throw new Error("the walk went wrong");
    case "exit":
      return process.exit(3);
    case "abort":
      return process.abort();
    case "memory": {
      const held: Buffer[] = [];
      for (;;) {
        held.push(Buffer.alloc(2 ** 24, 1));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    case "forever":
      return new Promise(() => {
        setInterval(() => {}, 1000);
      });
    case "disk":
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  }
}

export const toy: Paper = {
  card: { ...cards[0], slug: "toy-walk" },
  method: [],
  experiment,
  use: {
    description: "Nothing.",
    options: z.object({}),
    inputs: {},
    examples: [],
    async *run() {
      yield progress(1, 1, "");
      return { files: [], tables: [], figures: [], findings: [] };
    },
  },
};

register(toy);
