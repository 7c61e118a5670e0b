/** The method on the user's data: weights that explain a column by the others. */
import { column, encode, encodeTarget, fitEncoder, fitTarget } from "@etude/data";
import { array, zeros } from "@etude/tensor";
import { z } from "zod";
import type { RunContext } from "../contract/context.ts";
import { progress, type Running } from "../contract/events.ts";
import { inputOf, type Use, type UseResult, type UserInput } from "../contract/use.ts";
import { curvatureOf, descend, heavyBall } from "./heavyBall.ts";

const options = z.object({
  target: z.string().describe("The column to explain"),
  steps: z.int().min(1).max(100_000).default(200).describe("Steps of the descent"),
});
type Options = z.infer<typeof options>;

export const use: Use<Options> = {
  description:
    "Takes a table with a numeric target column; gives the weight of every other column, standardised.",
  options,
  inputs: {
    data: { accepts: ["table"], required: true, describe: "A table with the target column" },
  },
  examples: ["--data houses.csv --target price"],
  run,
};

async function* run(
  { target, steps }: Options,
  inputs: Readonly<Record<string, UserInput>>,
  { step }: RunContext,
): Running<UseResult> {
  const input = inputOf(inputs, "data", "table");
  if (input === undefined) throw new Error("a required input is checked before the run");
  const { table } = input;
  column(table, target); // Before anything else, so that a mistyped name is found at once.
  const encoder = fitEncoder(table, { target });
  const encoded = encode(encoder, table).inputs;
  const x = array(Float64Array.from(encoded.data, Number), {
    shape: [...encoded.shape],
    dtype: "float64",
  });
  const encodedTarget = encodeTarget(fitTarget(table, target, "regression"), table);
  const y = array(Float64Array.from(encodedTarget.data, Number), { dtype: "float64" });

  yield progress(0, 1, "descending");
  const weights = yield* step("descend", async () => {
    const width = x.shape[1];
    const start = zeros([width], "float64");
    const path = await descend(x, y, start, heavyBall(await curvatureOf(x)), steps);
    return Array.from(path.data.slice(-width), Number);
  });

  const rows = encoder.inputNames.map((name, i): [string, number] => [name, weights[i]]);
  rows.sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  const csv = ["column,weight", ...rows.map(([name, weight]) => `${quoted(name)},${weight}`)];
  return {
    files: [
      {
        name: "weights.csv",
        describe: "a weight for every column",
        bytes: new TextEncoder().encode(`${csv.join("\n")}\n`),
      },
    ],
    tables: [
      {
        id: "weights",
        title: `What ${target} depends on`,
        columns: ["column", "weight"],
        rows: rows.slice(0, 20),
      },
    ],
    figures: [],
    findings: encoder.warnings,
  };
}

const quoted = (name: string): string =>
  /[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
