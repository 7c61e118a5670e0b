/**
 * `node bench/gbnn.ts`: the whole training of a boosted network (paper "gbnn") in Etude and in Python,
 * from the same data, subsamples and initial weights, in turns.
 *
 * Peers run in the Python of ETUDE_BENCH_PYTHON: the same algorithm in NumPy with SciPy's L-BFGS-B,
 * and with scikit-learn's MLPRegressor for every part, as the authors of the paper wrote it.
 */
import os from "node:os";
import { join } from "node:path";
import { encode, encodeTarget, fitEncoder, fitTarget, loadTable } from "@etude/data";
import { array, type NDArray, random, setThreads } from "@etude/tensor";
import { fitGbnn } from "../packages/papers/src/gbnn/boosting.ts";
import { initialShallow } from "../packages/papers/src/gbnn/shallow.ts";
import { writeInputs } from "./inputs.ts";
import { type Command, type Participant, participate, Unable } from "./participant.ts";
import { serve } from "./protocol.ts";
import { source } from "./random.ts";
import { computation, type Workload } from "./workload.ts";

const parts = 200;
const seed = 1;

interface Case {
  readonly id: string;
  readonly title: string;
  readonly task: "regression" | "binary";
  readonly learningRate: number;
  readonly subsample: number;
  examples(): Promise<{ x: NDArray; y: NDArray }>;
}

const cases: readonly Case[] = [
  {
    id: "toy",
    title: "regression, 100 x 100",
    task: "regression",
    learningRate: 0.025,
    subsample: 1,
    examples: async () => linearToy(100, 100),
  },
  {
    id: "australian",
    title: "australian, 690 x 42",
    task: "binary",
    learningRate: 0.1,
    subsample: 0.5,
    examples: () => tableOf("australian"),
  },
  {
    id: "breast-cancer",
    title: "breast cancer, 569 x 30",
    task: "binary",
    learningRate: 0.1,
    subsample: 0.5,
    examples: () => tableOf("breast-cancer-diagnostic"),
  },
];

/** Ten of the features matter, linearly; the target is standardised. */
function linearToy(rows: number, features: number): { x: NDArray; y: NDArray } {
  const draw = source(5);
  const x = draw.normal([rows, features]);
  const weights = Array.from(draw.normal([10]).data);
  const sums = Float64Array.from({ length: rows }, (_, i) =>
    weights.reduce((sum, weight, j) => sum + weight * x.data[i * features + j], 0),
  );
  const deviation = Math.hypot(...sums) / Math.sqrt(rows);
  return { x: x.astype("float64"), y: array(sums.map((value) => value / deviation)) };
}

async function tableOf(id: string): Promise<{ x: NDArray; y: NDArray }> {
  const table = await loadTable(id);
  const target = fitTarget(table, table.columns[table.columns.length - 1].name);
  const { inputs } = encode(fitEncoder(table, { target: target.column }), table);
  return { x: inputs.astype("float64"), y: encodeTarget(target, table).astype("float64") };
}

/** What the training draws from its generator, in its order: peers use the same. */
function draws(x: NDArray, { subsample }: Case): { rows: NDArray; starts: NDArray } {
  const generator = random.generator(seed);
  const [examples, features] = x.shape;
  const size = Math.floor(subsample * examples);
  const rows: Int32Array[] = [];
  const starts: number[] = [];
  for (let t = 0; t < parts; t++) {
    const all = Int32Array.from({ length: examples }, (_, i) => i);
    rows.push(subsample < 1 ? generator.sample(examples, size) : all);
    const { W, b, V, c } = initialShallow(generator, [features, 1, 1], "logistic", "float64");
    starts.push(...W.data, ...b.data, ...V.data, ...c.data);
  }
  return {
    rows: array(Int32Array.from(rows.flatMap((row) => [...row])), { shape: [parts, size] }),
    starts: array(new Float64Array(starts), { shape: [parts, features + 3] }),
  };
}

async function workloadOf(it: Case): Promise<Workload> {
  const { x, y } = await it.examples();
  const data = { x, y, ...draws(x, it) };
  const workload = computation({
    id: it.id,
    title: it.title,
    parameters: {},
    data,
    compute: (p) => p,
  });
  return {
    ...workload,
    settings: {
      learningRate: it.learningRate,
      binary: Number(it.task === "binary"),
      weightDecay: 1e-4,
      maxIter: 200,
    },
  };
}

/** Etude's side, a process like the others; a step is a whole training. */
async function serveEtude(threads: number): Promise<void> {
  setThreads(threads);
  await serve({ name: "etude", version: "" }, async ({ workload }) => {
    const it = cases.find(({ id }) => id === workload);
    if (it === undefined) throw new Error(`there is no case ${workload}`);
    const { x, y } = await it.examples();
    const { task, learningRate, subsample } = it;
    let trainLoss: readonly number[] = [];
    return {
      async step() {
        const config = { totalUnits: parts, learningRate, subsample, seed };
        ({ trainLoss } = await fitGbnn(x, y, task, config));
      },
      result: () => ({ trainLoss }),
    };
  });
}

const python = process.env.ETUDE_BENCH_PYTHON ?? "python3";
const script = (...path: readonly string[]) => join(import.meta.dirname, ...path);
const entries: readonly Command[] = [
  {
    id: "etude",
    title: "Etude",
    command: (threads) => [process.execPath, script("gbnn.ts"), String(threads)],
  },
  ...[
    { id: "scipy", title: "NumPy, SciPy" },
    { id: "sklearn", title: "scikit-learn" },
  ].map((peer) => ({
    ...peer,
    command: () => [python, script("peers", "gbnn.py"), peer.id],
  })),
];

const rounds = 3;

async function main(): Promise<void> {
  const threads = os.availableParallelism();
  const present: Participant[] = [];
  for (const entry of entries) {
    try {
      present.push(await participate(entry, threads));
    } catch (error) {
      if (!(error instanceof Unable)) throw error;
      console.log(`${entry.title} is absent: ${error.message}`);
    }
  }
  console.log(
    `${parts} parts of one unit, L-BFGS; ${os.cpus()[0]?.model}, Node ${process.version}`,
  );
  console.log("seconds (median of the rounds), times Etude's, training losses apart by\n");
  for (const it of cases) {
    try {
      console.log(await compare(it, present));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      console.log(`${it.title.padEnd(26)} left out: ${error.message}`);
    }
  }
  for (const participant of present) participant.stop();
}

async function compare(it: Case, present: readonly Participant[]): Promise<string> {
  const inputs = await writeInputs(await workloadOf(it));
  const norms: number[] = [];
  try {
    for (const participant of present) norms.push((await participant.load(inputs))[0].norm);
  } finally {
    await inputs.remove();
  }
  const times: number[][] = present.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < present.length; i++) {
      const place = (i + round) % present.length;
      times[place].push(await present[place].run(1));
    }
  }
  const seconds = times.map((each) => each.sort((a, b) => a - b)[rounds >> 1] / 1000);
  const cells = present.map(({ entry }, i) => {
    const time = `${entry.title} ${seconds[i].toFixed(2)} s`;
    if (i === 0) return time;
    const apart = Math.abs(norms[i] / norms[0] - 1);
    return `${time} (${(seconds[i] / seconds[0]).toFixed(2)}x, ${(100 * apart).toFixed(2)} %)`;
  });
  return `${it.title.padEnd(26)} ${cells.join("   ")}`;
}

const [threads] = process.argv.slice(2);
if (threads === undefined) await main();
else await serveEtude(Number(threads));
