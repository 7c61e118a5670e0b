/** The claim, measured: the same steps with and without momentum, towards the same minimum. */
import { encode, encodeTarget, fitEncoder, fitTarget } from "@etude/data";
import { array, type NDArray, random } from "@etude/tensor";
import { z } from "zod";
import type { Claim } from "../contract/claim.ts";
import type { RunContext } from "../contract/context.ts";
import { progress, type Running } from "../contract/events.ts";
import type { Experiment } from "../contract/experiment.ts";
import { curvatureOf, descend, heavyBall, minimiser, plainDescent } from "./heavyBall.ts";

const options = z.object({
  table: z.string().describe("A regression of the catalogue, all of whose columns are numbers"),
  steps: z.int().min(1).describe("Steps of each descent"),
});
type Options = z.infer<typeof options>;

/** What a seed measures: plain data, no times. */
interface Result {
  /** Greatest over least curvature. */
  readonly condition: number;
  /** Distance to the minimum after each step, over that at the start. */
  readonly plain: readonly number[];
  readonly momentum: readonly number[];
}

export const experiment: Experiment<Options, Result> = {
  description:
    "Least squares on a table, from a random start: gradient descent at its best step size against the heavy ball at its best coefficients, as many steps of each.",
  options,
  presets: {
    smoke: { options: { table: "concrete", steps: 20 }, seeds: [0], minutes: 0.05 },
    quick: { options: { table: "concrete", steps: 60 }, seeds: [0, 1, 2], minutes: 0.1 },
    full: { options: { table: "concrete", steps: 60 }, seeds: [0, 1, 2, 3, 4], minutes: 0.1 },
  },
  data: ({ table }) => [table],
  run,
  claims: (): Claim<Result>[] => [
    {
      id: "closer",
      statement:
        "After the same number of steps the heavy ball is at most a tenth as far from the minimum as gradient descent.",
      paper: "rates of (sqrt q - 1) / (sqrt q + 1) and (q - 1) / (q + 1) a step",
      bar: { atMost: 0.1 },
      measure: (results) => results.map(({ plain, momentum }) => last(momentum) / last(plain)),
    },
  ],
  summarise: (results, seeds) => ({
    tables: [
      {
        id: "distances",
        title: "Distance to the minimum at the end, over that at the start",
        columns: ["seed", "condition number", "gradient descent", "heavy ball"],
        rows: results.map(({ condition, plain, momentum }, i) => [
          seeds[i],
          condition,
          last(plain),
          last(momentum),
        ]),
      },
    ],
    figures: [
      {
        id: "descent",
        title: `Distance to the minimum, seed ${seeds[0]}`,
        x: { label: "step" },
        y: { label: "distance", scale: "log" },
        marks: [
          { type: "line", series: "gradient descent", ...curve(results[0].plain) },
          { type: "line", series: "heavy ball", ...curve(results[0].momentum) },
        ],
      },
    ],
    findings: [`The condition number is ${results[0].condition.toPrecision(3)}.`],
  }),
};

async function* run(options: Options, { seed, data, step }: RunContext): Running<Result> {
  const table = await data.table(options.table);
  const target = table.columns[table.columns.length - 1].name;
  const x = asFloat64(encode(fitEncoder(table, { target }), table).inputs);
  const y = asFloat64(encodeTarget(fitTarget(table, target, "regression"), table));
  const draws = random.generator(seed);
  const start = array(
    Array.from({ length: x.shape[1] }, () => draws.normal()),
    { dtype: "float64" },
  );
  const curvature = await curvatureOf(x);
  const minimum = await minimiser(x, y);

  const distances = (path: NDArray): number[] => relativeDistances(path, start, minimum);
  yield progress(0, 2, "gradient descent");
  const plain = yield* step("plain", async () =>
    distances(await descend(x, y, start, plainDescent(curvature), options.steps)),
  );
  yield progress(1, 2, "heavy ball");
  const momentum = yield* step("momentum", async () =>
    distances(await descend(x, y, start, heavyBall(curvature), options.steps)),
  );
  return { condition: curvature.greatest / curvature.least, plain, momentum };
}

const asFloat64 = ({ data, shape }: NDArray): NDArray =>
  array(Float64Array.from(data, Number), { shape: [...shape], dtype: "float64" });

function relativeDistances(path: NDArray, start: NDArray, minimum: NDArray): number[] {
  const width = minimum.size;
  const distance = (from: NDArray, offset: number): number =>
    Math.hypot(...Array.from(minimum.data, (w, i) => Number(from.data[offset + i]) - Number(w)));
  const first = distance(start, 0);
  return Array.from({ length: path.shape[0] }, (_, k) => distance(path, k * width) / first);
}

const last = (values: readonly number[]): number => values[values.length - 1];

const curve = (values: readonly number[]) => ({ x: values.map((_, i) => i + 1), y: values });
